"""cloudhsm_mgmt_util: logins, and what does not show.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import pytest

from moto_cks import cks, mock_cks
from moto_cks.tools.session import Question
from tests.tools.world import ADMIN, PASSWORD, Hardware, World


def test_l1_l7_log_in_and_out(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    first, second = world.servers
    assert tool.run(f"loginHSM CO admin {ADMIN}") == (
        f"loginHSM success on server {first}\nloginHSM success on server {second}\n"
    )
    assert tool.run("logoutHSM") == (
        f"\nlogoutHSM success on server {first}\nlogoutHSM success on server {second}\n"
    )
    assert "logoutHSM failed: HSM Error: No user is logged in to do this operation\n" in tool.run(
        "logoutHSM"
    )


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
    assert "This user is already created" in tool.run("createUser CU BOB bobsPswd1", "y", "A")
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


def test_l7_unknown_users_do_not_log_in(world: World) -> None:
    tool = cks.cloudhsm_mgmt_util(world.cluster.id)
    shown = tool.run(f"loginHSM CU nobody {PASSWORD}")
    assert shown.count("loginHSM failed: HSM Error: This user doesn't exist\n") == 2


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
