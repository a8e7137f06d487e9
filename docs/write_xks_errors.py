"""Writes what KMS makes of a proxy's errors into external-key-stores.md from its table; see there.

The package has to be importable.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moto_cks.kms.keystores.external.outcomes import OUTCOMES, Column, Outcome

PAGE = Path(__file__).parent / "external-key-stores.md"
BEGIN = "<!-- from here on written by docs/write_xks_errors.py -->\n"
END = "<!-- up to here -->\n"


def cell(outcome: Outcome, column: Column, value: str | None, notes: list[str]) -> str:
    """A cell, with the number of its note where it has one."""
    if value is None:
        return ""
    told = []
    if column in outcome.choices:
        told.append("AWS does not say")
    if column in outcome.conflicts:
        told.append(f"AWS's pages disagree: {outcome.conflicts[column]}")
    for note in told:
        if note not in notes:
            notes.append(note)
    return value + "".join(f" ({notes.index(note) + 1})" for note in told)


def table() -> Iterator[str]:
    """The table, and its notes."""
    notes: list[str] = []
    columns = ("CreateKey", "connection error code", "message")
    yield f"| the proxy | Create-, UpdateCustomKeyStore | {' | '.join(columns)} |"
    yield "|---|---|---|---|---|"
    for outcome in OUTCOMES:
        exceptions = (outcome.key_store, outcome.create_key)
        names = [None if each is None else each.__name__ for each in exceptions]
        values = {
            Column.KEY_STORE: names[0],
            Column.CREATE_KEY: names[1],
            Column.CODE: None if outcome.code is None else outcome.code.value,
            Column.MESSAGE: outcome.message,
        }
        cells = (cell(outcome, column, value, notes) for column, value in values.items())
        yield f"| {outcome.name} | {' | '.join(cells)} |"
    yield ""
    for number, note in enumerate(notes, 1):
        yield f"({number}) {note}.  "


def written(page: str) -> str:
    """The page with the table."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n".join(["", *table(), ""]) + "\n" + END + after


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
