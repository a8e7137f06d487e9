"""The model of a custom key store in a CloudHSM cluster."""

from __future__ import annotations

import itertools

from tests.proof.hardware import Cluster
from tests.proof.states import UNSURE, Refusal, refused
from tests.proof.stores import NOT_CONNECTED, Ciphertext, Key, Store

CLOSED = refused(
    "KMSInvalidStateException",
    message=(
        "KMS cannot communicate with your CloudHSM cluster. This might be a transient network "
        "issue. If you see this error repeatedly, verify that the Network ACLs and the security "
        "group rules for the VPC of your AWS CloudHSM cluster are correct."
    ),
)
NO_SESSION = refused("KMSInternalException")
TOO_FEW_HSMS = refused("CloudHsmClusterInvalidConfigurationException")
NO_ANSWER = refused("DependencyTimeoutException")


class ClusterStore(Store):
    """A custom key store in a cluster.

    Args:
        cluster: where its key material is.
        password: what KMS is told of kmsuser.
        takes: how many minutes connecting and disconnecting take; 0 for none.
    """

    _passwords = itertools.count()

    def __init__(self, cluster: Cluster, password: str, takes: int) -> None:
        super().__init__(takes)
        self.cluster, self.password = cluster, password
        self.logged_in = False

    # Connecting (C5) -------------------------------------------------------------------------

    def before_connecting(self) -> Refusal | None:
        return TOO_FEW_HSMS if not self.cluster.deleted and not self.cluster.ports else None

    def end_connecting(self) -> None:
        super().end_connecting()
        if self.state == "CONNECTED":
            for key in self.keys:
                key.lost = False

    def attempt(self) -> frozenset[str]:
        error = self._attempt()
        return frozenset({error} if error else ())

    def _attempt(self) -> str | None:
        """What an attempt comes upon first, in the order in which it looks."""
        hsms = self.cluster.hsms
        if self.cluster.deleted:
            return "CLUSTER_NOT_FOUND"
        if not hsms:
            return "INSUFFICIENT_CLOUDHSM_HSMS"
        if not self.cluster.reachable:
            return "NETWORK_ERRORS"
        for hsm in hsms:
            if error := hsm.admit(self.password):
                return error
        self.password = f"of KMS, number {next(self._passwords)}"
        for hsm in hsms:
            assert hsm.user is not None
            hsm.user.password, hsm.kms = self.password, True
        self.logged_in = True
        return None

    def hang_up(self) -> None:
        """Now only KMS logs out, who stays logged in until the store is disconnected (P1)."""
        self.logged_in = False
        for hsm in self.cluster.hsms:
            hsm.kms = False

    # The key store (K4, K5, K7) --------------------------------------------------------------

    def tell(self, password: str) -> Refusal | None:
        if self.state != "DISCONNECTED":
            return NOT_CONNECTED
        self.password = password
        return None

    def point(self, cluster: Cluster) -> Refusal | None:
        if self.state != "DISCONNECTED":
            return NOT_CONNECTED
        if cluster.deleted:
            return refused("CloudHsmClusterNotFoundException")
        if cluster.family != self.cluster.family:
            return refused("CloudHsmClusterNotRelatedException")
        if not cluster.spans_two_zones or not cluster.ports:
            return TOO_FEW_HSMS
        self.cluster = cluster
        return None

    def random(self) -> Refusal | None:
        if self.state != "CONNECTED":
            return NOT_CONNECTED
        if not self.cluster.reachable:
            return NO_ANSWER
        return None if self.cluster.take_session() else NO_SESSION

    # Keys (F, O) -----------------------------------------------------------------------------

    def create_key(self) -> Refusal | None:
        if self.state != "CONNECTED":
            return NOT_CONNECTED
        if not self.cluster.spans_two_zones or self.cluster.deleted or not self.cluster.ports:
            return TOO_FEW_HSMS
        return NO_ANSWER if self.cluster.cut_off else None

    def use(self, operation: str, key: Key, sealed: Ciphertext | None = None) -> Refusal | None:
        if refusal := self.allows(operation, key):
            return refusal
        if not self.cluster.reachable:
            return CLOSED
        if not self.cluster.take_session():
            return NO_SESSION
        if not self.cluster.has_material(key.id):
            key.lost = True
            return _gone(key)
        return None

    def foresees(
        self, operation: str, key: Key, sealed: Ciphertext | None = None
    ) -> Refusal | None:
        if refusal := self.allows(operation, key):
            return refusal
        if not self.cluster.reachable:
            return CLOSED
        if self.cluster.exhausted:
            return UNSURE  # others may have used up by then that there is none
        return _gone(key) if self.misses(key) else None

    def forget(self) -> None:
        """It is not counted what HSMs are asked."""

    def misses(self, key: Key) -> bool:
        return not key.lost and not self.cluster.has_material(key.id)

    def end_material(self, key: Key) -> str:
        """KMS tries once to delete the material (O1 to O4)."""
        works = (
            self.state == "CONNECTED"
            and self.cluster.reachable
            and self.cluster.has_material(key.id)
        )
        if works:
            self.cluster.erase(key.id)
        return "SUCCESS" if works else "FAILURE"


def _gone(key: Key) -> Refusal:
    return refused("KMSInvalidStateException", message=f"{key.arn} is unavailable.")
