"""cloudhsm_mgmt_util: servers, logins and users.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import pytest

from moto_cks import cks, mock_cks
from moto_cks.tools.cloudhsm_mgmt_util.commands import COMMANDS, NOT_SIMULATED
from moto_cks.tools.cloudhsm_mgmt_util.grammar import Command
from moto_cks.tools.session import Question
from tests.tools.world import ADMIN, CAUTION, PASSWORD, Hardware, World

# The servers ------------------------------------------------------------------------------------


def test_l1_the_greeting_names_each_server(world: World) -> None:
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
    )
    assert (tool.prompt, tool.closed) == ("aws-cloudhsm>", False)


def test_a_cluster_without_hsms_cannot_be_connected_to(world: World) -> None:
    for hsm in world.cluster.hsms:
        world.hsm.delete_hsm(ClusterId=world.cluster.id, HsmId=hsm.id)
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    assert "Connected" not in tool.greeting
    assert tool.greeting.endswith("\nNo server is left to connect to.\n")
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


# Logins -----------------------------------------------------------------------------------------


def test_l1_log_in_and_out(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    first, second = world.servers
    assert tool.run(f"loginHSM CO admin {ADMIN}") == (
        f"loginHSM success on server {first}\nloginHSM success on server {second}\n"
    )
    assert tool.run("logoutHSM") == (
        f"\nlogoutHSM success on server {first}\nlogoutHSM success on server {second}\n"
    )
    assert "logoutHSM failed: HSM Error: Nobody is logged in\n" in tool.run("logoutHSM")


def test_l1_log_in_with_a_hidden_password(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    question = tool.begin("loginHSM CO admin -hpswd").question
    assert question == Question("Enter password: ", hidden=True)
    tool.abandon()
    first, second = world.servers
    assert tool.run("loginHSM CO admin -hpswd", ADMIN) == (
        "Enter password: \n"
        "\n"
        f"loginHSM success on server {first}\n"
        f"loginHSM success on server {second}\n"
    )


def test_l1_the_words_for_user_types(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    assert "success" in tool.run(f"loginHSM PCO admin {ADMIN}")
    for command in ("loginHSM co admin x", "createUser cu a b", "deleteUser X y"):
        turn = tool.begin(command)
        assert turn.output.startswith("Invalid user type. User types are CO, CU,")
        assert (turn.question, turn.status) == (None, 1)


def test_l1_user_names_are_not_case_sensitive(hardware: Hardware) -> None:
    tool = hardware.cmu("CO", "ADMIN", ADMIN)
    tool.run("createUser CU Bob bobsPswd1", "y")
    assert "A user of this type and name exists" in tool.run(
        "createUser CU BOB bobsPswd1", "y", "A"
    )
    tool.run("deleteUser CU bOB")
    assert ("Bob", 0) not in hardware.users()


def test_l1_a_login_takes_the_place_of_the_one_before(world: World) -> None:
    tool = world.cmu("CU", "kmsuser", PASSWORD)
    assert "failed" in tool.run("loginHSM CO admin wrongPswd")
    assert world.connection_error() == "USER_LOGGED_IN"
    tool.run(f"loginHSM CO admin {ADMIN}")
    assert world.connection_error() is None


def test_p4_wrong_passwords_count_on_each_server(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    first, second = world.servers
    for failures in range(1, 6):
        turn = tool.begin("loginHSM CU kmsuser wrongPswd")
        assert turn.status == 1
        assert turn.output == (
            "loginHSM failed: HSM Error: RET_USER_LOGIN_FAILURE\n"
            f"loginHSM failed on server {first}\n"
            "loginHSM failed: HSM Error: RET_USER_LOGIN_FAILURE\n"
            f"loginHSM failed on server {second}\n"
        )
        row = (
            f"kmsuser                                  NO               {failures}               NO"
        )
        assert tool.run("listUsers").count(row) == 2


def test_c5_8_p4_five_wrong_passwords_lock_and_change_pswd_unlocks(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    for _ in range(5):
        tool.run("loginHSM CU kmsuser wrongPswd")
    locked = "loginHSM failed: HSM Error: The user is locked after too many failed logins\n"
    assert tool.run(f"loginHSM CU kmsuser {PASSWORD}").count(locked) == 2
    assert world.connection_error() == "USER_LOCKED_OUT"

    tool.run(f"loginHSM CO admin {ADMIN}")
    tool.run("changePswd CU kmsuser tempPassword", "y")
    assert [world.users(number)["kmsuser"] for number in range(2)] == [0, 0]
    assert world.connection_error() == "INVALID_CREDENTIALS"
    world.kms.update_custom_key_store(
        CustomKeyStoreId=world.store.id, KeyStorePassword="tempPassword"
    )
    assert world.connection_error() is None


def test_unknown_users_do_not_log_in(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    shown = tool.run(f"loginHSM CU nobody {PASSWORD}")
    message = "HSM Error: user isn't initialized or user with this name doesn't exist"
    assert shown.count(f"loginHSM failed: {message}\n") == 2


def test_p2_nobody_logs_in_as_kmsuser_while_kms_is_connected(connected: World) -> None:
    tool = cks.cloudhsm_mgmt_util(connected.cluster.id)
    for password in (PASSWORD, "wrongPswd"):
        assert "success" not in tool.run(f"loginHSM CU kmsuser {password}")


@pytest.mark.parametrize("how", ["logoutHSM", "quit", "close"])
def test_c5_9_kmsuser_logged_in_through_the_tool(world: World, how: str) -> None:
    tool = world.cmu("CU", "kmsuser", PASSWORD)
    assert world.connection_error() == "USER_LOGGED_IN"
    if how == "close":
        tool.close()
    else:
        tool.run(how)
    assert world.connection_error() is None


def test_p6_a_second_factor_is_not_simulated(world: World) -> None:
    world.cluster.create_user("CO", "officer", PASSWORD, two_factor=True)
    tool = world.cmu()
    for command in (
        f"loginHSM CO officer {PASSWORD}",
        "createUser CO other otherPswd1",
        "changePswd CO officer otherPswd1",
    ):
        refusal = "Two-factor authentication is not simulated.\n"
        assert tool.run(f"{command} -2fa /tmp/authdata") == refusal
    assert "The user logs in with a second factor" in tool.run(f"loginHSM CO officer {PASSWORD}")
    row = "officer                                 YES               0              YES\n"
    assert row in tool.run("listUsers")
    tool.run("changePswd CO officer otherPswd1", "y")
    assert row not in tool.run("listUsers")
    assert "success" in tool.run("loginHSM CO officer otherPswd1")


# Users ------------------------------------------------------------------------------------------


def test_l1_the_users_of_each_server(world: World) -> None:
    world.cluster.create_user("CU", "example_user", PASSWORD, hsms=world.cluster.hsms[:1])
    first, second = world.servers
    header = (
        "    User Id             User Type       User Name                          MofnPubKey    "
        "LoginFailureCnt         2FA\n"
    )
    both = (
        "         1              CO              admin                                    NO"
        "               0               NO\n"
        "         2              AU              app_user                                 NO"
        "               0               NO\n"
        "         3              CU              kmsuser                                  NO"
        "               0               NO\n"
    )
    assert cks.cloudhsm_mgmt_util(world.cluster.id).run("listUsers") == (
        f"Users on server {first}:\nNumber of users found:4\n\n{header}{both}"
        "         4              CU              example_user                             NO"
        "               0               NO\n"
        f"Users on server {second}:\nNumber of users found:3\n\n{header}{both}"
    )


def test_l1_change_a_password_as_the_troubleshooting_page_does(world: World) -> None:
    tool = world.cmu()
    assert tool.run("changePswd CU kmsuser tempPassword", "y") == (
        f"{CAUTION}Do you want to continue(y/n)?y\nChanging password for kmsuser(CU) on 2 nodes\n"
    )
    assert "success" in tool.run("loginHSM CU kmsuser tempPassword")


def test_l1_create_a_user(world: World) -> None:
    tool = world.cmu()
    assert tool.run("createUser CO alice 391019314", "", "y") == (
        f"{CAUTION}Do you want to continue(y/n)?\n"
        "Invalid option, please type 'y' or 'n'\n"
        "\n"
        "Do you want to continue(y/n)?y\n"
        "Creating User alice(CO) on 2 nodes\n"
    )
    assert "success" in tool.run("loginHSM CO alice 391019314")


@pytest.mark.parametrize(
    "command", ["createUser CU bob bobsPswd1", "changePswd CU kmsuser newPswd1"]
)
def test_l1_no_changes_nothing(world: World, command: str) -> None:
    tool = world.cmu()
    tool.begin(command)
    for answer in ("yes", "Y", "no", ""):
        assert tool.answer(answer).question is not None
    turn = tool.answer("n")
    assert (turn.output, turn.question, turn.status) == ("", None, 1)
    assert "bob" not in world.users()
    assert world.connection_error() is None


@pytest.mark.parametrize("command", ["createUser CU bob", "changePswd CU kmsuser"])
def test_l1_a_hidden_new_password_is_asked_for_twice(hardware: Hardware, command: str) -> None:
    tool = hardware.cmu()
    turn = tool.begin(f"{command} -hpswd")
    assert turn.question == Question("Enter new password: ", hidden=True)
    turn = tool.answer("newPassword1")
    assert turn.question == Question("Re-enter new password: ", hidden=True)
    assert "CAUTION" in tool.answer("newPassword1").output
    assert "on 2 nodes" in tool.answer("y").output
    assert "success" in tool.run(f"loginHSM {command.split(' ', 1)[1]} newPassword1")


def test_new_passwords_that_differ_change_nothing(world: World) -> None:
    tool = world.cmu()
    shown = tool.run("changePswd CU kmsuser -hpswd", "newPassword1", "newPassword2")
    assert shown.endswith("Re-enter new password: \nThe passwords do not match.\n")
    assert world.connection_error() is None


def test_l1_delete_a_user(world: World) -> None:
    world.new_user("alice", "CO")
    first, second = world.servers
    assert world.cmu().run("deleteUser CO alice") == (
        "Deleting user alice(CO) on 2 nodes\n"
        f"deleteUser success on server {first}\n"
        f"deleteUser success on server {second}\n"
    )
    assert "alice" not in world.users()


REFUSED = {
    "a name that exists": ("createUser CU kmsuser newPswd1", "A user of this type and name exists"),
    "a short password": ("createUser CU bob short", "A password is 7 to 32 characters long"),
    "a name with a dash": ("createUser CU b-b newPswd1", "A user name is 1 to 31 letters"),
    "an appliance user": ("createUser AU bob newPswd1", "Invalid User Type."),
    "nobody's password": ("changePswd CU nobody newPswd1", "user isn't initialized"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_l1_what_the_hsms_refuse(hardware: Hardware, case: str) -> None:
    command, message = REFUSED[case]
    before = hardware.users()
    tool = hardware.cmu()
    shown = tool.run(command, "y", "A")
    assert f"{command.split()[0]} failed: HSM Error: {message}" in shown
    assert shown.endswith("\n\nRetry/Ignore/Abort?(R/I/A):A\n")
    assert hardware.users() == before


def test_p2_kmsusers_password_is_not_changed_while_kms_is_connected(connected: World) -> None:
    tool = connected.cmu()
    first, second = connected.servers
    denied = "HSM Error: Deletion or Changing password of a logged in User is denied"
    assert tool.run("changePswd CU kmsuser tempPassword", "y", "I", "I") == (
        f"{CAUTION}Do you want to continue(y/n)?y\n"
        "Changing password for kmsuser(CU) on 2 nodes\n"
        f"changePswd failed: {denied}\n"
        f"Changing password on node {first} failed\n"
        "\n"
        "Retry/Ignore/Abort?(R/I/A):I\n"
        f"changePswd failed: {denied}\n"
        f"Changing password on node {second} failed\n"
        "\n"
        "Retry/Ignore/Abort?(R/I/A):I\n"
    )
    key_id = connected.store.create_key()
    connected.kms.encrypt(KeyId=key_id, Plaintext=b"secret")
    assert denied in tool.run("deleteUser CU kmsuser", "B")
    assert "kmsuser" in connected.users()


def test_a_user_who_is_logged_in_elsewhere_keeps_the_password(hardware: Hardware) -> None:
    other = hardware.kmu()
    tool = hardware.cmu()
    assert "logged in User" in tool.run("changePswd CU kmsuser newPswd1", "y", "A")
    other.run("exit")
    assert "changePswd failed" not in tool.run("changePswd CU kmsuser newPswd1", "y")


def test_l1_users_change_their_own_password(hardware: Hardware) -> None:
    tool = hardware.cmu("CU", "kmsuser", PASSWORD)
    assert tool.run("changePswd CU kmsuser newPswd1", "y").endswith("on 2 nodes\n")
    assert "A user of this type may not" in tool.run("changePswd CO admin newPswd1", "y", "A")
    assert "A user of this type may not" in tool.run("createUser CU bob newPswd1", "y", "A")
    assert "A user of this type may not" in tool.run("deleteUser CO admin", "I", "I")


def test_retry_after_the_cause_is_gone(world: World) -> None:
    other = world.kmu()
    tool = world.cmu()
    turn = tool.begin("changePswd CU kmsuser newPswd1")
    turn = tool.answer("y")
    assert "server" not in turn.output
    assert turn.question == Question("Retry/Ignore/Abort?(R/I/A):")
    assert tool.answer("what?").question == turn.question
    other.close()
    turn = tool.answer("r")
    assert (turn.output, turn.question, turn.status) == ("", None, 0)
    world.kms.update_custom_key_store(CustomKeyStoreId=world.store.id, KeyStorePassword="newPswd1")
    assert world.connection_error() is None


def test_abort_leaves_the_other_servers_alone(world: World) -> None:
    world.cluster.create_user("CU", "bob", PASSWORD, hsms=world.cluster.hsms[:1])
    tool = world.cmu()
    tool.run("createUser CU bob bobsPswd1", "y", "A")
    assert "bob" not in world.users(1)
    tool.run("createUser CU bob bobsPswd1", "y", "I")
    assert "bob" in world.users(1)


def test_roll_back_puts_a_deleted_user_back(world: World) -> None:
    first, second = world.servers
    world.cluster.create_user("CU", "bob", PASSWORD, hsms=world.cluster.hsms[:1])
    tool = world.cmu()
    assert tool.run("deleteUser CU bob", "B") == (
        "Deleting user bob(CU) on 2 nodes\n"
        f"deleteUser success on server {first}\n"
        "deleteUser failed: HSM Error: user isn't initialized or user with this name "
        "doesn't exist\n"
        f"deleteUser failed on server {second}\n"
        "\n"
        "Retry/rollBack/Ignore?(R/B/I):B\n"
    )
    assert world.users() == {"admin": 0, "app_user": 0, "kmsuser": 0, "bob": 0}
    assert f"loginHSM success on server {first}" in tool.run(f"loginHSM CU bob {PASSWORD}")


def test_a_roll_back_that_is_refused(world: World) -> None:
    world.cluster.create_user("CU", "bob", PASSWORD, hsms=world.cluster.hsms[:1])
    tool = world.cmu()
    assert tool.begin("deleteUser CU bob").question is not None
    world.hsm.delete_hsm(ClusterId=world.cluster.id, HsmId=world.cluster.hsms[0].id)
    assert tool.answer("B").output == "deleteUser rollBack failed: HSM Error: Nobody is logged in\n"


def test_a_user_who_owns_keys_stays(connected: World) -> None:
    connected.store.create_key()
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    shown = connected.cmu().run("deleteUser CU kmsuser", "I", "I")
    assert shown.count("deleteUser failed: HSM Error: The user owns keys\n") == 2


# One server only --------------------------------------------------------------------------------


def test_h5_c5_10_a_user_created_on_one_server_only(world: World) -> None:
    tool = world.cmu()
    tool.run("deleteUser CU kmsuser")
    assert world.connection_error() == "USER_NOT_FOUND"
    tool.run("server 0")
    assert "Creating User kmsuser(CU) on 1 nodes\n" in tool.run(
        f"createUser CU kmsuser {PASSWORD}", "y"
    )
    assert ["kmsuser" in world.users(number) for number in range(2)] == [True, False]
    assert world.connection_error() == "USER_NOT_FOUND"
    tool.run("exit")
    tool.run("server 1")
    tool.run(f"createUser CU kmsuser {PASSWORD}", "y")
    assert world.connection_error() is None


def test_h5_c5_5_a_password_changed_on_one_server_only(world: World) -> None:
    tool = world.cmu()
    tool.run("server 1")
    assert "on 1 nodes" in tool.run("changePswd CU kmsuser tempPassword", "y")
    assert world.connection_error() == "INVALID_CREDENTIALS"
    tool.run(f"changePswd CU kmsuser {PASSWORD}", "y")
    assert world.connection_error() is None


def test_l1_h5_sync_user_copies_a_user_with_the_password(world: World) -> None:
    tool = world.cmu()
    tool.run("server 0")
    tool.run("changePswd CU kmsuser tempPassword", "y")
    assert tool.run("syncUser 3 1") == (
        "ExtractMaskedObject: 0x0 !\nInsertMaskedObject: 0x0 !\nsyncUser success\n"
    )
    world.kms.update_custom_key_store(
        CustomKeyStoreId=world.store.id, KeyStorePassword="tempPassword"
    )
    assert world.connection_error() is None


def test_h5_c5_10_sync_user_adds_a_user(world: World) -> None:
    tool = world.cmu()
    tool.run("server 1")
    tool.run("deleteUser CU kmsuser")
    tool.run(f"createUser CU another {PASSWORD}", "y")
    assert world.connection_error() == "USER_NOT_FOUND"
    tool.run("exit")
    tool.run("server 0")
    tool.run("syncUser 3 1")
    assert world.connection_error() is None


SYNC_REFUSED = {
    "no such user": ("syncUser 9 1", "ExtractMaskedObject: 0x9d !"),
    "an appliance user": ("syncUser 2 1", "ExtractMaskedObject: 0xdb !"),
    "no such server": ("syncUser 3 2", "There is no server 2."),
    "a user who is logged in": ("syncUser 3 1", "is denied"),
}


@pytest.mark.parametrize("case", SYNC_REFUSED)
def test_what_sync_user_refuses(hardware: Hardware, case: str) -> None:
    command, message = SYNC_REFUSED[case]
    other = hardware.kmu()
    tool = hardware.cmu()
    assert tool.run("syncUser 3 1") == "syncUser is available in server mode only.\n"
    tool.run("server 0")
    turn = tool.begin(command)
    assert message in turn.output
    assert turn.status == 1
    other.close()


# Activation -------------------------------------------------------------------------------------


def initialized_cluster(world: World) -> str:
    """A cluster that is initialized and has one HSM."""
    backup_free = world.hsm.create_cluster(
        HsmType="hsm1.medium", SubnetIds=world.cluster.subnet_ids
    )["Cluster"]["ClusterId"]
    zone = world.cluster.hsms[0].availability_zone
    world.hsm.create_hsm(ClusterId=backup_free, AvailabilityZone=zone)
    return str(backup_free)


def initialize(world: World, cluster_id: str) -> None:
    signed, anchor = cks.cluster(cluster_id).sign_csr()
    world.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=signed, TrustAnchor=anchor)


def state(world: World, cluster_id: str) -> str:
    filters = {"clusterIds": [cluster_id]}
    return str(world.hsm.describe_clusters(Filters=filters)["Clusters"][0]["State"])


def test_h4_l1_the_precrypto_officer_activates_the_cluster(world: World) -> None:
    cluster_id = initialized_cluster(world)
    tool = cks.cloudhsm_mgmt_util(cluster_id)
    early = tool.run("loginHSM PRECO admin password")
    assert "loginHSM failed: HSM Error: The cluster is not initialized\n" in early
    initialize(world, cluster_id)
    assert "              PRECO           admin  " in tool.run("listUsers")

    tool.run("loginHSM PRECO admin password")
    assert state(world, cluster_id) == "INITIALIZED"
    assert tool.run("changePswd PRECO admin 735782961", "y").endswith(
        "Changing password for admin(PRECO) on 1 nodes\n"
    )
    assert state(world, cluster_id) == "ACTIVE"
    assert "              CO              admin  " in tool.run("listUsers")
    tool.run("logoutHSM")
    assert "failed" in tool.run("loginHSM PRECO admin password")
    assert "success" in tool.run("loginHSM CO admin 735782961")


def test_h4_a_refused_password_activates_nothing(world: World) -> None:
    cluster_id = initialized_cluster(world)
    initialize(world, cluster_id)
    with cks.cloudhsm_mgmt_util(cluster_id) as tool:
        tool.run("loginHSM preCO admin password")
        assert "7 to 32 characters" in tool.run("changePswd preCO admin short", "y", "A")
    assert state(world, cluster_id) == "INITIALIZED"


# Secrets ----------------------------------------------------------------------------------------


def test_p7_no_password_in_what_the_tool_shows() -> None:
    with mock_cks():
        cluster = cks.create_cluster(hsms=1, kmsuser_password="kmsTr0ub41")
        cluster.change_password("CO", "admin", "adminTr0ub4")
        shown = []
        with cks.cloudhsm_mgmt_util(cluster.id) as tool:
            for command, *answers in (
                ["loginHSM CO admin wrongTr0ub4"],
                ["loginHSM CO admin -hpswd", "adminTr0ub4"],
                ["loginHSM CO admin adminTr0ub4"],
                ["createUser CU bob Tr0ub4", "y", "A"],
                ["createUser CU bob bobTr0ub4", "y"],
                ["changePswd CU bob -hpswd", "newTr0ub4", "newTr0ub4", "y"],
                ["changePswd CU bob -hpswd", "newTr0ub4", "otherTr0ub4"],
                ["createUser CU alice Tr0ub4 too many Tr0ub4 words"],
                ["Tr0ub4"],
                ["loginHSM Tr0ub4 admin Tr0ub4"],
                ["listUsers"],
            ):
                shown.append(tool.run(command, *answers))
                shown += [repr(tool), str(tool), repr(tool.nodes), repr(tool.fleet)]
        assert len(shown) == 55
        assert not [text for text in shown if "Tr0ub4" in text]
