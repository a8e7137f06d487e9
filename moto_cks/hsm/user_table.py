"""The users of one HSM, and the numbers that it gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from moto_cks.hsm.condition import Condition
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.users import User, UserType, new_user


class UserTable:
    """Users by type and name, in the order in which they were created.

    Names are not case-sensitive. Who may do what is the caller's business.

    Args:
        condition: what holds for the HSM.

    Attributes:
        next_id: the number of the next user.
    """

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._users: dict[tuple[UserType, str], User] = {}
        self.next_id = 1

    def __iter__(self) -> Iterator[User]:
        return iter(self._users.values())

    def __len__(self) -> int:
        return len(self._users)

    def find(self, user_type: UserType, name: str) -> User | None:
        """A user by type and name, if there is one."""
        return self._users.get((user_type, name.lower()))

    def get(self, user_type: UserType, name: str) -> User:
        """A user by type and name.

        Raises:
            HsmError: USER_NOT_FOUND.
        """
        user = self.find(user_type, name)
        if user is None:
            raise HsmError(ReturnCode.USER_NOT_FOUND)
        return user

    def by_id(self, user_id: int) -> User:
        """A user by number.

        Raises:
            HsmError: USER_NOT_FOUND.
        """
        for user in self:
            if user.id == user_id:
                return user
        raise HsmError(ReturnCode.USER_NOT_FOUND)

    def add(
        self, user_type: UserType, name: str, password: str, by: str, at: datetime | None
    ) -> User:
        """Add a user.

        Args:
            user_type: the type.
            name: the name.
            password: the password.
            by: who makes the user.
            at: when.

        Raises:
            HsmError: USER_EXISTS, INVALID_USER_NAME, INVALID_PASSWORD.
        """
        if self.find(user_type, name) is not None:
            raise HsmError(ReturnCode.USER_EXISTS)
        user = new_user(self.next_id, user_type, name, password, by, at)
        self.next_id += 1
        self._users[user_type, name.lower()] = user
        return user

    def put(self, user: User) -> None:
        """Add a user of another HSM, in the place of the one of this type and name.

        The user keeps the number, unless somebody else has it here.

        Raises:
            HsmError: LIMITED_WRITES, USERS_FULL.
        """
        copy = user.copy()
        present = self.find(user.type, user.name)
        self._condition.require_room_for_user(len(self) - (present is not None))
        if present is not None:
            copy.id = present.id
        elif any(other.id == user.id for other in self):
            copy.id = self.next_id
        self.next_id = max(self.next_id, copy.id + 1)
        self._users[user.type, user.name.lower()] = copy

    def remove(self, user: User) -> None:
        """Remove a user.

        Raises:
            HsmError: LIMITED_WRITES.
        """
        self._condition.require_writes()
        del self._users[user.type, user.name.lower()]

    def promote(self, officer: User) -> None:
        """Make the precrypto officer a crypto officer, the first of all users."""
        del self._users[officer.type, officer.name.lower()]
        officer.type = UserType.CO
        self._users = {(UserType.CO, officer.name.lower()): officer, **self._users}

    def load(self, users: Iterable[User], next_id: int) -> None:
        """Take over the users of another HSM or of a backup."""
        self._users = {(user.type, user.name.lower()): user.copy() for user in users}
        self.next_id = next_id
