"""Injected faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.control.models import sessions
from moto_cks.faults.pending import (
    BusyFault,
    CallFault,
    ConnectionFault,
    Outage,
    RequestQuotas,
    ResourceQuotas,
    SessionFault,
    Throttle,
    end,
    find,
)
from moto_cks.handle.cks import LOCAL
from moto_cks.handle.faults import LocalFaultDuring, begun
from moto_cks.world.lock import WORLD

CONNECTION_ERROR, SESSIONS, FAILURE = "connection error", "exhausted sessions", "failure"
BUSY = "busy HSMs"
OUTAGE, THROTTLE, QUOTAS = "outage", "throttle", "request quotas"
RESOURCES = "resource quotas"

KINDS: dict[str, type[Any]] = {
    CONNECTION_ERROR: ConnectionFault,
    SESSIONS: SessionFault,
    BUSY: BusyFault,
    FAILURE: CallFault,
    OUTAGE: Outage,
    THROTTLE: Throttle,
    QUOTAS: RequestQuotas,
    RESOURCES: ResourceQuotas,
}


def inject_connection_error(**parameters: Any) -> dict[str, Any]:
    """Let connection attempts fail."""
    return _begin(CONNECTION_ERROR, lambda: LOCAL.faults.connection_error(**parameters))


def end_connection_error(fault_id: str) -> None:
    """Let them fail no more."""
    _end(CONNECTION_ERROR, fault_id)


def exhaust_sessions(**parameters: Any) -> dict[str, Any]:
    """Let operations find no PKCS #11 session."""
    return _begin(SESSIONS, lambda: LOCAL.faults.pkcs11_sessions_exhausted(**parameters))


def end_exhausted_sessions(fault_id: str) -> None:
    """Let them find one again."""
    _end(SESSIONS, fault_id)


def keep_hsms_busy(**parameters: Any) -> dict[str, Any]:
    """Let HSMs be too busy for commands."""
    return _begin(BUSY, lambda: LOCAL.faults.hsms_busy(**parameters))


def end_busy_hsms(fault_id: str) -> None:
    """Let them have time again."""
    _end(BUSY, fault_id)


def inject_failure(**parameters: Any) -> dict[str, Any]:
    """Let calls of an operation fail."""
    return _begin(FAILURE, lambda: LOCAL.faults.fail(**parameters))


def end_failure(fault_id: str) -> None:
    """Let them fail no more."""
    _end(FAILURE, fault_id)


def begin_outage(cluster_id: str) -> dict[str, Any]:
    """Take a cluster out of reach."""
    return _begin(OUTAGE, lambda: LOCAL.faults.unreachable(cluster_id))


def end_outage(fault_id: str) -> None:
    """Put a cluster within reach."""
    _end(OUTAGE, fault_id)


def begin_throttle(**parameters: Any) -> dict[str, Any]:
    """Put the request quota in force."""
    return _begin(THROTTLE, lambda: LOCAL.faults.throttle(**parameters))


def end_throttle(fault_id: str) -> None:
    """End a request quota."""
    _end(THROTTLE, fault_id)


def begin_request_quotas() -> dict[str, Any]:
    """Put the request quotas of accounts in force."""
    return _begin(QUOTAS, LOCAL.faults.request_quotas)


def end_request_quotas(fault_id: str) -> None:
    """End them."""
    _end(QUOTAS, fault_id)


def begin_resource_quotas(**parameters: Any) -> dict[str, Any]:
    """Put quotas of clusters and HSMs in force."""
    return _begin(RESOURCES, lambda: LOCAL.faults.resource_quotas(**parameters))


def end_resource_quotas(fault_id: str) -> None:
    """End them."""
    _end(RESOURCES, fault_id)


def _begin(kind: str, inject: Callable[[], Any]) -> dict[str, Any]:
    with WORLD:
        fault = inject()
        if isinstance(fault, LocalFaultDuring):
            fault = begun(fault)
        fault_id = str(fault.injected.id)
        sessions().faults[fault_id] = kind
    return {"id": fault_id}


def _end(kind: str, fault_id: str) -> None:
    with WORLD:
        injected = find(KINDS[kind], fault_id)
        if injected is None and sessions().faults.get(fault_id) != kind:
            raise KeyError(f"There is no such fault {fault_id}")
        sessions().faults.pop(fault_id, None)  # one that is used up can be ended, once
        if injected is not None:
            end(injected)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "inject_connection_error": inject_connection_error,
    "end_connection_error": end_connection_error,
    "begin_outage": begin_outage,
    "end_outage": end_outage,
    "exhaust_sessions": exhaust_sessions,
    "end_exhausted_sessions": end_exhausted_sessions,
    "keep_hsms_busy": keep_hsms_busy,
    "end_busy_hsms": end_busy_hsms,
    "begin_throttle": begin_throttle,
    "end_throttle": end_throttle,
    "begin_request_quotas": begin_request_quotas,
    "end_request_quotas": end_request_quotas,
    "begin_resource_quotas": begin_resource_quotas,
    "end_resource_quotas": end_resource_quotas,
    "inject_failure": inject_failure,
    "end_failure": end_failure,
}
