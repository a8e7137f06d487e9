"""Why a custom key store, of whatever kind, cannot be used: all of it, in order.

What the kind finds comes from its checks (:class:`moto_cks.kms.keystores.base.KeyStore`). Nothing
is changed or counted by asking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from moto_cks import faults
from moto_cks.kms.exceptions import KMSInvalidStateException, ThrottlingException
from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.connection import ConnectionErrorCode, ConnectionState

UNAVAILABLE = KMSInvalidStateException.__name__


def connection_of(store: KeyStore) -> dict[str, Any]:
    """The state of its connection, as DescribeCustomKeyStores shows it."""
    code = store.connection.error_code
    return {
        "ConnectionState": store.connection_state,
        **({} if code is None else {"ConnectionErrorCode": code.value}),
    }


CALLS = ("ConnectCustomKeyStore", "CreateKey")
"""The operations on a key store for which a fault that is to come is told."""


def reasons_of_key_store(store: KeyStore) -> Iterator[Reason]:
    """Why a key store cannot be used, and what lies behind that."""
    return distinct(
        [
            *quota_of(store),
            *reasons_of_connection(store),
            *(store.obstacles_to_creating_key() if store.connected else ()),
            *_ahead(store),
            *call_faults(CALLS, store.account_id, store.region),
            *store.leftovers(),
        ]
    )


def quota_of(store: KeyStore) -> Iterator[Reason]:
    """Whether its request quota is used up."""
    rate = faults.exhausted_quota(store.custom_key_store_id)
    if rate is not None:
        finding = Finding("request-quota-exceeded", {"requests_per_second": rate})
        yield Reason(finding, ThrottlingException.__name__, When.NOW)


def call_faults(operations: Iterable[str], account_id: str, region: str) -> Iterator[Reason]:
    """The operations of KMS whose next call ends in an error that was injected."""
    for operation in operations:
        fault = faults.coming_call_fault("kms", operation, account_id, region)
        if fault is not None:
            facts = {"operation": operation, "times": fault.times}
            yield Reason(Finding("injected-failure", facts), fault.code, When.NEXT_CALL)


def reasons_of_connection(store: KeyStore) -> Iterator[Reason]:
    """Why its keys cannot be used now: it is not connected, or what is in the way though it is."""
    state = store.connection.state
    if state is ConnectionState.CONNECTED:
        yield from store.obstacles_to_use()
    elif store.connection.error_code is not None:
        yield _failure(store, store.connection.error_code)
    else:
        facts = {
            "store": store.custom_key_store_id,
            "name": store.name,
            "state": state.value,
            "until": store.connection.until,
            "ever_connected": store.connection_number > 0,
        }
        disconnected = state is ConnectionState.DISCONNECTED
        cause = "store-disconnected" if disconnected else "slow-connection"
        yield Reason(Finding(cause, facts, store.connection.since), UNAVAILABLE, When.NOW)


def reasons_ahead(store: KeyStore) -> Iterator[Reason]:
    """What the next attempt to connect will come upon."""
    return distinct(_ahead(store))


def _ahead(store: KeyStore) -> Iterator[Reason]:
    if store.connection.state is not ConnectionState.CONNECTING:  # then it has been let through
        yield from store.obstacles_before_connecting()
    fault = faults.coming_connection_fault(store.custom_key_store_id)
    if fault is not None:
        finding = Finding(store.cause_of(fault.code), {"times": fault.times, "injected": True})
        yield Reason(finding, fault.code, When.NEXT_CONNECT)
    yield from store.obstacles_to_connecting()


def _failure(store: KeyStore, code: ConnectionErrorCode) -> Reason:
    """Why the last attempt failed: what would end in the same code now, or else is mended."""
    unseen = Finding(store.cause_of(code.value), {"mended": True} if store.foresees else {})
    found = (reason.finding for reason in _ahead(store) if reason.error == code.value)
    finding = next(found, unseen)
    facts = {
        "store": store.custom_key_store_id,
        "name": store.name,
        "state": store.connection_state,
        **store.failure_facts,
        **finding.facts,
    }
    since = finding.since or store.connection.since
    return Reason(replace(finding, facts=facts, since=since), code.value, When.NOW)


def distinct(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """The reasons, each thing where it is come upon first."""
    seen: set[str | None] = {None}
    for reason in reasons:
        cause, otherwise = reason.finding.cause, reason.finding.otherwise
        if cause not in seen and (otherwise is None or otherwise not in seen):
            yield reason
        seen |= {cause, otherwise}
