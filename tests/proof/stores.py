"""The model of a custom key store and its keys."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from tests.proof.hardware import Cluster
from tests.proof.states import Refusal, by_state, refused

DAY = 24 * 60
"""In minutes, which all times are in."""

CLOSED = refused(
    "KMSInvalidStateException", message="KMS cannot communicate with your CloudHSM cluster"
)
NO_SESSION = refused("KMSInternalException")
NOT_CONNECTED = refused("CustomKeyStoreInvalidStateException")
TOO_FEW_HSMS = refused("CloudHsmClusterInvalidConfigurationException")
NO_ANSWER = refused("DependencyTimeoutException")


@dataclass
class Key:
    """A KMS key in a key store.

    Attributes:
        id: its key ID.
        arn: its key ARN.
        enabled: what it is, or will be once it is available (U5).
        until: when it is deleted, or ``None``.
        lost: whether KMS has noticed that its material is gone (F3).
        deleted: whether it is gone for good.
        begun: names the waiting period.
        ciphertexts: what it encrypted, plaintext first.
    """

    id: str
    arn: str
    enabled: bool = True
    until: int | None = None
    lost: bool = False
    deleted: bool = False
    begun: int = 0
    ciphertexts: list[tuple[bytes | None, bytes]] = field(default_factory=list)


class Store:
    """A custom key store.

    Args:
        cluster: where its key material is.
        password: what KMS is told of kmsuser.
        takes: how many minutes connecting and disconnecting take; 0 for none.
    """

    _passwords = itertools.count()

    def __init__(self, cluster: Cluster, password: str, takes: int) -> None:
        self.cluster, self.takes = cluster, takes
        self.password = password
        self.state, self.error = "DISCONNECTED", None
        self.keys: list[Key] = []
        self.faults: list[str] = []
        self.ended: list[tuple[str, str]] = []
        self.deleted = False
        self.logged_in = False
        self.begun = 0

    error: str | None
    state: str

    # Connecting (C1 to C5) -------------------------------------------------------------------

    def connect(self) -> Refusal | None:
        if self.state in ("CONNECTED", "CONNECTING"):
            return None
        if self.state != "DISCONNECTED":
            return NOT_CONNECTED
        if not self.cluster.deleted and not self.cluster.ports:
            return TOO_FEW_HSMS
        self.state = "CONNECTING"
        return None

    def end_connecting(self) -> None:
        self.error = self._attempt()
        self.state = "FAILED" if self.error else "CONNECTED"
        if self.error is None:
            for key in self.keys:
                key.lost = False

    def _attempt(self) -> str | None:
        """What an attempt comes upon first, in the order in which it looks."""
        hsms = self.cluster.hsms
        if self.faults:
            return self.faults.pop(0)
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

    def disconnect(self) -> Refusal | None:
        if self.state in ("DISCONNECTED", "DISCONNECTING"):
            return NOT_CONNECTED
        self.state, self.error = "DISCONNECTING", None
        return None

    def end_disconnecting(self) -> None:
        """Now only KMS logs out, who stays logged in until the store is disconnected (P1)."""
        self.state, self.logged_in = "DISCONNECTED", False
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

    def delete(self) -> Refusal | None:
        reasons = set()
        if self.state != "DISCONNECTED":
            reasons.add("CustomKeyStoreInvalidStateException")
        if any(not key.deleted for key in self.keys):
            reasons.add("CustomKeyStoreHasCMKsException")
        if reasons:
            return refused(*reasons)
        self.deleted = True
        return None

    def random(self) -> Refusal | None:
        if self.state != "CONNECTED":
            return NOT_CONNECTED
        if not self.cluster.reachable:
            return NO_ANSWER
        return None if self.cluster.take_session() else NO_SESSION

    # Keys (U, F, O) --------------------------------------------------------------------------

    def create_key(self) -> Refusal | None:
        if self.state != "CONNECTED":
            return NOT_CONNECTED
        if not self.cluster.spans_two_zones or self.cluster.deleted or not self.cluster.ports:
            return TOO_FEW_HSMS
        return NO_ANSWER if self.cluster.cut_off else None

    def state_of(self, key: Key) -> str:
        if key.until is not None:
            return "PendingDeletion"
        if self.state != "CONNECTED" or key.lost:
            return "Unavailable"
        return "Enabled" if key.enabled else "Disabled"

    def allows(self, operation: str, key: Key) -> Refusal | None:
        """What an operation answers as far as the key's state decides."""
        if key.deleted:
            return refused("NotFoundException")
        return by_state(operation, self.state_of(key), key.arn)

    def use(self, operation: str, key: Key) -> Refusal | None:
        """Use a key's material for a cryptographic operation."""
        if refusal := self.allows(operation, key):
            return refusal
        if not self.cluster.reachable:
            return CLOSED
        if not self.cluster.take_session():
            return NO_SESSION
        if not self.cluster.has_material(key.id):
            key.lost = True
            return refused("KMSInvalidStateException", message=f"{key.arn} is unavailable.")
        return None

    def manage(self, operation: str, key: Key) -> Refusal | None:
        """Do something that changes at most whether the key is enabled."""
        if refusal := self.allows(operation, key):
            return refusal
        if operation in ("EnableKey", "DisableKey"):
            key.enabled = operation == "EnableKey"
        return None

    def schedule(self, key: Key, until: int) -> Refusal | None:
        if refusal := self.allows("ScheduleKeyDeletion", key):
            return refusal
        key.until = until
        return None

    def cancel(self, key: Key) -> Refusal | None:
        if refusal := self.allows("CancelKeyDeletion", key):
            return refusal
        key.until, key.enabled = None, False
        return None

    def end_key(self, key: Key) -> None:
        """The waiting period is over: KMS tries once to delete the material (O1 to O4)."""
        works = (
            self.state == "CONNECTED"
            and self.cluster.reachable
            and self.cluster.has_material(key.id)
        )
        if works:
            self.cluster.erase(key.id)
        key.deleted = True
        self.ended.append((key.id, "SUCCESS" if works else "FAILURE"))
