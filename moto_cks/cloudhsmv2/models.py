"""The CloudHSM of an account in a Region.

See the AWS CloudHSM API Reference. Requests come here after their parameters have been held
against the service model; every other rule is checked before anything is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter, itemgetter
from typing import Any, cast

from moto.cloudhsmv2.models import cloudhsmv2_backends

from moto_cks import faults
from moto_cks.account.addresses import NoFreeAddressError
from moto_cks.account.network import Network, NetworkInterface
from moto_cks.account.service_roles import CLOUDHSM_ROLE, ServiceRoles
from moto_cks.cloudhsmv2.audit_logs import AuditLogs
from moto_cks.cloudhsmv2.backup_operations import BackupOperations
from moto_cks.cloudhsmv2.backups import MAKE_CLUSTER, CloudHsmBackup
from moto_cks.cloudhsmv2.cluster_description import describe_cluster
from moto_cks.cloudhsmv2.cluster_states import ClusterState
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException, no_such
from moto_cks.cloudhsmv2.filters import CLUSTER_FILTERS, Description, Filters, Selection
from moto_cks.cloudhsmv2.hsms import CloudHsm, HsmState
from moto_cks.cloudhsmv2.inherited import inherited_clusters
from moto_cks.cloudhsmv2.paging import Pages
from moto_cks.cloudhsmv2.settings import (
    Origin,
    check_hsm_type,
    choose_settings,
    place,
    retention_days,
    warn_of_retired,
)
from moto_cks.cloudhsmv2.tags import read_tags
from moto_cks.cloudhsmv2.vault import BackupVault
from moto_cks.world import ids
from moto_cks.world.backends import backend_of

CLUSTERS_PAGE = 25
"""The most clusters on a page."""


class CksCloudHSMV2Backend(BackupOperations):
    """CloudHSM with clusters that have hardware, states, networks and backups.

    moto's own attributes (``clusters``, ``backups``, ``tags``, ``resource_policies``) hold what
    moto made before this class took over, and are left alone.

    Attributes:
        hsm_clusters: the clusters by ID, oldest first, also deleted ones that are still shown.
        vault: the backups.
        network: the network of the account and Region.
        audit_logs: the audit logs of the HSMs.
    """

    hsm_clusters: dict[str, CloudHsmCluster]
    network: Network

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.adopt()

    def adopt(self) -> None:
        """Begin to act in the place of moto's backend, with what was here before, if anything."""
        if "hsm_clusters" in self.__dict__:
            return
        self.hsm_clusters = {}
        self.vault = BackupVault(
            f"arn:{self.partition}:cloudhsm:{self.region_name}:{self.account_id}"
        )
        self.network = Network(self.account_id, self.region_name)
        self.audit_logs = AuditLogs(self.network)

    def release(self) -> None:
        """Let moto's backend act again. It finds its own attributes as it left them."""

    # Clusters --------------------------------------------------------------------------------

    def find_cluster(self, cluster_id: str) -> CloudHsmCluster | None:
        """A cluster, or ``None`` if there is none or it is deleted."""
        cluster = self.hsm_clusters.get(cluster_id)
        if cluster is None or cluster.state is ClusterState.DELETED:
            return None
        return cluster

    def _cluster(self, cluster_id: str) -> CloudHsmCluster:
        cluster = self.find_cluster(cluster_id)
        if cluster is None:
            raise no_such("Cluster", cluster_id)
        return cluster

    def create_cluster(
        self,
        backup_retention_policy: dict[str, str] | None = None,
        hsm_type: str = "",
        source_backup_id: str | None = None,
        subnet_ids: list[str] | None = None,
        network_type: str | None = None,
        tag_list: list[dict[str, str]] | None = None,
        mode: str | None = None,
    ) -> dict[str, Any]:
        """A cluster without HSMs, new or from a backup.

        Raises:
            CloudHsmInvalidRequestException: the type, mode, network type, retention or subnets are
                not possible, or the source backup is not READY or does not go with them; or a
                quota is used up.
            CloudHsmResourceNotFoundException: there is no such backup in this account and Region.
            CloudHsmTagException: see :func:`moto_cks.cloudhsmv2.tags.read_tags`.

        Warns:
            RetiredHsmTypeWarning: AWS would refuse the type.
        """
        source = self._source_backup(source_backup_id)
        origin = Origin(source.hsm_type, source.mode) if source else None
        settings = choose_settings(hsm_type, mode, origin, network_type, backup_retention_policy)
        tags = read_tags(tag_list)
        placement = place(self.network, subnet_ids or [])
        quotas = faults.resource_quotas()
        if quotas is not None:
            self._check_quota(quotas.clusters, "clusters", len(list(self._existing())))
        warn_of_retired(hsm_type)
        ServiceRoles(self.account_id, self.region_name).ensure(CLOUDHSM_ROLE)
        cluster_id = ids.cloudhsm_id("cluster")
        group_id = self.network.create_cluster_security_group(cluster_id, placement.vpc_id)
        cluster = CloudHsmCluster(
            cluster_id=cluster_id,
            placement=placement,
            security_group_id=group_id,
            network=self.network,
            vault=self.vault,
            settings=settings,
            tags=tags,
            audit_logs=self.audit_logs,
            source=source,
        )
        self.hsm_clusters[cluster_id] = cluster
        return describe_cluster(cluster, ClusterState.CREATE_IN_PROGRESS)

    def _existing(self) -> Iterator[CloudHsmCluster]:
        return (found for each in self.hsm_clusters if (found := self.find_cluster(each)))

    def _check_quota(self, quota: int, things: str, number: int) -> None:
        if number >= quota:
            raise CloudHsmInvalidRequestException(
                f"The account has {number} {things} in {self.region_name}, and a quota of {quota}"
            )

    def take_back(self, cluster_id: str) -> None:
        """Undo that a cluster was created, with all that came of it; its records stay."""
        self.hsm_clusters.pop(cluster_id).take_back()
        del self.audit_logs.books[cluster_id]

    def _source_backup(self, backup_id_or_arn: str | None) -> CloudHsmBackup | None:
        if backup_id_or_arn is None:
            return None
        backup = self._backup(backup_id_or_arn.split("/")[-1], named=backup_id_or_arn)
        backup.require(MAKE_CLUSTER)
        return backup

    def initialize_cluster(
        self, cluster_id: str, signed_cert: str, trust_anchor: str
    ) -> dict[str, Any]:
        """Claim a cluster with a certificate that the customer's CA has signed.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster.
            CloudHsmInvalidRequestException: see :meth:`CloudHsmCluster.initialize`.
        """
        return self._cluster(cluster_id).initialize(signed_cert, trust_anchor)

    def modify_cluster(
        self,
        cluster_id: str,
        hsm_type: str | None = None,
        backup_retention_policy: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Give a cluster another type of HSMs, or its backups another retention.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster.
            CloudHsmInvalidRequestException: nothing is to be changed, the type or the retention
                is not possible, or see :meth:`CloudHsmCluster.modify`.
        """
        cluster = self._cluster(cluster_id)
        if hsm_type is None and backup_retention_policy is None:
            raise CloudHsmInvalidRequestException(
                "HsmType or BackupRetentionPolicy must be specified"
            )
        if hsm_type is not None:
            check_hsm_type(hsm_type)
        days = retention_days(backup_retention_policy) if backup_retention_policy else None
        state = cluster.modify(hsm_type, days)
        return describe_cluster(cluster, state)

    def delete_cluster(self, cluster_id: str) -> dict[str, Any]:
        """Begin to delete a cluster that has no HSM.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster.
            CloudHsmInvalidRequestException: see :meth:`CloudHsmCluster.delete`.
        """
        cluster = self._cluster(cluster_id)
        cluster.delete()
        return describe_cluster(cluster, ClusterState.DELETE_IN_PROGRESS)

    def describe_clusters(  # type: ignore[override]
        self,
        filters: Filters | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> tuple[list[Description], str | None]:
        """``DescribeClusters``: a page of clusters, oldest first, and the next page's token.

        Raises:
            CloudHsmInvalidRequestException: a filter or the token is not valid.
        """
        selection = Selection(filters, CLUSTER_FILTERS)
        pages = Pages(["DescribeClusters", selection.filters], next_token)
        clusters, inherited = self._selected_clusters(selection), inherited_clusters(self)
        name = itemgetter("ClusterId")
        pages.check([*map(name, inherited), *(cluster.cluster_id for cluster in clusters)])
        for cluster in clusters:
            cluster.advance()
        return pages.page(
            [*inherited, *(describe_cluster(cluster) for cluster in clusters)],
            name,
            int(max_results or CLUSTERS_PAGE),
            selection.__contains__,
        )

    def _selected_clusters(self, selection: Selection) -> list[CloudHsmCluster]:
        cluster_ids = selection.ids("clusterIds")
        if cluster_ids is None:
            cluster_ids = list(self.hsm_clusters)
        clusters = [self.hsm_clusters[i] for i in cluster_ids if i in self.hsm_clusters]
        for cluster in clusters:
            if cluster.forgotten:
                del self.hsm_clusters[cluster.cluster_id]
        return sorted(
            (cluster for cluster in clusters if cluster.cluster_id in self.hsm_clusters),
            key=attrgetter("create_timestamp"),
        )

    # HSMs ------------------------------------------------------------------------------------

    def create_hsm(
        self, cluster_id: str, availability_zone: str, ip_address: str | None = None
    ) -> dict[str, Any]:
        """An HSM for a cluster, with a network interface in one of its subnets.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster.
            CloudHsmInvalidRequestException: see :meth:`CloudHsmCluster.check_room`; or the subnet
                is gone or full, or the address is not one of its free ones; or a quota is used up.
        """
        cluster = self._cluster(cluster_id)
        subnet_id = cluster.check_room(availability_zone)
        quotas = faults.resource_quotas()
        if quotas is not None:
            self._check_quota(quotas.hsms, "HSMs", sum(len(e.hsms) for e in self._existing()))
        hsm_id = ids.cloudhsm_id("hsm")
        interface = self._create_interface(cluster, subnet_id, hsm_id, ip_address)
        hsm = cluster.add_hsm(hsm_id, availability_zone, interface)
        return hsm.describe(HsmState.CREATE_IN_PROGRESS)

    def _create_interface(
        self, cluster: CloudHsmCluster, subnet_id: str, hsm_id: str, address: str | None
    ) -> NetworkInterface:
        if self.network.subnet(subnet_id) is None:
            raise CloudHsmInvalidRequestException(f"Subnet '{subnet_id}' does not exist")
        try:
            return self.network.create_interface(
                subnet_id, [cluster.security_group_id], f"CloudHsm ENI {hsm_id}", address
            )
        except NoFreeAddressError:
            raise CloudHsmInvalidRequestException(
                f"Subnet '{subnet_id}' has no free IP address"
            ) from None
        except ValueError:
            raise CloudHsmInvalidRequestException(
                f"IP address '{address}' is not available in subnet '{subnet_id}'"
            ) from None

    def delete_hsm(
        self,
        cluster_id: str,
        hsm_id: str | None = None,
        eni_id: str | None = None,
        eni_ip: str | None = None,
    ) -> str:
        """``DeleteHsm``: one of the identifiers is enough; if there are more, all must fit.

        Returns:
            The ID of the HSM.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster or HSM.
            CloudHsmInvalidRequestException: no identifier is given, or see
                :meth:`CloudHsmCluster.remove_hsm`.
        """
        cluster = self._cluster(cluster_id)
        if hsm_id is None and eni_id is None and eni_ip is None:
            raise CloudHsmInvalidRequestException("HsmId, EniId or EniIp must be specified")
        hsm = cluster.find_hsm(hsm_id, eni_id, eni_ip)
        if hsm is None:
            raise no_such("HSM", hsm_id or eni_id or eni_ip or "")
        cluster.remove_hsm(hsm)
        return hsm.hsm_id

    def replace_hsm(self, cluster_id: str, hsm_id: str, *, failed: bool) -> CloudHsm:
        """Put another HSM in the place of one, as AWS does without being called.

        Returns:
            The new one.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster.
            ValueError: it has no such HSM in service, or its state does not last.
        """
        cluster = self._cluster(cluster_id)
        active = {hsm.hsm_id: hsm for hsm in cluster.active_hsms()}
        if hsm_id not in active:
            raise ValueError(f"No active HSM of {cluster_id}: {hsm_id}")
        if not cluster.lasts:
            raise ValueError(
                f"{cluster_id} is {cluster.state.value}: AWS replaces no HSM of it now."
            )
        return cluster.replace_hsm(active[hsm_id], ids.cloudhsm_id("hsm"), failed=failed)


# Looking clusters up -----------------------------------------------------------------------------


def cloudhsmv2_backend(account_id: str, region: str) -> CksCloudHSMV2Backend:
    """CloudHSM in an account and Region."""
    return cast(CksCloudHSMV2Backend, backend_of(cloudhsmv2_backends, account_id, region))


def clusters_anywhere() -> Iterator[CloudHsmCluster]:
    """The clusters of all accounts and Regions, but for those that are deleted."""
    for _, _, backend in _backends():
        for cluster_id in backend.hsm_clusters:
            cluster = backend.find_cluster(cluster_id)
            if cluster is not None:
                yield cluster


def find_cluster_anywhere(cluster_id: str) -> tuple[CloudHsmCluster, str, str]:
    """A cluster by its ID alone, with its account and its Region.

    Raises:
        KeyError: there is no such cluster in any account and Region, or it is deleted.
    """
    for account_id, region, backend in _backends():
        cluster = backend.find_cluster(cluster_id)
        if cluster is not None:
            return cluster, account_id, region
    raise KeyError(f"There is no cluster {cluster_id}")


def _backends() -> Iterator[tuple[str, str, CksCloudHSMV2Backend]]:
    for account_id, region, backend in cloudhsmv2_backends.iter_backends():
        yield account_id, region, cast(CksCloudHSMV2Backend, backend)
