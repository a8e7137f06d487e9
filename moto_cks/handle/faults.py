"""``cks.faults`` on the world in this process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ContextDecorator
from typing import Generic, TypeVar

from moto_cks.cloudhsmv2.models import find_cluster_anywhere
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
from moto_cks.handle.protocols.faults import REQUEST_QUOTA, Faults, check_quota
from moto_cks.kms.keystores.connection import CommonErrorCode
from moto_cks.kms.models import locate_key_store
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch

CONNECTION_ERRORS = tuple(code.value for code in CommonErrorCode)
"""The connection errors that can come from nowhere; the others have causes."""

Lasting = TypeVar("Lasting", Outage, Throttle)


class LocalFaults(Faults):
    """The faults; see :class:`moto_cks.handle.protocols.faults.Faults`."""

    def connection_error(self, code: str, *, times: int = 1, key_store: str | None = None) -> None:
        _require_mock()
        if code not in CONNECTION_ERRORS:
            possible = " or ".join(CONNECTION_ERRORS)
            raise ValueError(f"A connection error is {possible}, not {code!r}: that has a cause.")
        _require_times(times)
        with WORLD:
            if key_store is not None:
                locate_key_store(key_store)
            begin(ConnectionFault(times, code, key_store))

    def unreachable(self, cluster_id: str) -> AbstractContextManager[None]:
        _require_mock()
        with WORLD:
            find_cluster_anywhere(cluster_id)
        return _During(lambda: Outage(cluster_id))

    def pkcs11_sessions_exhausted(self, cluster_id: str, *, times: int = 1) -> None:
        _require_mock()
        _require_times(times)
        with WORLD:
            find_cluster_anywhere(cluster_id)
            begin(SessionFault(times, cluster_id))

    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> AbstractContextManager[None]:
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


def _require_times(times: int) -> None:
    if not isinstance(times, int) or times < 1:
        raise ValueError(f"times must be a number of at least 1, not {times!r}.")
