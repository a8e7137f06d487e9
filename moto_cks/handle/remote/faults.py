"""``cks.faults`` on a world in another process."""

from __future__ import annotations

from contextlib import AbstractContextManager, ContextDecorator
from typing import Any

from moto_cks.handle.protocols.faults import REQUEST_QUOTA, Faults, check_quota
from moto_cks.handle.remote.wire import Wire, given


class _During(AbstractContextManager[None], ContextDecorator):
    """A fault in a server that lasts from entering to leaving."""

    def __init__(self, wire: Wire, path: str, body: dict[str, Any]) -> None:
        self._wire = wire
        self._path = path
        self._body = body
        self._begun: list[str] = []

    def __enter__(self) -> None:
        self._begun.append(self._wire.post("faults", self._path, body=self._body)["id"])

    def __exit__(self, *exc_info: object) -> None:
        try:
            self._wire.delete("faults", self._path, self._begun.pop())
        except KeyError:
            return  # a reset of moto has ended it


class RemoteFaults(Faults):
    """The faults; see :class:`moto_cks.handle.protocols.faults.Faults`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connection_error(self, code: str, *, times: int = 1, key_store: str | None = None) -> None:
        body = given(code=code, times=times, key_store=key_store)
        self._wire.post("faults", "connection-error", body=body)

    def unreachable(self, cluster_id: str) -> AbstractContextManager[None]:
        self._wire.get("clusters", cluster_id)  # refused here, not on entering
        return _During(self._wire, "unreachable", {"cluster_id": cluster_id})

    def pkcs11_sessions_exhausted(self, cluster_id: str, *, times: int = 1) -> None:
        body = {"cluster_id": cluster_id, "times": times}
        self._wire.post("faults", "pkcs11-sessions-exhausted", body=body)

    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> AbstractContextManager[None]:
        check_quota(requests_per_second)
        return _During(self._wire, "throttle", {"requests_per_second": requests_per_second})

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
        body = given(
            operation=operation,
            code=code,
            message=message,
            times=times,
            account_id=account_id,
            region=region,
        )
        self._wire.post("faults", "fail", body=body)
