"""``cks.faults`` on the world in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.cloudhsmv2.models import find_cluster_anywhere
from moto_cks.faults.documented import BAD_REQUEST, STATUSES, documented_errors, find_operation
from moto_cks.faults.pending import (
    AnyFault,
    BusyFault,
    CallFault,
    ConnectionFault,
    Outage,
    RequestQuotas,
    ResourceQuotas,
    SessionFault,
    Throttle,
    begin,
    end,
    now,
)
from moto_cks.handle.connection_errors import check_code
from moto_cks.handle.presence import Presence, require_mock
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
from moto_cks.kms.models import locate_key_store
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch


class LocalFault(Fault):
    """A fault that is injected; see :class:`moto_cks.handle.protocols.faults.Fault`."""

    def __init__(self, injected: Any) -> None:
        self.injected = injected

    def __repr__(self) -> str:
        found = now(self.injected) if switch.on else None
        return f"<Fault: {self.injected if found is None else found}>"

    def end(self) -> None:
        with WORLD:
            end(self.injected)


def _inject(fault: AnyFault) -> LocalFault:
    with WORLD:
        begin(fault)
    return LocalFault(fault)


class LocalFaultDuring(FaultDuring):
    """A fault that lasts while it is entered, in one world."""

    def __init__(self, call: str, inject: Callable[[], LocalFault]) -> None:
        self._world = Presence(f"The fault {call}")
        super().__init__(call)
        self._inject = inject

    def _begin(self) -> LocalFault:
        with WORLD, self._world:
            return self._inject()


def begun(fault: LocalFaultDuring) -> LocalFault:
    """A fault that is begun for somebody who ends it by the name of what is injected."""
    fault._used = True
    return fault._begin()


class LocalFaults(Faults):
    """The faults; see :class:`moto_cks.handle.protocols.faults.Faults`."""

    def connection_error(
        self, code: InjectedError, *, times: int | None = 1, key_store: AnyKeyStore | None = None
    ) -> LocalFault:
        require_mock()
        check_code(code)
        check_times(times)
        with WORLD:
            key_store_id = None
            if key_store is not None:
                key_store_id = key_store_id_of(key_store)
                locate_key_store(key_store_id)
            return _inject(ConnectionFault(times, code, key_store_id))

    def unreachable(self, cluster_id: AnyCluster) -> LocalFaultDuring:
        found = _existing(cluster_id)
        return LocalFaultDuring(f"unreachable({found!r})", lambda: _inject(Outage(found)))

    def pkcs11_sessions_exhausted(
        self, cluster_id: AnyCluster, *, times: int | None = 1
    ) -> LocalFault:
        require_mock()
        check_times(times)
        with WORLD:
            return _inject(SessionFault(times, _existing(cluster_id)))

    def hsms_busy(self, cluster_id: AnyCluster, *, times: int | None = 1) -> LocalFault:
        require_mock()
        check_times(times)
        with WORLD:
            return _inject(BusyFault(times, _existing(cluster_id)))

    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> LocalFaultDuring:
        require_mock()
        check_quota(requests_per_second)
        return LocalFaultDuring(
            f"throttle({requests_per_second:g})", lambda: _inject(Throttle(requests_per_second))
        )

    def request_quotas(self) -> LocalFaultDuring:
        require_mock()
        return LocalFaultDuring("request_quotas()", lambda: _inject(RequestQuotas()))

    def resource_quotas(
        self, *, clusters: int = CLUSTERS_QUOTA, hsms: int = HSMS_QUOTA
    ) -> LocalFaultDuring:
        require_mock()
        check_resource_quotas(clusters, hsms)
        return LocalFaultDuring(
            f"resource_quotas(clusters={clusters}, hsms={hsms})",
            lambda: _inject(ResourceQuotas(clusters, hsms)),
        )

    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str | None = None,
        times: int | None = 1,
        account_id: str | None = None,
        region: str | None = None,
    ) -> LocalFault:
        require_mock()
        service, name = find_operation(operation)
        documented = documented_errors(service, name)
        if code not in documented:
            possible = ", ".join(sorted(documented))
            raise ValueError(f"{service}:{name} does not document {code!r}, but {possible}.")
        check_times(times)
        return _inject(
            CallFault(
                times,
                service,
                name,
                code,
                documented[code] if message is None else message,
                STATUSES.get(code, BAD_REQUEST),
                account_id,
                region,
            )
        )


def _existing(cluster: AnyCluster) -> str:
    """The ID of a cluster that there is."""
    require_mock()
    cluster_id = cluster_id_of(cluster)
    with WORLD:
        find_cluster_anywhere(cluster_id)
    return cluster_id
