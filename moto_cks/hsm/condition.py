"""What holds for all HSMs of a cluster: how much they hold, and what they refuse for a while.

See "AWS CloudHSM quotas" and "Cluster limited-write mode" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from types import MappingProxyType

from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.keys import KeyObject
from moto_cks.hsm.users import User


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much an HSM holds, and how quick it is.

    Attributes:
        keys: how many token keys.
        users: how many users.
        slow_before: logins are slow of users whose password was set before that.
    """

    keys: int
    users: int
    slow_before: datetime | None = None

    def slow_for(self, user: User) -> bool:
        """Whether the logins of a user are slow."""
        if self.slow_before is None or user.password_since is None:
            return False
        return user.password_since < self.slow_before


NEWEST = "hsm2m.medium"
FEWER_ROUNDS = datetime(2025, 12, 20, tzinfo=timezone.utc)
"""Since then, hsm2m.medium derives less from a new password ("Known issues for hsm2m.medium")."""

CAPACITIES: Mapping[str, Capacity] = MappingProxyType(
    {
        "hsm1.medium": Capacity(3_300, 250),
        NEWEST: Capacity(16_666, 1_024, slow_before=FEWER_ROUNDS),
    }
)
"""By the type of the HSM."""


@dataclass(slots=True)
class Condition:
    """What holds for all HSMs of a cluster, which share this object.

    Attributes:
        capacity: how much each of them holds.
        limited_writes: whether they refuse what would change them: making and deleting token keys,
            changing their attributes, and all changes of users.
    """

    capacity: Capacity = CAPACITIES[NEWEST]
    limited_writes: bool = False

    def require_writes(self) -> None:
        """Check that the HSMs take changes.

        Raises:
            HsmError: LIMITED_WRITES.
        """
        if self.limited_writes:
            raise HsmError(ReturnCode.LIMITED_WRITES)

    def require_room_for_user(self, users: int) -> None:
        """Check that an HSM with so many users can be given another one.

        Raises:
            HsmError: LIMITED_WRITES, USERS_FULL.
        """
        self.require_writes()
        if users >= self.capacity.users:
            raise HsmError(ReturnCode.USERS_FULL)

    def is_full(self, keys: int) -> bool:
        """Whether an HSM with so many token keys has no room for another one."""
        return keys >= self.capacity.keys

    def put(self, keys: dict[int, KeyObject], key: KeyObject) -> None:
        """Put a token key among those of an HSM, or in the place of the one with its handle.

        Raises:
            HsmError: LIMITED_WRITES, KEYS_FULL.
        """
        self.require_writes()
        if key.handle not in keys and self.is_full(len(keys)):
            raise HsmError(ReturnCode.KEYS_FULL)
        keys[key.handle] = key

    def take(self, keys: dict[int, KeyObject], handle: int) -> None:
        """Take a token key from those of an HSM.

        Raises:
            HsmError: LIMITED_WRITES.
        """
        self.require_writes()
        del keys[handle]
