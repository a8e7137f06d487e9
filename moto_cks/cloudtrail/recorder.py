"""What is recorded of a call: all that may be known of it, and no secret.

An event keeps what the service model knows of a request and its answer. Blobs (plaintexts,
ciphertexts, messages, key material) and members that the model calls sensitive (passwords) are left
out, and what is not in the model is, too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, cast

from moto.cloudtrail.models import cloudtrail_backends
from moto.events.models import events_backends

from moto_cks.cloudtrail import elsewhere, event_bus, records
from moto_cks.cloudtrail.events import ENCODE, Event
from moto_cks.cloudtrail.models import CksCloudTrailBackend
from moto_cks.frontend.calls import Answer, Call, Deed
from moto_cks.world.backends import backend_of
from moto_cks.world.botocore_session import service_model
from moto_cks.world.ids import random_uuid

_TRAILS = attrgetter("trails")


class Recorder:
    """Records calls, and what services do uncalled.

    It is a :class:`moto_cks.frontend.calls.Observer`.
    """

    def answered(self, call: Call, answer: Answer) -> None:
        """Record a call; secrets in it are not kept."""
        backend = _backend(call.account_id, call.region)
        plan = _plan(call.service, call.operation)
        caller = backend.callers.get(call.access_key)
        if caller is None or caller.user is not None:  # users can be renamed
            caller = backend.caller_of(call.access_key)
        event = Event(
            plan.source,
            plan.name,
            backend.account_id,
            backend.region_name,
            call.time,
            call.number,
            answer.request_id,
            caller,
            sys.intern(call.user_agent),
            _shown(plan.request, call.parameters),
            additional=call.subject.additional_data,
            resources=call.subject.resources,
            host=sys.intern(call.host),
            invoked_by=call.invoked_by,
        )
        if not answer.succeeded:
            code, message = answer.error
            event.error_code = sys.intern(code)
            event.error_message = None if message is None else sys.intern(message)
        elif plan.answer is not None:
            event.elements = _shown(plan.answer, answer.members)
        _keep(backend, event)
        if plan.name in elsewhere.SECONDS and answer.succeeded:
            second = elsewhere.second_of(event)
            _keep(_backend(second.account_id, second.region), second)

    def done(self, deed: Deed) -> None:
        """Record what a service did."""
        backend = _backend(deed.account_id, deed.region)
        event = Event(
            records.EVENT_SOURCES[deed.service],
            deed.name,
            deed.account_id,
            deed.region,
            deed.time,
            deed.number,
            random_uuid(),
            additional=deed.additional_data,
            resources=deed.resources,
            details=deed.details,
        )
        _keep(backend, event)


def _backend(account_id: str, region: str) -> CksCloudTrailBackend:
    return cast(CksCloudTrailBackend, backend_of(cloudtrail_backends, account_id, region))


def _keep(backend: CksCloudTrailBackend, event: Event) -> None:
    """Keep an event, and give it to whoever waits for events."""
    backend.history.append(event)
    regions = dict.get(cloudtrail_backends, backend.account_id, {}).values()
    if dict.get(events_backends, backend.account_id) or any(map(_TRAILS, regions)):
        backend.desk.take(event)
        event_bus.send(event)
    for sink in backend.sinks:
        sink(event)


# What may be shown -------------------------------------------------------------------------------

HIDDEN = frozenset(
    {
        "GrantToken",
        "GrantTokens",
        "KeyStorePassword",
        "PreCoPassword",
        "Recipient",
        "XksProxyAuthenticationCredential",
    }
)
"""Members that are not shown, whatever the model says of them."""

NOTHING = object()
"""Instead of what is not shown."""

View = Callable[[Any], Any]

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "long": (int, float),
    "float": (int, float),
    "double": (int, float),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the events of an operation hold.

    Attributes:
        source: the service, as ``kms.amazonaws.com``.
        name: the operation.
        request: reduces its parameters to what may be shown, under a record's names.
        answer: reduces its answer likewise; ``None`` where a record does not show it.
    """

    source: str
    name: str
    request: View
    answer: View | None


@cache
def _plan(service: str, operation: str) -> Plan:
    model = service_model(service).operation_model(operation)
    shows_answer = records.has_response_elements(service, operation)
    return Plan(
        records.EVENT_SOURCES[service],
        sys.intern(operation),
        _view(model.input_shape),
        _view(model.output_shape) if shows_answer else None,
    )


def _shown(view: View, value: Any) -> str | None:
    """JSON of what may be shown. Interned: equal requests share it."""
    reduced = view(value)
    if not reduced or reduced is NOTHING:
        return None
    for entry in reduced.values():
        if type(entry) is not str:  # of a list, or of a number, equal is not always the same
            return sys.intern(ENCODE(reduced))
    return _texts(tuple(reduced.items()))


@lru_cache(maxsize=512)
def _texts(members: tuple[tuple[str, str], ...]) -> str:
    """JSON of members that are all texts: what most calls are about, again and again."""
    return sys.intern(ENCODE(dict(members)))


def record_name(name: str) -> str:
    """The name of a parameter in a record."""
    return name[:1].lower() + name[1:]


def record_date(timestamp: float) -> str:
    """A date as it is written in requestParameters and responseElements."""
    moment = datetime.fromtimestamp(timestamp, timezone.utc)
    hour = moment.hour % 12 or 12
    return f"{moment:%b} {moment.day}, {moment.year}, {hour}:{moment:%M:%S %p}"


def _view(shape: Any) -> View:
    if shape is None or shape.type_name == "blob" or shape.metadata.get("sensitive"):
        return lambda value: NOTHING
    makers = {
        "structure": _structure_view,
        "list": _list_view,
        "map": _map_view,
        "timestamp": _timestamp_view,
    }
    return makers.get(shape.type_name, _scalar_view)(shape)


def _scalar_view(shape: Any) -> View:
    types = _SCALARS[shape.type_name]
    return lambda value: value if isinstance(value, types) else NOTHING


def _timestamp_view(shape: Any) -> View:
    def view(value: Any) -> Any:
        if not isinstance(value, (int, float)):
            return NOTHING
        try:
            return record_date(value)
        except (OverflowError, OSError, ValueError):
            return NOTHING  # a number that is no moment

    return view


def _list_view(shape: Any) -> View:
    view = _view(shape.member)

    def show(value: Any) -> Any:
        if not isinstance(value, list):
            return NOTHING
        return [entry for entry in map(view, value) if entry is not NOTHING]

    return show


def _map_view(shape: Any) -> View:
    view = _view(shape.value)

    def show(value: Any) -> Any:
        if not isinstance(value, dict):
            return NOTHING
        entries = ((key, view(entry)) for key, entry in value.items())
        return {key: entry for key, entry in entries if entry is not NOTHING}

    return show


def _structure_view(shape: Any) -> View:
    members = {
        name: (record_name(name), _view(member))
        for name, member in shape.members.items()
        if name not in HIDDEN
    }

    def show(value: Any) -> Any:
        if not isinstance(value, dict):
            return NOTHING
        shown = {}
        for name, entry in value.items():
            if name in members:
                record, view = members[name]
                if (reduced := view(entry)) is not NOTHING:
                    shown[record] = reduced
        return shown

    return show
