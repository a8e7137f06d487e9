"""cloudhsm_mgmt_util: users.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import pytest

from moto_cks import cks
from moto_cks.tools.session import Question
from tests.tools.world import CAUTION, PASSWORD, Hardware, World


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


def test_l1_l6_change_a_password_as_the_troubleshooting_page_does(world: World) -> None:
    tool = world.cmu()
    first, second = world.servers
    assert tool.run("changePswd CU kmsuser tempPassword", "y") == (
        f"{CAUTION}Do you want to continue(y/n)?y\nChanging password for kmsuser(CU) on 2 nodes\n"
        f"changePswd success on server {first}\nchangePswd success on server {second}\n"
    )
    assert "success" in tool.run("loginHSM CU kmsuser tempPassword")


def test_l1_l6_create_a_user(world: World) -> None:
    tool = world.cmu()
    first, second = world.servers
    assert tool.run("createUser CO alice 391019314", "", "y") == (
        f"{CAUTION}Do you want to continue(y/n)?\n"
        "Invalid option, please type 'y' or 'n'\n"
        "\n"
        "Do you want to continue(y/n)?y\n"
        "Creating User alice(CO) on 2 nodes\n"
        f"createUser success on server {first}\ncreateUser success on server {second}\n"
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


@pytest.mark.parametrize(
    ("command", "password"),
    [("createUser CU bob", "password"), ("changePswd CU kmsuser", "new password")],
)
def test_l1_l6_a_hidden_new_password_is_asked_for_twice(
    hardware: Hardware, command: str, password: str
) -> None:
    tool = hardware.cmu()
    turn = tool.begin(f"{command} -hpswd")
    assert turn.question == Question(f"Enter {password}: ", hidden=True)
    turn = tool.answer("newPassword1")
    assert turn.question == Question(f"Re-enter {password}: ", hidden=True)
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
    "a name that exists": ("createUser CU kmsuser newPswd1", "This user is already created"),
    "a short password": ("createUser CU bob short", "min pswd len 7 and max pswd len 32"),
    "a name with a dash": ("createUser CU b-b newPswd1", "Invalid input data/params"),
    "an appliance user": ("createUser AU bob newPswd1", "Invalid User Type."),
    "nobody's password": ("changePswd CU nobody newPswd1", "This user doesn't exist"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_l1_l7_what_the_hsms_refuse(hardware: Hardware, case: str) -> None:
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
    assert tool.run("changePswd CU kmsuser newPswd1", "y").count("changePswd success") == 2
    assert "is not authorized" in tool.run("changePswd CO admin newPswd1", "y", "A")
    assert "is not authorized" in tool.run("createUser CU bob newPswd1", "y", "A")
    assert "is not authorized" in tool.run("deleteUser CO admin", "I", "I")


def test_retry_after_the_cause_is_gone(world: World) -> None:
    other = world.kmu()
    tool = world.cmu()
    turn = tool.begin("changePswd CU kmsuser newPswd1")
    turn = tool.answer("y")
    assert "success" not in turn.output
    assert turn.question == Question("Retry/Ignore/Abort?(R/I/A):")
    assert tool.answer("what?").question == turn.question
    other.close()
    turn = tool.answer("r")
    assert turn.output.count("changePswd success on server ") == 2
    assert (turn.question, turn.status) == (None, 0)
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
        "deleteUser failed: HSM Error: This user doesn't exist\n"
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
    refused = "HSM Error: No user is logged in to do this operation"
    assert tool.answer("B").output == f"deleteUser rollBack failed: {refused}\n"


def test_a_user_who_owns_keys_stays(connected: World) -> None:
    connected.store.create_key()
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    shown = connected.cmu().run("deleteUser CU kmsuser", "I", "I")
    assert shown.count("deleteUser failed: HSM Error: The user owns keys\n") == 2
