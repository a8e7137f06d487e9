"""Keys with imported key material, the only ones that read PendingImport (row U8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.kms.imports import MATERIAL, SCHEMES, import_material, wrap


def state_of(kms, key_id):
    return kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]


@pytest.fixture
def key_id(kms):
    return kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]


def test_u8_a_new_external_key_is_pending_import(kms, key_id):
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingImport", False)
    for call, parameters in (
        (kms.encrypt, {"Plaintext": b"x"}),
        (kms.enable_key, {}),
        (kms.disable_key, {}),
        (kms.generate_data_key, {"KeySpec": "AES_256"}),
    ):
        with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending import"):
            call(KeyId=key_id, **parameters)


@pytest.mark.parametrize("algorithm", SCHEMES)
def test_u8_imported_material_enables_the_key(kms, key_id, algorithm):
    import_material(kms, key_id, algorithm=algorithm)
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_u8_deleted_material_can_be_imported_again(kms, key_id):
    import_material(kms, key_id)
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key_id)
    assert state_of(kms, key_id) == "PendingImport"
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.decrypt(CiphertextBlob=blob)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        import_material(kms, key_id, material=bytes(32))
    import_material(kms, key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_u8_material_expires_on_the_simulated_clock(world, kms, key_id):
    import_material(kms, key_id, ValidTo=world.clock.now() + timedelta(days=10))
    world.clock.advance(days=9)
    assert state_of(kms, key_id) == "Enabled"
    world.clock.advance(days=1)
    assert state_of(kms, key_id) == "PendingImport"


def test_u8_without_material_a_cancelled_deletion_is_pending_import_again(kms, key_id):
    kms.schedule_key_deletion(KeyId=key_id)
    assert state_of(kms, key_id) == "PendingDeletion"
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending deletion"):
        kms.get_parameters_for_import(
            KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_1", WrappingKeySpec="RSA_2048"
        )
    kms.cancel_key_deletion(KeyId=key_id)
    assert state_of(kms, key_id) == "PendingImport"


def test_u8_parameters_for_import_are_valid_for_a_day(world, kms, key_id):
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_1", WrappingKeySpec="RSA_2048"
    )
    assert parameters["ParametersValidTo"] > world.clock.now() + timedelta(hours=23)
    world.clock.advance(hours=24)
    with pytest.raises(kms.exceptions.ExpiredImportTokenException):
        kms.import_key_material(
            KeyId=key_id,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrap(MATERIAL, parameters, "RSAES_OAEP_SHA_1"),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
    assert state_of(kms, key_id) == "PendingImport"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ImportToken": b"another"}, "InvalidImportTokenException"),
        ({"EncryptedKeyMaterial": b"nonsense"}, "InvalidCiphertextException"),
        ({"ExpirationModel": "KEY_MATERIAL_EXPIRES"}, "ValidationException"),
        ({"ExpirationModel": "SOMETIMES"}, "ValidationException"),
        ({"ValidTo": 1}, "ValidationException"),
    ],
)
def test_u8_a_refused_import_changes_nothing(kms, key_id, change, code):
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_1", WrappingKeySpec="RSA_2048"
    )
    request = {
        "KeyId": key_id,
        "ImportToken": parameters["ImportToken"],
        "EncryptedKeyMaterial": wrap(MATERIAL, parameters, "RSAES_OAEP_SHA_1"),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    with pytest.raises(ClientError) as caught:
        kms.import_key_material(**request | change)
    assert caught.value.response["Error"]["Code"] == code
    assert state_of(kms, key_id) == "PendingImport"


def test_u8_other_keys_cannot_have_imported_material(kms, store):
    for key_id in (kms.create_key()["KeyMetadata"]["KeyId"], store.create_key()):
        origin = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Origin"]
        with pytest.raises(
            kms.exceptions.UnsupportedOperationException, match=f"origin is {origin} which"
        ):
            import_material(kms, key_id)
        with pytest.raises(kms.exceptions.UnsupportedOperationException):
            kms.delete_imported_key_material(KeyId=key_id)


def test_u8_rotation_needs_material_of_kms(kms, key_id):
    with pytest.raises(kms.exceptions.UnsupportedOperationException, match="origin is EXTERNAL"):
        kms.enable_key_rotation(KeyId=key_id)
