"""The model of key states: the table of AWS's page, and what an operation answers by it (U8)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "kms" / "keys" / "key_states.json").read_text()
)
NOT_FOR_KEY_STORES = {"7", "9"}
"""The notes that hold for a key in a key store whatever its state is."""


@dataclass(frozen=True)
class Refusal:
    """An error that a call must end with: one of some codes, and of some messages; of none, any."""

    codes: frozenset[str]
    messages: frozenset[str] = frozenset()


UNSURE = Refusal(frozenset())
"""Whether a call ends with an error, or with which one, AWS does not say."""


def refused(*codes: str, message: str | None = None) -> Refusal:
    return Refusal(frozenset(codes), frozenset() if message is None else frozenset({message}))


def either(refusals: Iterable[Refusal]) -> Refusal | None:
    """Of several things that are wrong, AWS does not say which one it says."""
    found = list(refusals)
    if not found or UNSURE in found:
        return UNSURE if found else None
    any_message = any(not each.messages for each in found)
    return Refusal(
        frozenset().union(*(each.codes for each in found)),
        frozenset() if any_message else frozenset().union(*(each.messages for each in found)),
    )


def _notes(cell: str) -> list[str]:
    numbers = cell.partition(" ")[2]
    return numbers.split(",") if numbers else []


def by_state(operation: str, state: str, arn: str) -> Refusal | None:
    """What the table says of an operation on a key of a key store; ``None`` where it works."""
    row = PAGE["operations"][operation]
    outcome, notes = row[state].partition(" ")[0], _notes(row[state])
    if outcome == "n/a":  # the operation is for no key that is ever in such a state, others are
        notes = [number for cell in row.values() for number in _notes(cell)]
    fixed = [number for number in notes if number in NOT_FOR_KEY_STORES]
    if fixed:
        return refused(PAGE["notes"][fixed[0]]["error"])
    if outcome != "fails":
        return None
    note = next(
        PAGE["notes"][number] for number in reversed(notes) if "error" in PAGE["notes"][number]
    )
    return refused(note["error"], message=note["message"].format(arn=arn))
