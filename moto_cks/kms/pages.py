"""Lists that are answered in pages, each of which costs the same however many entries there are.

AWS KMS API Reference: ``Limit``, ``Marker``, ``Truncated`` and ``NextMarker`` of the List
operations. The order of AWS is not documented; here it is that in which the entries came to be.
"""

from __future__ import annotations

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from moto_cks.kms.exceptions import InvalidMarkerException

Entry = TypeVar("Entry")


class Pageable(Protocol[Entry]):
    """A list that can be answered in pages."""

    def following(self, number: int, count: int) -> list[tuple[int, Entry]]:
        """The entries behind one; see :meth:`Catalogue.following`."""


class Catalogue(dict[str, Entry], Generic[Entry]):
    """A dict whose values can be listed from any place on.

    Each entry has a number, by which a marker names it also when it is gone.
    """

    def __init__(self, entries: Iterable[tuple[str, Entry]] = ()) -> None:
        super().__init__()
        self._next = 0
        self._numbers: dict[str, int] = {}
        self._order: list[tuple[int, str]] = []
        for name, entry in entries:
            self[name] = entry

    def __setitem__(self, name: str, entry: Entry) -> None:
        if name not in self._numbers:
            self._numbers[name] = self._next
            self._order.append((self._next, name))
            self._next += 1
        super().__setitem__(name, entry)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        number = self._numbers.pop(name)
        del self._order[bisect_left(self._order, (number, name))]

    def pop(self, name: str, *default: Any) -> Any:
        """Remove an entry; as that of a dict."""
        if name not in self:
            return super().pop(name, *default)
        entry = self[name]
        del self[name]
        return entry

    def update(self, entries: Any = (), /, **named: Entry) -> None:
        """Add entries; as that of a dict."""
        for name, entry in dict(entries, **named).items():
            self[name] = entry

    def following(self, number: int, count: int) -> list[tuple[int, Entry]]:
        """The entries behind one, each with its number.

        Args:
            number: that of the entry behind which they are, or -1.
            count: how many at the most.
        """
        start = bisect_right(self._order, number, key=lambda place: place[0])
        return [(place, self[name]) for place, name in self._order[start : start + count]]


def page_of(
    name: str,
    entries: Pageable[Entry],
    request: dict[str, Any],
    show: Callable[[Entry], Any],
    default: int,
    scope: str = "",
) -> dict[str, Any]:
    """A page of a list, as the members of the answer.

    Args:
        name: the member of the answer that has the entries.
        entries: the list.
        request: the request, with Limit and Marker.
        show: how an entry is shown.
        default: how many entries a page has without a Limit.
        scope: what tells the list from others with the same entries, such as those of other keys.

    Raises:
        InvalidMarkerException: the marker was not made by this operation.
    """
    limit = request.get("Limit") or default
    list_name = f"{name}:{scope}"
    found = entries.following(_read_marker(list_name, request.get("Marker")), limit + 1)
    answer: dict[str, Any] = {name: [show(entry) for _, entry in found[:limit]]}
    answer["Truncated"] = len(found) > limit
    if answer["Truncated"]:
        answer["NextMarker"] = _marker(list_name, found[limit - 1][0])
    return answer


def _marker(name: str, number: int) -> str:
    return base64.b64encode(f"{name}:{number}".encode()).decode()


def _read_marker(name: str, marker: str | None) -> int:
    """The number of the last entry of the page before; -1 before the first page."""
    if marker is None:
        return -1
    try:
        number = int(base64.b64decode(marker, validate=True).decode().rpartition(":")[2])
    except ValueError:  # of which that of base64 is one
        number = -1
    if number < 0 or marker != _marker(name, number):  # int() reads " +1_0" as well
        raise InvalidMarkerException("The marker is not valid.")
    return number
