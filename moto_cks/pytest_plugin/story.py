"""What a world went through, and what cannot be used in it now, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from moto_cks.handle.protocols.cks import Cks
from moto_cks.handle.protocols.explanation import Explanation
from moto_cks.world.journal import Entry, Kind

LATEST = 40
"""How many entries of the timeline a report shows."""
AT_MOST = 5
"""How many explanations it shows."""


def what_happened(cks: Cks, built: int) -> str:
    """The timeline, newest last.

    Args:
        cks: the handle on the world.
        built: the number of the last entry that is left out: what fixtures have built.
    """
    everything = cks.timeline.entries()
    entries = [entry for entry in everything if entry.number > built]
    shown = entries[-LATEST:]
    left_out = len(everything) - len(shown)
    lines = [f"… {left_out} earlier: print(cks.timeline) shows all"] if left_out else []
    if not shown:
        return "\n".join([*lines, "nothing happened since"] if lines else ["nothing happened"])
    width = max(len(entry.subject) for entry in shown)
    return "\n".join(lines + [_line(entry, width) for entry in shown])


def _line(entry: Entry, width: int) -> str:
    moment = f"{entry.time:%Y-%m-%d %H:%M:%S}"
    return f"{moment}  {entry.kind.value:7}  {entry.subject:{width}}  {entry.what}".rstrip()


def what_is_wrong(cks: Cks) -> str:
    """What cannot be used now, and how that is mended."""
    entries = cks.timeline.entries()
    unknown: list[Explanation] = []
    for subjects in (_key_stores(entries), _keys(entries), _clusters(entries)):
        found = [one for one in _explanations(cks, subjects) if one.reasons]
        known = [one for one in found if one.usable is not None]
        if known:  # what is built on it needs no explanation of its own
            return _written([*unknown, *known])
        unknown = unknown or found
    return _written(unknown) if unknown else "Nothing is wrong with key stores, keys and clusters."


def _written(found: list[Explanation]) -> str:
    texts = list(dict.fromkeys(str(one) for one in found))
    more = [f"… and {len(texts) - AT_MOST} more"] if len(texts) > AT_MOST else []
    return "\n\n".join([*islice(texts, AT_MOST), *more])


def _explanations(cks: Cks, subjects: Iterable[str]) -> Iterator[Explanation]:
    for subject in dict.fromkeys(subjects):
        try:
            yield cks.explain(subject)
        except (KeyError, ValueError):
            continue  # it is gone, or was never made


def _key_stores(entries: list[Entry]) -> Iterator[str]:
    return (entry.subject for entry in entries if entry.subject.startswith("cks-"))


def _clusters(entries: list[Entry]) -> Iterator[str]:
    return (entry.subject for entry in entries if entry.subject.startswith("cluster-"))


def _keys(entries: list[Entry]) -> Iterator[str]:
    made = ("CreateKey", "ReplicateKey")
    return (entry.subject for entry in entries if entry.kind is Kind.CALL and entry.what in made)
