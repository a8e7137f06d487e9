"""Event history: the events of the last 90 days of one account and Region, and LookupEvents.

AWS CloudTrail User Guide: "Working with CloudTrail event history"; AWS CloudTrail API Reference:
LookupEvents.
"""

from __future__ import annotations

import base64
import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto_cks.cloudtrail.events import KEY_TYPE, Event
from moto_cks.cloudtrail.exceptions import (
    InvalidEventCategoryException,
    InvalidLookupAttributesException,
    InvalidMaxResultsException,
    InvalidNextTokenException,
    InvalidTimeRangeException,
)
from moto_cks.world import clock

KEPT = timedelta(days=90)
TIDY_FROM = 1000
"""With how many events expired ones begin to be thrown away."""

PAGE_SIZES = range(1, 51)
EVENT_CATEGORIES = frozenset({None, "insight"})
MOST_SECONDS = 253_402_300_799  # the last second of the year 9999

_Moment = tuple[datetime, int]


def _moment(event: Event) -> _Moment:
    return event.time, event.number


class EventHistory:
    """Events in the order of time."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._tidy_at = TIDY_FROM

    def __len__(self) -> int:
        return len(self._events) - self._expired()

    def __iter__(self) -> Iterator[Event]:
        """All events, oldest first."""
        return iter(self._events[self._expired() :])

    def append(self, event: Event) -> None:
        """Add an event; in its place, where another one that began later is there already."""
        events = self._events
        last = events[-1] if events else event
        if last.time < event.time or (last.time == event.time and last.number <= event.number):
            events.append(event)
        else:
            events.insert(bisect_right(events, _moment(event), key=_moment), event)
        if len(events) >= self._tidy_at:
            del events[: self._expired()]  # now and then, as it moves all the others
            self._tidy_at = 2 * len(events) + TIDY_FROM

    def newest_first(self, before: _Moment | None = None) -> Iterator[Event]:
        """The events before a moment; getting to the first takes no longer the more there are."""
        end = len(self._events)
        if before is not None:
            end = bisect_left(self._events, before, key=_moment)
        return (self._events[index] for index in range(end - 1, self._expired() - 1, -1))

    def _expired(self) -> int:
        oldest = (clock.now() - KEPT, -1)
        return bisect_left(self._events, oldest, key=_moment)


ATTRIBUTES: dict[str, Callable[[Event, str], bool]] = {
    "AccessKeyId": lambda event, value: event.access_key_id == value,
    "EventId": lambda event, value: event.event_id == value,
    "EventName": lambda event, value: event.event_name == value,
    "EventSource": lambda event, value: event.event_source == value,
    "ReadOnly": lambda event, value: str(event.read_only).lower() == value,
    "ResourceName": lambda event, value: value in (event.resources or ()),
    "ResourceType": lambda event, value: value == KEY_TYPE and bool(event.resources),
    "Username": lambda event, value: event.user_name == value,
}
"""The lookup attributes."""


@dataclass(frozen=True)
class Lookup:
    """What a LookupEvents request asks for.

    Attributes:
        attribute: one of :data:`ATTRIBUTES` and its value.
        start: the first second, since the epoch.
        end: the last second.
        category: EventCategory.
        size: MaxResults.
        token: NextToken.
    """

    attribute: tuple[str, str] | None = None
    start: float | None = None
    end: float | None = None
    category: str | None = None
    size: int = PAGE_SIZES[-1]
    token: str | None = None

    @classmethod
    def from_request(cls, body: dict[str, Any]) -> Lookup:
        """What the parameters of a request ask for.

        Raises:
            InvalidLookupAttributesException, InvalidTimeRangeException, InvalidMaxResultsException,
            InvalidEventCategoryException
        """
        start, end = body.get("StartTime"), body.get("EndTime")
        for moment in (start, end):
            if moment is not None and not 0 <= moment <= MOST_SECONDS:
                raise InvalidTimeRangeException
        if start is not None and end is not None and start > end:
            raise InvalidTimeRangeException
        size = body.get("MaxResults")
        if size is not None and size not in PAGE_SIZES:
            raise InvalidMaxResultsException
        if body.get("EventCategory") not in EVENT_CATEGORIES:
            raise InvalidEventCategoryException
        return cls(
            _attribute(body.get("LookupAttributes") or []),
            start,
            end,
            body.get("EventCategory"),
            size or PAGE_SIZES[-1],
            body.get("NextToken"),
        )

    def page(self, history: EventHistory) -> tuple[list[Event], str | None]:
        """One page of events, and the token of the next.

        Raises:
            InvalidNextTokenException
        """
        found: list[Event] = []
        for event in self._candidates(history):
            if len(found) == self.size:
                return found, self._token_after(found[-1])
            found.append(event)
        return found, None

    def _candidates(self, history: EventHistory) -> Iterator[Event]:
        before = self._position()
        if self.category is not None:
            return  # Insights events: there are none
        for event in history.newest_first(before):
            second = int(event.time.timestamp())
            if self.start is not None and second < int(self.start):
                return
            if self.end is not None and second > self.end:
                continue
            if self.attribute is None or ATTRIBUTES[self.attribute[0]](event, self.attribute[1]):
                yield event

    def _position(self) -> _Moment | None:
        if self.token is None:
            return None
        try:
            digest, time, number = json.loads(base64.b64decode(self.token, validate=True))
            position = datetime.fromisoformat(time), int(number)
        except (TypeError, ValueError):
            raise InvalidNextTokenException from None
        if digest != self._digest() or position[0].tzinfo is None:
            raise InvalidNextTokenException
        return position

    def _token_after(self, event: Event) -> str:
        position = [self._digest(), event.time.isoformat(), event.number]
        return base64.b64encode(json.dumps(position).encode()).decode()

    def _digest(self) -> str:
        """What tells requests of other parameters; the page size may change."""
        parameters = json.dumps([self.attribute, self.start, self.end, self.category])
        return hashlib.sha256(parameters.encode()).hexdigest()[:16]


def _attribute(attributes: Any) -> tuple[str, str] | None:
    if not isinstance(attributes, list) or len(attributes) > 1:
        raise InvalidLookupAttributesException  # the list can contain only one item
    if not attributes:
        return None
    key, value = attributes[0].get("AttributeKey"), attributes[0].get("AttributeValue")
    if key not in ATTRIBUTES or not isinstance(value, str) or not value:
        raise InvalidLookupAttributesException
    return key, value


def lookup_entry(event: Event) -> dict[str, Any]:
    """An event as LookupEvents answers it."""
    entry = {
        "EventId": event.event_id,
        "EventName": event.event_name,
        "ReadOnly": str(event.read_only).lower(),
        "AccessKeyId": event.access_key_id,
        "EventTime": int(event.time.timestamp()),
        "EventSource": event.event_source,
        "Username": event.user_name,
        "Resources": [
            {"ResourceType": KEY_TYPE, "ResourceName": arn} for arn in event.resources or ()
        ],
        "CloudTrailEvent": json.dumps(event.render()),
    }
    return {name: value for name, value in entry.items() if value is not None}
