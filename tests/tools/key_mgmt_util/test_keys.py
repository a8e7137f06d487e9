"""key_mgmt_util: the commands on keys.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from moto_cks import cks
from moto_cks.hsm import HsmError, KeyObject, KeyTemplate
from moto_cks.tools.key_mgmt_util import KeyMgmtUtil
from tests.aws import client
from tests.tools.world import PASSWORD, Hardware, World

SUCCESS = "HSM Return: SUCCESS"
STATUS = (
    "        Cluster Error Status\n"
    f"        Node id 0 and err state 0x00000000 : {SUCCESS}\n"
    f"        Node id 1 and err state 0x00000000 : {SUCCESS}\n"
)
INVALID = "HSM Error: Invalid object handle is passed to this operation"


def generate(tool: KeyMgmtUtil, options: str = "-t 31 -s 32 -l aes256") -> int:
    shown = tool.run(f"genSymKey {options}")
    return int(shown.split("Key Handle: ")[1].split()[0])


def attributes(tool: KeyMgmtUtil, handle: int, number: int = 512) -> str:
    files: dict[str, str] = {}
    tool.save = files.__setitem__
    tool.run(f"getAttribute -o {handle} -a {number} -out f")
    return files["f"]


# Orphans ----------------------------------------------------------------------------------------


def test_o4_delete_orphaned_key_material(connected: World) -> None:
    key_id = connected.store.create_key()
    connected.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    cks.clock.advance(days=7)

    (event,) = cks.trail.events(event_name="DeleteKey")
    (backing_key,) = json.loads(event["additionalEventData"]["backingKeysDeletionStatus"])
    assert backing_key["deletionStatus"] == "FAILURE"
    handle = int(backing_key["keyHandle"])
    assert [len(hsm.keys) for hsm in connected.cluster.hsms] == [1, 1]

    with connected.cmu() as tool:
        tool.run("changePswd CU kmsuser tempPassword", "y")
    with connected.kmu(password="tempPassword") as kmu:
        assert kmu.run(f"deleteKey -k {handle}") == (
            f"\n        Cfm3DeleteKey returned: 0x00 : {SUCCESS}\n\n{STATUS}"
        )
    assert [len(hsm.keys) for hsm in connected.cluster.hsms] == [0, 0]
    connected.kms.update_custom_key_store(
        CustomKeyStoreId=connected.store.id, KeyStorePassword="tempPassword"
    )
    assert connected.connection_error() is None


def test_f3_a_key_that_the_tool_has_deleted_is_missed_by_kms(connected: World) -> None:
    key_id = connected.store.create_key()
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    connected.cluster.change_password("CU", "kmsuser", "tempPassword")
    (key,) = connected.cluster.hsms[0].keys
    with connected.kmu(password="tempPassword") as kmu:
        kmu.run(f"deleteKey -k {key.handle}")
    connected.kms.update_custom_key_store(
        CustomKeyStoreId=connected.store.id, KeyStorePassword="tempPassword"
    )
    connected.kms.connect_custom_key_store(CustomKeyStoreId=connected.store.id)
    with pytest.raises(connected.kms.exceptions.KMSInvalidStateException):
        connected.kms.encrypt(KeyId=key_id, Plaintext=b"secret")


def test_o4_nobody_deletes_keys_of_kms_while_it_is_connected(connected: World) -> None:
    connected.store.create_key()
    (key,) = connected.cluster.hsms[0].keys
    connected.new_user()
    with connected.kmu("bob") as kmu:
        assert kmu.run(f"deleteKey -k {key.handle}") == (
            "\n        Cfm3DeleteKey returned: 0xc6 : HSM Error: Key Access is denied\n"
        )
    assert [len(hsm.keys) for hsm in connected.cluster.hsms] == [1, 1]


def test_l2_delete_what_is_not_there(hardware: Hardware) -> None:
    tool = hardware.kmu()
    turn = tool.begin("deleteKey -k 252126")
    assert turn.output == (
        f"\n        Cfm3FindKey returned: 0xa8 : {INVALID}\n"
        "\n"
        "        Cluster Error Status\n"
        f"        Node id 0 and err state 0x000000a8 : {INVALID}\n"
        f"        Node id 1 and err state 0x000000a8 : {INVALID}\n"
    )
    assert turn.status == 1


def test_l2_h5_delete_a_key_that_one_hsm_lacks(hardware: Hardware) -> None:
    tool = hardware.kmu()
    handle = generate(tool)
    hardware.hsms[0].destroy_key(handle)
    turn = tool.begin(f"deleteKey -k {handle}")
    assert f"Cfm3DeleteKey returned: 0x00 : {SUCCESS}" in turn.output
    assert f"Node id 0 and err state 0x000000a8 : {INVALID}\n" in turn.output
    assert f"Node id 1 and err state 0x00000000 : {SUCCESS}\n" in turn.output
    assert handle not in hardware.hsms[1].keys


def test_a_key_that_must_stay(hardware: Hardware) -> None:
    tool = hardware.kmu()
    handle = generate(tool)
    with hardware.cmu("CU", "kmsuser", PASSWORD) as cmu:
        cmu.run(f"setAttribute {handle} 370 0", "y")
    assert "An attribute of the key forbids it" in tool.run(f"deleteKey -k {handle}")
    assert handle in hardware.hsms[0].keys


# Generating -------------------------------------------------------------------------------------


def test_l2_generate_an_aes_key(hardware: Hardware) -> None:
    tool = hardware.kmu()
    shown = tool.run("genSymKey -t 31 -s 32 -l aes256")
    (handle,) = hardware.hsms[0].keys
    assert shown == (
        f"\n        Cfm3GenerateSymmetricKey returned: 0x00 : {SUCCESS}\n"
        "\n"
        f"        Symmetric Key Created.  Key Handle: {handle}\n"
        "\n"
        f"{STATUS}"
    )
    for hsm in hardware.hsms:
        key = hsm.keys[handle]
        assert (key.owner, key.label, key.key_id) == ("kmsuser", "aes256", "")
        assert (key.template.extractable, key.template.token) == (True, True)


def test_l2_check_the_firmware(hardware: Hardware) -> None:
    shown = hardware.kmu().run("genSymKey -t 31 -s 16 -l label -nex -attest -min_srv 2 -timeout 1")
    assert "\n        Attestation Check : [PASS]\n\n        Cluster Error Status\n" in shown
    (key,) = hardware.hsms[0].keys.values()
    assert (key.template.extractable, key.template.value_length) == (False, 16)


def test_l2_a_key_that_the_owner_of_another_case_generates(hardware: Hardware) -> None:
    first = generate(hardware.kmu("KmsUser"))
    assert generate(hardware.kmu()) == first + 1
    assert {key.owner for key in hardware.hsms[0].keys.values()} == {"kmsuser"}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("-t 31 -s 33 -l label", "Key size (-s) 33 is not one of this key type."),
        ("-t 21 -s 16 -l label", "Key size (-s) 16 is not one of this key type."),
        ("-t 16 -s 3584 -l label", "Key size (-s) 3584 is not one of this key type."),
        ("-t 31 -s 32 -l label -timeout 1", "Minimum number of servers (-min_srv) is missing."),
        ("-t 31 -s 32 -l label -sess -u 4", "Session keys cannot be shared (-u)."),
        ("-t 31 -s 32 -l label -m_value 2", "Quorum authentication (-m_value) is not simulated."),
    ],
)
def test_keys_that_cannot_be(hardware: Hardware, options: str, error: str) -> None:
    hardware.new_user()
    turn = hardware.kmu().begin(f"genSymKey {options}")
    assert turn.output.startswith(f"\n        Error: {error}\n")
    assert turn.status == 1
    assert not hardware.hsms[0].keys


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ("-id IT-02", "HSM Error: A key with this ID exists"),
        ("-min_srv 3", "0x30000085 : HSM CLUSTER ERROR: Server in cluster is unavailable"),
        ("-u 9", "0xce : HSM Error: This user doesn't exist"),
        ("-u 3", "0xdb : HSM Error: Invalid User Type."),
        ("-u 1", "0xdb : HSM Error: Invalid User Type."),
    ],
)
def test_keys_that_the_hsms_refuse(hardware: Hardware, options: str, answer: str) -> None:
    tool = hardware.kmu()
    generate(tool, "-t 21 -s 24 -l 3DES_shared -id IT-02")
    turn = tool.begin(f"genSymKey -t 31 -s 32 -l label {options}")
    assert turn.output.startswith("\n        Cfm3GenerateSymmetricKey returned: 0x")
    assert answer in turn.output
    assert turn.status == 1
    assert len(hardware.hsms[0].keys) == 1


def test_rc4_violates_the_policy(hardware: Hardware) -> None:
    turn = hardware.kmu().begin("genSymKey -t 18 -s 16 -l rc4")
    lost = "0x30000085 : HSM CLUSTER ERROR: Server in cluster is unavailable\n"
    assert turn.output == (
        "\n        Cfm3GenerateSymmetricKey returned: 0xb3 : HSM Error: This operation violates "
        "the current configured/FIPS policies\n"
        "\n"
        "        Cluster Error Status\n"
        f"        Node id 0 and err state {lost}"
        f"        Node id 1 and err state {lost}"
    )
    assert turn.status == 1


# Sharing ----------------------------------------------------------------------------------------


def test_l2_a_shared_key(hardware: Hardware) -> None:
    hardware.new_user("bob")
    hardware.new_user("carol")
    owner, bob = hardware.kmu(), hardware.kmu("bob")
    handle = generate(owner, "-t 21 -s 24 -l 3DES_shared -id IT-02 -u 4,5")
    alone = generate(owner)
    assert bob.run(f"getKeyInfo -k {handle}") == (
        f"\n        Cfm3GetKey returned: 0x00 : {SUCCESS}\n"
        "\n"
        "        Owned by user 3\n"
        "\n"
        "        also, shared to following 2 user(s):\n"
        "\n"
        "                 4\n"
        "                 5\n"
    )
    assert owner.run(f"getKeyInfo -k {alone}") == (
        f"\n        Cfm3GetKey returned: 0x00 : {SUCCESS}\n\n        Owned by user 3\n"
    )
    assert f"Cfm3GetKey returned: 0xa8 : {INVALID}\n" in bob.run(f"getKeyInfo -k {alone}")
    denied = "\n        Cfm3DeleteKey returned: 0xc6 : HSM Error: Key Access is denied\n"
    turn = bob.begin(f"deleteKey -k {handle}")
    assert (turn.output, turn.status) == (denied, 1)
    assert f"\n{handle}\n" in bob.run("findKey")
    assert f"\n{handle}\n" in owner.run("findKey -u 4,5")
    assert f"\n{handle}, {alone}\n" in owner.run("findKey -u 3")
    assert "present 0\n" in owner.run("findKey -u 9")


# Finding ----------------------------------------------------------------------------------------


def test_l2_find_keys(hardware: Hardware) -> None:
    tool = hardware.kmu()
    assert tool.run("findKey") == (
        "\nTotal number of keys present 0\n"
        f"\n{STATUS}\n        Cfm3FindKey returned: 0x00 : {SUCCESS}\n"
    )
    first, second = generate(tool), generate(tool)
    assert tool.run("findKey") == (
        "\nTotal number of keys present 2\n"
        "\n"
        " number of keys matched from start index 0::1\n"
        f"{first}, {second}\n"
        f"\n{STATUS}\n        Cfm3FindKey returned: 0x00 : {SUCCESS}\n"
    )


def test_l2_find_keys_by_their_attributes(hardware: Hardware) -> None:
    tool = hardware.kmu()
    aes = generate(tool, "-t 31 -s 32 -l 2018-sept")
    des = generate(tool, "-t 21 -s 24 -l des -id IT-02")
    session_key = generate(tool, "-t 16 -s 512 -l 2018-sept -sess")
    kcv = attributes(tool, des, 371).split()[1]
    every = [aes, des, session_key]
    expected = {
        "-c 4": every,
        "-c 2": [],
        "-t 31": [aes],
        "-t 21 -c 4": [des],
        "-t 0": [],
        "-l 2018-sept": [aes, session_key],
        "-l 2018": [],
        "-id IT-02": [des],
        "-id IT-03": [],
        "-sess 0": [aes, des],
        "-sess 1": [session_key],
        "-t 31 -sess 0 -u 3": [aes],
        "-m m4.txt": [],
        f"-kcv {kcv}": [des],
        f"-kcv {kcv[2:].upper()}": [des],
        "-kcv zzzzzz": [],
    }
    for options, handles in expected.items():
        shown = tool.run(f"findKey {options}")
        assert f"Total number of keys present {len(handles)}\n" in shown, options
        assert ", ".join(map(str, handles)) in shown, options


def test_the_key_of_a_kms_key_is_found_by_its_arn(connected: World) -> None:
    key_id = connected.store.create_key()
    arn = connected.kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    connected.kms.disconnect_custom_key_store(CustomKeyStoreId=connected.store.id)
    connected.cluster.change_password("CU", "kmsuser", "tempPassword")
    (key,) = connected.cluster.hsms[0].keys
    tool = connected.kmu(password="tempPassword")
    assert f"\n{key.handle}\n" in tool.run(f"findKey -l {arn}")


def test_l2_h5_is_a_key_on_every_hsm(hardware: Hardware) -> None:
    tool = hardware.kmu()
    handle = generate(tool)
    found = f"Cfm3FindKey returned: 0x00 : {SUCCESS}\n\n{STATUS}"
    assert tool.run(f"findSingleKey -k {handle}") == found
    hardware.hsms[1].destroy_key(handle)
    turn = tool.begin(f"findSingleKey -k {handle}")
    assert turn.output.startswith(f"Cfm3FindKey returned: 0xa8 : {INVALID}\n")
    assert f"Node id 0 and err state 0x00000000 : {SUCCESS}\n" in turn.output
    assert f"Node id 1 and err state 0x000000a8 : {INVALID}\n" in turn.output
    assert turn.status == 1


# Attributes -------------------------------------------------------------------------------------


def test_l2_the_constants(hardware: Hardware) -> None:
    shown = KeyMgmtUtil(hardware).run("listAttributes")
    assert shown.startswith(
        "\nFollowing are the possible attribute values for getAttributes:\n"
        "\n"
        "      OBJ_ATTR_CLASS                  = 0\n"
    )
    assert shown.endswith("      OBJ_ATTR_KCV                    = 371\n")
    assert len(shown.splitlines()) == 3 + 18


def test_l2_all_attributes_of_a_key(hardware: Hardware, tmp_path: Path) -> None:
    tool = hardware.kmu()
    handle = generate(tool, "-t 21 -s 24 -l 3DES_shared -id IT-02")
    file = tmp_path / "attr_7"
    assert tool.run(f"getAttribute -o {handle} -a 512 -out {file}") == (
        "\ngot all attributes of size 444 attr cnt 17\n"
        f"Attributes dumped into {file} file\n"
        "\n"
        f"        Cfm3GetAttribute returned: 0x00 : {SUCCESS}\n"
    )
    lines = file.read_text().splitlines()
    kcv = lines.pop()
    assert lines == [
        "OBJ_ATTR_CLASS", "0x04", "OBJ_ATTR_KEY_TYPE", "0x15", "OBJ_ATTR_TOKEN", "0x01",
        "OBJ_ATTR_PRIVATE", "0x01", "OBJ_ATTR_ENCRYPT", "0x01", "OBJ_ATTR_DECRYPT", "0x01",
        "OBJ_ATTR_WRAP", "0x01", "OBJ_ATTR_UNWRAP", "0x01", "OBJ_ATTR_SIGN", "0x00",
        "OBJ_ATTR_VERIFY", "0x00", "OBJ_ATTR_LOCAL", "0x01", "OBJ_ATTR_SENSITIVE", "0x01",
        "OBJ_ATTR_EXTRACTABLE", "0x01", "OBJ_ATTR_LABEL", "3DES_shared", "OBJ_ATTR_ID", "IT-02",
        "OBJ_ATTR_VALUE_LEN", "0x00000018", "OBJ_ATTR_KCV",
    ]  # fmt: skip
    assert len(kcv) == len("0x59a46e")


def test_l2_one_attribute_of_a_key(hardware: Hardware, tmp_path: Path) -> None:
    tool = hardware.kmu()
    handle = generate(tool)
    file = tmp_path / "attribute.txt"
    shown = tool.run(f"getAttribute -o {handle} -a 256 -out {file}")
    assert shown == f"Attributes dumped into {file} file\n"
    assert file.read_text() == "OBJ_ATTR_KEY_TYPE\n0x0000001f\n"


def test_attributes_that_a_key_does_not_have(hardware: Hardware, tmp_path: Path) -> None:
    tool = hardware.kmu()
    aes, generic = generate(tool), generate(tool, "-t 16 -s 512 -l IT_test_key")
    file = tmp_path / "attribute.txt"
    for handle, number in ((aes, 288), (aes, 7), (generic, 371)):
        turn = tool.begin(f"getAttribute -o {handle} -a {number} -out {file}")
        assert "Cfm3GetAttribute returned: 0x" in turn.output
        assert "HSM Error: The key has no such attribute\n" in turn.output
        assert turn.status == 1
    assert not file.exists()
    assert "attr cnt 16\n" in tool.run(f"getAttribute -o {generic} -a 512 -out {file}")


def test_a_file_that_cannot_be_written(hardware: Hardware, tmp_path: Path) -> None:
    tool = hardware.kmu()
    turn = tool.begin(f"getAttribute -o {generate(tool)} -a 3 -out {tmp_path}")
    assert turn.output == f"\n        Error: Cannot write {tmp_path}: Is a directory\n"
    assert turn.status == 1


@pytest.mark.parametrize(
    ("key_type", "length", "algorithm"), [("AES", 32, algorithms.AES), ("DES3", 24, TripleDES)]
)
def test_the_key_check_value(
    key_type: str, length: int, algorithm: type[algorithms.AES] | type[TripleDES]
) -> None:
    value = bytes(range(length))
    template = KeyTemplate(key_type=key_type, value_length=length)
    encryptor = Cipher(algorithm(value), modes.ECB()).encryptor()
    block = encryptor.update(bytes(algorithm.block_size // 8))
    assert KeyObject(1, "label", "owner", template, value).check_value() == block[:3]


@pytest.mark.parametrize("key_type", ["DES3", "GENERIC_SECRET"])
def test_keys_that_are_not_aes_encrypt_nothing_here(key_type: str) -> None:
    key = KeyObject(1, "label", "owner", KeyTemplate(key_type=key_type), bytes(32))
    with pytest.raises(HsmError, match="forbids"):
        key.encrypt(b"plaintext", b"")
    with pytest.raises(HsmError, match="forbids"):
        key.decrypt(bytes(64), b"")


# Session keys -----------------------------------------------------------------------------------


def test_l2_a_session_key_ends_with_its_session(hardware: Hardware) -> None:
    tool, other = hardware.kmu(), hardware.kmu()
    handle = generate(tool, "-t 31 -s 24 -l tmpAES -id wrap01 -nex -sess")
    assert f"\n{handle}\n" in tool.run("findKey -sess 1")
    assert f"Cfm3FindKey returned: 0x00 : {SUCCESS}" in tool.run(f"findSingleKey -k {handle}")
    assert "OBJ_ATTR_TOKEN\n0x00\n" in attributes(tool, handle)
    assert "present 0\n" in other.run("findKey")
    assert handle not in hardware.hardware.snapshot().keys
    tool.run("logoutHSM")
    assert "0x00" in tool.run(f"loginHSM -u CU -s kmsuser -p {PASSWORD}")
    assert "present 0\n" in tool.run("findKey")


def test_l2_a_session_key_becomes_persistent(hardware: Hardware) -> None:
    tool = hardware.kmu()
    handle = generate(tool, "-t 31 -s 24 -l tmpAES -sess")
    assert tool.run(f"setAttribute -o {handle} -a 1", "1") == (
        "         This attribute is defined as a boolean value.\n"
        "          Enter the boolean attribute value (0 or 1):1\n"
        f"\n        Cfm3SetAttribute returned: 0x00 : {SUCCESS}\n\n{STATUS}"
    )
    assert "present 0\n" in tool.run("findKey -sess 1")
    tool.close()
    assert f"\n{handle}\n" in hardware.kmu().run("findKey -sess 0")


@pytest.mark.parametrize("value", ["0", "2", "", "yes"])
def test_the_only_value_is_1(hardware: Hardware, value: str) -> None:
    tool = hardware.kmu()
    handle = generate(tool, "-t 31 -s 24 -l tmpAES -sess")
    shown = tool.run(f"setAttribute -o {handle} -a 1", value)
    assert "HSM Error: The attribute cannot be set to that\n" in shown
    assert f"\n{handle}\n" in tool.run("findKey -sess 1")


def test_set_attribute_of_other_keys(hardware: Hardware) -> None:
    hardware.new_user()
    owner, bob = hardware.kmu(), hardware.kmu("bob")
    handle = generate(owner, "-t 31 -s 32 -l shared -u 4")
    turn = bob.begin("setAttribute -o 5 -a 1")
    assert f"Cfm3SetAttribute returned: 0xa8 : {INVALID}\n" in turn.output
    assert turn.question is None
    shown = bob.run(f"setAttribute -o {handle} -a 1", "1")
    assert "Node id 1 and err state 0x000000c6 : HSM Error: Key Access is denied\n" in shown


def test_a_session_key_is_deleted(hardware: Hardware) -> None:
    tool = hardware.kmu()
    handle = generate(tool, "-t 31 -s 24 -l tmpAES -sess")
    assert SUCCESS in tool.run(f"deleteKey -k {handle}")
    assert "present 0\n" in tool.run("findKey")


def test_r1_a_backup_has_no_session_keys(world: World) -> None:
    tool = world.kmu()
    generate(tool, "-t 31 -s 24 -l tmpAES -sess")
    kept = generate(tool)
    zone = world.cluster.hsms[0].availability_zone
    client("cloudhsmv2", world.store.region).create_hsm(
        ClusterId=world.cluster.id, AvailabilityZone=zone
    )
    assert [key.handle for key in world.cluster.hsms[2].keys] == [kept]
