"""Scripts that drive the tools, and what KMS in another process says to it."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pexpect
import pytest

from tests.processes.world import ADMIN, CLI, CMU, KMU, PASSWORD, KeyStore, Tool, World, program

SCRIPT = Path(__file__).with_name("lockout.exp")

LOGINS: dict[Tool, tuple[str, tuple[tuple[str, str], ...]]] = {
    CMU: (f"loginHSM CU kmsuser {PASSWORD}", ()),
    KMU: (f"loginHSM -u CU -s kmsuser -p {PASSWORD}", ()),
    CLI: ("login --username kmsuser --role crypto-user", (("Enter password:", PASSWORD),)),
}
"""How kmsuser logs in with each tool."""


def expect(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    return world.run(program("expect"), str(SCRIPT), *arguments)


def try_to_connect(world: World, store: KeyStore) -> str:
    """What an attempt ends in; the key store is disconnected again."""
    try:
        return world.connect(store)
    finally:
        world.disconnect(store)


def kmsuser_is_logged_in(world: World, store: KeyStore) -> bool:
    return try_to_connect(world, store) == "USER_LOGGED_IN"


# The lockout -------------------------------------------------------------------------------------


def failures(world: World, store: KeyStore) -> list[int]:
    return [
        user["login_failures"]
        for hsm in world.hsms(store)
        for user in hsm["users"]
        if user["name"] == "kmsuser"
    ]


def test_l5_c5_8_p4_expect_locks_kmsuser_out_and_repairs_it(world: World) -> None:
    store = world.key_store(connect=False)
    done = expect(world, "lock")
    assert (done.returncode, done.stderr) == (0, "")
    assert failures(world, store) == [5, 5]
    assert try_to_connect(world, store) == "USER_LOCKED_OUT"
    done = expect(world, "repair", ADMIN, "tempPassword")
    assert (done.returncode, done.stderr) == (0, "")
    assert failures(world, store) == [0, 0]
    # kmsuser has a new password, of which nobody has told KMS
    assert try_to_connect(world, store) == "INVALID_CREDENTIALS"
    world.tell(store, "tempPassword")
    assert world.connect(store) == "CONNECTED"


def test_the_expect_script_notices_a_wrong_answer(world: World) -> None:
    world.key_store(connect=False)
    done = expect(world, "repair", ADMIN, "tempPassword")
    assert done.returncode == 1
    assert done.stderr.startswith('No "The user is locked"')


# Logins that last --------------------------------------------------------------------------------


def test_l4_c5_9_a_login_in_another_process_keeps_kms_out(world: World) -> None:
    store = world.key_store(connect=False)
    tool = subprocess.Popen(
        KMU,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=world.environment,
        text=True,
    )
    assert tool.stdin is not None
    assert tool.stdout is not None
    with tool:
        tool.stdin.write(f"{LOGINS[KMU][0]}\n")
        tool.stdin.flush()
        assert "Cfm3LoginHSM returned: 0x00" in tool.stdout.readline()
        assert try_to_connect(world, store) == "USER_LOGGED_IN"
        assert try_to_connect(world, store) == "USER_LOGGED_IN"
        tool.stdin.write("logoutHSM\n")
        tool.stdin.flush()
        while "Cfm3LogoutHSM returned: 0x00" not in tool.stdout.readline():
            pass
        assert world.connect(store) == "CONNECTED"
        tool.stdin.write("exit\n")
        tool.stdin.close()
        assert tool.stdout.read().endswith("Command:  ")
    assert tool.returncode == 0


@pytest.mark.parametrize(
    ("tool", "number"),
    [(CMU, signal.SIGTERM), (KMU, signal.SIGHUP), (CLI, signal.SIGTERM)],
    ids=lambda value: getattr(value, "name", None) or value[0],
)
def test_l4_a_tool_that_is_killed_leaves_no_login(
    world: World, tool: Tool, number: signal.Signals
) -> None:
    store = world.key_store(connect=False)
    kmsuser = world.sit_down(tool)
    line, answers = LOGINS[tool]
    kmsuser.enter(line, *answers)
    assert kmsuser_is_logged_in(world, store)
    kmsuser.child.kill(number)
    kmsuser.child.expect(pexpect.EOF)
    kmsuser.child.close()
    assert kmsuser.child.exitstatus == 128 + number
    assert world.connect(store) == "CONNECTED"


def test_l4_nor_does_one_whose_terminal_goes_away(world: World) -> None:
    store = world.key_store(connect=False)
    kmsuser = world.sit_down(KMU)
    kmsuser.enter(LOGINS[KMU][0])
    assert kmsuser_is_logged_in(world, store)
    kmsuser.child.ptyproc.fileobj.close()
    deadline = time.monotonic() + 60
    while kmsuser_is_logged_in(world, store):
        assert time.monotonic() < deadline, "it is still logged in"
        time.sleep(0.05)


# One HSM and not the other -----------------------------------------------------------------------


def test_l1_c5_10_a_user_that_server_mode_leaves_out(world: World) -> None:
    store = world.key_store(connect=False)
    officer = f"loginHSM CO admin {ADMIN}"
    create = ("createUser CU kmsuser tempPassword", "y")
    shown = world.pipe(CMU, officer, "deleteUser CU kmsuser", "server 1", *create, "quit")
    assert "Creating User kmsuser(CU) on 1 nodes" in shown
    assert try_to_connect(world, store) == "USER_NOT_FOUND"
    assert "kmsuser" not in [user["name"] for user in world.hsms(store)[0]["users"]]
    world.pipe(CMU, officer, "server 0", *create, "exit", "quit")
    world.tell(store, "tempPassword")
    assert world.connect(store) == "CONNECTED"


def test_l1_c5_5_a_password_that_server_mode_changes_on_one_hsm(world: World) -> None:
    store = world.key_store(connect=False)
    change = ("changePswd CU kmsuser tempPassword", "y")
    shown = world.pipe(CMU, f"loginHSM CO admin {ADMIN}", "server 0", *change, "quit")
    assert "Changing password for kmsuser(CU) on 1 nodes" in shown
    for password in (PASSWORD, "tempPassword"):
        world.tell(store, password)
        assert try_to_connect(world, store) == "INVALID_CREDENTIALS"
    shown = world.pipe(CMU, f"loginHSM CO admin {ADMIN}", "server 1", *change, "quit")
    assert world.connect(store) == "CONNECTED"


# cloudhsm-cli ------------------------------------------------------------------------------------


def test_l3_l4_one_command_a_process_and_the_other_tools_see_it(world: World) -> None:
    store = world.key_store(connect=False)
    officer = {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": f"admin:{ADMIN}"}
    new = ("cloudhsm-cli", "user", "create", "--role", "crypto-user", "--username", "bob")
    done = world.run(*new, "--password", "bobsPswd1", **officer)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "error_code": 0,
        "data": {"username": "bob", "role": "crypto-user"},
    }
    done = world.run(*new, "--password", "bobsPswd1", **officer)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error_code"] == 1
    bob = "loginHSM -u CU -s bob -p bobsPswd1"
    made = world.pipe(KMU, bob, "genSymKey -t 31 -s 32 -l bobs", "exit")
    handle = made.split("Key Handle: ")[1].split()[0]
    done = world.run(
        *("cloudhsm-cli", "key", "list"), CLOUDHSM_ROLE="crypto-user", CLOUDHSM_PIN="bob:bobsPswd1"
    )
    (key,) = json.loads(done.stdout)["data"]["matched_keys"]
    assert int(key["key-reference"], 16) == int(handle)
    assert key["attributes"]["label"] == "bobs"
    assert world.pipe(CMU, "listUsers", "quit").count(" bob ") == 2
    assert world.connect(store) == "CONNECTED"  # nobody is logged in any more
