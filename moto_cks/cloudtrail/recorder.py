"""Where all events come from: every call passes through here, and so does what KMS does itself."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from moto.cloudtrail.models import cloudtrail_backends
from moto.core.common_types import TYPE_RESPONSE
from moto.moto_api._internal import mock_random

from moto_cks.cloudtrail import records, shown
from moto_cks.cloudtrail.events import Event, encoded
from moto_cks.cloudtrail.subjects import (
    NO_SUBJECTS,
    Subjects,
    additional_data,
    subjects_of,
)
from moto_cks.frontend.validation import SerializationException
from moto_cks.world import clock
from moto_cks.world.backends import backend_of
from moto_cks.world.journal import next_number
from moto_cks.world.lock import WORLD

if TYPE_CHECKING:
    from moto_cks.cloudtrail.models import CksCloudTrailBackend
    from moto_cks.frontend.dispatch import WorldResponse

FIRST_ERROR = 400
"""The HTTP statuses of failures begin here."""

_XML_ERROR = re.compile(r"<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", re.DOTALL)


def recorded(
    response: WorldResponse, call: Callable[[], TYPE_RESPONSE], time: datetime
) -> TYPE_RESPONSE:
    """Answer a request and record it; what moto has not implemented is not recorded.

    Args:
        response: what answers it.
        call: answers it.
        time: when it came.
    """
    operation = response._get_action()
    params = _params(response)
    number = next_number()
    if response.service == "kms":
        subjects = subjects_of(response.kms_backend, operation, params)  # type: ignore[attr-defined]
    else:
        subjects = NO_SUBJECTS
    answer = call()
    record_call(response, operation, params, answer, subjects, (time, number))
    return answer


def record_call(
    response: WorldResponse,
    operation: str,
    params: dict[str, Any],
    answer: TYPE_RESPONSE,
    subjects: Subjects,
    moment: tuple[datetime, int],
) -> Event | None:
    """Record a call that was answered.

    Args:
        response: what answered it.
        operation: the operation.
        params: its parameters; secrets in them are not kept.
        answer: status, headers and body.
        subjects: what it was about.
        moment: when it came, and its place in the order of what happens.

    Returns:
        The event; ``None`` for what is no operation of the service.
    """
    status, headers, body = answer
    service = response.service
    if not operation:
        return None
    backend = _backend(response.current_account, response.region)
    event = Event(
        event_source=records.EVENT_SOURCES[service],
        event_name=sys.intern(operation),
        account_id=backend.account_id,
        region=backend.region_name,
        time=moment[0],
        number=moment[1],
        token=headers.get("x-amzn-requestid") or str(mock_random.uuid4()),
        caller=backend.caller_of(response.access_key),
        user_agent=_user_agent(response),
        parameters=_shown(shown.request_view(service, operation), params),
        resources=subjects.arns,
    )
    succeeded = int(status) < FIRST_ERROR
    if not succeeded:
        event.error_code, event.error_message = _error(body)
    elif records.has_response_elements(service, operation):
        _add_answer(event, service, body)
        subjects = _with_created(event, response, subjects)
    if subjects is not NO_SUBJECTS:
        event.additional = additional_data(operation, subjects, succeeded)
    backend.record(event)
    return event


def record_service_event(
    account_id: str,
    region: str,
    event_name: str,
    *,
    resources: list[str] | tuple[str, ...] = (),
    additional_event_data: dict[str, str] | None = None,
    event_source: str = records.EVENT_SOURCES["kms"],
) -> Event:
    """Record what a service did without being called, as DeleteKey.

    Args:
        account_id: in which account.
        region: in which Region.
        event_name: what it did.
        resources: the ARNs of the KMS keys.
        additional_event_data: the ``additionalEventData``, JSON in it as strings.
        event_source: which service.
    """
    with WORLD:
        event = Event(
            event_source=event_source,
            event_name=event_name,
            account_id=account_id,
            region=region,
            time=clock.now(),
            number=next_number(),
            token=str(mock_random.uuid4()),
            resources=tuple(resources),
            additional=encoded(additional_event_data) if additional_event_data else None,
        )
        _backend(account_id, region).record(event)
        return event


def _backend(account_id: str, region: str) -> CksCloudTrailBackend:
    return cast("CksCloudTrailBackend", backend_of(cloudtrail_backends, account_id, region))


def _params(response: WorldResponse) -> dict[str, Any]:
    try:
        params = response.json_body
    except SerializationException:
        return {}
    return params if isinstance(params, dict) else {}


def _user_agent(response: WorldResponse) -> str:
    agent = response.headers.get("User-Agent") or ""
    return sys.intern(agent.decode() if isinstance(agent, bytes) else str(agent))


def _shown(view: shown.View, value: Any) -> str | None:
    """JSON of what may be shown. Interned: equal requests share it."""
    reduced = view(value)
    return encoded(reduced) if reduced and reduced is not shown.NOTHING else None


def _add_answer(event: Event, service: str, body: Any) -> None:
    if body:
        event.elements = _shown(shown.response_view(service, event.event_name), json.loads(body))


def _with_created(event: Event, response: WorldResponse, subjects: Subjects) -> Subjects:
    """What the call is about, with the key that did not exist before it."""
    if event.event_name != "CreateKey" or event.elements is None:
        return subjects
    metadata = json.loads(event.elements)["keyMetadata"]
    event.resources = (metadata["arn"],)
    return Subjects(event.resources, response.kms_backend.keys.get(metadata["keyId"]))  # type: ignore[attr-defined]


def _error(body: Any) -> tuple[str, str | None]:
    """The exception and the message of an answer."""
    text = body.decode() if isinstance(body, bytes) else str(body or "")
    try:
        error = json.loads(text)
    except ValueError:
        error = None
    if isinstance(error, dict):
        code = str(error.get("__type", "InternalFailure")).rpartition("#")[2]
        message = error.get("message", error.get("Message"))
        return sys.intern(code), sys.intern(message) if isinstance(message, str) else None
    match = _XML_ERROR.search(text)
    return (match[1], match[2]) if match else ("InternalFailure", None)
