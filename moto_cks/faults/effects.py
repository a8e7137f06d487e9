"""What the services ask, with the WORLD locked: whether a fault meets what they are about to do.

Each question is answered at once while there are no faults at all. Which exception follows is said
where it is raised.
"""

from __future__ import annotations

from collections.abc import Callable

from moto_cks.faults.pending import CallFault, faults_to_come, take


def connection_error_of(key_store_id: str) -> str | None:
    """The ConnectionErrorCode in which a connection attempt that begins now must end; counts it."""
    faults = faults_to_come()
    if faults is None:
        return None
    fault = take(faults.connections, lambda fault: fault.key_store in (None, key_store_id))
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
    return (
        faults is not None
        and take(faults.sessions, lambda fault: fault.resource_id == resource_id) is not None
    )


def within_quota(key_stores_of: Callable[[], set[str]]) -> bool:
    """Whether the request quota of the key stores that a request uses has room for it; counts it.

    Args:
        key_stores_of: finds the custom key store IDs; only asked where there is a quota.
    """
    faults = faults_to_come()
    if faults is None or not faults.throttles:
        return True
    return faults.throttles[-1].take(key_stores_of())


def call_fault(service: str, operation: str, account_id: str, region: str) -> CallFault | None:
    """What a call must end with, if not with its own answer; counts it."""
    faults = faults_to_come()
    if faults is None:
        return None
    return take(
        faults.calls,
        lambda fault: (
            (fault.service, fault.operation) == (service, operation)
            and fault.account_id in (None, account_id)
            and fault.region in (None, region)
        ),
    )
