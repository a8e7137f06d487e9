"""What stands in the way of a CloudHSM key store, asked without changing or counting anything.

Each of the questions foresees what a method of :class:`moto_cks.kms.keystores.cloudhsm.store`
would come upon, by the checks that decide there.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from moto.utilities.utils import get_partition

from moto_cks import faults
from moto_cks.account.network import Network, NetworkInterface
from moto_cks.cloudhsmv2.backups import CloudHsmBackup
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import ClusterSession, ReturnCode
from moto_cks.kms.exceptions import (
    KMSInternalException,
    KMSInvalidStateException,
    ThrottlingException,
)
from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.cloudhsm import checks, recovery
from moto_cks.kms.keystores.cloudhsm.connection_errors import (
    Outlook,
    connection_errors,
    login_errors,
)
from moto_cks.kms.keystores.cloudhsm.kmsuser import KnownPassword, refusals


class ForeseeingKeyStore(KeyStore):
    """What of a CloudHSM key store only looks.

    Attributes:
        cluster_id: CloudHsmClusterId.
        cluster_certificate: what a related cluster has in common with the first one.
    """

    cluster_id: str
    cluster_certificate: str
    _password: KnownPassword
    _session: ClusterSession | None
    _interfaces: Mapping[str, NetworkInterface]

    @property
    def foresees(self) -> bool:
        """Always: the cluster is of the simulated world."""
        return True

    @property
    def network(self) -> Network:
        """The network of its account and Region."""
        return Network(self.account_id, self.region)

    @property
    def cluster(self) -> CloudHsmCluster | None:
        """Its cluster; ``None`` where that was deleted."""
        return checks.find_cluster(self.account_id, self.region, self.cluster_id)

    @abstractmethod
    def cuts(self, cluster: CloudHsmCluster) -> Iterator[Finding]:
        """What cuts the way to the cluster, one thing after the other."""

    @property
    def surroundings(self) -> dict[str, Any]:
        """What the commands that mend something need to know of its cluster and its backups."""
        cluster, newest = self.cluster, recovery.newest_backup(self._backups())
        return {
            **super().surroundings,
            **recovery.surroundings(self.cluster_id, cluster, self.network),
            **recovery.told(newest, self._password),
            "younger_keys": recovery.younger_keys(cluster, newest),
        }

    def _backups(self) -> list[CloudHsmBackup]:
        return recovery.related_backups(self.account_id, self.region, self.cluster_certificate)

    def obstacles_to_use(self) -> Iterator[Reason]:
        """What keeps KMS, which is connected, from the HSMs."""
        cluster, session = self.cluster, self._session
        if cluster is None or session is None:
            yield _mute(Finding("cluster-deleted", {"cluster": self.cluster_id}))
            return
        yield from map(_mute, self.cuts(cluster))
        if session.lost is not None:
            yield _mute(Finding("hsm-replaced", {"cluster": self.cluster_id, "hsm": session.lost}))
        fault = faults.coming_session_fault(self.cluster_id)
        if fault is not None:
            finding = Finding("pkcs11-sessions-exhausted", {"times": fault.times})
            yield Reason(finding, KMSInternalException.__name__, When.NOW)
        busy = faults.coming_busy_fault(self.cluster_id)
        if busy is not None:
            finding = Finding("hsms-busy", {"cluster": self.cluster_id, "times": busy.times})
            yield Reason(finding, ThrottlingException.__name__, When.NOW)
        if not session.sessions():
            nobody = checks.hsms_in_one_zone(cluster, self.network)
            closed = checks.mtls_enforced(cluster, self.network)
            if not cluster.active_hsms() and nobody is not None:
                yield _mute(nobody)
            elif closed is not None:
                yield _mute(closed)
            else:  # those that have joined since do not let KMS in
                yield from (_mute(reason.finding) for reason in login_errors(self._outlook()))

    def _is_locked_out(self) -> bool:
        """Whether an HSM of its cluster would tell KMS that kmsuser is locked out."""
        cluster = self.cluster
        if cluster is None:
            return False
        return any(
            ReturnCode.USER_LOCKED_OUT in refusals(hsm, self._password)
            for hsm in cluster.hardware.hsms.values()
        )

    def obstacles_to_creating_key(self) -> Iterator[Reason]:
        """What :meth:`check_before_creating_key` refuses."""
        cluster = self.cluster
        if cluster is not None:
            requirements = (*checks.BEFORE_CREATING_KEY, *checks.TO_GENERATE_KEY)
            yield from checks.unmet(requirements, cluster, self.network, When.CREATION)

    def obstacles_before_connecting(self) -> Iterator[Reason]:
        """What :meth:`check_before_connecting` refuses."""
        cluster = self.cluster
        if cluster is not None:
            requirements = checks.BEFORE_CONNECTING
            yield from checks.unmet(requirements, cluster, self.network, When.NEXT_CONNECT)

    def obstacles_to_connecting(self) -> Iterator[Reason]:
        """What :meth:`attempt_connection` would come upon; KMS will have logged out by then."""
        return connection_errors(self._outlook())

    def _outlook(self) -> Outlook:
        interfaces = [interface.id for interface in self._interfaces.values()]
        return Outlook(self.cluster, self.network, self._password, self._session, interfaces)

    def leftovers(self) -> Iterator[Reason]:
        """Key material in the HSMs whose KMS key is deleted."""
        cluster = self.cluster
        if cluster is not None:
            yield from recovery.quorum_on_users(cluster)
        arns = f"arn:{get_partition(self.region)}:kms:{self.region}:{self.account_id}:key/"
        if cluster is not None:
            yield from recovery.orphans(cluster, arns, self.key_ids)

    def missing_material(self, backing_key: int) -> Finding | None:
        """Whether no HSM has the key, and which backup does.

        Where KMS is connected, the HSMs to which it is logged in count.
        """
        cluster = self.cluster
        if cluster is None or not cluster.active_hsms():
            return None
        hsms = list(cluster.hardware.hsms.values())
        holders = [hsm for hsm in hsms if backing_key in hsm.keys]
        if self.connected and self._session is not None:
            reached = [session.hsm for session in self._session.sessions()]
            holders = [hsm for hsm in holders if not reached or hsm in reached]
        if holders:
            return None
        facts = {"cluster": self.cluster_id, "handle": backing_key, "of": len(hsms)}
        return recovery.missing(facts, self._backups(), self._password)


def _mute(finding: Finding) -> Reason:
    """What KMS makes of it when it cannot communicate with the cluster."""
    return Reason(finding, KMSInvalidStateException.__name__, When.NOW)
