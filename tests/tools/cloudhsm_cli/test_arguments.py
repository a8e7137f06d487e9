"""cloudhsm-cli: its grammar, its help, and what it says to words that make no command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moto_cks import Cks, Cluster, mock_cks
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_cli.commands import HANDLERS
from moto_cks.tools.cloudhsm_cli.grammar import EXIT, INTERACTIVE, PROCESS, QUIT, Command, Entry
from moto_cks.tools.session import Turn
from tests.tools.cloudhsm_cli.world import names, refusal

KEY_LIST_HELP = """List the keys the current user owns, shares, and all public keys in the HSM cluster

Usage: key list [OPTIONS]

Options:
      --cluster-id <CLUSTER_ID>
          Unique Id to choose which of the clusters in the config file to run the operation against. If not provided, will fall back to the value provided when interactive mode was started, or error
      --filter [<FILTER>...]
          Key reference (e.g. key-reference=0xabc) or space separated list of key attributes in the form of attr.KEY_ATTRIBUTE_NAME=KEY_ATTRIBUTE_VALUE to select matching key(s) to list
      --max-items <MAX_ITEMS>
          The total number of items to return in the command's output. If the total number of items available is more than the value specified, a next-token is provided in the command's output. To resume pagination, provide the next-token value in the starting-token argument of a subsequent command [default: 10]
      --starting-token <STARTING_TOKEN>
          A token to specify where to start paginating. This is the next-token from a previously truncated response
  -v, --verbose
          If included, prints all attributes and key information for each matched key. By default each matched key only displays its key-reference and label attribute. This flag when used by Admins has no effect
  -h, --help
          Print help
"""  # noqa: E501

KEY_DELETE_HELP = """Delete a key in the HSM cluster

Usage: key delete [OPTIONS] --filter [<FILTER>...]

Options:
      --cluster-id <CLUSTER_ID>  Unique Id to choose which of the clusters in the config file to run the operation against. If not provided, will fall back to the value provided when interactive mode was started, or error
      --filter [<FILTER>...]     Key reference (e.g. key-reference=0xabc) or space separated list of key attributes in the form of attr.KEY_ATTRIBUTE_NAME=KEY_ATTRIBUTE_VALUE to select a matching key for deletion
  -h, --help                     Print help
"""  # noqa: E501

USER_DELETE_HELP = """Delete a user

Usage: user delete [OPTIONS] --username <USERNAME> --role <ROLE>

Options:
      --cluster-id <CLUSTER_ID>
          Unique Id to choose which of the clusters in the config file to run the operation against. If not provided, will fall back to the value provided when interactive mode was started, or error

      --username <USERNAME>
          Username to access the HSM cluster

      --role <ROLE>
          Role the user has in the cluster

          Possible values:
          - crypto-user: A CryptoUser has the ability to manage and use keys
          - admin:       An Admin has the ability to manage user accounts

      --approval <APPROVAL>
          Filepath of signed quorum token file to approve operation

  -h, --help
          Print help (see a summary with '-h')
"""  # noqa: E501

USER_HELP = """Manage users

Usage: user <COMMAND>

Commands:
  change-mfa       Change a user's Mfa Strategy
  change-password  Change a user's password
  change-quorum    Change a user's quorum strategy
  create           Create a new user
  delete           Delete a user
  list             List the users in your cluster
  replicate        Replicate a user from a source to a destination cluster
  help             Print this message or the help of the given subcommand(s)

Options:
  -h, --help  Print help
