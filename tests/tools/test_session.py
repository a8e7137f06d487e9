from __future__ import annotations

import threading

import pytest

from moto_cks import cks, mock_cks
from moto_cks.tools.session import Question, UnansweredQuestionError
from tests.tools.world import ADMIN, World

CREATE = "createUser CU bob bobsPswd1"


def test_l1_turns_of_a_command_that_asks(world: World) -> None:
    tool = world.cmu()
    turn = tool.begin(CREATE)
    assert "CAUTION" in turn.output
    assert turn.question == Question("Do you want to continue(y/n)?")
    turn = tool.answer("y")
    assert turn.output.startswith("Creating User bob(CU) on 2 nodes\n")
    assert (turn.question, turn.status) == (None, 0)


def test_no_command_while_a_tool_waits_for_an_answer(world: World) -> None:
    tool = world.cmu()
    tool.begin(CREATE)
    with pytest.raises(RuntimeError, match="waits for an answer"):
        tool.begin("listUsers")
    tool.abandon()
    tool.abandon()
    assert "bob" not in world.users()
    assert "Users on server" in tool.run("listUsers")


def test_no_answer_without_a_question(world: World) -> None:
    tool = world.cmu()
    with pytest.raises(RuntimeError, match="asked nothing"):
        tool.answer("y")


def test_run_with_too_few_answers_changes_nothing(world: World) -> None:
    tool = world.cmu()
    with pytest.raises(UnansweredQuestionError, match="continue") as caught:
        tool.run(CREATE)
    assert "CAUTION" in caught.value.output
    assert "bob" not in world.users()
    assert tool.begin("listUsers").status == 0


def test_run_with_too_many_answers_says_so(world: World) -> None:
    tool = world.cmu()
    with pytest.raises(ValueError, match="did not ask for 1 of the answers"):
        tool.run(CREATE, "y", "y")
    assert "bob" in world.users()


def test_l4_a_tool_that_is_left_is_closed_and_logged_out(world: World) -> None:
    with world.cmu("CU", "kmsuser", "kmsPswd1") as tool:
        assert world.connection_error() == "USER_LOGGED_IN"
    assert tool.closed
    tool.close()
    assert world.connection_error() is None
    with pytest.raises(RuntimeError, match="is closed"):
        tool.run("listUsers")


def test_closing_abandons_a_command(world: World) -> None:
    tool = world.cmu()
    tool.begin(CREATE)
    tool.close()
    assert "bob" not in world.users()


def test_an_error_of_the_engine_ends_the_command(world: World) -> None:
    def broken(path: str, text: str) -> None:
        raise RuntimeError("no place to write to")

    tool = world.cmu()
    tool.save = broken
    with pytest.raises(RuntimeError, match="no place"):
        tool.run("findAllKeys 3 0 keys.txt")
    assert tool.begin("listUsers").status == 0


@pytest.mark.parametrize("tool", ["cloudhsm_mgmt_util", "key_mgmt_util"])
def test_l5_a_tool_for_a_cluster_that_is_not_there(tool: str) -> None:
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        getattr(cks, tool)("cluster-2222222222a")
    with mock_cks(), pytest.raises(KeyError, match="There is no cluster"):
        getattr(cks, tool)("cluster-2222222222a")


def test_l5_the_tools_work_in_every_region_and_account() -> None:
    with mock_cks():
        cluster = cks.create_cluster(hsms=1, region="eu-west-1", account_id="111122223333")
        with cks.cloudhsm_mgmt_util(cluster.id) as tool:
            assert "success" in tool.run(f"loginHSM CO admin {ADMIN}")


def test_l4_tools_in_many_threads(world: World) -> None:
    def create(number: int) -> None:
        with world.cmu() as tool:
            tool.run(f"createUser CU user{number} userPswd{number}", "y")

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(2):
        assert {f"user{made}" for made in range(8)} <= world.users(number).keys()
