"""Sends events to the default event bus of EventBridge, where rules start their targets.

Amazon EventBridge User Guide: "AWS service events delivered via AWS CloudTrail", "Receiving
read-only management events from AWS services"; AWS KMS Developer Guide: "Monitoring with Amazon
EventBridge".

EventBridge delivers after the fact: a target that fails does not fail the call that was recorded.

On AWS, CloudTrail sends its events while a trail is logging in the Region. Here they are sent
without one, too, but a rule that rests on it is warned of.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any, cast

from moto.backends import get_backend
from moto.events import notifications
from moto.events.models import Rule, events_backends
from moto.events.utils import EventMessageType, EventTemplateParser
from moto.utilities.arns import parse_arn

from moto_cks.cloudtrail.events import Event
from moto_cks.cloudtrail.selectors import trails_of
from moto_cks.frontend import behalf
from moto_cks.world.complaints import warn
from moto_cks.world.ids import random_uuid

API_CALL = "AWS API Call via CloudTrail"
SERVICE_EVENT = "AWS Service Event via CloudTrail"

KEY_EVENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "DeleteExpiredKeyMaterial": ("KMS Imported Key Material Expiration", ("keyMaterialId",)),
    "DeleteKey": ("KMS CMK Deletion", ()),
    "RotateKey": (
        "KMS CMK Rotation",
        ("keyOrigin", "rotationType", "previousKeyMaterialId", "currentKeyMaterialId"),
    ),
}
"""What KMS tells EventBridge of a key in an event of its own, by the service event that says so
too: the detail type, and what is in the detail beside the key ID, there with hyphens."""

ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

# The states of a rule in which it sees read-only management events, and all other events.
STATES_FOR_READ_ONLY = frozenset({ALL_EVENTS})
STATES = frozenset({"ENABLED", ALL_EVENTS})

# EventBridge tells read-only management events by their names: GenerateDataKey is none of them.
READ_ONLY_NAMES = ("Describe", "Get", "List")


class MissingTrailWarning(UserWarning):
    """A rule rests on events of CloudTrail, and the account has no trail that is logging.

    Amazon EventBridge User Guide: "AWS service events delivered via AWS CloudTrail".
    """


def send(event: Event) -> None:
    """Send an event to the default event bus of its account and Region.

    The record is rendered only where a rule could match it.
    """
    rules = _rules(event)
    if not rules:
        return
    source = f"aws.{event.event_source.partition('.')[0]}"
    candidates = [
        (rule, kind)
        for kind in _detail_types(event)
        for rule in rules
        if _may_match(rule, "source", source) and _may_match(rule, "detail-type", kind)
    ]
    if not candidates:
        return
    kinds = dict.fromkeys(kind for _, kind in candidates)
    messages = {kind: _message(event, source, kind) for kind in kinds}
    for rule, kind in candidates:
        with behalf.sending():
            _start_targets(rule, messages[kind])


def _detail_types(event: Event) -> Iterator[str]:
    if not event.is_service_event:
        yield API_CALL
        return
    yield SERVICE_EVENT
    if event.event_name in KEY_EVENTS and event.event_source == "kms.amazonaws.com":
        yield KEY_EVENTS[event.event_name][0]


def _rules(event: Event) -> list[Rule]:
    """The rules of the default event bus that are in a state to see an event."""
    # Where nobody has used EventBridge yet, its backend is not made for the sake of looking at it.
    account = dict.get(events_backends, event.account_id)
    backend = None if account is None else dict.get(account, event.region)
    if backend is None:
        return []
    buses = backend.event_buses
    read_only = event.read_only and event.event_name.startswith(READ_ONLY_NAMES)
    states = STATES_FOR_READ_ONLY if read_only else STATES
    return [
        rule
        for rule in buses["default"].rules.values()
        if rule.state in states and rule.event_pattern.get_pattern()
    ]


def _may_match(rule: Rule, field: str, value: str) -> bool:
    """Whether a rule's pattern is open to a value; filters other than plain values are."""
    filters = rule.event_pattern.get_pattern().get(field)
    if not isinstance(filters, list):
        return True
    return value in filters or any(isinstance(entry, dict) for entry in filters)


