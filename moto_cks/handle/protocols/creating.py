"""What every handle makes of the parameters of what is to be built, wherever the world is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.handle.protocols.cks import (
    CIDR,
    DEFAULT_REGION,
    HSM_TYPE,
    HSMS,
    KMSUSER_PASSWORD,
    SUBNET_PREFIX,
    Cks,
    HsmTypeName,
)
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.handles import AnyCluster
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.handle.protocols.parameters import ClusterParameters, parameters_of_new


class CreatingCks(Cks):
    """A handle that builds clusters and key stores of parameters that have been checked."""

    def create_cluster(
        self,
        *,
        hsms: int = HSMS,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
        kmsuser_password: str = KMSUSER_PASSWORD,
        vpc_id: str | None = None,
        subnet_ids: Sequence[str] = (),
        cidr: str = CIDR,
        subnet_prefix: int = SUBNET_PREFIX,
        zones: Sequence[str] = (),
        hsm_type: HsmTypeName = HSM_TYPE,
    ) -> Cluster:
        return self._build_cluster(
            ClusterParameters(
                hsms=hsms,
                region=region,
                account_id=account_id,
                kmsuser_password=kmsuser_password,
                vpc_id=vpc_id,
                subnet_ids=subnet_ids,
                cidr=cidr,
                subnet_prefix=subnet_prefix,
                zones=zones,
                hsm_type=hsm_type,
            )
        )

    def create_key_store(
        self,
        name: str = "ExampleKeyStore",
        *,
        cluster: AnyCluster | None = None,
        connect: bool = True,
        kmsuser_password: str = KMSUSER_PASSWORD,
        hsms: int | None = None,
        region: str | None = None,
        account_id: str | None = None,
        vpc_id: str | None = None,
        subnet_ids: Sequence[str] | None = None,
        cidr: str | None = None,
        subnet_prefix: int | None = None,
        zones: Sequence[str] | None = None,
        hsm_type: HsmTypeName | None = None,
    ) -> KeyStore:
        parameters = parameters_of_new(
            cluster,
            kmsuser_password,
            hsms=hsms,
            region=region,
            account_id=account_id,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            cidr=cidr,
            subnet_prefix=subnet_prefix,
            zones=zones,
            hsm_type=hsm_type,
        )
        on = cluster if parameters is None else parameters
        assert on is not None  # it is one of them
        return self._build_key_store(name, on, connect, kmsuser_password)

    @abstractmethod
    def _build_cluster(self, parameters: ClusterParameters) -> Cluster:
        """Build a cluster; see :meth:`moto_cks.Cks.create_cluster`."""

    @abstractmethod
    def _build_key_store(
        self, name: str, on: AnyCluster | ClusterParameters, connect: bool, kmsuser_password: str
    ) -> KeyStore:
        """Build a key store on a cluster, or on a new one; see ``create_key_store``."""
