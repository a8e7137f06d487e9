"""cloudhsm_mgmt_util: its servers and commands.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import pytest

from moto_cks import cks
from moto_cks.tools.cloudhsm_mgmt_util.commands import COMMANDS, NOT_SIMULATED
from moto_cks.tools.cloudhsm_mgmt_util.grammar import Command
from tests.tools.world import ADMIN, Hardware, World


def test_l1_l6_the_greeting_names_each_server(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    first, second = (hsm.eni_ip for hsm in world.cluster.hsms)
    assert tool.greeting == (
        "Connecting to the server(s), it may take time\n"
        "depending on the server(s) load, please wait...\n"
        "\n"
        f"Connecting to server '{first}': hostname '{first}', port 2225...\n"
        f"Connected to server '{first}': hostname '{first}', port 2225.\n"
        "\n"
        f"Connecting to server '{second}': hostname '{second}', port 2225...\n"
        f"Connected to server '{second}': hostname '{second}', port 2225.\n"
        f"E2E enabled on server 0({first})\n"
        f"E2E enabled on server 1({second})\n"
    )
    assert (tool.prompt, tool.closed) == ("aws-cloudhsm>", False)


def test_a_cluster_without_hsms_cannot_be_connected_to(world: World) -> None:
    for hsm in world.cluster.hsms:
        world.hsm.delete_hsm(ClusterId=world.cluster.id, HsmId=hsm.id)
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    assert "Connected" not in tool.greeting
    assert tool.greeting.endswith("\nConnection to one of servers failed, exiting...\n")
    assert tool.closed


def test_h5_an_hsm_that_joins_later_is_not_reached(world: World) -> None:
    tool = world.cmu()
    zone = world.cluster.hsms[0].availability_zone
    world.hsm.create_hsm(ClusterId=world.cluster.id, AvailabilityZone=zone)
    assert "on 2 nodes" in tool.run("createUser CU bob bobsPswd1", "y")
    assert ["bob" in world.users(number) for number in range(3)] == [True, True, False]
    assert "server 2(" in cks.cloudhsm_mgmt_util(world.cluster.id).run("listUsers")


def test_an_hsm_that_has_left_answers_no_more(world: World) -> None:
    tool = world.cmu()
    first, second = world.servers
    world.hsm.delete_hsm(ClusterId=world.cluster.id, HsmId=world.cluster.hsms[0].id)
    lost = "HSM CLUSTER ERROR: Server in cluster is unavailable"
    for command in ("listUsers", f"loginHSM CO admin {ADMIN}", "getHSMInfo"):
        name = command.split()[0]
        turn = tool.begin(command)
        assert f"{name} failed: {lost}\n{name} failed on server {first}\n" in turn.output
        assert f"failed on server {second}" not in turn.output
        assert turn.status == 1
    assert "Disconnected" in tool.run("info server 0")
    shown = tool.run("createUser CU bob bobsPswd1", "y", "I")
    assert f"createUser failed: {lost}\ncreating user on server {first} failed\n" in shown
    assert "bob" in world.users()


def test_l1_information_about_a_server(world: World) -> None:
    tool = world.cmu()
    hsm = world.cluster.hsms[1]
    header = (
        "Id      Name                    Hostname         Port   State           Partition"
        "               LoginState\n"
    )
    row = f"1       {hsm.eni_ip:<24}{hsm.eni_ip:<16}2225    Connected       {hsm.id:<24}"
    assert tool.run("info server 1") == f"{header}{row}Logged in as 'admin(CO)'\n"
    tool.run("logoutHSM")
    assert tool.run("info server 1") == f"{header}{row}Not logged in\n"
    for wrong in ("info server 2", "info servers 1"):
        assert tool.run(wrong) == "Usage: info server <server ID>\n"


def test_l1_information_about_the_hardware(world: World) -> None:
    shown = cks.cloudhsm_mgmt_util(world.cluster.id).run("getHSMInfo")
    assert shown.startswith(
        "Getting HSM Info on 2 nodes\n"
        "                *** Server 0 HSM Info ***\n"
        "\n"
        "        Label                :cavium\n"
        "        Model                :NITROX-III CNN35XX-NFBE\n"
    )
    assert "*** Server 1 HSM Info ***" in shown
    assert (
        "        FIPS state           :2 [FIPS mode with single factor authentication]\n" in shown
    )


def test_l1_server_mode(world: World) -> None:
    tool = world.cmu()
    assert tool.run("server 1") == "\nServer is in 'E2' mode...\n"
    assert tool.prompt == "server1>"
    assert tool.run("server 0") == "server is available in global mode only.\n"
    assert "server 0" not in tool.run("listUsers")
    assert tool.run("exit") == ""
    assert tool.prompt == "aws-cloudhsm>"
    assert tool.run("exit") == "exit is available in server mode only.\n"
    assert tool.run("server 2") == "There is no server 2.\n"


def test_quit_in_server_mode(world: World) -> None:
    tool = world.cmu()
    tool.run("server 1")
    assert tool.run("quit") == "\ndisconnecting from servers, please wait...\n"
    assert tool.closed


def test_a_script_for_an_older_version(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    first, second = world.servers
    assert tool.run("enable_e2e") == (
        f"E2E enabled on server {first}\nE2E enabled on server {second}\n"
    )


# Commands ---------------------------------------------------------------------------------------


def test_l1_help_lists_every_command(hardware: Hardware) -> None:
    tool = hardware.cmu()
    listed = [line.split()[0] for line in tool.run("help").splitlines()]
    assert listed == [command.name for command in COMMANDS]
    usage = (
        "Usage: loginHSM <user-type> <user-name> <password |-hpswd> [-2fa </path/to/authdata>]\n"
    )
    assert tool.run("help loginHSM") == tool.run("help logi") == usage
    assert tool.run("help nothing") == "Command not found. Type help for the commands.\n"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_l1_wrong_arguments_get_the_usage(hardware: Hardware, command: Command) -> None:
    name = command.name
    tool = hardware.cmu()
    if name in ("exit", "syncUser", "syncKey"):
        tool.run("server 0")
    before = hardware.users()
    turn = tool.begin(f"{name} too many words, whatever the command is")
    assert turn.output.startswith(f"Usage: {name}")
    assert (turn.question, turn.status) == (None, 1)
    assert hardware.users() == before
    assert not tool.closed


@pytest.mark.parametrize(
    "line", ["findAllKeys kmsuser 0", "getAttribute 1 two", "server first", "shareKey 1 2 yes"]
)
def test_what_is_no_number_gets_the_usage(hardware: Hardware, line: str) -> None:
    assert hardware.cmu().run(line).startswith(f"Usage: {line.split(maxsplit=1)[0]}")


def test_l1_names_may_be_shortened(hardware: Hardware) -> None:
    tool = hardware.cmu()
    assert tool.run("listU") == tool.run("listUsers")
    ambiguous = "login is ambiguous"
    assert tool.run("l").startswith(
        "l is ambiguous: listAttributes, listUsers, loginHSM, logoutHSM"
    )
    assert ambiguous not in tool.run("logi")


def test_l1_unknown_commands(hardware: Hardware) -> None:
    tool = hardware.cmu()
    for unknown in ("deleteEverything", "listusers"):
        turn = tool.begin(unknown)
        assert turn.output == "Command not found. Type help for the commands.\n"
        assert turn.status == 1
    for name in NOT_SIMULATED:
        assert tool.run(name) == f"{name} is not simulated.\n"
    assert tool.run("   ") == ""
