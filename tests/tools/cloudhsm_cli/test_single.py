"""cloudhsm-cli in single command mode: one command a process."""

from __future__ import annotations

import pytest

from moto_cks import Cks, Cluster, KeyStore
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.session import Question, Turn
from tests.tools.cloudhsm_cli.world import PASSWORD, admin_password, names, settled

CREATE = ["user", "create", "--username", "alice", "--role", "crypto-user"]


def environment(cluster: Cluster) -> dict[str, str]:
    return {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": f"admin:{admin_password(cluster)}"}


def run(world: Cks, cluster: Cluster, argv: list[str], variables: dict[str, str]) -> Turn:
    cli = world.cloudhsm_cli(cluster.id)
    turn = cli.begin_single(argv, variables)
    assert cli.closed is (turn.question is None)
    return turn


def test_l3_l4_a_process_logs_in_works_and_ends(world: Cks, cluster: Cluster) -> None:
    turn = run(world, cluster, [*CREATE, "--password", "alicePswd1"], environment(cluster))
    assert turn.status == 0
    assert settled(turn) == {
        "error_code": 0,
        "data": {"username": "alice", "role": "crypto-user"},
    }
    assert names(cluster) == [["admin", "app_user", "kmsuser", "alice"]] * 2
    cluster.create_user("CO", "second", "secondPswd1")
    cluster.delete_user("CO", "admin")  # nobody is logged in any more


def test_l3_a_process_asks(world: Cks, cluster: Cluster) -> None:
    cli = world.cloudhsm_cli(cluster.id)
    turn = cli.begin_single(CREATE, environment(cluster))
    assert turn.question == Question("Enter password:", hidden=True)
    assert not cli.closed
    turn = cli.answer("alicePswd1")
    assert turn.question == Question("Confirm password:", hidden=True)
    assert settled(cli.answer("alicePswd1"))["error_code"] == 0
    assert cli.closed


def test_l4_a_process_that_is_interrupted_logs_out(world: Cks, cluster: Cluster) -> None:
    cli = world.cloudhsm_cli(cluster.id)
    cli.begin_single(CREATE, environment(cluster))
    cli.abandon()
    assert cli.closed
    assert names(cluster) == [["admin", "app_user", "kmsuser"]] * 2
    cluster.create_user("CO", "second", "secondPswd1")
    cluster.delete_user("CO", "admin")


def test_l3_keys_in_single_command_mode(world: Cks) -> None:
    store: KeyStore = world.create_key_store(connect=False)
    variables = {"CLOUDHSM_ROLE": "crypto-user", "CLOUDHSM_PIN": f"kmsuser:{PASSWORD}"}
    turn = run(world, store.cluster, ["key", "list", "--max-items", "100"], variables)
    assert settled(turn)["data"]["total_key_count"] == 0


@pytest.mark.parametrize(
    "argv", [["user", "list"], ["cluster", "activate", "--password", "newPswd1"]]
)
def test_l3_what_needs_no_login_takes_no_credentials(
    world: Cks, cluster: Cluster, argv: list[str]
) -> None:
    wrong = {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": "admin:wrongPswd1"}
    plain, with_credentials = (settled(run(world, cluster, argv, env)) for env in ({}, wrong))
    assert plain == with_credentials
    assert [user.login_failures for hsm in cluster.hsms for user in hsm.users] == [0] * 6


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({}, "CLOUDHSM_ROLE and CLOUDHSM_PIN must be set to run this command"),
        (
            {"CLOUDHSM_ROLE": "admin"},
            "CLOUDHSM_ROLE and CLOUDHSM_PIN must be set to run this command",
        ),
        (
            {"CLOUDHSM_ROLE": "CO", "CLOUDHSM_PIN": "admin:secretTr0ub4"},
            "CLOUDHSM_ROLE must be one of: crypto-user, admin",
        ),
        (
            {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": "secretTr0ub4"},
            "CLOUDHSM_PIN must be of the form <username>:<password>",
        ),
        (
            {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": "admin:secretTr0ub4"},
            "Incorrect authentication credentials.",
        ),
        (
            {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": "nobody:secretTr0ub4"},
            "User does not exist",
        ),
        (
            {"CLOUDHSM_ROLE": "crypto-user", "CLOUDHSM_PIN": f"kmsuser:{PASSWORD}"},
            "User does not have permission to perform this operation",
        ),
    ],
)
def test_bad_credentials_change_nothing(
    world: Cks, cluster: Cluster, variables: dict[str, str], problem: str
) -> None:
    turn = run(world, cluster, [*CREATE, "--password", "alicePswd1"], variables)
    assert turn.status == 1
    assert settled(turn) == {"error_code": 1, "data": problem}
    assert "Tr0ub4" not in turn.output
    assert names(cluster) == [["admin", "app_user", "kmsuser"]] * 2


def test_a_password_may_have_a_colon(world: Cks, cluster: Cluster) -> None:
    cluster.change_password("CO", "admin", "with:colon:1")
    turn = run(world, cluster, [*CREATE, "--password", "alicePswd1"], environment(cluster))
    assert turn.status == 0


def test_the_login_of_a_process_ends_with_it(world: Cks, cluster: Cluster) -> None:
    login = ["login", "--username", "kmsuser", "--role", "crypto-user", "--password", PASSWORD]
    assert settled(run(world, cluster, login, {}))["error_code"] == 0
    cluster.delete_user("CU", "kmsuser")  # not logged in


def test_logout_in_a_process_ends_the_login_of_the_process(world: Cks, cluster: Cluster) -> None:
    turn = run(world, cluster, ["logout"], environment(cluster))
    assert settled(turn)["data"] == "Logout successful"


@pytest.mark.parametrize(
    ("argv", "starts", "status"),
    [
        (["interactive"], True, 0),
        (["interactive", "--cluster-id", "cluster-1"], True, 0),
        ([], False, 2),
        (["interactive", "now"], False, 2),
        (["help", "interactive"], False, 0),
        (["quit"], False, 2),
        (["user", "list"], False, 0),
    ],
)
def test_l3_interactive_starts_a_session(
    world: Cks, cluster: Cluster, argv: list[str], starts: bool, status: int
) -> None:
    assert CloudHsmCli.starts_session(argv) is starts
    if starts:
        with pytest.raises(ValueError, match="start a session"):
            world.cloudhsm_cli(cluster.id).begin_single(argv, {})
    else:
        assert run(world, cluster, argv, {}).status == status


def test_a_tool_runs_once(world: Cks, cluster: Cluster) -> None:
    cli = world.cloudhsm_cli(cluster.id)
    cli.begin_single(["user", "list"], {})
    with pytest.raises(RuntimeError, match="closed"):
        cli.begin_single(["user", "list"], {})
    with pytest.raises(RuntimeError, match="closed"):
        cli.run("user list")
    asking = world.cloudhsm_cli(cluster.id)
    asking.begin("cluster activate")
    with pytest.raises(RuntimeError, match="waits for an answer"):
        asking.begin_single(["user", "list"], {})


def test_usage_names_the_program(world: Cks, cluster: Cluster) -> None:
    turn = run(world, cluster, ["user", "delete", "--username", "alice"], environment(cluster))
    assert turn.status == 2
    assert (
        turn.output
        == """error: the following required arguments were not provided:
  --role <ROLE>

Usage: cloudhsm-cli user delete --username <USERNAME> --role <ROLE>

For more information, try '--help'.
"""
    )
