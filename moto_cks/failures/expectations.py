"""What is seen of a failure: states, what calls are answered, and what CloudTrail records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto_cks.failures.placeholders import fill
from moto_cks.kms.keys.states import KeyState
from moto_cks.kms.keystores.connection import ConnectionErrorCode, ConnectionState

BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a call is refused with.

    Attributes:
        code: the error code.
        message: what it says, with placeholders such as ``<key ARN>`` where that differs.
        status: the HTTP status.
    """

    code: str
    message: str
    status: int = BAD_REQUEST

    def filled(self, values: Mapping[str, str]) -> Refusal:
        """The same with the values of placeholders, as far as they are known."""
        return Refusal(self.code, fill(self.message, values), self.status)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"code": self.code, "message": self.message, "status": self.status}


@dataclass(frozen=True, slots=True)
class EventPattern:
    """An event that CloudTrail records.

    Attributes:
        service: the first part of its eventSource, as ``kms``.
        names: the eventName is one of these.
        error_code: its errorCode; ``None`` for that of a call that succeeded.
        detail: what else it has, in the form of an EventBridge pattern.
        by_service: whether the service did it without being called.
    """

    service: str
    names: tuple[str, ...]
    error_code: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    by_service: bool = False

    def to_event_pattern(self, values: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The pattern of an EventBridge rule that this event matches.

        Amazon EventBridge User Guide: "AWS service events delivered via AWS CloudTrail".

        Args:
            values: the values of placeholders.
        """
        kind = "AWS Service Event" if self.by_service else "AWS API Call"
        error: Any = {"exists": False} if self.error_code is None else self.error_code
        return {
            "source": [f"aws.{self.service}"],
            "detail-type": [f"{kind} via CloudTrail"],
            "detail": {
                "eventSource": [f"{self.service}.amazonaws.com"],
                "eventName": list(self.names),
                "errorCode": [error],
                **_filled(self.detail, values or {}),
            },
        }


def _filled(detail: Any, values: Mapping[str, str]) -> Any:
    if isinstance(detail, str):
        return fill(detail, values)
    if isinstance(detail, Mapping):
        return {name: _filled(value, values) for name, value in detail.items()}
    if isinstance(detail, (list, tuple)):
        return [_filled(value, values) for value in detail]
    return detail


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a failure.

    Attributes:
        like: which of the four appearances it has: CLOSED, MUTE, GONE or WELL.
        connection: ConnectionState.
        error_code: ConnectionErrorCode, which there is in the state FAILED only.
        key_state: KeyState of a key that was Enabled, before it is used; ``None`` where the key
            does not exist any more.
        key_state_after_use: and afterwards.
        calls: what is refused, by operation; what is missing works. Those with ``<other>`` or
            ``<backup>`` in what they ask for are calls that belong to the cause.
        events: what CloudTrail has of it.
        once: whether only the first of these calls is refused.
    """

    like: str
    connection: ConnectionState
    error_code: ConnectionErrorCode | None
    key_state: KeyState | None
    key_state_after_use: KeyState | None
    calls: Mapping[str, Refusal]
    events: tuple[EventPattern, ...]
    once: bool = False

    def event_patterns(self, key_store_id: str) -> list[dict[str, Any]]:
        """The events as patterns of EventBridge rules.

        Args:
            key_store_id: the custom key store ID that they name.
        """
        return [event.to_event_pattern({"store": key_store_id}) for event in self.events]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "like": self.like,
            "connection_state": self.connection.value,
            "connection_error_code": None if self.error_code is None else self.error_code.value,
            "key_state": None if self.key_state is None else self.key_state.value,
            "key_state_after_use": (
                None if self.key_state_after_use is None else self.key_state_after_use.value
            ),
            "calls": {name: refusal.to_dict() for name, refusal in self.calls.items()},
            "once": self.once,
            "events": [event.to_event_pattern() for event in self.events],
        }
