"""cloudhsm-cli: key list and key delete."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks import Cks, Cluster, KeyStore
from moto_cks.hsm.keys import AES_256_TOKEN_KEY, KeyObject, KeyTemplate
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_cli.key_attributes import attributes, reference
from moto_cks.tools.cloudhsm_cli.key_filters import matching, parse_filter
from tests.tools.cloudhsm_cli.world import (
    AS_KMSUSER,
    data,
    kms_client,
    log_in_as_admin,
    refusal,
    state,
)

NEW_PASSWORD = "newPswd1"


@pytest.fixture
def store(world: Cks, request: pytest.FixtureRequest) -> KeyStore:
    older = request.node.get_closest_marker("older_cluster") is not None
    return world.create_key_store(hsm_type="hsm1.medium" if older else "hsm2m.medium")


@pytest.fixture
def cluster(store: KeyStore) -> Cluster:
    return store.cluster


def take_over(cli: CloudHsmCli, store: KeyStore) -> None:
    """Disconnect the key store and log in as kmsuser, as the KMS Developer Guide shows it."""
    kms_client().disconnect_custom_key_store(CustomKeyStoreId=store.id)
    log_in_as_admin(cli, store.cluster)
    reset = f"user change-password --username kmsuser --role crypto-user --password {NEW_PASSWORD}"
    data(cli, reset)
    data(cli, "logout")
    data(cli, AS_KMSUSER, NEW_PASSWORD)


def give_back(cli: CloudHsmCli, store: KeyStore) -> None:
    """Log out and connect again."""
    data(cli, "logout")
    kms = kms_client()
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword=NEW_PASSWORD)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("CONNECTED", None)


def arn(key_id: str) -> str:
    return str(kms_client().describe_key(KeyId=key_id)["KeyMetadata"]["Arn"])


def as_hexadecimal(backing_key_id: str) -> str:
    """What the guide's ``echo ID | tr -d '\\n' | xxd -p`` makes of it, with 0x before."""
    return "0x" + "".join(f"{ord(character):02x}" for character in backing_key_id)


def backing_keys(world: Cks, event_name: str) -> list[dict[str, str]]:
    """What the newest record of that name says of key material."""
    record = world.trail.events(event_name=event_name)[-1]
    told: list[dict[str, str]] = json.loads(
        record["additionalEventData"]["backingKeysDeletionStatus"]
    )
    return told


def handles(found: Any) -> list[int]:
    return [int(key["key-reference"], 16) for key in found["matched_keys"]]


def test_l3_w3_w4_y4_the_key_material_of_a_kms_key(cli: CloudHsmCli, store: KeyStore) -> None:
    label = arn(store.create_key())
    store.create_key()
    (key, _) = store.cluster.hsms[0].keys
    take_over(cli, store)
    assert (
        cli.run(f'key list --filter attr.label="{label}" --verbose')
        == f"""{{
  "error_code": 0,
  "data": {{
    "matched_keys": [
      {{
        "key-reference": "0x{key.handle:016x}",
        "key-info": {{
          "key-owners": [
            {{
              "username": "kmsuser",
              "key-coverage": "full"
            }}
          ],
          "shared-users": [],
          "key-quorum-values": {{
            "manage-key-quorum-value": 0,
            "use-key-quorum-value": 0
          }},
          "cluster-coverage": "full"
        }},
        "attributes": {{
          "key-type": "aes",
          "label": "{label}",
          "id": "{as_hexadecimal(key.key_id)}",
          "check-value": "0x{key.check_value().hex()}",
          "class": "secret-key",
          "encrypt": true,
          "decrypt": true,
          "token": true,
          "always-sensitive": true,
          "derive": false,
          "destroyable": true,
          "extractable": false,
          "local": true,
          "modifiable": true,
          "never-extractable": true,
          "private": true,
          "sensitive": true,
          "sign": false,
          "trusted": false,
          "unwrap": true,
          "verify": false,
          "wrap": true,
          "wrap-with-trusted": false,
          "key-length-bytes": 32
        }}
      }}
    ],
    "total_key_count": 1,
    "returned_key_count": 1
  }}
}}
"""
    )


def test_l3_key_list_is_short_without_verbose(cli: CloudHsmCli, store: KeyStore) -> None:
    label = arn(store.create_key())
    (key,) = store.cluster.hsms[0].keys
    take_over(cli, store)
    assert (
        cli.run("key list")
        == f"""{{
  "error_code": 0,
  "data": {{
    "matched_keys": [
      {{
        "key-reference": "{reference(key)}",
        "attributes": {{
          "label": "{label}"
        }}
      }}
    ],
    "total_key_count": 1,
    "returned_key_count": 1
  }}
}}
"""
    )


