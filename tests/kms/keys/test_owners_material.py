"""Imported key material of every kind, and second material to rotate to (G6, G7, W17)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from moto import mock_aws

from moto_cks import mock_cks
from moto_cks.kms.keys.wrapping import ImportParameters
from tests.aws import client, error_of
from tests.kms import can_make
from tests.kms.imports import EXISTING, FOREVER, MATERIAL, NEW, OTHER, import_material, wrap
from tests.wrong_values import send

MESSAGE = b"message"
KNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab"
KNOWN_MATERIAL = "395ea2f7bc5e7040c177b855c3cf01f72cd6a8664456c1b738834a64bd0ee417"
"""The KeyMaterialId of MATERIAL in that key."""


def pkcs8(key: Any) -> bytes:
    data: bytes = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return data


@pytest.fixture
def key_id(kms: Any) -> str:
    return new_key(kms)


def new_key(kms: Any, spec: str = "SYMMETRIC_DEFAULT", usage: str = "ENCRYPT_DECRYPT") -> str:
    made = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)
    key_id: str = made["KeyMetadata"]["KeyId"]
    return key_id


def metadata(kms: Any, key_id: str) -> dict[str, Any]:
    found: dict[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    return found


def versions(kms: Any, key_id: str) -> list[tuple[str, str]]:
    """KeyMaterialState and ImportState of all key material."""
    answer = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    return [(each["KeyMaterialState"], each["ImportState"]) for each in answer["Rotations"]]


# Every kind ---------------------------------------------------------------------------------------


def test_g7_an_rsa_key_of_somebody(kms: Any) -> None:
    mine = rsa.generate_private_key(65537, 2048)
    key_id = new_key(kms, "RSA_2048")
    import_material(kms, key_id, algorithm="RSA_AES_KEY_WRAP_SHA_1", material=pkcs8(mine))
    sha = hashes.SHA256()
    blob = mine.public_key().encrypt(MESSAGE, padding.OAEP(padding.MGF1(sha), sha, None))
    opened = kms.decrypt(
        KeyId=key_id, CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256"
    )
    assert opened["Plaintext"] == MESSAGE


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("ECC_NIST_P521", "RSA_AES_KEY_WRAP_SHA_256"), ("ECC_SECG_P256K1", "RSAES_OAEP_SHA_1")],
)
def test_g7_a_curve_s_key_of_somebody(kms: Any, spec: str, algorithm: str) -> None:
    curve: ec.EllipticCurve = ec.SECP521R1() if spec.endswith("521") else ec.SECP256K1()
    mine = ec.generate_private_key(curve)
    key_id = new_key(kms, spec, "SIGN_VERIFY")
    import_material(kms, key_id, algorithm=algorithm, material=pkcs8(mine))
    (signing,) = metadata(kms, key_id)["SigningAlgorithms"]
    signed = kms.sign(KeyId=key_id, Message=MESSAGE, SigningAlgorithm=signing)
    digest: hashes.HashAlgorithm = hashes.SHA512() if "512" in signing else hashes.SHA256()
    mine.public_key().verify(signed["Signature"], MESSAGE, ec.ECDSA(digest))


@pytest.mark.skipif(not can_make("ECC_NIST_EDWARDS25519"), reason="botocore is too old for it")
def test_g7_an_edwards_key_of_somebody(kms: Any) -> None:
    mine = ed25519.Ed25519PrivateKey.generate()
    key_id = new_key(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    import_material(kms, key_id, material=pkcs8(mine))
    signed = kms.sign(KeyId=key_id, Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")
    mine.public_key().verify(signed["Signature"], MESSAGE)


@pytest.mark.parametrize(
    ("kind", "algorithm", "wrapping_spec"),
    [
        (("RSA_2048", "ENCRYPT_DECRYPT"), "RSAES_OAEP_SHA_256", "RSA_4096"),
        (("ECC_NIST_P521", "SIGN_VERIFY"), "RSAES_OAEP_SHA_256", "RSA_2048"),
        (("ECC_NIST_P521", "SIGN_VERIFY"), "RSAES_OAEP_SHA_1", "RSA_2048"),
        (("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), "RSAES_PKCS1_V1_5", "RSA_2048"),
        (("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), "SM2PKE", "SM2"),
        (("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), "RSAES_OAEP_SHA_256", "SM2"),
    ],
)
def test_g7_ways_of_wrapping_that_there_are_not(
    kms: Any, kind: tuple[str, str], algorithm: str, wrapping_spec: str
) -> None:
    code, message = error_of(
        kms.get_parameters_for_import,
        KeyId=new_key(kms, *kind),
        WrappingAlgorithm=algorithm,
        WrappingKeySpec=wrapping_spec,
    )
    assert (code, "not supported" in message) == ("UnsupportedOperationException", True)


@pytest.mark.parametrize("wrapping_spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_g7_wrapping_keys(kms: Any, key_id: str, wrapping_spec: str) -> None:
    given = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec=wrapping_spec
    )
    public: Any = serialization.load_der_public_key(given["PublicKey"])
    assert f"RSA_{public.key_size}" == wrapping_spec


def test_p7_what_goes_with_a_token_is_not_shown(noon: Any, world: Any) -> None:
    parameters = ImportParameters.new("RSAES_OAEP_SHA_256", "RSA_2048")
    until = world.clock.now() + timedelta(days=1)
    assert repr(parameters) == (
        f"ImportParameters(algorithm='RSAES_OAEP_SHA_256', valid_to={until!r})"
    )


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_g7_symmetric_material_has_32_bytes(kms: Any, key_id: str, size: int) -> None:
    code, message = error_of(import_material, kms=kms, key_id=key_id, material=bytes(size))
    assert (code, bool(message)) == ("IncorrectKeyMaterialException", True)
    assert metadata(kms, key_id)["KeyState"] == "PendingImport"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ImportType", "EXISTING_KEY_MATERIAL"),
        ("KeyMaterialDescription", "mine"),
        ("KeyMaterialId", "0" * 64),
    ],
)
def test_g7_what_only_symmetric_keys_have(kms: Any, member: str, value: str) -> None:
    key_id = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    answer = import_material(kms, key_id)
    assert "KeyMaterialId" not in answer
    code, message = error_of(import_material, kms=kms, key_id=key_id, **FOREVER, **{member: value})
    assert (code, member in message) == ("UnsupportedOperationException", True)
    code, _ = error_of(kms.delete_imported_key_material, KeyId=key_id, KeyMaterialId="0" * 64)
    assert code == "UnsupportedOperationException"
    assert "KeyMaterialId" not in kms.delete_imported_key_material(KeyId=key_id)


def test_g7_an_hmac_key_takes_the_same_material_again_only(kms: Any) -> None:
    key_id = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    import_material(kms, key_id)
    mac = kms.generate_mac(KeyId=key_id, Message=MESSAGE, MacAlgorithm="HMAC_SHA_256")["Mac"]
    kms.delete_imported_key_material(KeyId=key_id)
    code, _ = error_of(import_material, kms=kms, key_id=key_id, material=OTHER)
    assert code == "IncorrectKeyMaterialException"
    import_material(kms, key_id)
    it = {"KeyId": key_id, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    assert kms.generate_mac(**it)["Mac"] == mac


def test_g7_the_token_of_another_key(kms: Any, key_id: str) -> None:
    other = new_key(kms)
    given = kms.get_parameters_for_import(
        KeyId=other, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    code, message = error_of(
        kms.import_key_material,
        KeyId=key_id,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=b"anything",
        **FOREVER,
    )
    assert (code, bool(message)) == ("InvalidImportTokenException", True)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token[1:],
        lambda token: token + b"x",
        lambda token: bytes([token[0] ^ 1]) + token[1:],
        lambda token: token[::-1],
    ],
    ids=["shorter", "without its first byte", "longer", "one bit", "backwards"],
)
def test_g7_a_token_that_is_not_quite_right(
    kms: Any, key_id: str, change: Callable[[bytes], bytes]
) -> None:
    given = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    request = {
        "KeyId": key_id,
        "EncryptedKeyMaterial": wrap(MATERIAL, given, "RSAES_OAEP_SHA_256"),
        **FOREVER,
    }
    token = given["ImportToken"]
    code, _ = error_of(kms.import_key_material, ImportToken=change(token), **request)
    assert code == "InvalidImportTokenException"
    kms.import_key_material(ImportToken=token, **request)
    assert metadata(kms, key_id)["KeyState"] == "Enabled"


@pytest.mark.parametrize(("left", "refused"), [(1, False), (0, True)])
def test_g7_a_token_ends_when_its_answer_said_so(
    noon: Any, world: Any, kms: Any, key_id: str, left: int, refused: bool
) -> None:
    given = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    world.clock.advance_to(given["ParametersValidTo"] - timedelta(seconds=left))
    request = {
        "KeyId": key_id,
        "ImportToken": given["ImportToken"],
        "EncryptedKeyMaterial": wrap(MATERIAL, given, "RSAES_OAEP_SHA_256"),
        **FOREVER,
    }
    if refused:
        assert error_of(kms.import_key_material, **request)[0] == "ExpiredImportTokenException"
    else:
        kms.import_key_material(**request)
    assert metadata(kms, key_id)["KeyState"] == ("PendingImport" if refused else "Enabled")


# Expiry -------------------------------------------------------------------------------------------


def test_g7_material_is_valid_for_a_year_at_most(noon: Any, world: Any, kms: Any) -> None:
    year = world.clock.now() + timedelta(days=365)
    key_id = new_key(kms)
    code, _ = error_of(import_material, kms=kms, key_id=key_id, ValidTo=year + timedelta(seconds=1))
    assert code == "ValidationException"
    import_material(kms, key_id, ValidTo=year)
    found = metadata(kms, key_id)
    assert (found["ExpirationModel"], found["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", year)


@pytest.mark.parametrize("valid_to", ["1e12", "1e17", "1e30", "-1e30"])
def test_k9_g7_a_moment_beyond_all_calendars_is_none(kms: Any, key_id: str, valid_to: str) -> None:
    """Python refuses it by different exceptions, the larger it is."""
    request = {"KeyId": key_id, "ImportToken": "eA==", "EncryptedKeyMaterial": "eA=="}
    body = json.dumps(request)[:-1] + f', "ValidTo": {valid_to}}}'
    status, answer = send("kms", "ImportKeyMaterial", body.encode())
    assert (status, json.loads(answer)) == (400, {"__type": "SerializationException"})


def test_g7_material_is_valid_for_a_while_at_least(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    now = world.clock.now()
    for valid_to in (now, now - timedelta(seconds=1)):
        refused = error_of(import_material, kms=kms, key_id=key_id, ValidTo=valid_to)
        assert refused == ("ValidationException", "The validTo date must be in the future")
    soon = now + timedelta(seconds=1)
    import_material(kms, key_id, ValidTo=soon)
    found = metadata(kms, key_id)
    assert (found["KeyState"], found["ValidTo"]) == ("Enabled", soon)
    world.clock.advance(seconds=1)
    assert metadata(kms, key_id)["KeyState"] == "PendingImport"


def test_g7_expiry_is_told_of_material_that_is_there_and_expires(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    def told() -> tuple[Any, Any]:
        found = metadata(kms, key_id)
        return found.get("ExpirationModel"), found.get("ValidTo")

    soon = world.clock.now() + timedelta(days=9)
    assert told() == (None, None)
    import_material(kms, key_id)
    assert told() == ("KEY_MATERIAL_DOES_NOT_EXPIRE", None)
    import_material(kms, key_id, material=OTHER, ImportType="NEW_KEY_MATERIAL", ValidTo=soon)
    assert told() == ("KEY_MATERIAL_DOES_NOT_EXPIRE", None)  # it is pending
    kms.rotate_key_on_demand(KeyId=key_id)
    assert told() == ("KEY_MATERIAL_EXPIRES", soon)  # of two, of which one does
    kms.delete_imported_key_material(KeyId=key_id)
    assert told() == ("KEY_MATERIAL_DOES_NOT_EXPIRE", None)
    world.clock.advance(days=10)
    assert world.trail.events(event_name="DeleteExpiredKeyMaterial") == []


@pytest.mark.parametrize(
    ("kind", "has_id"),
    [
        (("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), True),
        (("HMAC_256", "GENERATE_VERIFY_MAC"), False),
    ],
    ids=["symmetric", "hmac"],
)
def test_g7_t1_kms_records_that_material_has_expired(
    noon: Any, world: Any, kms: Any, kind: tuple[str, str], has_id: bool
) -> None:
    key_id = new_key(kms, *kind)
    soon = world.clock.now() + timedelta(days=1)
    found = import_material(kms, key_id, ValidTo=soon)
    world.clock.advance(days=2)
    (record,) = world.trail.events(event_name="DeleteExpiredKeyMaterial")
    details = {"keyId": key_id}
    if has_id:
        details["keyMaterialId"] = found["KeyMaterialId"]
    assert record["serviceEventDetails"] == details
    assert [each["ARN"] for each in record["resources"]] == [metadata(kms, key_id)["Arn"]]
    assert record["eventTime"] == f"{soon:%Y-%m-%dT%H:%M:%SZ}"


def test_g7_a_key_that_is_made_of_known_material(world: Any, kms: Any) -> None:
    world.create_key(key_id=KNOWN, material=MATERIAL, Origin="EXTERNAL")
    found = metadata(kms, KNOWN)
    assert (found["KeyState"], found["ExpirationModel"]) == (
        "Enabled",
        "KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    # The ID follows from the key ID and the material: it is the same wherever there is such a key.
    assert found["CurrentKeyMaterialId"] == KNOWN_MATERIAL
    blob = kms.encrypt(KeyId=KNOWN, Plaintext=b"text")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=KNOWN)
    assert metadata(kms, KNOWN)["KeyState"] == "PendingImport"
    assert import_material(kms, KNOWN)["KeyMaterialId"] == KNOWN_MATERIAL
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


def test_g7_another_expiry_takes_the_place_of_the_first(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    import_material(kms, key_id, ValidTo=world.clock.now() + timedelta(days=1))
    import_material(kms, key_id)
    world.clock.advance(days=2)
    found = metadata(kms, key_id)
    assert (found["KeyState"], "ValidTo" in found) == ("Enabled", False)
    assert world.trail.events(event_name="DeleteExpiredKeyMaterial") == []


def test_g7_the_material_of_a_deleted_key_expires_no_more(world: Any, kms: Any) -> None:
    key_id = new_key(kms)
    import_material(kms, key_id, ValidTo=world.clock.now() + timedelta(days=20))
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=30)
    assert world.trail.events(event_name="DeleteExpiredKeyMaterial") == []


def test_g7_material_that_expires_while_pending_deletion(world: Any, kms: Any) -> None:
    key_id = new_key(kms)
    import_material(kms, key_id, ValidTo=world.clock.now() + timedelta(days=1))
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=2)
    assert metadata(kms, key_id)["KeyState"] == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key_id)
    assert metadata(kms, key_id)["KeyState"] == "PendingImport"


def test_g7_m1_a_key_that_moto_has_made() -> None:
    with mock_aws():
        kms = client("kms")
        made = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
        with mock_cks():
            assert metadata(kms, made)["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
            kms.delete_imported_key_material(KeyId=made)
            assert metadata(kms, made)["KeyState"] == "PendingImport"


# Second material ----------------------------------------------------------------------------------


@pytest.fixture
def two(kms: Any, key_id: str) -> tuple[str, str]:
    """The IDs of two key materials, the second pending rotation."""
    first = import_material(kms, key_id, **NEW, KeyMaterialDescription="the first")
    second = import_material(kms, key_id, material=OTHER, **NEW, KeyMaterialDescription="next")
    return first["KeyMaterialId"], second["KeyMaterialId"]


def test_w17_states_and_descriptions_of_material(
    noon: Any, world: Any, kms: Any, key_id: str, two: tuple[str, str]
) -> None:
    assert versions(kms, key_id) == [("CURRENT", "IMPORTED"), ("PENDING_ROTATION", "IMPORTED")]
    assert kms.list_key_rotations(KeyId=key_id)["Rotations"] == []
    kms.rotate_key_on_demand(KeyId=key_id)
    answer = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    first, second = answer["Rotations"]
    common = {
        "KeyId": key_id,
        "ImportState": "IMPORTED",
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    assert first == {
        **common,
        "KeyMaterialId": two[0],
        "KeyMaterialState": "NON_CURRENT",
        "KeyMaterialDescription": "the first",
    }
    assert second == {
        **common,
        "KeyMaterialId": two[1],
        "KeyMaterialState": "CURRENT",
        "KeyMaterialDescription": "next",
        "RotationType": "ON_DEMAND",
        "RotationDate": world.clock.now(),
    }
    assert kms.list_key_rotations(KeyId=key_id)["Rotations"] == [second]


def test_g6_every_material_is_needed(kms: Any, key_id: str, two: tuple[str, str]) -> None:
    blob = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE)["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key_id)
    newer = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE)["CiphertextBlob"]
    for material_id, material in zip(two, (MATERIAL, OTHER), strict=True):
        answer = kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=material_id)
        assert answer["KeyMaterialId"] == material_id
        assert metadata(kms, key_id)["KeyState"] == "PendingImport"
        assert ("PENDING_IMPORT") in {state for _, state in versions(kms, key_id)}
        code, _ = error_of(kms.decrypt, CiphertextBlob=newer)
        assert code == "KMSInvalidStateException"
        import_material(kms, key_id, material=material, **EXISTING, KeyMaterialId=material_id)
        assert metadata(kms, key_id)["KeyState"] == "Enabled"
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == two[0]
    assert kms.decrypt(CiphertextBlob=newer)["KeyMaterialId"] == two[1]


def test_g6_without_an_id_the_current_material_is_deleted(
    kms: Any, key_id: str, two: tuple[str, str]
) -> None:
    kms.rotate_key_on_demand(KeyId=key_id)
    assert kms.delete_imported_key_material(KeyId=key_id)["KeyMaterialId"] == two[1]
    assert versions(kms, key_id) == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "PENDING_IMPORT")]
    code, _ = error_of(kms.delete_imported_key_material, KeyId=key_id, KeyMaterialId="0" * 64)
    assert code == "NotFoundException"


def test_g6_material_that_is_pending_can_be_replaced(
    kms: Any, key_id: str, two: tuple[str, str]
) -> None:
    kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=two[1])
    assert metadata(kms, key_id)["KeyState"] == "Enabled"
    assert versions(kms, key_id) == [("CURRENT", "IMPORTED")]
    assert error_of(kms.rotate_key_on_demand, KeyId=key_id)[0] == "KMSInvalidStateException"
    third = import_material(kms, key_id, material=bytes(32), **NEW)["KeyMaterialId"]
    kms.rotate_key_on_demand(KeyId=key_id)
    assert metadata(kms, key_id)["CurrentKeyMaterialId"] == third


def test_g6_material_that_is_pending_can_expire(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    import_material(kms, key_id)
    soon = world.clock.now() + timedelta(days=1)
    import_material(kms, key_id, material=OTHER, ImportType="NEW_KEY_MATERIAL", ValidTo=soon)
    assert "ValidTo" not in metadata(kms, key_id)
    world.clock.advance(days=1)
    assert metadata(kms, key_id)["KeyState"] == "Enabled"
    assert versions(kms, key_id) == [("CURRENT", "IMPORTED")]


def test_g6_the_earliest_end_is_told(noon: Any, world: Any, kms: Any, key_id: str) -> None:
    now = world.clock.now()
    import_material(kms, key_id, ValidTo=now + timedelta(days=9))
    later = {"ImportType": "NEW_KEY_MATERIAL", "ValidTo": now + timedelta(days=20)}
    import_material(kms, key_id, material=OTHER, **later)
    kms.rotate_key_on_demand(KeyId=key_id)
    assert metadata(kms, key_id)["ValidTo"] == now + timedelta(days=9)
    world.clock.advance(days=9)
    found = metadata(kms, key_id)
    assert (found["KeyState"], found["ValidTo"]) == ("PendingImport", now + timedelta(days=20))


@pytest.mark.parametrize(
    ("material", "how", "code"),
    [
        (MATERIAL, NEW, "IncorrectKeyMaterialException"),
        (OTHER, EXISTING, "IncorrectKeyMaterialException"),
        (OTHER, FOREVER, "IncorrectKeyMaterialException"),
        (MATERIAL, {**EXISTING, "KeyMaterialId": "0" * 64}, "IncorrectKeyMaterialException"),
        (OTHER, {**NEW, "KeyMaterialId": "0" * 64}, "ValidationException"),
        (OTHER, {**NEW, "KeyMaterialDescription": "no!"}, "ValidationException"),
    ],
)
def test_g6_material_that_is_not_what_is_said(
    kms: Any, key_id: str, material: bytes, how: dict[str, str], code: str
) -> None:
    import_material(kms, key_id)
    assert error_of(import_material, kms=kms, key_id=key_id, material=material, **how)[0] == code
    assert versions(kms, key_id) == [("CURRENT", "IMPORTED")]


def test_g6_the_first_material_exists_before_nobody_imported_it(kms: Any, key_id: str) -> None:
    code, _ = error_of(import_material, kms=kms, key_id=key_id, **EXISTING)
    assert code == "IncorrectKeyMaterialException"
    assert "KeyMaterialId" not in kms.delete_imported_key_material(KeyId=key_id)
    assert kms.list_key_rotations(KeyId=key_id)["Rotations"] == []


def test_g6_the_calendar_rotates_no_imported_material(kms: Any, key_id: str) -> None:
    import_material(kms, key_id)
    for call in (kms.enable_key_rotation, kms.disable_key_rotation):
        code, message = error_of(call, KeyId=key_id)
        assert (code, "origin is EXTERNAL" in message) == ("UnsupportedOperationException", True)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False


def test_g6_what_was_to_be_rotated_to_is_gone_in_the_meantime(
    world: Any, kms: Any, key_id: str, two: tuple[str, str], transition: Any
) -> None:
    transition("kms::rotation", progression="time", seconds=60)
    kms.rotate_key_on_demand(KeyId=key_id)
    kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=two[1])
    world.clock.advance(minutes=1)
    assert metadata(kms, key_id)["CurrentKeyMaterialId"] == two[0]
    assert world.trail.events(event_name="RotateKey") == []
