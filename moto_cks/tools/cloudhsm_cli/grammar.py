"""The commands of cloudhsm-cli and their options.

What ``help`` says is that of the pages under "Reference for CloudHSM CLI commands" in the AWS
CloudHSM User Guide; the order of the tables is the order of the output.
"""

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

    @property
    def placeholder(self) -> str:
        """Option and value as usage and errors show them: ``--role <ROLE>``."""
        value = self.value_name or self.name.upper().replace("-", "_")
        shapes = {Takes.NOTHING: "", Takes.FILTERS: f" [<{value}>...]"}
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
        needs_login: whether somebody has to be logged in; in single command mode the tool logs in.
    """

    path: tuple[str, ...]
    about: str
    options: tuple[Option, ...] = ()
    detail: str = ""
    usage: str = ""
    asks: Asks = Asks.NOTHING
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
    "approval", "Filepath of signed quorum token file to approve operation", simulated=False
)
_FILTER = (
    "Key reference (e.g. key-reference=0xabc) or space separated list of key attributes in the "
    "form of attr.KEY_ATTRIBUTE_NAME=KEY_ATTRIBUTE_VALUE to select "
)

CLUSTER = Group(
    ("cluster",),
    "Manage the cluster",
    (
        Command(
            ("cluster", "activate"),
            "Activate a cluster",
            (
                CLUSTER_ID,
                Option(
                    "password",
                    "Optional: Plaintext activation password If you do not include this argument "
                    "you will be prompted for it",
                ),
            ),
            detail="This command will set the initial Admin password. This process will cause your "
            "CloudHSM cluster to\nmove into the ACTIVE state.",
            usage=f"{PROGRAM} cluster activate [OPTIONS] [--password <PASSWORD>]",
            asks=Asks.NEW_PASSWORD,
        ),
    ),
)

LOGIN = Command(
    ("login",),
    "Login to your cluster",
    (
        CLUSTER_ID,
        Option("username", "Username to access the Cluster", required=True),
        Option("role", "Role the user has in the Cluster", required=True, values=ROLE.values),
        PASSWORD,
    ),
    usage=f"{PROGRAM} login [OPTIONS] --username <USERNAME> --role <ROLE>",
    asks=Asks.PASSWORD,
)

LOGOUT = Command(("logout",), "Logout of your cluster", (CLUSTER_ID,), needs_login=True)

USER = Group(
    ("user",),
    "Manage users",
    (
        Command(
            ("user", "change-password"),
            "Change a user's password",
            (
                CLUSTER_ID,
                Option("username", "Username of the user that will be modified", required=True),
                ROLE,
                PASSWORD,
                APPROVAL,
                Option(
                    "deregister-mfa",
                    "Deregister the user's mfa public key, if present",
                    value_name="DEREGISTER-MFA",
                    simulated=False,
                ),
                Option(
                    "deregister-quorum",
                    "Deregister the user's quorum public key, if present",
                    value_name="DEREGISTER-QUORUM",
                    simulated=False,
                ),
            ),
            usage=f"{PROGRAM} user change-password [OPTIONS] --username <USERNAME> --role <ROLE> "
            "[--password <PASSWORD>]",
            asks=Asks.NEW_PASSWORD,
            needs_login=True,
        ),
        Command(
            ("user", "create"),
            "Create a new user",
            (CLUSTER_ID, USERNAME, ROLE, PASSWORD, APPROVAL),
            usage=f"{PROGRAM} user create [OPTIONS] --username <USERNAME> --role <ROLE> "
            "[--password <PASSWORD>]",
            asks=Asks.NEW_PASSWORD,
            needs_login=True,
        ),
        Command(
            ("user", "delete"),
            "Delete a user",
            (CLUSTER_ID, USERNAME, ROLE, APPROVAL),
            needs_login=True,
        ),
        Command(("user", "list"), "List the users in your cluster", (CLUSTER_ID,)),
    ),
)

KEY = Group(
    ("key",),
    "Manage keys",
    (
        Command(
            ("key", "delete"),
            "Delete a key in the HSM cluster",
            (
                CLUSTER_ID,
                Option(
                    "filter",
                    f"{_FILTER}a matching key for deletion",
                    takes=Takes.FILTERS,
                    required=True,
                ),
            ),
            needs_login=True,
        ),
        Command(
            ("key", "list"),
            "List the keys the current user owns, shares, and all public keys in the HSM cluster",
            (
                CLUSTER_ID,
                Option("filter", f"{_FILTER}matching key(s) to list", takes=Takes.FILTERS),
                Option(
                    "max-items",
                    "The total number of items to return in the command's output. If the total "
                    "number of items available is more than the value specified, a next-token is "
                    "provided in the command's output. To resume pagination, provide the "
                    "next-token value in the starting-token argument of a subsequent command",
                    takes=Takes.NUMBER,
                    default="10",
                ),
                Option(
                    "starting-token",
                    "A token to specify where to start paginating. This is the next-token from a "
                    "previously truncated response",
                    takes=Takes.NUMBER,
                ),
                Option(
                    "verbose",
                    "If included, prints all attributes and key information for each matched key. "
                    "By default each matched key only displays its key-reference and label "
                    "attribute. This flag when used by Admins has no effect",
                    takes=Takes.NOTHING,
                    short="v",
                ),
            ),
            needs_login=True,
        ),
    ),
)

QUIT = Command(("quit",), "Exit the application")
EXIT = Command(("exit",), "Exit the application")
INTERACTIVE = Command(("interactive",), "Start an interactive session", (CLUSTER_ID,))

_EVERYWHERE: tuple[Entry, ...] = (CLUSTER, KEY, LOGIN, LOGOUT, USER)

SESSION = Group((), "The AWS CloudHSM command line interface", (*_EVERYWHERE, EXIT, QUIT))
"""What can be said at the prompt."""

PROCESS = Group((), "The AWS CloudHSM command line interface", (INTERACTIVE, *_EVERYWHERE))
"""What can stand on the command line."""
