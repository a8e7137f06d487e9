"""The model of a custom key store of any kind, and of its keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.proof.states import Refusal, by_state, refused

DAY = 24 * 60
"""In minutes, which all times are in."""

NOT_CONNECTED = refused("CustomKeyStoreInvalidStateException")


class Ciphertext(NamedTuple):
    """What a key encrypted.

    Attributes:
        plaintext: the plaintext; ``None`` where nobody knows it.
        blob: the ciphertext.
        material: which material of an external key has encrypted it.
    """

    plaintext: bytes | None
    blob: bytes
    material: int = 0


@dataclass
class Key:
    """A KMS key in a key store.

    Attributes:
        id: its key ID.
        arn: its key ARN.
        external: the ID of its external key, if it has one.
        enabled: what it is, or will be once it is available (U5).
        until: when it is deleted, or ``None``.
        lost: whether KMS has noticed that its material is gone (F3).
        deleted: whether it is gone for good.
        begun: names the waiting period.
        ciphertexts: what it encrypted.
    """

    id: str
    arn: str
    external: str = ""
    enabled: bool = True
    until: int | None = None
    lost: bool = False
    deleted: bool = False
    begun: int = 0
    ciphertexts: list[Ciphertext] = field(default_factory=list)


class Store(ABC):
    """A custom key store.

    Args:
        takes: how many minutes connecting and disconnecting take; 0 for none.

    Attributes:
        state: ConnectionState.
        errors: of what ConnectionErrorCode says one; of none, it says nothing.
        faults: the codes with which the next attempts to connect fail, without a cause.
        ended: the keys that were deleted, with what became of their material.
        begun: names the transition that is going on.
    """

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.state = "DISCONNECTED"
        self.errors: frozenset[str] = frozenset()
        self.keys: list[Key] = []
        self.faults: list[str] = []
        self.ended: list[tuple[str, str | None]] = []
        self.deleted = False
        self.begun = 0

    # What each kind has of its own -----------------------------------------------------------

    def before_connecting(self) -> Refusal | None:
        """What an attempt is refused for at once."""
        return None

    @abstractmethod
    def attempt(self) -> frozenset[str]:
        """Connect; one of the codes of what goes wrong."""

    @abstractmethod
    def hang_up(self) -> None:
        """End the connection."""

    @abstractmethod
    def use(self, operation: str, key: Key, sealed: Ciphertext | None = None) -> Refusal | None:
        """Use a key for a cryptographic operation: decrypt what is sealed, or encrypt."""

    @abstractmethod
    def foresees(
        self, operation: str, key: Key, sealed: Ciphertext | None = None
    ) -> Refusal | None:
        """What using a key would come to."""

    def misses(self, key: Key) -> bool:
        """Whether KMS has not noticed yet that a key's material is gone."""
        return False

    @abstractmethod
    def forget(self) -> None:
        """What the key store is asked now, AWS does not say."""

    def keep(self, key: Key, plaintext: bytes | None, blob: bytes) -> None:
        """A key has encrypted something."""
        key.ciphertexts.append(Ciphertext(plaintext, blob))

    @abstractmethod
    def end_material(self, key: Key) -> str | None:
        """A key is deleted; what becomes of its material, if that is for KMS to delete."""

    @abstractmethod
    def random(self) -> Refusal | None:
        """Random bytes."""

    # The connection (C1 to C5) ---------------------------------------------------------------

    def connect(self) -> Refusal | None:
        if self.state in ("CONNECTED", "CONNECTING"):
            return None
        if self.state != "DISCONNECTED":
            return NOT_CONNECTED
        if refusal := self.before_connecting():
            return refusal
        self.state = "CONNECTING"
        return None

    def end_connecting(self) -> None:
        self.errors = frozenset({self.faults.pop(0)}) if self.faults else self.attempt()
        self.state = "FAILED" if self.errors else "CONNECTED"

    def disconnect(self) -> Refusal | None:
        if self.state in ("DISCONNECTED", "DISCONNECTING"):
            return NOT_CONNECTED
        self.state, self.errors = "DISCONNECTING", frozenset()
        return None

    def end_disconnecting(self) -> None:
        self.state = "DISCONNECTED"
        self.hang_up()

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

    # Keys (U, O) -----------------------------------------------------------------------------

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
        """The waiting period is over."""
        key.deleted = True
        self.ended.append((key.id, self.end_material(key)))
