"""Where all events come from: what is told to an observer of calls becomes an event."""

from __future__ import annotations

import sys
from typing import Any

from moto.moto_api._internal import mock_random

from moto_cks.cloudtrail import records, shown
from moto_cks.cloudtrail.events import Event, encoded
from moto_cks.cloudtrail.models import trail_backend
from moto_cks.frontend.calls import Answer, Call, Deed


class Recorder:
    """Records calls, and what services do uncalled.

    It is a :class:`moto_cks.frontend.calls.Observer`.
    """

    def answered(self, call: Call, answer: Answer) -> None:
        """Record a call; secrets in it are not kept."""
        backend = trail_backend(call.account_id, call.region)
        service, operation, subject = call.service, call.operation, call.subject
        additional = subject.additional_data(answer.succeeded)
        event = Event(
            event_source=records.EVENT_SOURCES[service],
            event_name=sys.intern(operation),
            account_id=backend.account_id,
            region=backend.region_name,
            time=call.time,
            number=call.number,
            token=answer.request_id,
            caller=backend.caller_of(call.access_key),
            user_agent=sys.intern(call.user_agent),
            parameters=_shown(shown.request_view(service, operation), call.parameters),
            additional=encoded(additional) if additional else None,
            resources=subject.resources,
        )
        if not answer.succeeded:
            code, message = answer.error
            event.error_code = sys.intern(code)
            event.error_message = None if message is None else sys.intern(message)
        elif records.has_response_elements(service, operation):
            event.elements = _shown(shown.response_view(service, operation), answer.members)
        backend.record(event)

    def done(self, deed: Deed) -> None:
        """Record what a service did."""
        trail_backend(deed.account_id, deed.region).record(
            Event(
                event_source=records.EVENT_SOURCES[deed.service],
                event_name=deed.name,
                account_id=deed.account_id,
                region=deed.region,
                time=deed.time,
                number=deed.number,
                token=str(mock_random.uuid4()),
                resources=deed.resources,
                additional=encoded(deed.additional_data) if deed.additional_data else None,
            )
        )


def _shown(view: shown.View, value: Any) -> str | None:
    """JSON of what may be shown. Interned: equal requests share it."""
    reduced = view(value)
    return encoded(reduced) if reduced and reduced is not shown.NOTHING else None
