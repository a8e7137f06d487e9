"""What the services ask, with the WORLD locked: whether a fault meets what they are about to do.

Each question is answered at once while there are no faults at all. Which exception follows is said
where it is raised.
"""

from __future__ import annotations

from collections.abc import Callable

from moto_cks.faults.pending import (
    BusyFault,
    CallFault,
    ConnectionFault,
    ResourceQuotas,
    SessionFault,
    faults_to_come,
    peek,
    take,
)


def connection_error_of(key_store_id: str) -> str | None:
    """The ConnectionErrorCode in which a connection attempt that begins now must end; counts it."""
    faults = faults_to_come()
    if faults is None:
        return None
    fault = take(faults.connections, _of_key_store(key_store_id))
    return fault.code if fault is not None else None


def out_of_reach(resource_id: str) -> bool:
    """Whether KMS cannot reach what backs a key store."""
    faults = faults_to_come()
    return faults is not None and any(
        outage.resource_id == resource_id for outage in faults.outages
    )


def session_taken(resource_id: str) -> bool:
    """Whether an operation finds no free PKCS #11 session in the HSMs of a key store; counts it."""
    faults = faults_to_come()
    return faults is not None and take(faults.sessions, _of_resource(resource_id)) is not None


def hsms_busy(resource_id: str) -> bool:
    """Whether the HSMs of a cluster are too busy for a command; counts it."""
    faults = faults_to_come()
    return faults is not None and take(faults.busy, _at(resource_id)) is not None


def within_quota(key_stores_of: Callable[[], set[str]]) -> bool:
    """Whether the request quota of the key stores that a request uses has room for it; counts it.

    Args:
        key_stores_of: finds the custom key store IDs; only asked where there is a quota.
    """
    faults = faults_to_come()
    if faults is None or not faults.throttles:
        return True
    return faults.throttles[-1].take(key_stores_of())


def within_request_quota(quota_of: Callable[[], tuple[tuple[str, ...], float]]) -> bool:
    """Whether the request quota of an account has room for a request; counts it.

    Args:
        quota_of: finds what the quota is of, and its requests a second; only asked where the
            quotas are in force.
    """
    faults = faults_to_come()
    if faults is None or not faults.quotas:
        return True
    return faults.quotas[-1].take(*quota_of())


def resource_quotas() -> ResourceQuotas | None:
    """How many clusters and HSMs there can be, where that is limited."""
    faults = faults_to_come()
    return faults.resources[-1] if faults is not None and faults.resources else None


def call_fault(service: str, operation: str, account_id: str, region: str) -> CallFault | None:
    """What a call must end with, if not with its own answer; counts it."""
    faults = faults_to_come()
    if faults is None:
        return None
    return take(faults.calls, _of_call(service, operation, account_id, region))


# The same, asked without counting ----------------------------------------------------------------


def coming_connection_fault(key_store_id: str) -> ConnectionFault | None:
    """What the next connection attempt of a key store must end in; counts nothing."""
    faults = faults_to_come()
    return None if faults is None else peek(faults.connections, _of_key_store(key_store_id))


def coming_session_fault(resource_id: str) -> SessionFault | None:
    """What keeps the next operation from a PKCS #11 session; counts nothing."""
    faults = faults_to_come()
    return None if faults is None else peek(faults.sessions, _of_resource(resource_id))


def coming_busy_fault(resource_id: str) -> BusyFault | None:
    """What the HSMs of a cluster are too busy for; counts nothing."""
    faults = faults_to_come()
    return None if faults is None else peek(faults.busy, _at(resource_id))


def coming_call_fault(
    service: str, operation: str, account_id: str, region: str
) -> CallFault | None:
    """What the next call of an operation must end with; counts nothing."""
    faults = faults_to_come()
    if faults is None:
        return None
    return peek(faults.calls, _of_call(service, operation, account_id, region))


def exhausted_quota(key_store_id: str) -> float | None:
    """The request quota in force, in requests a second, where a key store has none of it left."""
    faults = faults_to_come()
    if faults is None or not faults.throttles:
        return None
    throttle = faults.throttles[-1]
    return throttle.rate if throttle.exhausted(key_store_id) else None


# Whom a fault concerns ---------------------------------------------------------------------------


def _of_key_store(key_store_id: str) -> Callable[[ConnectionFault], bool]:
    return lambda fault: fault.key_store in (None, key_store_id)


def _of_resource(resource_id: str) -> Callable[[SessionFault], bool]:
    return lambda fault: fault.resource_id == resource_id


def _at(resource_id: str) -> Callable[[BusyFault], bool]:
    return lambda fault: fault.resource_id == resource_id


def _of_call(
    service: str, operation: str, account_id: str, region: str
) -> Callable[[CallFault], bool]:
    return lambda fault: (
        (fault.service, fault.operation) == (service, operation)
        and fault.account_id in (None, account_id)
        and fault.region in (None, region)
    )
