"""Which trails an event is for, and which events a trail selects.

AWS CloudTrail User Guide: "Logging management events"; API Reference: EventSelector,
AdvancedFieldSelector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends

from moto_cks.cloudtrail.events import Event

READ_WRITE_TYPES: dict[str, Callable[[Event], bool]] = {
    "All": lambda event: True,
    "ReadOnly": lambda event: event.read_only,
    "WriteOnly": lambda event: not event.read_only,
}

# What can be told without rendering the record, which is expensive.
CHEAP_FIELDS: dict[str, Callable[[Event], str]] = {
    "eventCategory": lambda event: "Management",
    "eventName": lambda event: event.event_name,
    "eventSource": lambda event: event.event_source,
    "eventType": lambda event: "AwsServiceEvent" if event.is_service_event else "AwsApiCall",
    "readOnly": lambda event: str(event.read_only).lower(),
}

POSITIVE_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "Equals": str.__eq__,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}

NEGATIVE_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "NotEquals": str.__eq__,
    "NotStartsWith": str.startswith,
    "NotEndsWith": str.endswith,
}


def trails_of(account_id: str, region: str) -> list[Trail]:
    """The trails of an account that are there for a Region: its own and the multi-Region ones."""
    account = dict.get(cloudtrail_backends, account_id)  # not made for the sake of looking at it
    return [
        trail
        for backend in (account.values() if account is not None else ())
        for trail in backend.trails.values()
        if trail.is_multi_region or trail.region_name == region
    ]


def selects(trail: Trail, event: Event) -> bool:
    """Whether a trail logs an event, by its event selectors or its advanced event selectors.

    A trail that has none logs all management events.
    """
    if trail.event_selectors:
        return any(_selector_selects(selector, event) for selector in trail.event_selectors)
    if trail.advanced_event_selectors:
        return any(
            all(_field_matches(field, event) for field in selector["FieldSelectors"])
            for selector in trail.advanced_event_selectors
        )
    return True


def _selector_selects(selector: Mapping[str, Any], event: Event) -> bool:
    return (
        selector.get("IncludeManagementEvents", True)
        and READ_WRITE_TYPES[selector.get("ReadWriteType", "All")](event)
        and event.event_source not in selector.get("ExcludeManagementEventSources", ())
    )


def _field_matches(selector: Mapping[str, Any], event: Event) -> bool:
    value = _field(selector["Field"], event)
    positive = _comparisons(selector, POSITIVE_OPERATORS, value)
    negative = _comparisons(selector, NEGATIVE_OPERATORS, value)
    return (any(positive) or not positive) and not any(negative)


def _comparisons(
    selector: Mapping[str, Any], operators: Mapping[str, Callable[[str, str], bool]], value: str
) -> Sequence[bool]:
    return [
        compare(value, operand)
        for name, compare in operators.items()
        for operand in selector.get(name) or ()
    ]


def _field(name: str, event: Event) -> str:
    """The value of a field such as ``userIdentity.arn``, empty where the record has none."""
    if name in CHEAP_FIELDS:
        return CHEAP_FIELDS[name](event)
    value: Any = event.render()
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return "" if value is None else str(value)