def test_key_list_comes_in_pages(cli: CloudHsmCli, store: KeyStore) -> None:
    for _ in range(12):
        store.create_key()
    take_over(cli, store)
    every = handles(data(cli, "key list --max-items 12"))
    assert len(every) == 12
    assert every == sorted(every)
    first = data(cli, "key list")
    counts = (first["total_key_count"], first["returned_key_count"], first["next_token"])
    assert counts == (12, 10, "10")
    rest = data(cli, "key list --starting-token 10")
    assert handles(first) + handles(rest) == every
    assert "next_token" not in rest
    seen: list[int] = []
    token = "0"
    while token:
        page = data(cli, f"key list -v --max-items 5 --starting-token {token}")
        seen += handles(page)
        token = page.get("next_token", "")
    assert seen == every
    assert data(cli, "key list --starting-token 99")["matched_keys"] == []


def test_o4_l3_an_orphan_is_deleted(world: Cks, cli: CloudHsmCli, store: KeyStore) -> None:
    kms = kms_client()
    key_id = store.create_key()
    label = arn(key_id)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(days=8)
    take_over_disconnected(cli, store)
    assert data(cli, f"key list --filter attr.label={label}")["total_key_count"] == 1
    assert (
        cli.run(f'key delete --filter attr.label="{label}"')
        == """{
  "error_code": 0,
  "data": {
    "message": "Key deleted successfully"
  }
}
"""
    )
    assert [hsm.keys for hsm in store.cluster.hsms] == [(), ()]
    empty = {"matched_keys": [], "total_key_count": 0, "returned_key_count": 0}
    assert data(cli, f"key list --filter attr.label={label}") == empty
    give_back(cli, store)


def test_y4_w3_the_key_of_a_backing_key_id(world: Cks, cli: CloudHsmCli, store: KeyStore) -> None:
    labels = {arn(key_id): key_id for key_id in (store.create_key(), store.create_key())}
    kms_client().encrypt(KeyId=list(labels.values())[1], Plaintext=b"x")
    used = world.trail.events(event_name="Encrypt")[-1]["additionalEventData"]["backingKeyId"]
    take_over(cli, store)
    wanted = as_hexadecimal(used)
    assert len(wanted) == 2 + 128
    for written in (wanted, f'"{wanted}"', wanted.replace("a", "A")):
        (found,) = data(cli, f"key list --filter attr.id={written}")["matched_keys"]
        assert labels[found["attributes"]["label"]] == list(labels.values())[1]


def test_y5_o4_an_orphan_is_deleted_by_its_id(
    world: Cks, cli: CloudHsmCli, store: KeyStore
) -> None:
    kms = kms_client()
    lost, kept = store.create_key(), store.create_key()
    sealed = kms.encrypt(KeyId=kept, Plaintext=b"secret")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=lost, PendingWindowInDays=7)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(days=8)
    (orphan,) = backing_keys(world, "DeleteKey")
    assert orphan["deletionStatus"] == "FAILURE"
    take_over_disconnected(cli, store)
    # As "How to delete orphaned key material" writes it: the HSM has other bytes.
    trap = f'key delete --filter attr.id="0x{orphan["backingKeyId"]}"'
    assert refusal(cli, trap) == "Key does not exist"
    assert [len(hsm.keys) for hsm in store.cluster.hsms] == [2, 2]
    # As "Find the KMS key for an AWS CloudHSM key" works it through.
    command = f'key delete --filter attr.id="{as_hexadecimal(orphan["backingKeyId"])}"'
    assert data(cli, command) == {"message": "Key deleted successfully"}
    assert refusal(cli, command) == "Key does not exist"
    give_back(cli, store)
    assert [key.handle for key in store.cluster.hsms[1].keys] == [store.cluster.key_of(kept)]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


def test_y4_no_two_keys_have_one_id(world: Cks, store: KeyStore) -> None:
    there = world.create_key_store(name="another", region="eu-west-1")
    for _ in range(3):
        store.create_key()
        there.create_key()
    known = "11111111-2222-3333-4444-555555555555"
    for _ in range(2):  # a key with that ID, and another one after it is gone
        world.create_key(key_id=known, key_store=store)
        kms_client().schedule_key_deletion(KeyId=known, PendingWindowInDays=7)
        kms_client().disconnect_custom_key_store(CustomKeyStoreId=store.id)
        world.clock.advance(days=8)
        kms_client().connect_custom_key_store(CustomKeyStoreId=store.id)
    keys = [key for one in (store, there) for key in one.cluster.hsms[0].keys]
    assert len({key.key_id for key in keys}) == len(keys) == 8
    assert len({key.label for key in keys}) == 7
    assert all(re.fullmatch("[0-9a-f]{64}", key.key_id) for key in keys)


def take_over_disconnected(cli: CloudHsmCli, store: KeyStore) -> None:
    kms_client().connect_custom_key_store(CustomKeyStoreId=store.id)
    take_over(cli, store)


