"""What a user does with keys in one login to an HSM."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

from moto_cks.hsm.condition import Condition
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.keys import KeyObject
from moto_cks.hsm.users import User, UserType

EVERYBODY = 0
"""The number of no user, which stands for all of them where keys are asked for."""


class KeyHost(Protocol):
    """What of an HSM its keys are about."""

    condition: Condition
    keys: dict[int, KeyObject]

    def user(self, user_type: UserType, name: str) -> User:
        """A user by type and name."""

    def user_by_id(self, user_id: int) -> User:
        """A user by number."""


class KeyCommands(ABC):
    """The commands of a login that are about keys.

    Attributes:
        hsm: where.
        user: who.
    """

    __slots__ = ()

    hsm: KeyHost
    user: User
    _session_keys: dict[int, KeyObject]

    @abstractmethod
    def _require(self, *user_types: UserType) -> None:
        """Refuse a user of another type, and whoever has logged out."""

    def store_key(self, key: KeyObject) -> None:
        """Put a key of this user into the HSM, under the key's handle; a session key into this
        session.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_OWNED, LIMITED_WRITES, KEYS_FULL.
        """
        self._require(UserType.CU)
        if key.owner != self.user.name:
            raise HsmError(ReturnCode.KEY_NOT_OWNED)
        if key.template.token:
            self.hsm.condition.put(self.hsm.keys, key)
            self._session_keys.pop(key.handle, None)
        else:
            self._session_keys[key.handle] = key

    def holds(self, handle: int) -> bool:
        """Whether the HSM or this session has a key with that handle, whoever owns it."""
        return handle in self.hsm.keys or handle in self._session_keys

    def find_keys(self, label: str | None = None) -> list[int]:
        """The handles of the keys that the user may use, or of those with a label.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED.
        """
        self._require(UserType.CU)
        return [
            key.handle
            for key in (*self.hsm.keys.values(), *self._session_keys.values())
            if key.usable_by(self.user.name) and label in (None, key.label)
        ]

    def key(self, handle: int) -> KeyObject:
        """A key that the user may use.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND.
        """
        self._require(UserType.CU)
        key = self._session_keys.get(handle) or self.hsm.keys.get(handle)
        if key is None or not key.usable_by(self.user.name):
            raise HsmError(ReturnCode.KEY_NOT_FOUND)
        return key

    def own_key(self, handle: int) -> KeyObject:
        """A key that the user owns, to be shared, changed or deleted.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND, KEY_NOT_OWNED.
        """
        self._require(UserType.CU)
        key = self._session_keys.get(handle) or self.hsm.keys.get(handle)
        if key is None:
            raise HsmError(ReturnCode.KEY_NOT_FOUND)
        if key.owner != self.user.name:
            raise HsmError(ReturnCode.KEY_NOT_OWNED)
        return key

    def delete_key(self, handle: int) -> None:
        """Delete a key of the user from this HSM.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND, KEY_NOT_OWNED,
                KEY_FUNCTION_NOT_PERMITTED, LIMITED_WRITES.
        """
        if not self.own_key(handle).template.destroyable:
            raise HsmError(ReturnCode.KEY_FUNCTION_NOT_PERMITTED)
        if self._session_keys.pop(handle, None) is None:
            self.hsm.condition.take(self.hsm.keys, handle)

    def keys_of(self, user_id: int) -> list[KeyObject]:
        """The keys that a user owns or shares, for officers and the appliance user.

        Args:
            user_id: the user's number, or EVERYBODY.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, USER_NOT_FOUND.
        """
        self._require(UserType.CO, UserType.AU)
        if user_id == EVERYBODY:
            return list(self.hsm.keys.values())
        user = self.hsm.user_by_id(user_id)
        if user.type is not UserType.CU:
            return []
        return [key for key in self.hsm.keys.values() if key.usable_by(user.name)]

    def extract_key(self, handle: int) -> KeyObject:
        """A key to be inserted into another HSM: officers any, crypto users their own.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND, KEY_NOT_OWNED.
        """
        self._require(UserType.CO, UserType.CU)
        if self.user.type is UserType.CU:
            return self.own_key(handle)
        if handle not in self.hsm.keys:
            raise HsmError(ReturnCode.KEY_NOT_FOUND)
        return self.hsm.keys[handle]

    def insert_key(self, key: KeyObject) -> None:
        """Put a key that was extracted from another HSM into this one.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_OWNED, LIMITED_WRITES, KEYS_FULL,
                USER_NOT_FOUND where this HSM does not have the owner.
        """
        self._require(UserType.CO, UserType.CU)
        owner = self.hsm.user(UserType.CU, key.owner)
        if self.user.type is UserType.CU and self.user is not owner:
            raise HsmError(ReturnCode.KEY_NOT_OWNED)
        self.hsm.condition.put(self.hsm.keys, key)
