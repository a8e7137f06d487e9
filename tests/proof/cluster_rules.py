"""What befalls clusters: HSMs come and go, backups, the network, faults, and time."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.proof.hardware import Cluster
from tests.proof.machine import BACKUPS, CLUSTERS, STORES, Machine
from tests.proof.real import Backup, RealCluster, RealStore
from tests.proof.states import refused
from tests.proof.stores import DAY

LONGEST = 60 * DAY  # backups are kept for 90 days
MOST_HSMS, MOST_CLUSTERS = 4, 5


class ClusterRules(Machine):
    """Rules for clusters and what is around them."""

    # CloudHSM --------------------------------------------------------------------------------

    @rule(cluster=CLUSTERS, zone=st.integers(0, 2))
    def create_hsm(self, cluster: RealCluster, zone: int) -> None:
        model = cluster.model
        if len(model.hsms) < MOST_HSMS and not self.tools_at(cluster):
            self._create_hsm(cluster, model.zones[zone])

    def _create_hsm(self, cluster: RealCluster, zone: str) -> None:
        expected = refused("CloudHsmResourceNotFoundException") if cluster.model.deleted else None
        self.scene.call(
            cluster.home,
            "cloudhsmv2",
            "CreateHsm",
            expected,
            ClusterId=cluster.id,
            AvailabilityZone=zone,
        )
        if expected is None:
            store = self.scene.store_of(cluster.model)
            cluster.model.add(zone, kms=store is not None and store.model.logged_in)

    @rule(cluster=CLUSTERS, number=st.integers(0, MOST_HSMS - 1))
    def delete_hsm(self, cluster: RealCluster, number: int) -> None:
        if number < len(cluster.model.hsms):
            hsm = self.world.cluster(cluster.id).hsms[number]
            parameters = {"ClusterId": cluster.id, "HsmId": hsm.id}
            self.scene.call(cluster.home, "cloudhsmv2", "DeleteHsm", None, **parameters)
            cluster.model.remove(number)

    @rule(cluster=CLUSTERS)
    def delete_cluster(self, cluster: RealCluster) -> None:
        if cluster.model.deleted:
            return
        expected = refused("CloudHsmInvalidRequestException") if cluster.model.hsms else None
        it = {"ClusterId": cluster.id}
        self.scene.call(cluster.home, "cloudhsmv2", "DeleteCluster", expected, **it)
        cluster.model.deleted = expected is None

    @rule(cluster=CLUSTERS)
    def back_up(self, cluster: RealCluster) -> None:
        """A new HSM makes a backup, and so does one that goes."""
        model = cluster.model
        if model.hsms and model.alike and not self.tools_at(cluster):
            self._create_hsm(cluster, model.zones[0])
            self.delete_hsm(cluster, len(model.hsms) - 1)
        elif model.hsms:
            return
        backup = self.scene.newest_backup(cluster)
        number = len(self.scene.backups)
        self.scene.backups.append(Backup(number, cluster, backup, model.last))

    @precondition(lambda self: self.scene.backups)
    @rule(backup=BACKUPS, hsms=st.sampled_from([1, 2, 2, 2]))
    def restore(self, backup: Backup, hsms: int) -> None:
        if len(self.scene.clusters) > MOST_CLUSTERS:
            return
        old = backup.cluster
        answer = self.scene.call(
            old.home,
            "cloudhsmv2",
            "CreateCluster",
            None,
            HsmType="hsm2m.medium",
            Mode="FIPS",
            SubnetIds=self.subnets[old.model.family],
            SourceBackupId=backup.id,
        )
        made = answer["Cluster"]["ClusterId"]
        model = Cluster(old.model.family, old.model.zones, [], backup.content)
        cluster = RealCluster(len(self.scene.clusters), old.home, made, model)
        self.scene.clusters.append(cluster)
        for zone in model.zones[:hsms]:
            self._create_hsm(cluster, zone)

    # The network, faults, and time -----------------------------------------------------------

    @rule(cluster=CLUSTERS)
    def close_ports(self, cluster: RealCluster) -> None:
        if cluster.model.ports and not cluster.model.deleted:
            group = self.scene.group_of(cluster)
            self.rules[cluster.id] = {
                "GroupId": group["GroupId"],
                "IpPermissions": group["IpPermissions"],
            }
            cluster.home.client("ec2").revoke_security_group_ingress(**self.rules[cluster.id])
            cluster.model.ports = False

    @precondition(lambda self: not all(c.model.ports for c in self.scene.clusters))
    @rule(cluster=CLUSTERS)
    def open_ports(self, cluster: RealCluster) -> None:
        if not cluster.model.ports and not cluster.model.deleted:
            cluster.home.client("ec2").authorize_security_group_ingress(**self.rules[cluster.id])
            cluster.model.ports = True

    @rule(cluster=CLUSTERS)
    def cut_or_mend(self, cluster: RealCluster) -> None:
        if cluster.model.deleted:
            return
        if cluster.model.cut_off:
            self.cut.pop(cluster.id).close()
        else:
            self.cut[cluster.id] = stack = contextlib.ExitStack()
            stack.enter_context(self.world.faults.unreachable(cluster.id))
        cluster.model.cut_off = not cluster.model.cut_off

    @rule(cluster=CLUSTERS, times=st.integers(1, 3))
    def exhaust_sessions(self, cluster: RealCluster, times: int) -> None:
        if not cluster.model.deleted:
            self.world.faults.pkcs11_sessions_exhausted(cluster.id, times=times)
            cluster.model.exhausted += times

    @rule(store=STORES, code=st.sampled_from(["INTERNAL_ERROR", "NETWORK_ERRORS"]))
    def fail_connecting(self, store: RealStore, code: Any) -> None:
        if not store.model.deleted:
            self.world.faults.connection_error(code, key_store=store.id)
            store.model.faults.append(code)

    @rule(minutes=st.sampled_from([3, 7, 11, 60, DAY, 7 * DAY, 31 * DAY]))
    def advance(self, minutes: int) -> None:
        if self.schedule.now + minutes <= LONGEST:
            self.world.clock.advance(minutes=minutes)
            self.schedule.advance(minutes)
