"""Multi-Region keys: which are related, and the states in which they are created and updated.

AWS KMS Developer Guide: "Multi-Region keys in AWS KMS" and "Key states of AWS KMS keys".
"""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

from moto_cks.enums import StrEnum
from moto_cks.kms.keys.states import KeyState
from moto_cks.world.ids import in_region
from moto_cks.world.lifecycle import Steps, Table

# Creating and Updating ----------------------------------------------------------------------------


class Phase(StrEnum):
    """Whether a multi-Region key reads a state that ends by itself."""

    SETTLED = "Settled"
    """It reads its own state: Enabled, Disabled, PendingImport and so on."""
    CREATING = KeyState.CREATING.value
    UPDATING = KeyState.UPDATING.value


_P = Phase

REPLICATE, UPDATE = "ReplicateKey", "UpdatePrimaryRegion"
CREATED, UPDATED = "the replica is there", "the primary Region has changed"

ALLOWED: Steps[Phase] = {
    _P.SETTLED: {REPLICATE: _P.CREATING, UPDATE: _P.UPDATING},
    _P.CREATING: {},
    _P.UPDATING: {UPDATE: _P.UPDATING},
}
"""Of ReplicateKey it is the replica that changes its state, of UpdatePrimaryRegion the old and the
new primary key."""

ENDINGS: Steps[Phase] = {
    _P.CREATING: {CREATED: _P.SETTLED},
    _P.UPDATING: {UPDATED: _P.SETTLED},
}

TABLE = Table("kms::key", _P.SETTLED, ALLOWED, ENDINGS)


# Related keys -------------------------------------------------------------------------------------


class Member(Protocol):
    """What there is to know of a multi-Region key here."""

    arn: str
    region: str


Key = TypeVar("Key", bound=Member)


class Relatives(Generic[Key]):
    """A primary key and its replicas, which have the key ID and the key material in common.

    Args:
        primary_region: the Region of the primary key.

    Attributes:
        primary_region: that Region now.
        members: all of them by Region.
    """

    def __init__(self, primary_region: str) -> None:
        self.primary_region = primary_region
        self.members: dict[str, Key] = {}

    def add(self, key: Key) -> None:
        """Take a key in."""
        self.members[key.region] = key

    def remove(self, key: Key) -> None:
        """Note that a key is deleted."""
        self.members.pop(key.region, None)

    @property
    def primary(self) -> Key | None:
        """The primary key; ``None`` where it was deleted by other ways than KMS's."""
        return self.members.get(self.primary_region)

    @property
    def replicas(self) -> list[Key]:
        """The replicas, those that are pending deletion among them."""
        return [key for region, key in self.members.items() if region != self.primary_region]

    def configuration(self, key: Key) -> dict[str, Any]:
        """MultiRegionConfiguration, as one of the keys shows it."""

        def entry(region: str) -> dict[str, str]:
            return {"Arn": in_region(key.arn, region), "Region": region}

        return {
            "MultiRegionKeyType": "PRIMARY" if key.region == self.primary_region else "REPLICA",
            "PrimaryKey": entry(self.primary_region),
            "ReplicaKeys": [entry(r) for r in self.members if r != self.primary_region],
        }
