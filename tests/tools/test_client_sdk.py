"""The words of Client SDK 3.2 and later, which a switch asks for.

Held against what people have published of those versions:

- ``Cluster Status:`` and ``Node id 0 status:``, with tabs: "genRSAKeyPair" in the AWS CloudHSM User
  Guide, the transcripts of ``genSymKey`` in public READMEs, and Cavium's Cfm3Util.c of 2017
  (``print_cluster_error``), from which key_mgmt_util comes.
- ``Total number of keys present:``, ``Handles of matching keys:`` and a tab: the script
  find_ec_keys_by_label.sh of mozilla-services/autograph, which cuts the handle out of them, and
  Cfm3Util.c (``findKey``).
- ``Cfm3LoginHSM returned: 0x40000049``, ``Cfm3DeleteKey returned: 0x30000080`` and the question of
  ``deleteUser``: the scripts of Yolt-group/aws-cloudhsm-scripts, which were written for 3.4.4.
- The caution: the pages of ``createUser`` and ``changePswd`` in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import pytest

from moto_cks import cks
from moto_cks.tools.client_sdk import VARIABLE, Wording, wording_in, wording_of
from moto_cks.tools.cloudhsm_mgmt_util import CloudHsmMgmtUtil
from moto_cks.tools.key_mgmt_util import KeyMgmtUtil
from moto_cks.tools.session import Question
from tests.tools.world import ADMIN, CAUTION, PASSWORD, Hardware, World

LATER_CAUTION = CAUTION.replace(
    "Cav server does NOT synchronize these changes with",
    "AWS does NOT synchronize these changes automatically with",
)
SUCCESS = "HSM Return: SUCCESS"
STATUS = (
    f"\n\tCluster Status:\n\tNode id 0 status: 0x00000000 : {SUCCESS}\n"
    f"\tNode id 1 status: 0x00000000 : {SUCCESS}\n"
)


@pytest.fixture
def later(hardware: Hardware, monkeypatch: pytest.MonkeyPatch) -> Hardware:
    """A cluster whose tools are of version 3.4.4."""
    monkeypatch.setenv(VARIABLE, "3.4.4")
    return hardware


@pytest.mark.parametrize(
    ("version", "wording"),
    [
        ("3.0", Wording.UNTIL_3_1),
        ("3.1.2", Wording.UNTIL_3_1),
        ("3.2", Wording.SINCE_3_2),
        ("3.4.4", Wording.SINCE_3_2),
        ("3.10", Wording.SINCE_3_2),
    ],
)
def test_l7_which_words_a_version_has(version: str, wording: Wording) -> None:
    assert wording_of(version) is wording
    assert wording_in({VARIABLE: version}) is wording


def test_l7_without_a_word_those_of_the_troubleshooting_page() -> None:
    assert wording_in({}) is wording_in({VARIABLE: ""}) is Wording.UNTIL_3_1


@pytest.mark.parametrize("version", ["3", "5.18", "v3.2", "3.2.", "three", "3.2\n"])
def test_a_version_of_something_else(
    world: World, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv(VARIABLE, version)
    for start in (cks.cloudhsm_mgmt_util, cks.key_mgmt_util):
        with pytest.raises(ValueError, match="is no version of Client SDK 3"):
            start(world.cluster.id)
    assert cks.cloudhsm_cli(world.cluster.id).greeting == ""  # has nothing to do with it


def test_a_tool_that_runs_changes_its_words(hardware: Hardware) -> None:
    tool = hardware.kmu()
    tool.speak_as("3.4.4")
    assert tool.run("logoutHSM") == f"\n\tCfm3LogoutHSM returned: 0x00 : {SUCCESS}\n{STATUS}"
    with pytest.raises(ValueError, match="no version"):
        tool.speak_as("4")
    tool.speak_as("3.1")
    assert tool.run("findKey").startswith("\n        Cfm3FindKey returned: ")


# key_mgmt_util -----------------------------------------------------------------------------------


def test_l2_l7_a_login_and_a_key(later: Hardware) -> None:
    tool = KeyMgmtUtil(later)
    assert tool.run(f"loginHSM -u CU -s kmsuser -p {PASSWORD}") == (
        f"\n\tCfm3LoginHSM returned: 0x00 : {SUCCESS}\n{STATUS}"
    )
    made = tool.run("genSymKey -t 31 -s 32 -l aes256 -attest")
    handle = made.split("Key Handle: ")[1].split()[0]
    assert made == (
        f"\n\tCfm3GenerateSymmetricKey returned: 0x00 : {SUCCESS}\n"
        f"\n\tSymmetric Key Created.  Key Handle: {handle}\n"
        f"\n\tAttestation Check : [PASS]\n{STATUS}"
    )
    found = f"\n\tCfm3FindKey returned: 0x00 : {SUCCESS}\n"
    assert tool.run("findKey -l aes256") == (
        "\n\tTotal number of keys present: 1\n"
        "\n\tNumber of matching keys from start index 0::0\n"
        f"\n\tHandles of matching keys:\n\t{handle}\n{STATUS}{found}"
    )
    assert tool.run("findKey -l another") == f"\n\tTotal number of keys present: 0\n{STATUS}{found}"
    assert tool.run(f"findSingleKey -k {handle}") == found + STATUS
    assert tool.run(f"deleteKey -k {handle}") == (
        f"\n\tCfm3DeleteKey returned: 0x00 : {SUCCESS}\n{STATUS}"
    )


def test_l2_l7_fifteen_handles_in_a_line(later: Hardware) -> None:
    tool = later.kmu()
    for _ in range(16):
        tool.run("genSymKey -t 31 -s 32 -l label")
    lines = tool.run("findKey").split("Handles of matching keys:\n")[1].splitlines()[:2]
    assert [line.count(", ") for line in lines] == [15, 0]
    assert all(line.startswith("\t262") for line in lines)


def test_l2_l7_a_handle_as_scripts_cut_it_out(later: Hardware) -> None:
    tool = later.kmu()
    handle = tool.run("genSymKey -t 31 -s 32 -l one").split("Key Handle: ")[1].split()[0]
    shown = tool.run("findKey -l one")
    after = shown.replace("\n", "").split("Handles of matching keys:")[1]
    assert after.split("\t")[1] == handle


def test_l2_l7_refusals(later: Hardware) -> None:
    tool = KeyMgmtUtil(later)
    refused = "HSM Error: RET_USER_LOGIN_FAILURE"
    turn = tool.begin("loginHSM -u CU -s kmsuser -p wrongPswd")
    assert turn.status == 1
    assert turn.output == (
        f"\n\tCfm3LoginHSM returned: 0x40000049 : {refused}\n"
        f"\n\tCluster Status:\n\tNode id 0 status: 0x000000a3 : {refused}\n"
        f"\tNode id 1 status: 0x000000a3 : {refused}\n"
    )
    assert "Cfm3LoginHSM returned: 0xce : " in tool.run(f"loginHSM -u CU -s bob -p {PASSWORD}")
    tool.run(f"loginHSM -u CU -s kmsuser -p {PASSWORD}")
    missing = "HSM Error: Invalid object handle is passed to this operation"
    assert tool.run("deleteKey -k 252126") == (
        f"\n\tCfm3DeleteKey returned: 0x30000080 : {missing}\n"
        f"\n\tCluster Status:\n\tNode id 0 status: 0x000000a8 : {missing}\n"
        f"\tNode id 1 status: 0x000000a8 : {missing}\n"
    )
    tool.run("logoutHSM")
    assert "Cfm3DeleteKey returned: 0x30000080 : HSM Error: No user is logged in" in tool.run(
        "deleteKey -k 252126"
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("0xce", "This user doesn't exist"),
        ("0x9d", "user isn't initialized or user with this name doesn't exist"),
    ],
)
def test_l2_l7_both_numbers_of_a_user_who_is_not_there(
    hardware: Hardware, code: str, text: str
) -> None:
    shown = KeyMgmtUtil(hardware).run(f"Error2String -r {code}")
    assert shown == f"\n        Error Code {code[2:]} maps to HSM Error: {text}\n"


# cloudhsm_mgmt_util ------------------------------------------------------------------------------


def test_l1_l7_the_caution(later: Hardware) -> None:
    for command in ("createUser CU bob bobsPswd1", "changePswd CU kmsuser newPswd1"):
        assert later.cmu().run(command, "n") == f"{LATER_CAUTION}Do you want to continue(y/n)?n\n"


def test_l1_l7_delete_user_asks(later: Hardware) -> None:
    later.new_user("bob")
    tool = later.cmu()
    turn = tool.begin("deleteUser CU bob")
    assert (turn.output, turn.question) == (
        LATER_CAUTION,
        Question("Do you want to continue(y/n)?"),
    )
    assert (tool.answer("n").status, len(later.users())) == (1, 8)
    shown = tool.run("deleteUser CU bob bobsPswd1", "y")  # as that script says it
    assert shown.count("deleteUser success on server") == 2
    assert ("bob", 0) not in later.users()


def test_l1_l7_what_has_not_changed(later: Hardware) -> None:
    tool = CloudHsmMgmtUtil(later)
    assert "E2E enabled on server 1(10.0.1.9)\n" in tool.greeting
    assert tool.run(f"loginHSM CO admin {ADMIN}").startswith("loginHSM success on server 0(")
