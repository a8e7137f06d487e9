"""cloudhsm_mgmt_util: users of one server only.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import pytest

from tests.tools.world import PASSWORD, Hardware, World


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
    "no such user": ("syncUser 9 1", "ExtractMaskedObject: 0xce !"),
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
