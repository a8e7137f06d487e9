"""Injected faults."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from moto_cks.control.models import sessions
from moto_cks.handle.cks import LOCAL
from moto_cks.world.lock import WORLD


def inject_connection_error(**parameters: Any) -> None:
    """Let connection attempts fail."""
    LOCAL.faults.connection_error(**parameters)


def exhaust_sessions(**parameters: Any) -> None:
    """Let operations find no PKCS #11 session."""
    LOCAL.faults.pkcs11_sessions_exhausted(**parameters)


def inject_failure(**parameters: Any) -> None:
    """Let calls of an operation fail."""
    LOCAL.faults.fail(**parameters)


def begin_outage(cluster_id: str) -> dict[str, Any]:
    """Take a cluster out of reach."""
    with WORLD:
        return _begin(sessions().outages, LOCAL.faults.unreachable(cluster_id))


def end_outage(fault_id: str) -> None:
    """Put a cluster within reach."""
    with WORLD:
        _end(sessions().outages, fault_id)


def begin_throttle(**parameters: Any) -> dict[str, Any]:
    """Put the request quota in force."""
    with WORLD:
        return _begin(sessions().throttles, LOCAL.faults.throttle(**parameters))


def end_throttle(fault_id: str) -> None:
    """End a request quota."""
    with WORLD:
        _end(sessions().throttles, fault_id)


_Lasting = dict[str, AbstractContextManager[None]]


def _begin(lasting: _Lasting, fault: AbstractContextManager[None]) -> dict[str, Any]:
    fault.__enter__()
    fault_id = f"fault-{uuid.uuid4().hex}"
    lasting[fault_id] = fault
    return {"id": fault_id}


def _end(lasting: _Lasting, fault_id: str) -> None:
    fault = lasting.pop(fault_id, None)
    if fault is None:
        raise KeyError(f"There is no such fault {fault_id}")
    fault.__exit__(None, None, None)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "inject_connection_error": inject_connection_error,
    "begin_outage": begin_outage,
    "end_outage": end_outage,
    "exhaust_sessions": exhaust_sessions,
    "begin_throttle": begin_throttle,
    "end_throttle": end_throttle,
    "inject_failure": inject_failure,
}
