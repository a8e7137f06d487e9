"""KMS keys in an external key store (X20 to X29)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import client, error_of
from tests.kms.keystores.external import TEXT, Owner

UNSUPPORTED = "UnsupportedOperationException"
STATE = "CustomKeyStoreInvalidStateException"
NOT_CONNECTED = (
    "This KMS key is in a custom key store that is not connected to its external key store proxy. "
    "Connect the external key store and try the request again."
)


def refused(owner: Owner, xks_key_id: str | None = "another", **changes: Any) -> tuple[str, str]:
    """The error of a CreateKey, which leaves no key."""
    before = [key["KeyId"] for key in owner.kms.list_keys()["Keys"]]
    parameters = {
        "Origin": "EXTERNAL_KEY_STORE",
        "CustomKeyStoreId": owner.store.id,
        "XksKeyId": xks_key_id,
        **changes,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    error = error_of(client("kms", parameter_validation=False).create_key, **given)
    assert [key["KeyId"] for key in owner.kms.list_keys()["Keys"]] == before
    return error


def test_x20_what_is_required(owner: Owner, store: Any) -> None:
    assert refused(owner, None)[0] == "ValidationException"
    assert refused(owner, CustomKeyStoreId=None)[0] == "ValidationException"
    assert refused(owner, CustomKeyStoreId=store.id)[0] == "ValidationException"
    assert refused(owner, Origin="AWS_CLOUDHSM")[0] == "ValidationException"
    assert refused(owner, Origin="AWS_KMS")[0] == "ValidationException"
    assert refused(owner, Origin="AWS_KMS", CustomKeyStoreId=None)[0] == "ValidationException"
    assert refused(owner, CustomKeyStoreId="cks-unknown")[0] == "CustomKeyStoreNotFoundException"


@pytest.mark.parametrize("xks_key_id", ["", "x" * 129, "a/b", "a b", "é"])
def test_x20_the_form_of_an_external_key_id(owner: Owner, xks_key_id: str) -> None:
    code, message = refused(owner, xks_key_id)
    assert (code, "xksKeyId" in message) == ("ValidationException", True)


@pytest.mark.parametrize(
    "parameters",
    [
        {"KeySpec": "RSA_2048"},
        {"CustomerMasterKeySpec": "ECC_NIST_P256"},
        {"KeyUsage": "SIGN_VERIFY"},
        {"MultiRegion": True},
        {"Origin": "EXTERNAL", "XksKeyId": None},
        {"Origin": None, "XksKeyId": None},
    ],
    ids=str,
)
def test_x20_only_symmetric_single_region_keys(owner: Owner, parameters: dict[str, Any]) -> None:
    asked = owner.asked()
    assert refused(owner, **parameters)[0] == UNSUPPORTED
    assert owner.asked() == asked


def test_x20_what_is_supported_may_be_said(owner: Owner) -> None:
    owner.store.create_key(
        KeySpec="SYMMETRIC_DEFAULT", KeyUsage="ENCRYPT_DECRYPT", MultiRegion=False
    )


def test_x21_1_the_proxy_is_asked_once(owner: Owner, world: Any) -> None:
    entry = owner.proxy.log[-2]  # before the Encrypt
    assert (entry.api, entry.external_key) == ("GetKeyMetadata", "external-key-1")
    (event,) = world.trail.events(event_name="CreateKey")
    assert entry.metadata == {
        "awsPrincipalArn": event["userIdentity"]["arn"],
        "kmsOperation": "CreateKey",
        "kmsRequestId": event["requestID"],
    }
    assert owner.asked().count("GetKeyMetadata") == 1


def test_x21_1_an_external_key_that_is_not_there(owner: Owner) -> None:
    code, message = refused(owner, "nobody-s")
    assert code == "XksKeyNotFoundException"
    assert message.startswith("The external key associated with this KMS key in an external key")


def test_x21_2_what_an_external_key_must_be(owner: Owner) -> None:
    configuration, proxy = "XksKeyInvalidConfigurationException", owner.proxy
    key = proxy.create_key("odd", spec="RSA_2048", usage=("SIGN", "ENCRYPT"))
    key.disable()
    assert refused(owner, "odd") == (
        configuration,
        "The key spec of the external key must be AES_256. The key spec of specified external key "
        "is RSA_2048.",
    )
    proxy.create_key("disabled", usage=("ENCRYPT", "SIGN")).disable()
    assert refused(owner, "disabled") == (
        configuration,
        "The status of the external key must be ENABLED. The status of specified external key is "
        "DISABLED.",
    )
    proxy.create_key("signing", usage=("ENCRYPT", "SIGN"))
    assert refused(owner, "signing") == (
        configuration,
        "The key usage of the external key must include ENCRYPT and DECRYPT. The key use of "
        "specified external key is [ENCRYPT, SIGN].",
    )
    proxy.create_key("more", usage=("ENCRYPT", "DECRYPT", "WRAP", "UNWRAP"))
    owner.store.create_key("more")


def test_x22_an_external_key_is_used_once_in_a_key_store(owner: Owner, world: Any) -> None:
    asked = owner.asked()
    code, message = refused(owner, "external-key-1")
    assert (code, "external-key-1" in message) == ("XksKeyAlreadyInUseException", True)
    assert owner.asked() == asked

    owner.proxy.keys.alias("the-same", "external-key-1")
    owner.store.create_key("the-same")  # KMS cannot see that
    elsewhere = world.create_external_key_store(proxy=owner.proxy, region="eu-west-1")
    elsewhere.create_key("external-key-1")


def test_x22_it_is_free_again_once_the_key_is_deleted(owner: Owner, world: Any) -> None:
    owner.kms.schedule_key_deletion(KeyId=owner.key_id, PendingWindowInDays=7)
    assert refused(owner, "external-key-1")[0] == "XksKeyAlreadyInUseException"
    world.clock.advance(days=7)
    owner.store.create_key("external-key-1")


def test_x22_a_key_that_was_refused_takes_none(owner: Owner) -> None:
    owner.proxy.create_key("another").disable()
    refused(owner)
    owner.proxy.key("another").enable()
    assert refused(owner, Policy="nonsense")[0] == "MalformedPolicyDocumentException"
    owner.store.create_key("another")


def test_x23_a_key_store_that_is_not_connected(owner: Owner) -> None:
    owner.proxy.create_key("another")
    owner.disconnect()
    asked = owner.asked()
    assert refused(owner)[0] == STATE
    assert owner.asked() == asked
    owner.connect()
    owner.store.create_key("another")


def test_x24_what_is_described(owner: Owner) -> None:
    asked = owner.asked()
    metadata = owner.described_key()
    assert metadata["Origin"] == "EXTERNAL_KEY_STORE"
    assert metadata["CustomKeyStoreId"] == owner.store.id
    assert metadata["XksKeyConfiguration"] == {"Id": "external-key-1"}
    assert (metadata["KeySpec"], metadata["MultiRegion"]) == ("SYMMETRIC_DEFAULT", False)
    assert not {"CloudHsmClusterId", "CurrentKeyMaterialId"} & metadata.keys()
    assert owner.asked() == asked


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("enable_key_rotation", {}),
        ("disable_key_rotation", {}),
        ("get_key_rotation_status", {}),
        ("rotate_key_on_demand", {}),
        ("get_parameters_for_import", {"WrappingAlgorithm": "RSAES_OAEP_SHA_256"}),
        ("import_key_material", {"ImportToken": b"x", "EncryptedKeyMaterial": b"x"}),
        ("generate_data_key_pair", {"KeyPairSpec": "ECC_NIST_P256"}),
        ("generate_data_key_pair_without_plaintext", {"KeyPairSpec": "ECC_NIST_P256"}),
        ("replicate_key", {"ReplicaRegion": "eu-west-1"}),
    ],
)
def test_x25_what_they_cannot_do(owner: Owner, operation: str, parameters: dict[str, Any]) -> None:
    if operation == "get_parameters_for_import":
        parameters = {**parameters, "WrappingKeySpec": "RSA_2048"}
    asked = owner.asked()
    code, _ = error_of(getattr(owner.kms, operation), KeyId=owner.key_id, **parameters)
    assert code == UNSUPPORTED
    assert owner.asked() == asked


@pytest.mark.parametrize("connected", [True, False])
def test_x25_no_random_bytes(owner: Owner, connected: bool) -> None:
    if not connected:
        owner.disconnect()
    code, _ = error_of(owner.kms.generate_random, NumberOfBytes=8, CustomKeyStoreId=owner.store.id)
    assert code == UNSUPPORTED


def test_x26_the_state_says_nothing_of_the_external_key(owner: Owner) -> None:
    key = owner.proxy.key("external-key-1")

    def fails() -> str:
        message = owner.why_not()
        assert owner.described_key()["KeyState"] == "Enabled"
        return message

    key.disable()
    assert "is not enabled in the external key manager" in fails()
    key.enable()
    assert owner.works()
    usage, key.usage = key.usage, ("DECRYPT",)
    assert "does not support the requested operation" in fails()
    assert owner.decrypt() == TEXT
    key.usage = usage
    assert owner.works()
    key.delete()
    assert "was not found in its external key manager" in fails()


def test_x27_a_key_store_that_is_not_connected_and_its_keys(owner: Owner) -> None:
    owner.disconnect()
    asked = owner.asked()
    assert owner.described_key()["KeyState"] == "Unavailable"
    for call in (owner.encrypt, owner.decrypt):
        assert owner.why_not(call) == NOT_CONNECTED
    assert owner.asked() == asked
    owner.connect()
    assert owner.described_key()["KeyState"] == "Enabled"
    assert owner.works()


def test_x27_u5_a_key_that_is_disabled_meanwhile(owner: Owner) -> None:
    owner.disconnect()
    owner.kms.disable_key(KeyId=owner.key_id)
    owner.connect()
    assert owner.described_key()["KeyState"] == "Disabled"
    assert error_of(owner.encrypt)[0] == "DisabledException"


def test_x28_x63_deletion_leaves_the_external_key(owner: Owner, world: Any) -> None:
    owner.kms.schedule_key_deletion(KeyId=owner.key_id, PendingWindowInDays=7)
    assert "is pending deletion" in owner.why_not()
    asked = owner.asked()
    world.clock.advance(days=7)
    assert [api for api in owner.asked()[len(asked) :] if api != "GetHealthStatus"] == []
    assert owner.proxy.key("external-key-1").enabled

    explained = world.explain(owner.key_id)
    assert explained.reasons[0].cause == "ordinary-key-deleted"
    assert "handle" not in str(explained)

    owner.key_id = owner.store.create_key("external-key-1")
    assert error_of(owner.decrypt)[0] == "AccessDeniedException"
    assert owner.decrypt(owner.encrypt()) == TEXT
    data = {"customKeyStoreId": owner.store.id, "xksKeyId": "external-key-1"}
    for event_name in ("ScheduleKeyDeletion", "DeleteKey"):
        (event,) = world.trail.events(event_name=event_name)
        assert event["additionalEventData"] == data


def test_x28_nor_with_the_known_ciphertext(owner: Owner, world: Any) -> None:
    """The proxy alone can decrypt it, and KMS has lost its own material."""
    key_id = owner.key_id
    owner.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=7)
    again = world.create_key(key_id=key_id, key_store=owner.store.id, XksKeyId="external-key-1")
    assert again == key_id
    assert "ciphertext that the external key store proxy submitted" in owner.why_not(owner.decrypt)
    assert owner.decrypt(owner.encrypt()) == TEXT


def test_x29_the_key_manager_rotates_its_key(owner: Owner) -> None:
    key = owner.proxy.key("external-key-1")
    key.rotate()
    assert owner.works()
    key.forget_version(1)
    assert "ciphertext" in owner.why_not(owner.decrypt)
    assert owner.decrypt(owner.encrypt()) == TEXT


def test_x61_the_record_of_create_key(owner: Owner, world: Any) -> None:
    (event,) = world.trail.events(event_name="CreateKey")
    parameters = event["requestParameters"]
    assert {name: parameters[name] for name in ("origin", "customKeyStoreId", "xksKeyId")} == {
        "origin": "EXTERNAL_KEY_STORE",
        "customKeyStoreId": owner.store.id,
        "xksKeyId": "external-key-1",
    }
    metadata = event["responseElements"]["keyMetadata"]
    assert metadata["customKeyStoreId"] == owner.store.id
    assert metadata["xksKeyConfiguration"] == {"id": "external-key-1"}
    assert "additionalEventData" not in event
