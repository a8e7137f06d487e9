"""cloudhsm_mgmt_util: the commands on keys.

What is printed is held against the pages of the commands in the AWS CloudHSM User Guide and "Find
CloudHSM keys" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tools.world import CAUTION, PASSWORD, Hardware, World

TWO = "server 0(10.0.0.9)", "server 1(10.0.1.9)"
FIRST, SECOND = TWO


@pytest.fixture
def key(hardware: Hardware) -> int:
    """A key of kmsuser (user 3), shared with bob (user 4)."""
    hardware.new_user()
    with hardware.kmu() as tool:
        shown = tool.run("genSymKey -t 31 -s 32 -l aes256 -u 4")
    return int(shown.split("Key Handle: ")[1].split()[0])


def test_l1_find_the_key_of_a_kms_key(connected: World) -> None:
    key_id = connected.store.create_key()
    tool = connected.cmu()
    first, second = connected.servers
    (key,) = connected.cluster.hsms[0].keys
    assert tool.run("findAllKeys 3 0") == (
        f"Keys on server {first}:\n"
        "Number of keys found 1\n"
        "number of keys matched from start index 0::1\n"
        f"{key.handle}(o)\n"
        f"findAllKeys success on server {first}\n"
        "\n"
        f"Keys on server {second}:\n"
        "Number of keys found 1\n"
        "number of keys matched from start index 0::1\n"
        f"{key.handle}(o)\n"
        f"findAllKeys success on server {second}\n"
    )
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    tool.run("changePswd CU kmsuser tempPassword", "y")
    tool.run("loginHSM CU kmsuser tempPassword")
    arn = connected.kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    assert tool.run(f"getAttribute {key.handle} 3") == (
        f"\nAttribute Value on server {first}:\nOBJ_ATTR_LABEL\n{arn}\n"
        f"\nAttribute Value on server {second}:\nOBJ_ATTR_LABEL\n{arn}\n"
    )


def test_w4_the_attributes_of_a_key_of_kms(connected: World) -> None:
    connected.store.create_key()
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    connected.cluster.change_password("CU", "kmsuser", "tempPassword")
    (key,) = connected.cluster.hsms[0].keys
    tool = connected.cmu("CU", "kmsuser", "tempPassword")
    tool.run("server 0")
    shown = tool.run(f"getAttribute {key.handle} 512").split()
    values = dict(zip(shown[5::2], shown[6::2], strict=False))
    assert values["OBJ_ATTR_EXTRACTABLE"] == values["OBJ_ATTR_SIGN"] == "0x00"
    assert values["OBJ_ATTR_WRAP"] == values["OBJ_ATTR_UNWRAP"] == "0x01"
    assert values["OBJ_ATTR_SENSITIVE"] == values["OBJ_ATTR_TOKEN"] == "0x01"
    assert values["OBJ_ATTR_KEY_TYPE"] == "0x1f"


def test_w4_the_label_can_be_changed_and_the_id_stays(connected: World) -> None:
    key_id = connected.store.create_key()
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    connected.cluster.change_password("CU", "kmsuser", "tempPassword")
    (before,) = connected.cluster.hsms[0].keys
    tool = connected.cmu("CU", "kmsuser", "tempPassword")
    assert "setAttribute success" in tool.run(f"setAttribute {before.handle} 3 cards", "y")
    tool.run("quit")
    (after,) = connected.cluster.hsms[0].keys
    assert (after.label, after.key_id) == ("cards", before.key_id)
    store = {"CustomKeyStoreId": connected.store.id}
    connected.kms.update_custom_key_store(**store, KeyStorePassword="tempPassword")
    connected.kms.connect_custom_key_store(**store)
    connected.kms.encrypt(KeyId=key_id, Plaintext=b"x")  # KMS does not go by the label


def test_l1_find_all_keys_with_their_hash(hardware: Hardware, key: int) -> None:
    tool = hardware.cmu()
    owned, shared = (tool.run(f"findAllKeys {user} 1") for user in (3, 4))
    assert f"\n{key}(o)\nKey Hash:\n" in owned
    assert f"\n{key}(s)\nKey Hash:\n" in shared
    assert re.search(r"Key Hash:\n[0-9a-f]{64}\n\nfindAllKeys success on server 0", owned)
    hashes = set(re.findall("[0-9a-f]{64}", owned + shared))
    assert len(hashes) == 1
    hardware.hsms[1].destroy_key(key)
    assert len(set(re.findall("[0-9a-f]{64}", tool.run("findAllKeys 3 1")))) == 1
    with hardware.kmu() as kmu:
        kmu.run("genSymKey -t 31 -s 32 -l another")
    first, second = re.findall("[0-9a-f]{64}", tool.run("findAllKeys 3 1"))
    assert first != second
    assert not hashes & {first, second}


def test_l7_find_the_keys_of_everybody(hardware: Hardware, key: int) -> None:
    with hardware.kmu("bob") as kmu:
        made = kmu.run("genSymKey -t 31 -s 32 -l bobs").split("Key Handle: ")[1].split()[0]
    found = f"Number of keys found 2\nnumber of keys matched from start index 0::2\n{key},{made}\n"
    shown = hardware.cmu().run("findAllKeys 0 0")
    assert shown == (
        f"Keys on {FIRST}:\n{found}findAllKeys success on {FIRST}\n\n"
        f"Keys on {SECOND}:\n{found}findAllKeys success on {SECOND}\n"
    )
    assert "is not authorized" in hardware.cmu("CU", "kmsuser", PASSWORD).run("findAllKeys 0 0")


def test_l1_l7_who_has_no_keys(hardware: Hardware, key: int) -> None:
    tool = hardware.cmu()
    for user in (1, 2):
        assert tool.run(f"findAllKeys {user} 1").startswith(
            f"Keys on {FIRST}:\nNumber of keys found 0\nfindAllKeys success on {FIRST}\n"
        )
    assert "This user doesn't exist" in tool.run("findAllKeys 9 0")
    user = hardware.cmu("CU", "kmsuser", PASSWORD)
    refused = "HSM Error: The current logged in user is not authorized to do this operation"
    said = f"findAllKeys failed: {refused}\nfindAllKeys failed on {SECOND}\n"
    assert said in user.run("findAllKeys 3 0")


def test_l1_the_constants(hardware: Hardware) -> None:
    tool = hardware.cmu()
    shown = tool.run("listAttributes")
    assert shown == tool.run("listAttributes -h")
    assert shown.startswith(
        "\nFollowing are the possible attribute values for getAttribute:\n"
        "\n"
        "      OBJ_ATTR_CLASS                  = 0\n"
        "      OBJ_ATTR_TOKEN                  = 1\n"
    )
    assert shown.endswith(
        "      OBJ_ATTR_WRAP_TEMPLATE          = 1073742353\n"
        "      OBJ_ATTR_UNWRAP_TEMPLATE        = 1073742354\n"
        "      OBJ_ATTR_ALL                    = 512\n"
    )
    assert len(shown.splitlines()) == 3 + 29


def test_l1_an_attribute_of_a_key(hardware: Hardware, key: int) -> None:
    tool = hardware.cmu("CU", "kmsuser", PASSWORD)
    assert tool.run(f"getAttribute {key} 354") == (
        f"\nAttribute Value on {FIRST}:\nOBJ_ATTR_EXTRACTABLE\n0x00000001\n"
        f"\nAttribute Value on {SECOND}:\nOBJ_ATTR_EXTRACTABLE\n0x00000001\n"
    )
    assert "OBJ_ATTR_NEVER_EXTRACTABLE\n0x00000000\n" in tool.run(f"getAttribute {key} 356")
    for missing in (288, 1073742353, 7):
        turn = tool.begin(f"getAttribute {key} {missing}")
        assert "getAttribute failed: HSM Error: The key has no such attribute\n" in turn.output
        assert turn.status == 1
    assert "Invalid object handle" in tool.run("getAttribute 5 354")
    assert "is not authorized" in hardware.cmu().run(f"getAttribute {key} 354")


def test_l1_the_users_of_a_key(hardware: Hardware, key: int) -> None:
    tool = hardware.cmu("CU", "bob", PASSWORD)
    of_each = "\n\n        Token/Flash Key,\n\n        Owned by user 3\n"
    also = "\n        also, shared to following 1 user(s):\n\n                 4\n"
    assert tool.run(f"getKeyInfo -k {key}") == (
        f"Key Info on {FIRST}:{of_each}{also}Key Info on {SECOND}:{of_each}{also}"
    )
    assert tool.run(f"getKeyInfo {key}") == tool.run(f"getKeyInfo -k {key}")


def test_l1_output_to_a_file(hardware: Hardware, key: int, tmp_path: Path) -> None:
    tool = hardware.cmu("CU", "kmsuser", PASSWORD)
    shown = tool.run(f"getAttribute {key} 3")
    file = tmp_path / "attribute.txt"
    file.write_text("what was there before")
    assert tool.run(f"getAttribute {key} 3 {file}") == ""
    assert file.read_text() == shown
    turn = tool.begin(f"getKeyInfo {key} {tmp_path}/missing/file")
    assert turn.output == f"Cannot write {tmp_path}/missing/file: No such file or directory\n"
    assert turn.status == 1
    assert hardware.cmu().begin(f"findAllKeys 3 0 {file}").status == 0
    assert file.read_text().startswith(f"Keys on {FIRST}:\n")


def test_who_runs_the_tool_for_others_decides_where_files_go(hardware: Hardware, key: int) -> None:
    files: dict[str, str] = {}
    tool = hardware.cmu("CU", "kmsuser", PASSWORD)
    tool.save = files.__setitem__
    tool.run(f"getAttribute {key} 3 /etc/passwd")
    assert files.keys() == {"/etc/passwd"}


def test_l1_set_an_attribute(hardware: Hardware, key: int) -> None:
    tool = hardware.cmu("CU", "kmsuser", PASSWORD)
    assert tool.run(f"setAttribute {key} 261 0", "y") == (
        f"{CAUTION}Do you want to continue(y/n)?y\n"
        f"setAttribute success on {FIRST}\nsetAttribute success on {SECOND}\n"
    )
    assert tool.run(f"getAttribute {key} 261").count("OBJ_ATTR_DECRYPT\n0x00000000\n") == 2
    tool.run(f"setAttribute {key} 3 another-label", "y")
    assert [hsm.keys[key].label for hsm in hardware.hsms] == ["another-label"] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("1 0", "The attribute cannot be set to that"),
        ("354 0", "The attribute cannot be set to that"),
        ("261 2", "The attribute cannot be set to that"),
        ("7 0", "The key has no such attribute"),
    ],
)
def test_attributes_that_cannot_be_set(
    hardware: Hardware, key: int, arguments: str, message: str
) -> None:
    before = [hsm.keys[key] for hsm in hardware.hsms]
    tool = hardware.cmu("CU", "kmsuser", PASSWORD)
    assert tool.run(f"setAttribute {key} {arguments}", "n").endswith("?n\n")
    shown = tool.run(f"setAttribute {key} {arguments}", "y", "A")
    assert f"setAttribute failed: HSM Error: {message}\nsetAttribute failed on {FIRST}\n" in shown
    assert [hsm.keys[key] for hsm in hardware.hsms] == before


def test_f3_a_flag_that_is_set_counts(connected: World) -> None:
    key_id = connected.store.create_key()
    (key,) = connected.cluster.hsms[0].keys
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    connected.cluster.change_password("CU", "kmsuser", "tempPassword")
    with connected.cmu("CU", "kmsuser", "tempPassword") as tool:
        tool.run(f"setAttribute {key.handle} 260 0", "y")
    connected.kms.update_custom_key_store(
        CustomKeyStoreId=connected.store.id, KeyStorePassword="tempPassword"
    )
    connected.kms.connect_custom_key_store(CustomKeyStoreId=connected.store.id)
    with pytest.raises(connected.kms.exceptions.ClientError):
        connected.kms.encrypt(KeyId=key_id, Plaintext=b"secret")


def test_l1_share_a_key_and_no_more(hardware: Hardware, key: int) -> None:
    hardware.new_user("carol")
    owner = hardware.cmu("CU", "kmsuser", PASSWORD)
    carol = hardware.cmu("CU", "carol", PASSWORD)
    assert "Invalid object handle" in carol.run(f"getKeyInfo {key}")
    assert owner.run(f"shareKey {key} 5 1", "y") == (
        f"{CAUTION}Do you want to continue(y/n)?y\n"
        f"shareKey success on {FIRST}\nshareKey success on {SECOND}\n"
    )
    assert "following 2 user(s):\n\n                 4\n                 5\n" in carol.run(
        f"getKeyInfo {key}"
    )
    denied = "shareKey failed: HSM Error: Key Access is denied\n"
    assert denied in carol.run(f"shareKey {key} 4 0", "y", "A")
    owner.run(f"shareKey {key} 5 0", "y")
    assert "Invalid object handle" in carol.run(f"getKeyInfo {key}")
    for user in (1, 3, 9):
        shown = owner.run(f"shareKey {key} {user} 1", "y", "A")
        assert "shareKey failed: HSM Error: Invalid input data/params\n" in shown
    assert "Invalid object handle" in owner.run("shareKey 5 4 1", "y", "A")


def test_l1_h5_sync_key_copies_a_key(hardware: Hardware, key: int) -> None:
    hardware.hsms[1].destroy_key(key)
    tool = hardware.cmu()
    tool.run("server 0")
    assert tool.run(f"syncKey {key} 1") == "syncKey success\n"
    assert hardware.hsms[1].keys[key] is hardware.hsms[0].keys[key]
    assert tool.run(f"syncKey {key} 2") == "There is no server 2.\n"
    missing = "syncKey failed: HSM Error: Invalid object handle is passed to this operation\n"
    assert tool.run("syncKey 5 1") == missing

    owner = hardware.cmu("CU", "kmsuser", PASSWORD)
    bob = hardware.cmu("CU", "bob", PASSWORD)
    hardware.hsms[1].destroy_key(key)
    for user in (owner, bob):
        user.run("server 0")
    assert bob.run(f"syncKey {key} 1") == "syncKey failed: HSM Error: Key Access is denied\n"
    assert key not in hardware.hsms[1].keys
    assert owner.run(f"syncKey {key} 1") == "syncKey success\n"


def test_h5_a_key_does_not_go_where_its_owner_is_not(hardware: Hardware, key: int) -> None:
    second = hardware.hsms[1]
    second.destroy_key(key)
    tool = hardware.cmu()
    tool.run("server 1")
    tool.run("deleteUser CU kmsuser")
    tool.run("exit")
    tool.run("server 0")
    assert "This user doesn't exist" in tool.run(f"syncKey {key} 1")
    assert key not in second.keys