def test_f3_key_material_that_is_deleted_is_lost(cli: CloudHsmCli, store: KeyStore) -> None:
    kms = kms_client()
    key_id = store.create_key()
    sealed = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
    take_over(cli, store)
    (found,) = data(cli, "key list")["matched_keys"]
    data(cli, f"key delete --filter key-reference={found['key-reference']}")
    give_back(cli, store)
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.decrypt(CiphertextBlob=sealed)


@pytest.mark.parametrize("form", ["key-reference={}", "attr.key-reference={}"])
def test_w3_both_forms_of_a_key_reference(cli: CloudHsmCli, store: KeyStore, form: str) -> None:
    for _ in range(2):
        store.create_key()
    take_over(cli, store)
    reference = data(cli, "key list")["matched_keys"][1]["key-reference"]
    for written in (reference, f'"{reference}"', hex(int(reference, 16))):
        found = data(cli, f"key list --filter {form.format(written)}")
        assert handles(found) == [int(reference, 16)]
    deleted = {"message": "Key deleted successfully"}
    assert data(cli, f"key delete --filter {form.format(reference)}") == deleted
    assert refusal(cli, f"key delete --filter {form.format(reference)}") == "Key does not exist"


def test_w5_one_key_is_deleted_at_a_time(cli: CloudHsmCli, store: KeyStore) -> None:
    for _ in range(3):
        store.create_key()
    take_over(cli, store)
    assert (
        cli.run("key delete --filter attr.key-type=aes")
        == """{
  "error_code": 1,
  "data": "Key selection criteria matched 3 keys. Refine selection criteria to select a single key."
}
"""
    )
    for none in ("key-reference=0xabc", "attr.key-type=rsa", "attr.label=other"):
        assert refusal(cli, f"key delete --filter {none}") == "Key does not exist"
    assert [len(hsm.keys) for hsm in store.cluster.hsms] == [3, 3]


def test_several_conditions_hold_together(cli: CloudHsmCli, store: KeyStore) -> None:
    labels = [arn(store.create_key()) for _ in range(2)]
    take_over(cli, store)
    both = f"--filter attr.label={labels[1]} attr.class=secret-key attr.key-length-bytes=32"
    assert data(cli, f"key list {both}")["total_key_count"] == 1
    twice = f"--filter attr.label={labels[0]} --filter attr.label={labels[1]}"
    assert data(cli, f"key list {twice}")["total_key_count"] == 0


SET_HELP = """Set an attribute for a key in the HSM cluster

Usage: cloudhsm-cli key set-attribute [OPTIONS] --filter [<FILTER>...] --name <KEY_ATTRIBUTE> --value <KEY_ATTRIBUTE_VALUE>

Options:
"""  # noqa: E501


def test_w4_the_label_is_changed_and_kms_finds_its_key(cli: CloudHsmCli, store: KeyStore) -> None:
    assert cli.run("help key set-attribute").startswith(SET_HELP)
    kms = kms_client()
    key_id = store.create_key()
    sealed = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
    label = arn(key_id)
    (before,) = store.cluster.hsms[0].keys
    take_over(cli, store)
    done = {"message": "Attribute set successfully"}
    command = "key set-attribute --filter attr.label={} --name {} --value {}"
    assert data(cli, command.format(label, "label", "cards")) == done
    assert data(cli, f"key list --filter attr.label={label}")["total_key_count"] == 0
    by_id = f"key list --filter attr.id={as_hexadecimal(before.key_id)} --verbose"
    (found,) = data(cli, by_id)["matched_keys"]
    assert found["attributes"]["label"] == "cards"
    assert found["key-info"]["cluster-coverage"] == "full"
    data(cli, command.format("cards", "wrap", "false"))
    assert data(cli, by_id)["matched_keys"][0]["attributes"]["wrap"] is False
    for name, value in (("token", "false"), ("wrap", "maybe"), ("class", "x")):
        assert refusal(cli, command.format("cards", name, value)) == "Attribute cannot be changed"
    message = "Key does not have the attribute"
    assert refusal(cli, command.format("cards", "colour", "red")) == message
    assert refusal(cli, command.format(label, "label", "x")) == "Key does not exist"
    give_back(cli, store)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


SET = "key set-attribute --filter attr.key-type=aes --name {} --value {}"


