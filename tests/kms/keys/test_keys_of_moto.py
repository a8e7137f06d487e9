"""Keys that moto has made before the mock is entered, and has again afterwards (M2)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.core.exceptions import JsonRESTError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends

from moto_cks import mock_cks
from tests.aws import REGION, client, error_of
from tests.kms.imports import MATERIAL, import_material

KINDS = [
    ({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "RSASSA_PSS_SHA_256"),
    ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, "ECDSA_SHA_256"),
    ({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "SIGN_VERIFY"}, "ECDSA_SHA_256"),
]


@pytest.fixture
def kms() -> Iterator[Any]:
    with mock_aws():
        yield client("kms")


@pytest.mark.parametrize(("kind", "algorithm"), KINDS, ids=str)
@pytest.mark.parametrize("made_in", ["mock_aws", "mock_cks"])
def test_m2_a_key_pair_stays_the_same(
    kms: Any, kind: dict[str, str], algorithm: str, made_in: str
) -> None:
    key_id = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    if made_in == "mock_cks":
        with mock_cks():
            key_id = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    call = {"KeyId": key_id, "SigningAlgorithm": algorithm, "Message": b"text"}
    before = kms.get_public_key(KeyId=key_id)["PublicKey"]
    signature = kms.sign(**call)["Signature"]
    with mock_cks():
        assert kms.get_public_key(KeyId=key_id)["PublicKey"] == before
        second = kms.sign(**call)["Signature"]
        if not algorithm.startswith("RSASSA_PSS") or made_in == "mock_cks":
            # moto's salt is as long as can be, which AWS does not take.
            assert kms.verify(**call, Signature=signature)["SignatureValid"]
    assert kms.get_public_key(KeyId=key_id)["PublicKey"] == before
    if not algorithm.startswith("RSASSA_PSS") or made_in == "mock_cks":
        assert kms.verify(**call, Signature=second)["SignatureValid"]


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_m2_an_hmac_key_stays_the_same(kms: Any, bits: int) -> None:
    kind = {"KeySpec": f"HMAC_{bits}", "KeyUsage": "GENERATE_VERIFY_MAC"}
    key_id = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    call = {"KeyId": key_id, "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": b"text"}
    code = kms.generate_mac(**call)["Mac"]
    with mock_cks():
        assert kms.generate_mac(**call)["Mac"] == code
    assert kms.generate_mac(**call)["Mac"] == code


def test_m2_what_moto_has_encrypted_can_be_decrypted(kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    context = {"EncryptionContext": {"a": "b"}}
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text", **context)["CiphertextBlob"]
    with mock_cks():
        opened = kms.decrypt(CiphertextBlob=blob, **context)
        assert opened["Plaintext"] == b"text"
        current = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
        assert opened["KeyMaterialId"] == current
        assert error_of(kms.decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"
        ours = kms.encrypt(KeyId=key_id, Plaintext=b"ours")["CiphertextBlob"]
        made = kms.create_key()["KeyMetadata"]["KeyId"]
        for key in (key_id, made):  # a ciphertext in moto's form is good for keys of moto only
            forged = key.encode() + blob[len(key) :]
            outcome = kms.decrypt(CiphertextBlob=forged, **context) if key == key_id else None
            assert outcome is None or outcome["Plaintext"] == b"text"
        assert error_of(kms.decrypt, CiphertextBlob=forged)[0] == "InvalidCiphertextException"
    with mock_cks():
        assert kms.decrypt(CiphertextBlob=ours)["Plaintext"] == b"ours"
        assert kms.decrypt(CiphertextBlob=blob, **context)["Plaintext"] == b"text"


def test_m2_a_symmetric_key_of_moto_says_what_aws_says(kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    multi_region = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    with mock_cks():
        metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        assert metadata["KeyUsage"] == "ENCRYPT_DECRYPT"
        assert len(metadata["CurrentKeyMaterialId"]) == 64
        metadata = kms.describe_key(KeyId=multi_region)["KeyMetadata"]
        assert metadata["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"


@pytest.mark.parametrize("value", [True, "true", "True", False, "false", None])
def test_m2_g6_what_moto_was_to_rotate_is_rotated(kms: Any, value: Any) -> None:
    backend = kms_backends[DEFAULT_ACCOUNT_ID][REGION]
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    backend.keys[key_id].key_rotation_status = value  # as its CloudFormation does
    with mock_cks() as cks:
        status = kms.get_key_rotation_status(KeyId=key_id)
        rotates = str(value).lower() == "true"
        assert status["KeyRotationEnabled"] is rotates
        assert status.get("RotationPeriodInDays") == (365 if rotates else None)
        cks.clock.advance(days=366)
        assert len(kms.list_key_rotations(KeyId=key_id)["Rotations"]) == rotates


@pytest.mark.parametrize(
    ("call", "state"),
    [("disable_key", "Disabled"), ("schedule_key_deletion", "PendingDeletion")],
)
def test_m2_u8_a_key_of_moto_keeps_its_state(kms: Any, call: str, state: str) -> None:
    key_id = kms.create_key(Description="mine")["KeyMetadata"]["KeyId"]
    getattr(kms, call)(KeyId=key_id)
    names = ("Arn", "CreationDate", "DeletionDate", "Description", "Enabled", "KeyState", "Origin")
    before, after = [{}, {}]
    for found in (before, after):
        with mock_cks() if found is after else contextlib.nullcontext():
            metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
            found.update({name: metadata[name] for name in names if name in metadata})
    assert before == after
    assert (after["KeyState"], after["Enabled"]) == (state, False)


def test_m2_what_moto_does_with_a_key_afterwards(kms: Any) -> None:
    with mock_cks():
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]

    def told() -> tuple[bool, str, bool]:
        found = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        status = kms.get_key_rotation_status(KeyId=key_id)
        return found["Enabled"], found["KeyState"], status["KeyRotationEnabled"]

    for call, expected in (
        (kms.describe_key, (True, "Enabled", False)),
        (kms.disable_key_rotation, (True, "Enabled", False)),
        (kms.enable_key_rotation, (True, "Enabled", True)),
        (kms.disable_key, (False, "Disabled", True)),
        (kms.enable_key, (True, "Enabled", True)),
        (kms.disable_key_rotation, (True, "Enabled", False)),
        (kms.schedule_key_deletion, (False, "PendingDeletion", False)),
        (kms.cancel_key_deletion, (False, "Disabled", False)),
    ):
        call(KeyId=key_id)
        assert told() == expected
        with mock_cks():
            assert told() == expected


def test_m2_moto_sees_no_material_of_a_key_in_a_key_store() -> None:
    """Its dashboard shows what an object has."""
    with mock_cks() as cks:
        key_id = cks.create_key_store().create_key()
        key = kms_backends[DEFAULT_ACCOUNT_ID][REGION].keys[key_id]
        assert not hasattr(key, "key_material")


def test_m2_g7_moto_has_imported_material_while_it_is_there(kms: Any) -> None:
    with mock_cks():
        key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
        import_material(kms, key_id)
    assert kms_backends[DEFAULT_ACCOUNT_ID][REGION].keys[key_id].key_material == MATERIAL
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"
    with mock_cks():
        kms.delete_imported_key_material(KeyId=key_id)
    assert kms_backends[DEFAULT_ACCOUNT_ID][REGION].keys[key_id].key_material == b""


def test_g9_a_key_of_moto_whose_key_spec_cannot_be_had(kms: Any) -> None:
    key_id = kms.create_key(KeySpec="SM2", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    with mock_cks():
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeySpec"] == "SM2"
        refused = error_of(kms.get_public_key, KeyId=key_id)
        assert refused == (
            "UnsupportedOperationException",
            "KeySpec SM2 is not supported in this Region",
        )


def test_g13_moto_s_other_services_encrypt_by_the_backend(kms: Any) -> None:
    with mock_cks():
        arn = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/mine", TargetKeyId=arn)
        backend = kms_backends[DEFAULT_ACCOUNT_ID][REGION]
        blob, used = backend.encrypt("alias/mine", b"text", {"a": "b"})
        assert used == arn
        assert backend.decrypt(blob, {"a": "b"}) == (b"text", arn)
        assert backend.decrypt(blob, {"a": "b"}, "alias/mine") == (b"text", arn)
        opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})
        assert opened["Plaintext"] == b"text"
        with pytest.raises(JsonRESTError, match="InvalidCiphertext"):
            backend.decrypt(b"no ciphertext", {})
        with pytest.raises(JsonRESTError) as unknown:
            backend.encrypt("x", b"text", {})
        assert unknown.value.message == "Invalid keyId 'x'"


def test_m2_keys_in_key_stores_are_away_between_two_mocks(kms: Any) -> None:
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/ordinary", TargetKeyId=ordinary)
    with mock_cks() as world:
        key_id = world.create_external_key_store().create_key()
        kms.create_alias(AliasName="alias/mine", TargetKeyId=key_id)
        assert kms.describe_key(KeyId="alias/ordinary")["KeyMetadata"]["KeyId"] == ordinary
        listed = kms.list_keys()["Keys"]
    assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == [ordinary]
    with mock_cks():
        assert kms.list_keys()["Keys"] == listed
        assert kms.describe_key(KeyId="alias/mine")["KeyMetadata"]["KeyId"] == key_id
        assert kms.describe_key(KeyId="alias/ordinary")["KeyMetadata"]["KeyId"] == ordinary
