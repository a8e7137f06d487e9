"""The handle on a cluster in this process."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, get_args

from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.hsms import CloudHsm
from moto_cks.cloudhsmv2.models import cloudhsmv2_backend
from moto_cks.cloudhsmv2.settings import OLDER_HSM_TYPE
from moto_cks.cloudhsmv2.world_keys import take_key
from moto_cks.handle.passwords import officer_passwords
from moto_cks.handle.presence import Presence
from moto_cks.handle.protocols.cluster import Cluster, HsmHandle
from moto_cks.hsm import (
    ClusterSession,
    Hsm,
    HsmError,
    KeyObject,
    ReturnCode,
    Session,
    User,
    UserType,
    UserTypeName,
)
from moto_cks.hsm.certificates import sign_csr
from moto_cks.hsm.policies import LevelName, Policies, Service, ServiceName
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.models import kms_backend
from moto_cks.world.identity import identity
from moto_cks.world.lock import WORLD


class Subject:
    """The cluster that a handle is of; in a world that was restored it is another object.

    Args:
        cluster_id: its ID.
        account_id: its account.
        region: its Region.
        seen: the cluster, where it was found already.
    """

    def __init__(
        self, cluster_id: str, account_id: str, region: str, seen: CloudHsmCluster | None
    ) -> None:
        self._id = cluster_id
        self._place = account_id, region
        self._seen = seen
        self._run = identity().run

    def now(self) -> CloudHsmCluster:
        """The cluster, also where it was deleted meanwhile.

        Raises:
            RuntimeError: it was deleted before anybody looked.
        """
        if self._seen is None or self._run != identity().run:
            found = cloudhsmv2_backend(*self._place).find_cluster(self._id)
            if found is None:
                raise RuntimeError(f"Cluster {self._id} is deleted.")
            self._seen, self._run = found, identity().run
        return self._seen


class LocalHsmHandle(HsmHandle):
    """One HSM of a cluster; see :class:`moto_cks.handle.protocols.cluster.HsmHandle`."""

    def __init__(self, hsm: CloudHsm, subject: Subject) -> None:
        super().__init__(hsm.hsm_id, hsm.eni_ip, hsm.availability_zone)
        self._world = Presence(f"HSM {hsm.hsm_id}")
        self._subject = subject

    @property
    def _hardware(self) -> Hsm | None:
        return self._subject.now().hardware.hsms.get(self.id)

    @property
    def users(self) -> tuple[User, ...]:
        with WORLD, self._world:
            hardware = self._hardware
            return () if hardware is None else tuple(user.copy() for user in hardware.users)

    @property
    def keys(self) -> tuple[KeyObject, ...]:
        with WORLD, self._world:
            hardware = self._hardware
            return () if hardware is None else tuple(hardware.keys.values())

    @property
    def policies(self) -> Policies:
        with WORLD, self._world:
            hardware = self._hardware
            return Policies() if hardware is None else hardware.policies


class LocalSession(ClusterSession):
    """A login that ends with its world; otherwise it is one as the tools have it."""

    def __init__(self, world: Presence, *args: Any, **kwargs: Any) -> None:
        self._world = world
        super().__init__(*args, **kwargs)

    def sessions(self) -> list[Session]:
        """The open sessions; those on HSMs that have left the cluster are not.

        Raises:
            RuntimeError: their world is over.
        """
        self._world.require()
        return super().sessions()


class LocalCluster(Cluster):
    """A cluster; see :class:`moto_cks.handle.protocols.cluster.Cluster`."""

    def __init__(self, cluster: CloudHsmCluster | str, account_id: str, region: str) -> None:
        seen = None if isinstance(cluster, str) else cluster
        cluster_id = cluster if isinstance(cluster, str) else cluster.cluster_id
        super().__init__(cluster_id, account_id, region)
        self._world = Presence(f"Cluster {cluster_id}")
        self._subject = Subject(cluster_id, account_id, region, seen)

    @property
    def _cluster(self) -> CloudHsmCluster:
        return self._subject.now()

    def require_world(self) -> None:
        self._world.require()

    @property
    def trust_anchor(self) -> str | None:
        with WORLD, self._world:
            certificates = self._cluster.certificates
            return certificates.trust_anchor or None if certificates is not None else None

    @property
    def admin_password(self) -> str | None:
        with WORLD, self._world:
            return officer_passwords(self.id).get("admin")

    @property
    def vpc_id(self) -> str:
        with WORLD, self._world:
            return self._cluster.vpc_id

    @property
    def subnet_ids(self) -> list[str]:
        with WORLD, self._world:
            return list(self._cluster.subnet_mapping.values())

    @property
    def hsms(self) -> list[HsmHandle]:
        with WORLD, self._world:
            return [LocalHsmHandle(hsm, self._subject) for hsm in self._cluster.active_hsms()]

    def replace_hsm(self, hsm: HsmHandle | str, *, failed: bool = False) -> HsmHandle:
        with WORLD, self._world:
            hsm_id = hsm if isinstance(hsm, str) else hsm.id
            backend = cloudhsmv2_backend(self.account_id, self.region)
            new = backend.replace_hsm(self.id, hsm_id, failed=failed)
            return LocalHsmHandle(new, self._subject)

    # Claiming the cluster --------------------------------------------------------------------

    def sign_csr(self) -> tuple[str, str]:
        with WORLD, self._world:
            certificates = self._cluster.certificates
            if certificates is None:
                raise HsmError(ReturnCode.NO_HSM)
            return sign_csr(certificates.csr, take_key)

    def activate(self, admin_password: str) -> None:
        with WORLD, self._world:
            self._cluster.hardware.activate(admin_password)
            officer_passwords(self.id)["admin"] = admin_password

    # Users -----------------------------------------------------------------------------------

    def create_user(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
        two_factor: bool = False,
    ) -> None:
        with WORLD, self._world:
            for hsm in self._targets(hsms):
                hsm.officer_session().create_user(
                    UserType(user_type), name, password, two_factor=two_factor
                )

    def change_password(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        with WORLD, self._world:
            for hsm in self._targets(hsms):
                hsm.officer_session().change_password(UserType(user_type), name, password)
            if UserType(user_type) is UserType.CO:
                officer_passwords(self.id)[name] = password

    def delete_user(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        with WORLD, self._world:
            for hsm in self._targets(hsms):
                hsm.officer_session().delete_user(UserType(user_type), name)

    def login(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> ClusterSession:
        with WORLD, self._world:
            targets = None if hsms is None else self._targets(hsms)
            hardware = self._cluster.hardware
            kind = UserType(user_type)
            world = Presence(f"The login of {kind} {name}", running=True)
            return LocalSession(world, hardware, kind, name, password, hsms=targets)

    # Policies --------------------------------------------------------------------------------

    def set_quorum_value(
        self,
        service: ServiceName,
        value: int,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        kind = Service(service)
        with WORLD, self._world:
            if kind is Service.CLUSTER:
                self._require_mtls()
            for hsm in self._targets(hsms):
                hsm.officer_session().set_quorum_value(kind, value)

    def register_trust_anchor(
        self, certificate: str, *, hsms: Iterable[HsmHandle | str] | None = None
    ) -> int:
        with WORLD, self._world:
            self._require_mtls()
            targets = self._targets(hsms)
            taken = {number for hsm in targets for number in hsm.policies.trust_anchors}
            reference = next(number for number in itertools.count(1) if number not in taken)
            for hsm in targets:
                hsm.officer_session().register_trust_anchor(reference, certificate)
            return reference

    def set_mtls_enforcement(
        self, level: LevelName, *, hsms: Iterable[HsmHandle | str] | None = None
    ) -> None:
        if level not in get_args(LevelName):
            raise ValueError(f"The level is {' or '.join(get_args(LevelName))}, not {level!r}.")
        with WORLD, self._world:
            self._require_mtls()
            for hsm in self._targets(hsms):
                hsm.officer_session().set_mtls_enforcement(level == "cluster")

    def _require_mtls(self) -> None:
        cluster = self._cluster
        if cluster.hsm_type == OLDER_HSM_TYPE:
            raise ValueError(
                f"The HSMs of {self.id} are of {cluster.hsm_type}, without mutual TLS."
            )

    # Keys ------------------------------------------------------------------------------------

    def key_of(self, key_id: str) -> int:
        with WORLD, self._world:
            keys = kms_backend(self.account_id, self.region)
            key = keys.resolve(key_id)
            if isinstance(key, CustomKeyStoreKey):
                store = key.key_store
                if isinstance(store, CloudHsmKeyStore) and store.is_related_to(self._cluster):
                    return int(key.backing_key)
            raise KeyError(f"There is no KMS key {key_id} with its material in {self.id}")

    def delete_key(self, handle: int, *, hsms: Iterable[HsmHandle | str] | None = None) -> None:
        with WORLD, self._world:
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