def test_w4_y4_the_id_is_set_and_kms_finds_its_key(cli: CloudHsmCli, store: KeyStore) -> None:
    kms = kms_client()
    key_id = store.create_key()
    take_over(cli, store)
    before = store.cluster.hsms[0].keys
    for value in ("0x0", "0xfffe", "cards", "0xzz", "-1"):  # digits missing, no text, no digits
        assert refusal(cli, SET.format("id", value)) == "Attribute cannot be changed"
    assert store.cluster.hsms[0].keys == before
    for value in ("0x6361726473", "6361726473"):
        data(cli, SET.format("id", value))
        (found,) = data(cli, "key list --filter attr.id=0x6361726473 --verbose")["matched_keys"]
        assert found["attributes"]["id"] == "0x6361726473"
        assert found["key-info"]["cluster-coverage"] == "full"
    assert {key.key_id for hsm in store.cluster.hsms for key in hsm.keys} == {"cards"}
    give_back(cli, store)
    sealed = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


@pytest.mark.older_cluster
def test_w4_y4_the_older_hsms_have_no_id_set(cli: CloudHsmCli, store: KeyStore) -> None:
    store.create_key()
    take_over(cli, store)
    assert refusal(cli, SET.format("id", "0x6361726473")) == "Attribute cannot be changed"
    data(cli, SET.format("label", "cards"))


def test_w4_w5_one_key_at_a_time_and_only_its_owner(cli: CloudHsmCli, store: KeyStore) -> None:
    for _ in range(2):
        store.create_key()
    command = "key set-attribute --filter attr.key-type=aes --name label --value cards"
    log_in_as_admin(cli, store.cluster)
    assert "permission" in refusal(cli, command)
    data(cli, "logout")
    take_over(cli, store)
    assert refusal(cli, command) == (
        "Key selection criteria matched 2 keys. Refine selection criteria to select a single key."
    )
    assert all(key.label != "cards" for hsm in store.cluster.hsms for key in hsm.keys)


def test_h5_a_key_on_one_hsm_shows(cli: CloudHsmCli, store: KeyStore) -> None:
    store.create_key()
    cluster = store.cluster
    (key,) = cluster.hsms[0].keys
    cluster.delete_key(key.handle, hsms=cluster.hsms[:1])
    take_over(cli, store)
    (found,) = data(cli, "key list --verbose")["matched_keys"]
    assert found["key-info"]["cluster-coverage"] == "inconsistent"
    data(cli, f"key delete --filter key-reference={reference(key)}")
    assert [hsm.keys for hsm in cluster.hsms] == [(), ()]


def test_an_admin_sees_the_keys_and_deletes_none(cli: CloudHsmCli, store: KeyStore) -> None:
    label = arn(store.create_key())
    log_in_as_admin(cli, store.cluster)
    (found,) = data(cli, "key list --verbose")["matched_keys"]
    assert found["attributes"] == {"label": label}
    assert "permission" in refusal(cli, "key delete --filter attr.key-type=aes")
    assert len(store.cluster.hsms[0].keys) == 1


def test_each_crypto_user_has_its_own_keys(cli: CloudHsmCli, store: KeyStore) -> None:
    store.create_key()
    store.cluster.create_user("CU", "alice", "alicePswd1")
    data(cli, "login --username alice --role crypto-user", "alicePswd1")
    assert data(cli, "key list")["total_key_count"] == 0
    assert refusal(cli, "key delete --filter attr.key-type=aes") == "Key does not exist"


def test_a_user_with_keys_is_not_deleted(cli: CloudHsmCli, store: KeyStore) -> None:
    store.create_key()
    take_over(cli, store)
    data(cli, "logout")
    log_in_as_admin(cli, store.cluster)
    assert refusal(cli, "user delete --username kmsuser --role crypto-user") == "User owns keys"


# Rules that hold for every key -------------------------------------------------------------------

KEYS = st.builds(
    KeyObject,
    handle=st.integers(1, 2**32),
    label=st.text(max_size=20),
    owner=st.just("kmsuser"),
    template=st.builds(
        KeyTemplate,
        key_type=st.just("AES"),
        value_length=st.sampled_from([16, 24, 32]),
        extractable=st.booleans(),
        encrypt=st.booleans(),
    ),
    _value=st.just(bytes(32)),
    key_id=st.text(max_size=8),
)


@given(key=KEYS)
def test_every_attribute_that_is_shown_finds_the_key(key: KeyObject) -> None:
    for name, value in attributes(key).items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        assert matching([key], [parse_filter(f"attr.{name}={text}")]) == [key]
        assert matching([key], [parse_filter(f"attr.{name}={text}x")]) == []
    assert matching([key], [parse_filter(f"key-reference={reference(key)}")]) == [key]
    assert matching([key], [parse_filter(f"key-reference={key.handle + 1:#x}")]) == []


def test_the_check_value_is_the_start_of_an_encrypted_block_of_zeros() -> None:
    # FIPS 197 and NIST's known answers: AES-256 with a key of zeros.
    key = KeyObject(1, "label", "kmsuser", AES_256_TOKEN_KEY, bytes(32))
    assert key.check_value().hex() == "dc95c0"
    assert bytes(32).hex() not in repr(key)
