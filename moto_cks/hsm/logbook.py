"""What an HSM writes down: the management commands that it has carried out, and how full it is.

AWS CloudHSM User Guide: "AWS CloudHSM audit log reference" and "Getting CloudWatch metrics for AWS
CloudHSM". A logbook outlives its HSM.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from moto_cks.hsm.errors import ReturnCode
from moto_cks.hsm.users import Clock, UserType, no_clock


class Opcode(Enum):
    """The management commands that are logged; the value is the number where that is known."""

    INIT_TOKEN = 0x1
    CREATE_USER = 0x3
    CREATE_CO = 0x4
    CHANGE_PSWD = 0x9
    LOGIN = 0xD
    LOGOUT = 0xE
    DESTROY_OBJECT = 0x11
    """A session key is deleted."""
    SHARE_OBJECT = 0x12
    GENERATE_KEY = 0x17
    GEN_PSWD_ENC_KEY = 0x1D
    INIT_DONE = 0x95
    DELETE_USER = 0xA1
    EXTRACT_MASKED_OBJECT_USER = 0xF0
    INSERT_MASKED_OBJECT_USER = 0xF1
    CREATE_APPLIANCE_USER = 0xFC
    # The guide gives these no number.
    APP_FINALIZE = "APP_FINALIZE"
    """A connection has ended without a logout."""
    BACKUP_BEGIN = "BACKUP_BEGIN"
    BACKUP_END = "BACKUP_END"
    CERT_AUTH_STORE_CERT = "CERT_AUTH_STORE_CERT"
    GEN_KEY_ENC_KEY = "GEN_KEY_ENC_KEY"
    MODIFY_OBJECT = "MODIFY_OBJECT"
    TOMBSTONE_OBJECT = "TOMBSTONE_OBJECT"
    """A token key is deleted."""


FIRST_SESSION = 0x1004001
"""The session handle of what an HSM does of itself."""

UserName: TypeAlias = tuple[UserType, str]


@dataclass(slots=True)
class LogEntry:
    """A management command that an HSM has carried out, or refused.

    Attributes:
        time: when; ``None`` of an HSM without a clock.
        number: its place in the log, from 0 on.
        opcode: which command.
        session: the session handle.
        code: why it was refused; ``None`` where it was carried out.
        user: the type and the name of the user that it is about.
        key: the handle of the key that it is about.
    """

    time: datetime | None
    number: int
    opcode: Opcode
    session: int
    code: ReturnCode | None = None
    user: UserName | None = None
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How full an HSM is.

    Attributes:
        sessions: the logins that are open.
        session_keys: the keys that end with them.
        token_keys: the other keys.
        users: the users, but for the appliance user.
        unhealthy: whether it does not work properly.
    """

    sessions: int = 0
    session_keys: int = 0
    token_keys: int = 0
    users: int = 0
    unhealthy: bool = False


def nobody() -> None:
    """Tell nobody that something was written."""


class Logbook:
    """The logbook of one HSM.

    Args:
        now: tells the time.
        written: called after each new entry.

    Attributes:
        readings: how full the HSM was from a minute on, by minutes since the epoch, oldest first.
        ended: the minute in which it was taken out of service; ``None`` before.
    """

    def __init__(self, now: Clock = no_clock, written: Callable[[], None] = nobody) -> None:
        self._now = now
        self._written = written
        self._entries: list[LogEntry] = []
        self._numbers = 0
        self._sessions = FIRST_SESSION
        self.readings: dict[int, Reading] = {}
        self.ended: int | None = None

    def __repr__(self) -> str:
        return f"<Logbook: {self._numbers} entries>"

    @property
    def entries(self) -> tuple[LogEntry, ...]:
        """The entries that are still in it, oldest first."""
        return tuple(self._entries)

    def drop(self, count: int) -> None:
        """Drop the oldest entries, which have been collected; those to come are numbered on."""
        del self._entries[:count]

    def next_session(self) -> int:
        """The handle of the next session."""
        self._sessions += 1
        return self._sessions

    def write(
        self,
        opcode: Opcode,
        session: int = FIRST_SESSION,
        *,
        code: ReturnCode | None = None,
        user: UserName | None = None,
        key: int | None = None,
    ) -> LogEntry:
        """Write an entry; see :class:`LogEntry`."""
        entry = LogEntry(self._now(), self._numbers, opcode, session, code, user, key)
        self._numbers += 1
        self._entries.append(entry)
        self._written()
        return entry

    def read(self, reading: Reading) -> None:
        """Note how full the HSM is from now on; of each minute, what was last."""
        minute = self._minute()
        if minute is not None and self.ended is None:
            self.readings[minute] = reading

    def end(self) -> None:
        """The HSM is taken out of service."""
        self.ended = self._minute()

    def _minute(self) -> int | None:
        now = self._now()
        return None if now is None else int(now.timestamp()) // 60
