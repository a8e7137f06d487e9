"""``cks.faults`` on a world in another process."""

from __future__ import annotations

from typing import Any

from moto_cks.handle.connection_errors import check_code
from moto_cks.handle.protocols.faults import (
    CLUSTERS_QUOTA,
    HSMS_QUOTA,
    REQUEST_QUOTA,
    Fault,
    FaultDuring,
    Faults,
    InjectedError,
    check_quota,
    check_resource_quotas,
    check_times,
)
from moto_cks.handle.protocols.handles import (
    AnyCluster,
    AnyKeyStore,
    cluster_id_of,
    key_store_id_of,
)
from moto_cks.handle.remote.wire import Wire, given


class RemoteFault(Fault):
    """A fault in a server; see :class:`moto_cks.handle.protocols.faults.Fault`."""

    def __init__(self, wire: Wire, kind: str, body: dict[str, Any]) -> None:
        self._wire = wire
        self._path = ("faults", kind, str(wire.post("faults", kind, body=body)["id"]))

    def __repr__(self) -> str:
        return f"<Fault {'/'.join(self._path[1:])}>"

    def end(self) -> None:
        try:
            self._wire.delete(*self._path)
        except (KeyError, RuntimeError):
            return  # it was ended before, or with its world


class RemoteFaultDuring(FaultDuring):
    """A fault in a server that lasts while it is entered, in one world."""

    def __init__(self, call: str, wire: Wire, kind: str, body: dict[str, Any]) -> None:
        self._wire = wire.of_this_world(f"The fault {call}")
        super().__init__(call)
        self._kind = kind
        self._body = body

    def _begin(self) -> RemoteFault:
        return RemoteFault(self._wire, self._kind, self._body)


class RemoteFaults(Faults):
    """The faults; see :class:`moto_cks.handle.protocols.faults.Faults`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connection_error(
        self, code: InjectedError, *, times: int | None = 1, key_store: AnyKeyStore | None = None
    ) -> RemoteFault:
        check_code(code)
        check_times(times)
        store = None if key_store is None else key_store_id_of(key_store)
        body = {"code": code, "times": times, **given(key_store=store)}
        return RemoteFault(self._wire, "connection-error", body)

    def unreachable(self, cluster_id: AnyCluster) -> RemoteFaultDuring:
        found = cluster_id_of(cluster_id)
        self._wire.get("clusters", found)  # refused here, not on entering
        call = f"unreachable({found!r})"
        return RemoteFaultDuring(call, self._wire, "unreachable", {"cluster_id": found})

    def pkcs11_sessions_exhausted(
        self, cluster_id: AnyCluster, *, times: int | None = 1
    ) -> RemoteFault:
        check_times(times)
        body = {"cluster_id": cluster_id_of(cluster_id), "times": times}
        return RemoteFault(self._wire, "pkcs11-sessions-exhausted", body)

    def hsms_busy(self, cluster_id: AnyCluster, *, times: int | None = 1) -> RemoteFault:
        check_times(times)
        body = {"cluster_id": cluster_id_of(cluster_id), "times": times}
        return RemoteFault(self._wire, "hsms-busy", body)

    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> RemoteFaultDuring:
        check_quota(requests_per_second)
        call = f"throttle({requests_per_second:g})"
        body = {"requests_per_second": requests_per_second}
        return RemoteFaultDuring(call, self._wire, "throttle", body)

    def request_quotas(self) -> RemoteFaultDuring:
        return RemoteFaultDuring("request_quotas()", self._wire, "request-quotas", {})

    def resource_quotas(
        self, *, clusters: int = CLUSTERS_QUOTA, hsms: int = HSMS_QUOTA
    ) -> RemoteFaultDuring:
        check_resource_quotas(clusters, hsms)
        call = f"resource_quotas(clusters={clusters}, hsms={hsms})"
        body = {"clusters": clusters, "hsms": hsms}
        return RemoteFaultDuring(call, self._wire, "resource-quotas", body)

    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str | None = None,
        times: int | None = 1,
        account_id: str | None = None,
        region: str | None = None,
    ) -> RemoteFault:
        check_times(times)
        body = {
            "operation": operation,
            "code": code,
            "times": times,
            **given(message=message, account_id=account_id, region=region),
        }
        return RemoteFault(self._wire, "fail", body)
