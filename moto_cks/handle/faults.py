"""``cks.faults``: what tests say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ContextDecorator
from typing import Any, Generic, TypeVar

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.kms.models import kms_backends

from moto_cks.faults.documented import BAD_REQUEST, STATUSES, documented_errors, find_operation
from moto_cks.faults.pending import (
    CallFault,
    ConnectionFault,
    Outage,
    SessionFault,
    Throttle,
    begin,
    end,
)
from moto_cks.kms.keystores.connection import CommonErrorCode
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch

CONNECTION_ERRORS = tuple(code.value for code in CommonErrorCode)
"""The connection errors that can come from nowhere; the others have causes."""

REQUEST_QUOTA = 1800
"""Requests per second of an AWS CloudHSM key store."""


Lasting = TypeVar("Lasting", Outage, Throttle)


class Faults:
    """The faults as the tests see them (``cks.faults``).

    They last until they are used up, until their context ends, or until moto's reset or the end of
    the mock.
    """

    def connection_error(self, code: str, *, times: int = 1, key_store: str | None = None) -> None:
        """Let the next connection attempts end FAILED, whatever they would have come upon.

        The repair is the documented one: disconnect, connect. See "How to fix a connection
        failure" in the AWS KMS Developer Guide.

        Args:
            code: INTERNAL_ERROR or NETWORK_ERRORS.
            times: how many attempts.
            key_store: the custom key store ID; by default those of any key store.

        Raises:
            ValueError: another code, which has a cause to bring about; or ``times`` below 1.
            KeyError: there is no such key store in any account and Region.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        if code not in CONNECTION_ERRORS:
            possible = " or ".join(CONNECTION_ERRORS)
            raise ValueError(f"A connection error is {possible}, not {code!r}: that has a cause.")
        _require_times(times)
        with WORLD:
            if key_store is not None:
                _require_key_store(key_store)
            begin(ConnectionFault(times, code, key_store))

    def unreachable(self, cluster_id: str) -> AbstractContextManager[None]:
        """A context in which KMS cannot reach a cluster; such contexts nest.

        Cryptographic operations and CreateKey end with KMSInvalidStateException, connection
        attempts with NETWORK_ERRORS; key material is not deleted.

        Args:
            cluster_id: the ID of the cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        with WORLD:
            _require_cluster(cluster_id)
        return _During(lambda: Outage(cluster_id))

    def pkcs11_sessions_exhausted(self, cluster_id: str, *, times: int = 1) -> None:
        """Let the next cryptographic operations find no free PKCS #11 session in a cluster.

        They end with KMSInternalException, HTTP status 500, after which AWS recommends to retry.
        See "Throttling AWS KMS requests" in the AWS KMS Developer Guide.

        Args:
            cluster_id: the ID of the cluster.
            times: how many operations.

        Raises:
            ValueError: ``times`` below 1.
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        _require_times(times)
        with WORLD:
            _require_cluster(cluster_id)
            begin(SessionFault(times, cluster_id))

    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> AbstractContextManager[None]:
        """A context in which the request quota of every key store is in force.

        Cryptographic operations on keys of a key store, and GenerateRandom in it, past the quota
        end with ThrottlingException. Of nested contexts the innermost counts. See "Request quotas"
        in the AWS KMS Developer Guide.

        Args:
            requests_per_second: the quota of each key store, by the simulated clock; that many can
                come at once.

        Raises:
            ValueError: the quota is not a number above 0.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        check_quota(requests_per_second)
        return _During(lambda: Throttle(requests_per_second))

    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str | None = None,
        times: int = 1,
        account_id: str | None = None,
        region: str | None = None,
    ) -> None:
        """Let the next calls of an operation end with an exception, and do nothing else.

        Args:
            operation: an operation of KMS or CloudHSM, as ``Encrypt`` or ``cloudhsmv2:CreateHsm``.
            code: an exception that its page lists, or one of :data:`COMMON_ERRORS`.
            message: what it says; by default what AWS's documentation says of it.
            times: how many calls.
            account_id: of which account; by default of any.
            region: in which Region; by default in any.

        Raises:
            ValueError: there is no such operation, or both services have it and none is named; the
                operation does not document the exception; or ``times`` below 1.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        service, name = find_operation(operation)
        documented = documented_errors(service, name)
        if code not in documented:
            possible = ", ".join(sorted(documented))
            raise ValueError(f"{service}:{name} does not document {code!r}, but {possible}.")
        _require_times(times)
        fault = CallFault(
            times,
            service,
            name,
            code,
            documented[code] if message is None else message,
            STATUSES.get(code, BAD_REQUEST),
            account_id,
            region,
        )
        with WORLD:
            begin(fault)


class _During(Generic[Lasting], AbstractContextManager[None], ContextDecorator):
    """A fault that lasts from entering to leaving; dropped in between, it simply goes on."""

    def __init__(self, make: Callable[[], Lasting]) -> None:
        self._make: Callable[[], Lasting] = make
        self._begun: list[Lasting] = []

    def __enter__(self) -> None:
        _require_mock()
        fault = self._make()
        with WORLD:
            begin(fault)
            self._begun.append(fault)

    def __exit__(self, *exc_info: object) -> None:
        with WORLD:
            end(self._begun.pop())


def _require_mock() -> None:
    if not switch.on:
        raise RuntimeError("mock_cks is not on in this process.")


def check_quota(requests_per_second: float) -> None:
    """Check a request quota.

    Raises:
        ValueError: it is not a number above 0.
    """
    if not 0 < requests_per_second < math.inf:
        raise ValueError(f"requests_per_second must be above 0, not {requests_per_second}.")


def _require_times(times: int) -> None:
    if not isinstance(times, int) or times < 1:
        raise ValueError(f"times must be a number of at least 1, not {times!r}.")


def _require_cluster(cluster_id: str) -> None:
    backends: Iterable[Any] = (backend for *_, backend in cloudhsmv2_backends.iter_backends())
    if all(backend.find_cluster(cluster_id) is None for backend in backends):
        raise KeyError(f"There is no cluster {cluster_id}")


def _require_key_store(key_store_id: str) -> None:
    backends: Iterable[Any] = (backend for *_, backend in kms_backends.iter_backends())
    known = (store.custom_key_store_id for backend in backends for store in backend.key_stores)
    if key_store_id not in known:
        raise KeyError(f"There is no custom key store {key_store_id}")