"""

CREATE_USAGE = (
    "Usage: cloudhsm-cli user create [OPTIONS] --username <USERNAME> --role <ROLE> "
    "[--password <PASSWORD>]\n"
)


@pytest.fixture(scope="module")
def world() -> Iterator[Cks]:
    with mock_cks() as handle:
        yield handle


@pytest.fixture(scope="module")
def cluster(world: Cks) -> Cluster:
    return world.create_cluster(hsms=1)


def commands(entry: Entry) -> list[Command]:
    if isinstance(entry, Command):
        return [entry]
    return [command for member in entry.members for command in commands(member)]


def test_every_command_has_what_carries_it_out() -> None:
    elsewhere = {command.path for command in (QUIT, EXIT, INTERACTIVE)}
    assert {command.path for command in commands(PROCESS)} - elsewhere == set(HANDLERS)


# Help --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("help key list", KEY_LIST_HELP),
        ("key help list", KEY_LIST_HELP),
        ("key list --help", KEY_LIST_HELP),
        ("key list -h", KEY_LIST_HELP),
        ("help key delete", KEY_DELETE_HELP),
        ("help user delete", USER_DELETE_HELP),
        ("help user", USER_HELP),
        ("user --help", USER_HELP),
        ("user -h", USER_HELP),
    ],
)
def test_l3_help_as_documented(cli: CloudHsmCli, command: str, expected: str) -> None:
    assert cli.begin(command) == Turn(expected)


def test_a_group_is_no_command(cli: CloudHsmCli) -> None:
    assert cli.begin("user") == Turn(USER_HELP, status=2)


def test_l3_help_lists_every_command(cli: CloudHsmCli) -> None:
    listed = cli.run("help").partition("Commands:\n")[2].partition("\n\n")[0]
    words = [line.split()[0] for line in listed.splitlines()]
    assert words == [
        "cluster",
        "key",
        "login",
        "logout",
        "quorum",
        "user",
        "exit",
        "quit",
        "help",
    ]


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        (
            "help cluster activate",
            [
                "Activate a cluster",
                "move into the ACTIVE state.",
                "Usage: cloudhsm-cli cluster activate [OPTIONS] [--password <PASSWORD>]",
                "      --password <PASSWORD>",
            ],
        ),
        (
            "help login",
            [
                "Login to your cluster",
                "Usage: cloudhsm-cli login [OPTIONS] --username <USERNAME> --role <ROLE>",
                "          Username to access the Cluster",
                "          Role the user has in the Cluster",
                "          - admin:       An Admin has the ability to manage user accounts",
            ],
        ),
        (
            "help user change-password",
            [
                "Change a user's password",
                "          Username of the user that will be modified",
                "      --deregister-mfa <DEREGISTER-MFA>",
                "          Deregister the user's mfa public key, if present",
                "      --deregister-quorum <DEREGISTER-QUORUM>",
            ],
        ),
        ("help logout", ["Logout of your cluster", "Usage: logout [OPTIONS]"]),
        ("help user list", ["List the users in your cluster", "Usage: user list [OPTIONS]"]),
        ("help quit", ["Usage: quit"]),
    ],
)
def test_l3_help_says_what_the_guide_says(cli: CloudHsmCli, command: str, lines: list[str]) -> None:
    shown = cli.run(command).splitlines()
    assert [line for line in lines if line not in shown] == []


def test_help_in_short(cli: CloudHsmCli) -> None:
    shown = cli.run("user delete -h").splitlines()
    assert (
        "      --role <ROLE>              Role the user has in the cluster "
        "[possible values: crypto-user, admin]"
    ) in shown
    assert "  -h, --help                     Print help (see more with '--help')" in shown
    assert "move into the ACTIVE state." not in cli.run("cluster activate -h")


# Words that make no command ----------------------------------------------------------------------

WRONG = [
    (
        "user create",
        "the following required arguments were not provided:\n"
        "  --username <USERNAME>\n"
        "  --role <ROLE>",
        CREATE_USAGE,
    ),
    (
        "user delete --role admin",
        "the following required arguments were not provided:\n  --username <USERNAME>",
        "Usage: user delete --username <USERNAME> --role <ROLE>\n",
    ),
    (
        "key delete --cluster-id cluster-1",
        "the following required arguments were not provided:\n  --filter [<FILTER>...]",
        "Usage: key delete --cluster-id <CLUSTER_ID> --filter [<FILTER>...]\n",
    ),
    ("user create --foo", "unexpected argument '--foo' found", CREATE_USAGE),
    ("user create alice", "unexpected argument 'alice' found", CREATE_USAGE),
    ("user list now", "unexpected argument 'now' found", "Usage: user list [OPTIONS]\n"),
    ("--foo", "unexpected argument '--foo' found", "Usage: <COMMAND>\n"),
    ("foo", "unrecognized subcommand 'foo'", "Usage: <COMMAND>\n"),
    ("user foo", "unrecognized subcommand 'foo'", "Usage: user <COMMAND>\n"),
    ("help foo", "unrecognized subcommand 'foo'", "Usage: <COMMAND>\n"),
    ("help user foo", "unrecognized subcommand 'foo'", "Usage: user <COMMAND>\n"),
    ("help logout foo", "unrecognized subcommand 'foo'", "Usage: logout [OPTIONS]\n"),
    (
        "user delete --username alice --username bob --role admin",
        "the argument '--username <USERNAME>' cannot be used multiple times",
        "Usage: user delete [OPTIONS] --username <USERNAME> --role <ROLE>\n",
    ),
    (
        "key list -v --verbose",
        "the argument '--verbose' cannot be used multiple times",
        "Usage: key list [OPTIONS]\n",
    ),
    (
        "key list --verbose=yes",
        "unexpected value for '--verbose' found; no more were expected",
        "Usage: key list [OPTIONS]\n",
    ),
    (
        "user create --username alice --role CU",
        "invalid value 'CU' for '--role <ROLE>'\n  [possible values: crypto-user, admin]",
        "",
    ),
    (
        "user create --username alice --role",
        "a value is required for '--role <ROLE>' but none was supplied\n"
        "  [possible values: crypto-user, admin]",
        "",
    ),
    (
        "user create --username --role admin",
        "a value is required for '--username <USERNAME>' but none was supplied",
        "",
    ),
    (
        "key list --max-items ten",
        "invalid value 'ten' for '--max-items <MAX_ITEMS>': invalid digit found in string",
        "",
    ),
    (
        "key list --starting-token -1",
        "invalid value '-1' for '--starting-token <STARTING_TOKEN>': invalid digit found in string",
        "",
    ),
    (
        "key list --filter label=a",
        "invalid value 'label=a' for '--filter [<FILTER>...]': unknown key attribute `label`",
        "",
    ),
    (
        "key list --filter attr.colour=a",
        "invalid value 'attr.colour=a' for '--filter [<FILTER>...]': "
        "unknown key attribute `attr.colour`",
        "",
    ),
    (
        "key list --filter attr.label",
        "invalid value 'attr.label' for '--filter [<FILTER>...]': no `=` found in filter",
        "",
    ),
    (
        "key list --filter key-reference=262152",
        "invalid value 'key-reference=262152' for '--filter [<FILTER>...]': "
        "a key reference is a hexadecimal number, such as 0xabc",
        "",
    ),
    (
        "key list --filter attr.key-reference=262152",
        "invalid value 'attr.key-reference=262152' for '--filter [<FILTER>...]': "
        "a key reference is a hexadecimal number, such as 0xabc",
        "",
    ),
    (
        "key list --filter key-reference=0xzz",
        "invalid value 'key-reference=0xzz' for '--filter [<FILTER>...]': "
        "a key reference is a hexadecimal number, such as 0xabc",
        "",
    ),
    ("login --username 'admin", "missing closing quote", ""),
]


@pytest.mark.parametrize(("command", "message", "usage"), WRONG)
def test_l3_wrong_words_change_nothing(
    cli: CloudHsmCli, cluster: Cluster, command: str, message: str, usage: str
) -> None:
    before = names(cluster)
    middle = f"{usage}\n" if usage else ""
    said = f"error: {message}\n\n{middle}For more information, try '--help'.\n"
    assert cli.begin(command) == Turn(said, status=2)
    assert names(cluster) == before
    assert not cli.closed


def test_an_option_without_an_effect_is_refused(cli: CloudHsmCli, cluster: Cluster) -> None:
    before = names(cluster)
    who = "user change-mfa token-sign --username kmsuser --role crypto-user"
    assert refusal(cli, f"{who} --token /tmp/file") == "--token is not simulated"
    assert "\n  <--token <TOKEN>|--deregister>\n" in cli.run(who)
    assert names(cluster) == before
