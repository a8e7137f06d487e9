"""key_mgmt_util: the client, logins, users and return codes.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import pytest

from moto_cks import cks, mock_cks
from moto_cks.hsm import UserType
from moto_cks.tools.key_mgmt_util import KeyMgmtUtil
from moto_cks.tools.key_mgmt_util.commands import GROUPS, NOT_SIMULATED
from moto_cks.tools.key_mgmt_util.grammar import Command
from moto_cks.tools.return_codes import RESULTS
from moto_cks.tools.session import Question
from tests.tools.world import ADMIN, PASSWORD, Hardware, World

COMMANDS = [command for _, commands in GROUPS for command in commands]

SUCCESS = "HSM Return: SUCCESS"
NODES = (
    f"Node id 0 and err state 0x00000000 : {SUCCESS}\n"
    f"Node id 1 and err state 0x00000000 : {SUCCESS}\n"
)
LOGGED_IN = f"Cfm3LoginHSM returned: 0x00 : {SUCCESS}\n\nCluster Error Status\n{NODES}"
LOGGED_OUT = f"Cfm3LogoutHSM returned: 0x00 : {SUCCESS}\n\nCluster Error Status\n{NODES}"
LOGIN = f"loginHSM -u CU -s kmsuser -p {PASSWORD}"

# The client -------------------------------------------------------------------------------------


def test_l2_l6_the_prompt(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    assert (tool.greeting, tool.prompt, tool.closed) == ("", "Command:  ", False)


def test_a_cluster_without_hsms(world: World) -> None:
    for hsm in world.cluster.hsms:
        world.hsm.delete_hsm(ClusterId=world.cluster.id, HsmId=hsm.id)
    tool = cks.key_mgmt_util(world.cluster.id)
    assert tool.greeting == "LIQUIDSECURITY: Daemon socket connection error\n"
    assert tool.closed


def test_l2_h5_the_client_learns_of_hsms_that_join(world: World) -> None:
    tool = world.kmu()
    zone = world.cluster.hsms[0].availability_zone
    world.hsm.create_hsm(ClusterId=world.cluster.id, AvailabilityZone=zone)
    handle = tool.run("genSymKey -t 31 -s 32 -l label").split("Key Handle: ")[1].split()[0]
    assert "Node id 2 and err state 0x00000000" in tool.run(f"findSingleKey -k {handle}")


def test_nodes_keep_their_numbers(world: World) -> None:
    tool = world.kmu()
    world.hsm.delete_hsm(ClusterId=world.cluster.id, HsmId=world.cluster.hsms[0].id)
    shown = tool.run("findKey")
    assert "Node id 1 and err state 0x00000000" in shown
    assert "Node id 0" not in shown


def test_all_hsms_gone_while_the_tool_runs(world: World) -> None:
    tool = world.kmu()
    for hsm in world.cluster.hsms:
        world.hsm.delete_hsm(ClusterId=world.cluster.id, HsmId=hsm.id)
    lost = "returned: 0x30000085 : HSM CLUSTER ERROR: Server in cluster is unavailable\n"
    for command, call in (
        ("findKey", "        Cfm3FindKey"),
        ("listUsers", "        Cfm3ListUsers"),
        ("logoutHSM", "Cfm3LogoutHSM"),
        (LOGIN, "        Cfm3LoginHSM"),
    ):
        turn = tool.begin(command)
        assert turn.output.lstrip("\n") == f"{call} {lost}"
        assert turn.status == 1


# Logins -----------------------------------------------------------------------------------------


def test_l2_log_in_and_out_as_the_troubleshooting_page_does(world: World) -> None:
    with world.cmu() as tool:
        tool.run("changePswd CU kmsuser tempPassword", "y")
    kmu = cks.key_mgmt_util(world.cluster.id)
    assert kmu.run("loginHSM -u CU -s kmsuser -p tempPassword") == LOGGED_IN
    assert world.connection_error() == "USER_LOGGED_IN"
    assert kmu.run("logoutHSM") == LOGGED_OUT
    assert world.connection_error() == "INVALID_CREDENTIALS"
    world.kms.update_custom_key_store(
        CustomKeyStoreId=world.store.id, KeyStorePassword="tempPassword"
    )
    assert world.connection_error() is None


def test_l2_log_in_with_a_hidden_password(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    turn = tool.begin("loginHSM -u CU -s kmsuser -hpswd")
    assert turn.question == Question("Enter password: ", hidden=True)
    tool.abandon()
    shown = tool.run("loginHSM -hpswd -s kmsuser -u CU", PASSWORD)
    assert shown == f"Enter password: \n\n{LOGGED_IN}"


def test_l2_only_crypto_users_log_in(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    for user_type in ("CO", "PRECO", "AU", "cu"):
        turn = tool.begin(f"loginHSM -u {user_type} -s admin -p {ADMIN}")
        assert turn.output == "Cfm3LoginHSM returned: 0xdb : HSM Error: Invalid User Type.\n"
        assert turn.status == 1
    assert ("admin", 0) in hardware.users()


def refused_everywhere(number: int, message: str) -> str:
    return (
        f"Cfm3LoginHSM returned: 0x{number:02x} : {message}\n\nCluster Error Status\n"
        f"Node id 0 and err state 0x{number:08x} : {message}\n"
        f"Node id 1 and err state 0x{number:08x} : {message}\n"
    )


def test_l2_p4_wrong_passwords_count_and_lock(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    for failures in range(1, 6):
        turn = tool.begin("loginHSM -u CU -s kmsuser -p wrongPswd")
        assert turn.output == refused_everywhere(0xA3, "HSM Error: RET_USER_LOGIN_FAILURE")
        assert turn.status == 1
        assert hardware.users().count(("kmsuser", failures)) == 2
    assert "The user is locked after too many failed logins" in tool.run(LOGIN)
    with hardware.cmu() as cmu:
        cmu.run(f"changePswd CU kmsuser {PASSWORD}", "y")
    assert tool.run(LOGIN) == LOGGED_IN


def test_l2_l7_an_unknown_user(hardware: Hardware) -> None:
    message = "HSM Error: This user doesn't exist"
    shown = KeyMgmtUtil(hardware).run(f"loginHSM -u CU -s nobody -p {PASSWORD}")
    assert shown == refused_everywhere(0xCE, message)


def test_l2_h5_each_node_answers_for_itself(hardware: Hardware) -> None:
    with hardware.cmu() as cmu:
        cmu.run("server 1")
        cmu.run("changePswd CU kmsuser otherPswd1", "y")
    tool = KeyMgmtUtil(hardware)
    turn = tool.begin(LOGIN)
    failure = "HSM Error: RET_USER_LOGIN_FAILURE"
    assert turn.output == (
        f"Cfm3LoginHSM returned: 0xa3 : {failure}\n\nCluster Error Status\n"
        f"Node id 0 and err state 0x00000000 : {SUCCESS}\n"
        f"Node id 1 and err state 0x000000a3 : {failure}\n"
    )
    assert turn.status == 1
    assert "No user is logged in" in tool.run("findKey")
    kmsuser = hardware.hsms[0].user(UserType.CU, "kmsuser")
    assert not list(hardware.hsms[0].sessions_of(kmsuser))


def test_p2_nobody_logs_in_as_kmsuser_while_kms_is_connected(connected: World) -> None:
    tool = cks.key_mgmt_util(connected.cluster.id)
    for password in (PASSWORD, "wrongPswd"):
        turn = tool.begin(f"loginHSM -u CU -s kmsuser -p {password}")
        assert SUCCESS not in turn.output
        assert turn.status == 1


@pytest.mark.parametrize("how", ["logoutHSM", "exit", "quit", "close"])
def test_c5_9_kmsuser_logged_in_through_the_tool(world: World, how: str) -> None:
    tool = world.kmu()
    assert world.connection_error() == "USER_LOGGED_IN"
    if how == "close":
        tool.close()
    else:
        tool.run(how)
    assert world.connection_error() is None
    assert tool.closed == (how != "logoutHSM")


def test_l2_a_login_takes_the_place_of_the_one_before(hardware: Hardware) -> None:
    hardware.new_user()
    tool = hardware.kmu()
    tool.run("loginHSM -u CU -s bob -p wrongPswd")
    assert "0x00" in tool.run("findKey")
    kmsuser = hardware.hsms[0].user(UserType.CU, "kmsuser")
    assert len(list(hardware.hsms[0].sessions_of(kmsuser))) == 1
    assert tool.run(f"loginHSM -u CU -s bob -p {PASSWORD}") == LOGGED_IN
    assert not list(hardware.hsms[0].sessions_of(kmsuser))


@pytest.mark.parametrize(
    "command",
    [
        "findKey",
        "findSingleKey -k 1",
        "listUsers",
        "getKeyInfo -k 1",
        "getAttribute -o 1 -a 3 -out file",
        "setAttribute -o 1 -a 1",
        "deleteKey -k 1",
        "genSymKey -t 31 -s 32 -l label",
        "logoutHSM",
    ],
)
def test_l2_commands_that_need_a_login(hardware: Hardware, command: str) -> None:
    turn = KeyMgmtUtil(hardware).begin(command)
    assert turn.output.endswith(" : HSM Error: No user is logged in to do this operation\n")
    assert (turn.question, turn.status) == (None, 1)


# Users and return codes -------------------------------------------------------------------------


def test_l2_the_users(hardware: Hardware) -> None:
    hardware.new_user("alice")
    assert hardware.kmu().run("listUsers") == (
        "\n"
        "        Number Of Users found 4\n"
        "\n"
        "        Index       User ID     User Type       User Name           MofnPubKey"
        "    LoginFailureCnt         2FA\n"
        "        1                1      CO              admin                     NO"
        "               0               NO\n"
        "        2                2      AU              app_user                  NO"
        "               0               NO\n"
        "        3                3      CU              kmsuser                   NO"
        "               0               NO\n"
        "        4                4      CU              alice                     NO"
        "               0               NO\n"
        "\n"
        f"        Cfm3ListUsers returned: 0x00 : {SUCCESS}\n"
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("0xdb", "Error Code db maps to HSM Error: Invalid User Type."),
        ("0xc6", "Error Code c6 maps to HSM Error: Key Access is denied"),
        (
            "0xa8",
            "Error Code a8 maps to HSM Error: Invalid object handle is passed to this operation",
        ),
        ("0xA3", "Error Code a3 maps to HSM Error: RET_USER_LOGIN_FAILURE"),
        ("0x0", "Error Code 0 maps to HSM Return: SUCCESS"),
        ("0x7", "Error Code 7 maps to an unknown error"),
    ],
)
def test_l2_the_text_of_a_return_code(hardware: Hardware, code: str, text: str) -> None:
    turn = KeyMgmtUtil(hardware).begin(f"Error2String -r {code}")
    assert turn.output == f"\n        {text}\n"
    assert turn.status == 0


def test_every_code_that_is_printed_has_a_text(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    for result in RESULTS.values():
        shown = tool.run(f"Error2String -r {result.number:#x}")
        assert shown == f"\n        Error Code {result.number:x} maps to {result.text}\n"
    assert len({result.number for result in RESULTS.values()}) == len(RESULTS)


# Commands ---------------------------------------------------------------------------------------


def test_l2_help(hardware: Hardware) -> None:
    shown = KeyMgmtUtil(hardware).run("help")
    assert shown.startswith(
        "\nHelp Commands Available:\n"
        "\n"
        "Syntax: <command> -h\n"
        "\n"
        "\n"
        "   Command               Description\n"
        "   =======               ===========\n"
        "\n"
        "   exit                   Exits this application\n"
        "   help                   Displays this information\n"
        "\n"
        "        Configuration and Admin Commands\n"
        "   listUsers              Lists all users of a partition\n"
    )
    for command in COMMANDS:
        assert f"   {command.name:<23}{command.description}\n" in shown


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_l2_the_help_of_each_command(hardware: Hardware, command: Command) -> None:
    tool = KeyMgmtUtil(hardware)
    turn = tool.begin(f"{command.name} -h")
    assert (turn.output, turn.status) == (command.usage, 0)
    assert f"\nSyntax: {command.name} -h\n" in turn.output
    for option in command.options:
        assert f"\n       {option.flag} " in turn.output
    assert not tool.closed


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_l2_wrong_arguments_get_the_usage(hardware: Hardware, command: Command) -> None:
    tool = hardware.kmu()
    turn = tool.begin(f"{command.name} whatever -this is")
    assert turn.output.startswith("\n        Error: ")
    assert turn.output.endswith(command.usage)
    assert (turn.question, turn.status) == (None, 1)
    assert not tool.closed


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("deleteKey", "Key handle (-k) is missing."),
        ("deleteKey -k", "Key handle (-k) is missing."),
        ("deleteKey -k x12", "Key handle (-k) is missing."),
        ("deleteKey -k 12 13", "Unknown arguments."),
        ("loginHSM -s kmsuser -p x", "User type (-u) is missing."),
        ("loginHSM -u CU -p x", "Username (-s) is missing."),
        ("loginHSM -u CU -s kmsuser", "Password (-p) is missing."),
        ("loginHSM -u CU -s kmsuser -p x -hpswd", "Only one of hpswd, p can be given."),
        ("genSymKey -t 5 -s 32 -l label", "-t is wrong."),
        ("Error2String -r db", "Response code (-r) is missing."),
        ("findKey -u 3,x", "-u is wrong."),
        ("setAttribute -o 1 -a 3", "-a is wrong."),
    ],
)
def test_l2_l7_what_is_wrong_is_said(hardware: Hardware, line: str, error: str) -> None:
    turn = hardware.kmu().begin(line)
    assert turn.output.startswith(f"\n        Error: {error}\n\nDescription\n===========\n")
    assert turn.status == 1


def test_l2_unknown_commands(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    turn = tool.begin("findkey")
    assert turn.output == "\n        Error: Unknown command. Type help for the commands.\n"
    assert turn.status == 1
    for name in NOT_SIMULATED:
        assert tool.run(f"{name} -h") == f"\n        {name} is not simulated.\n"
    assert tool.run("") == ""


# One command ------------------------------------------------------------------------------------


def test_l2_one_command_with_a_login(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    shown = tool.run_single(
        ["singlecmd", *LOGIN.split(), *["genSymKey", "-l", "aes", "-t", "31", "-s", "32"]]
    )
    assert shown.startswith(LOGGED_IN)
    (handle,) = hardware.hsms[0].keys
    assert f"        Symmetric Key Created.  Key Handle: {handle}\n" in shown
    assert tool.closed
    kmsuser = hardware.hsms[0].user(UserType.CU, "kmsuser")
    assert not list(hardware.hsms[0].sessions_of(kmsuser))


def test_l2_one_command_with_a_hidden_password(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    words = ["loginHSM", "-u", "CU", "-s", "kmsuser", "-hpswd", "findKey"]
    turn = tool.begin_single(["singlecmd", *words])
    assert turn.question == Question("Enter password: ", hidden=True)
    turn = tool.answer(PASSWORD)
    assert "Total number of keys present 0\n" in turn.output
    assert (turn.status, tool.closed) == (0, True)


def test_l2_one_command_whose_login_fails(hardware: Hardware) -> None:
    tool = KeyMgmtUtil(hardware)
    login = ["loginHSM", "-u", "CU", "-s", "kmsuser", "-p", "wrongPswd"]
    turn = tool.begin_single(
        ["singlecmd", *login, "genSymKey", "-l", "aes", "-t", "31", "-s", "32"]
    )
    assert "RET_USER_LOGIN_FAILURE" in turn.output
    assert "Cfm3Generate" not in turn.output
    assert (turn.status, tool.closed) == (1, True)
    assert not hardware.hsms[0].keys


def test_l2_one_command_without_a_login(hardware: Hardware) -> None:
    assert "maps to" in KeyMgmtUtil(hardware).run_single(
        ["singlecmd", "Error2String", "-r", "0xdb"]
    )
    assert KeyMgmtUtil(hardware).run_single(["singlecmd"]) == ""
    turn = KeyMgmtUtil(hardware).begin_single(["singlecmd", "loginHSM", "-u", "CU"])
    assert "Username (-s) is missing" in turn.output
    assert turn.status == 1
    turn = KeyMgmtUtil(hardware).begin_single(["singlecmd", "loginHSM", "-h"])
    assert turn.output.startswith("\nDescription\n")
    assert turn.status == 0
    assert KeyMgmtUtil(hardware).run_single(["singlecmd", *LOGIN.split()]) == LOGGED_IN


def test_l2_one_command_that_is_interrupted(world: World) -> None:
    tool = cks.key_mgmt_util(world.cluster.id)
    tool.begin_single(["singlecmd", *LOGIN.split(), *["setAttribute", "-o", "1", "-a", "1"]])
    tool.abandon()
    assert tool.closed
    assert world.connection_error() is None


# Secrets ----------------------------------------------------------------------------------------


def test_p7_no_password_in_what_the_tool_shows() -> None:
    with mock_cks():
        cluster = cks.create_cluster(hsms=1, kmsuser_password="kmsTr0ub41")
        shown = []
        with cks.key_mgmt_util(cluster.id) as tool:
            for command, *answers in (
                ["loginHSM -u CU -s kmsuser -p wrongTr0ub4"],
                ["loginHSM -u CU -s kmsuser -hpswd", "kmsTr0ub41"],
                ["loginHSM -u CU -s kmsuser -p kmsTr0ub41"],
                ["loginHSM -u CO -s admin -p Tr0ub4"],
                ["loginHSM -u CU -s kmsuser -p kms Tr0ub41"],
                ["loginHSM -u CU -s kmsuser -Tr0ub41"],
                ["loginHSM -u CU -s -p Tr0ub41"],
                ["Tr0ub41"],
                ["genSymKey -t Tr0ub4"],
                ["genSymKey -t 31 -s 32 -l label"],
                ["listUsers"],
                ["findKey"],
            ):
                shown.append(tool.run(command, *answers))
                shown += [repr(tool), str(tool), repr(tool.fleet)]
            shown.append(repr(tool.client))
        shown.append(
            cks.key_mgmt_util(cluster.id).run_single(
                [
                    "singlecmd",
                    "loginHSM",
                    "-u",
                    "CU",
                    "-s",
                    "kmsuser",
                    "-p",
                    "kmsTr0ub41",
                    "findKey",
                ]
            )
        )
        assert len(shown) == 12 * 4 + 2
        assert not [text for text in shown if "Tr0ub4" in text]