def _message(event: Event, source: str, kind: str) -> EventMessageType:
    record = event.render()
    message: EventMessageType = {
        "version": "0",
        "id": random_uuid(),
        "detail-type": kind,
        "source": source,
        "account": event.account_id,
        "time": event.time.timestamp(),
        "region": event.region,
        "resources": [],
        "detail": record,
        "ingestion-time": event.time.timestamp(),
    }
    if kind not in (API_CALL, SERVICE_EVENT):
        arn = record["resources"][0]["ARN"]
        message["resources"] = [arn]
        message["detail"] = {"key-id": arn.rpartition("/")[2], **_details(event)}
    return message


def _details(event: Event) -> dict[str, str]:
    """What the detail of an event of KMS's own tells beside the key ID."""
    known = event.details or {}
    names = KEY_EVENTS[event.event_name][1]
    return {_CAPITAL.sub(_hyphen, name): known[name] for name in names if name in known}


_CAPITAL = re.compile("[A-Z]")


def _hyphen(capital: re.Match[str]) -> str:
    return f"-{capital[0].lower()}"


# Targets ------------------------------------------------------------------------------------------


def _start_targets(rule: Rule, message: EventMessageType) -> None:
    """Start the targets of a rule one by one: one that fails does not keep the next from starting.

    moto's rule starts a target, unless it is of a kind that moto's rules do not know.
    """
    if not rule.event_pattern.matches_event(message):
        return
    if message["detail-type"] in (API_CALL, SERVICE_EVENT):
        _warn_without_trail(rule)
    for target in rule.targets:
        try:
            start = OTHER_TARGETS.get(parse_arn(target["Arn"]).service)
            if start is not None:
                start(rule, target["Arn"], _input(target, message))
            else:
                alone = copy.copy(rule)
                alone.targets = [target]
                alone.send_to_targets(message)
        except Exception as error:
            warn(f"EventBridge rule {rule.name} could not start {target['Arn']}: {error!r}")


def _warn_without_trail(rule: Rule) -> None:
    trails = trails_of(rule.account_id, rule.region_name)
    if not any(trail.status.is_logging for trail in trails):
        warn(
            f"EventBridge rule {rule.name} would see nothing on AWS: CloudTrail sends events to "
            f"EventBridge while a trail is logging, and none is in {rule.region_name}.",
            MissingTrailWarning,
        )


def _input(target: dict[str, Any], message: EventMessageType) -> Any:
    """What a target is given: what its transformer makes of the event, or the event."""
    time = datetime.fromtimestamp(float(message["time"]), timezone.utc)
    readable = {**message, "time": f"{time:%Y-%m-%dT%H:%M:%SZ}"}
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        return EventTemplateParser.parse(
            transformer["InputTemplate"],
            transformer.get("InputPathsMap", {}),
            cast(EventMessageType, readable),
        )
    del readable["ingestion-time"]
    return readable


def _publish(rule: Rule, arn: str, event: Any) -> None:
    topic = parse_arn(arn)
    get_backend("sns")[topic.account][topic.region].publish(json.dumps(event), arn=arn)


def _invoke(rule: Rule, arn: str, event: Any) -> None:
    notifications._invoke_lambda(rule.account_id, arn, event)


def _execute(rule: Rule, arn: str, event: Any) -> None:
    notifications._start_sfn_execution(rule.account_id, rule.region_name, arn, event)


# What starts the targets that are not among those of Rule.send_to_targets, by service.
OTHER_TARGETS: dict[str, Callable[[Rule, str, Any], None]] = {
    "lambda": _invoke,
    "sns": _publish,
    "states": _execute,
}
