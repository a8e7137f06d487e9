"""The handle on a cluster in this process."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.hsms import CloudHsm
from moto_cks.cloudhsmv2.world_keys import take_key
from moto_cks.handle.protocols.cluster import Cluster, HsmHandle
from moto_cks.hsm import (
    ClusterSession,
    Hsm,
    HsmCluster,
    HsmError,
    KeyObject,
    ReturnCode,
    User,
    UserType,
)
from moto_cks.hsm.certificates import sign_csr
from moto_cks.world.lock import WORLD

# What the handles have set. Not an attribute of the cluster: moto's dashboard shows those.
_PASSWORDS: WeakKeyDictionary[HsmCluster, dict[str, str]] = WeakKeyDictionary()


def _officer_passwords(cluster: CloudHsmCluster) -> dict[str, str]:
    return _PASSWORDS.setdefault(cluster.hardware, {})


class LocalHsmHandle(HsmHandle):
    """One HSM of a cluster; see :class:`moto_cks.handle.protocols.cluster.HsmHandle`."""

    def __init__(self, hsm: CloudHsm, hardware: Hsm) -> None:
        super().__init__(hsm.hsm_id, hsm.eni_ip, hsm.availability_zone)
        self._hardware = hardware

    @property
    def users(self) -> tuple[User, ...]:
        with WORLD:
            return tuple(user.copy() for user in self._hardware.users)

    @property
    def keys(self) -> tuple[KeyObject, ...]:
        with WORLD:
            return tuple(self._hardware.keys.values())


class LocalCluster(Cluster):
    """A cluster; see :class:`moto_cks.handle.protocols.cluster.Cluster`."""

    def __init__(self, cluster: CloudHsmCluster, account_id: str, region: str) -> None:
        super().__init__(cluster.cluster_id, account_id, region)
        self._cluster = cluster

    @property
    def trust_anchor(self) -> str | None:
        certificates = self._cluster.certificates
        return certificates.trust_anchor or None if certificates is not None else None

    @property
    def admin_password(self) -> str | None:
        return _officer_passwords(self._cluster).get("admin")

    @property
    def vpc_id(self) -> str:
        return self._cluster.vpc_id

    @property
    def subnet_ids(self) -> list[str]:
        return list(self._cluster.subnet_mapping.values())

    @property
    def hsms(self) -> list[HsmHandle]:
        with WORLD:
            hardware = self._cluster.hardware
            return [
                LocalHsmHandle(hsm, hardware.hsms[hsm.hsm_id])
                for hsm in self._cluster.active_hsms()
            ]

    # Claiming the cluster --------------------------------------------------------------------

    def sign_csr(self) -> tuple[str, str]:
        with WORLD:
            certificates = self._cluster.certificates
            if certificates is None:
                raise HsmError(ReturnCode.NO_HSM)
            return sign_csr(certificates.csr, take_key)

    def activate(self, admin_password: str) -> None:
        with WORLD:
            self._cluster.hardware.activate(admin_password)
            _officer_passwords(self._cluster)["admin"] = admin_password

    # Users -----------------------------------------------------------------------------------

    def create_user(
        self,
        user_type: UserType | str,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
        two_factor: bool = False,
    ) -> None:
        with WORLD:
            for hsm in self._targets(hsms):
                hsm.officer_session().create_user(
                    UserType(user_type), name, password, two_factor=two_factor
                )

    def change_password(
        self,
        user_type: UserType | str,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        with WORLD:
            for hsm in self._targets(hsms):
                hsm.officer_session().change_password(UserType(user_type), name, password)
            if UserType(user_type) is UserType.CO:
                _officer_passwords(self._cluster)[name] = password

    def delete_user(
        self,
        user_type: UserType | str,
        name: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        with WORLD:
            for hsm in self._targets(hsms):
                hsm.officer_session().delete_user(UserType(user_type), name)

    def login(
        self,
        user_type: UserType | str,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> ClusterSession:
        with WORLD:
            targets = None if hsms is None else self._targets(hsms)
            return ClusterSession(
                self._cluster.hardware, UserType(user_type), name, password, hsms=targets
            )

    # Keys ------------------------------------------------------------------------------------

    def delete_key(self, handle: int, *, hsms: Iterable[HsmHandle | str] | None = None) -> None:
        with WORLD:
            found = [hsm.destroy_key(handle) for hsm in self._targets(hsms)]
            if not any(found):
                raise HsmError(ReturnCode.KEY_NOT_FOUND)

    def _targets(self, chosen: Iterable[HsmHandle | str] | None) -> list[Hsm]:
        active = [hsm.id for hsm in self.hsms]
        if chosen is not None:
            ids = [hsm if isinstance(hsm, str) else hsm.id for hsm in chosen]
            unknown = set(ids) - set(active)
            if unknown:
                raise ValueError(f"No active HSM of {self.id}: {', '.join(sorted(unknown))}")
            active = ids
        if not active:
            raise HsmError(ReturnCode.NO_HSM)
        return [self._cluster.hardware.hsms[hsm_id] for hsm_id in active]
