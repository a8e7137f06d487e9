"""What the grammar of cloudhsm-cli is made of: commands, groups of them, and options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from moto_cks.enums import StrEnum

PROGRAM = "cloudhsm-cli"


class Role(StrEnum):
    """The roles that a user can be given."""

    CRYPTO_USER = "crypto-user"
    ADMIN = "admin"


class Takes(Enum):
    """What stands after an option."""

    NOTHING = "nothing"
    TEXT = "one word"
    NUMBER = "a number that is not negative"
    FILTERS = "any number of key filters"
    FILE = "the path of a file that is read"
    REFERENCE = "a hexadecimal or decimal number"


class Asks(Enum):
    """The password that a command asks for where ``--password`` is missing."""

    NOTHING = "nothing"
    PASSWORD = "a password"
    NEW_PASSWORD = "a new password, twice"


@dataclass(frozen=True)
class Option:
    """An option of a command.

    Attributes:
        name: without the dashes.
        help: what it is for.
        takes: what stands after it.
        required: whether the command needs it.
        values: the only values that it takes, and what they mean.
        short: its one-letter name.
        default: its value where it is not given, as ``help`` shows it.
        value_name: what ``help`` calls its value, where that does not follow from its name.
        simulated: whether it has an effect here; one that has none is refused.
        alias: another name of it, which ``help`` does not show.
    """

    name: str
    help: str
    takes: Takes = Takes.TEXT
    required: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    short: str = ""
    default: str = ""
    value_name: str = ""
    simulated: bool = True
    alias: str = ""

    @property
    def placeholder(self) -> str:
        """Option and value as usage and errors show them: ``--role <ROLE>``."""
        value = self.value_name or self.name.upper().replace("-", "_")
        nothing = f" <{value}>" if self.value_name else ""  # as the guide shows some that take none
        shapes = {Takes.NOTHING: nothing, Takes.FILTERS: f" [<{value}>...]"}
        return f"--{self.name}" + shapes.get(self.takes, f" <{value}>")

    @property
    def possible_values(self) -> str:
        """The values as help and errors list them; empty where any is taken."""
        return f"[possible values: {', '.join(self.values)}]" if self.values else ""


@dataclass(frozen=True)
class Command:
    """What a command takes, and what ``help`` says of it.

    Attributes:
        path: its words.
        about: what it does, in a line.
        options: its options.
        detail: what it does, in more words.
        usage: its usage line, where the tool has one that does not follow from the options.
        asks: for which password it asks.
        password: the option by which that can be given.
        one_of: options of which it needs one.
        needs_login: whether somebody has to be logged in; in single command mode the tool logs in.
    """

    path: tuple[str, ...]
    about: str
    options: tuple[Option, ...] = ()
    detail: str = ""
    usage: str = ""
    asks: Asks = Asks.NOTHING
    password: str = "password"
    one_of: tuple[str, ...] = ()
    needs_login: bool = False


@dataclass(frozen=True)
class Group:
    """Commands that share their first words.

    Attributes:
        path: these words.
        about: what the commands are for.
        members: the commands and groups.
    """

    path: tuple[str, ...]
    about: str
    members: tuple[Entry, ...]

    def member(self, word: str) -> Entry | None:
        """The member of that name."""
        return next((entry for entry in self.members if entry.path[-1] == word), None)


Entry: TypeAlias = Command | Group


CLUSTER_ID = Option(
    "cluster-id",
    "Unique Id to choose which of the clusters in the config file to run the operation against. "
    "If not provided, will fall back to the value provided when interactive mode was started, or "
    "error",
)
ROLE = Option(
    "role",
    "Role the user has in the cluster",
    required=True,
    values={
        Role.CRYPTO_USER.value: "A CryptoUser has the ability to manage and use keys",
        Role.ADMIN.value: "An Admin has the ability to manage user accounts",
    },
)
USERNAME = Option("username", "Username to access the HSM cluster", required=True)
PASSWORD = Option(
    "password",
    "Optional: Plaintext user's password. If you do not include this argument you will be prompted "
    "for it",
)
APPROVAL = Option(
    "approval", "Filepath of signed quorum token file to approve operation", takes=Takes.FILE
)
