"""The commands of cloudhsm-cli and their options.

What ``help`` says is that of the pages under "Reference for CloudHSM CLI commands" in the AWS
CloudHSM User Guide; the order of the tables is the order of the output.
"""

from __future__ import annotations

from dataclasses import replace

from moto_cks.tools.cloudhsm_cli.policy_grammar import CHANGE_MFA, CHANGE_QUORUM, MTLS, QUORUM
from moto_cks.tools.cloudhsm_cli.shapes import (
    APPROVAL,
    CLUSTER_ID,
    PASSWORD,
    PROGRAM,
    ROLE,
    USERNAME,
    Asks,
    Command,
    Entry,
    Group,
    Option,
    Takes,
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
        MTLS,
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
        CHANGE_MFA,
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
                    takes=Takes.NOTHING,
                    value_name="DEREGISTER-MFA",
                ),
                Option(
                    "deregister-quorum",
                    "Deregister the user's quorum public key, if present",
                    takes=Takes.NOTHING,
                    value_name="DEREGISTER-QUORUM",
                ),
            ),
            usage=f"{PROGRAM} user change-password [OPTIONS] --username <USERNAME> --role <ROLE> "
            "[--password <PASSWORD>]",
            asks=Asks.NEW_PASSWORD,
            needs_login=True,
        ),
        CHANGE_QUORUM,
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
        Command(
            ("user", "replicate"),
            "Replicate a user from a source to a destination cluster",
            (
                Option("username", "Username of the user to replicate", required=True),
                ROLE,
                Option("source-cluster-id", "Source cluster ID", required=True),
                Option("destination-cluster-id", "Destination cluster ID", required=True),
            ),
        ),
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
        Command(
            ("key", "set-attribute"),
            "Set an attribute for a key in the HSM cluster",
            (
                CLUSTER_ID,
                Option(
                    "filter",
                    f"{_FILTER}a matching key to modify",
                    takes=Takes.FILTERS,
                    required=True,
                ),
                Option(
                    "name",
                    "Name of attribute to be set",
                    required=True,
                    value_name="KEY_ATTRIBUTE",
                ),
                Option(
                    "value",
                    "Attribute value to be set",
                    required=True,
                    value_name="KEY_ATTRIBUTE_VALUE",
                ),
                replace(APPROVAL, simulated=False),
            ),
            usage=f"{PROGRAM} key set-attribute [OPTIONS] --filter [<FILTER>...] "
            "--name <KEY_ATTRIBUTE> --value <KEY_ATTRIBUTE_VALUE>",
            needs_login=True,
        ),
    ),
)

QUIT = Command(("quit",), "Exit the application")
EXIT = Command(("exit",), "Exit the application")
INTERACTIVE = Command(("interactive",), "Start an interactive session", (CLUSTER_ID,))

_EVERYWHERE: tuple[Entry, ...] = (CLUSTER, KEY, LOGIN, LOGOUT, QUORUM, USER)

SESSION = Group((), "The AWS CloudHSM command line interface", (*_EVERYWHERE, EXIT, QUIT))
"""What can be said at the prompt."""

PROCESS = Group((), "The AWS CloudHSM command line interface", (INTERACTIVE, *_EVERYWHERE))
"""What can stand on the command line."""
