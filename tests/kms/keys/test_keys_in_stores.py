"""Rows K6 to K9, O1 and O5: keys in a key store, random bytes, dry runs and bad input."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import delete_cluster, delete_hsms

GRANTEE = "arn:aws:iam::123456789012:role/grantee"
WOULD_HAVE_SUCCEEDED = (
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun option is set.",
)


@pytest.fixture
def key_id(store: KeyStore) -> str:
    return store.create_key()


def disconnect(store: KeyStore) -> None:
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)


# K6: what CreateKey makes ------------------------------------------------------------------------


def test_k6_key_material_is_in_every_hsm(cloudhsm: Any, kms: Any, store: KeyStore) -> None:
    zone = store.cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zone)
    arn = kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["Arn"]
    assert len(store.cluster.hsms) == 3
    handles = set()
    for hsm in store.cluster.hsms:
        (key,) = hsm.keys
        assert (key.label, key.owner) == (arn, "kmsuser")
        assert (key.template.key_type, key.template.value_length) == ("AES", 32)
        assert key.template.token
        assert not key.template.extractable
        assert key.template.encrypt
        assert key.template.decrypt
        handles.add(key.handle)
    assert len(handles) == 1


def test_k6_an_hsm_that_is_added_later_has_it_too(
    cloudhsm: Any, store: KeyStore, key_id: str
) -> None:
    zone = store.cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zone)
    first, second, third = (hsm.keys for hsm in store.cluster.hsms)
    assert first == second == third
    assert len(third) == 1


def test_k6_each_key_has_a_handle_of_its_own(kms: Any, store: KeyStore) -> None:
    arns = [kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["Arn"] for _ in range(3)]
    keys = store.cluster.hsms[0].keys
    assert [key.label for key in keys] == arns
    assert len({key.handle for key in keys}) == 3


def test_k6_describe_key(kms: Any, store: KeyStore) -> None:
    created = kms.create_key(
        Origin="AWS_CLOUDHSM",
        CustomKeyStoreId=store.id,
        Description="described",
        Tags=[{"TagKey": "k", "TagValue": "v"}],
        Policy='{"Id": "mine"}',
    )["KeyMetadata"]
    metadata = kms.describe_key(KeyId=created["KeyId"])["KeyMetadata"]
    assert metadata == created
    assert metadata["CustomKeyStoreId"] == store.id
    assert metadata["CloudHsmClusterId"] == store.cluster.id
    assert metadata["Origin"] == "AWS_CLOUDHSM"
    assert metadata["KeyManager"] == "CUSTOMER"
    assert metadata["KeySpec"] == metadata["CustomerMasterKeySpec"] == "SYMMETRIC_DEFAULT"
    assert metadata["KeyUsage"] == "ENCRYPT_DECRYPT"
    assert metadata["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    assert metadata["MultiRegion"] is False
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["Description"] == "described"
    assert "SigningAlgorithms" not in metadata
    assert "DeletionDate" not in metadata
    tags = kms.list_resource_tags(KeyId=created["KeyId"])["Tags"]
    assert tags == [{"TagKey": "k", "TagValue": "v"}]
    policy = kms.get_key_policy(KeyId=created["KeyId"], PolicyName="default")
    assert policy["Policy"] == '{"Id": "mine"}'
    assert created["KeyId"] in {key["KeyId"] for key in kms.list_keys()["Keys"]}


def test_k6_ordinary_keys_have_none_of_it(kms: Any, store: KeyStore) -> None:
    metadata = kms.create_key()["KeyMetadata"]
    assert not {"CustomKeyStoreId", "CloudHsmClusterId"} & set(metadata)
    assert store.cluster.hsms[0].keys == ()


@pytest.mark.parametrize(
    "elsewhere", [{"region": OTHER_REGION}, {"account_id": OTHER_ACCOUNT}], ids=str
)
def test_k6_a_key_belongs_to_its_region_and_account(
    kms: Any, store: KeyStore, key_id: str, elsewhere: dict[str, str]
) -> None:
    other = client("kms", **elsewhere)
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    for name in (key_id, arn):
        assert error_of(other.describe_key, KeyId=name)[0] == "NotFoundException"
        assert error_of(other.encrypt, KeyId=name, Plaintext=b"t")[0] == "NotFoundException"
    code, _ = error_of(other.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=store.id)
    assert code == "CustomKeyStoreNotFoundException"
    foreign = arn.replace("us-east-1", OTHER_REGION).replace("123456789012", OTHER_ACCOUNT)
    assert error_of(kms.describe_key, KeyId=foreign)[0] == "NotFoundException"


# K7: GenerateRandom ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 32, 1024])
def test_k7_random_bytes_of_a_cluster(kms: Any, store: KeyStore, size: int) -> None:
    answer = kms.generate_random(NumberOfBytes=size, CustomKeyStoreId=store.id)
    assert len(answer["Plaintext"]) == size
    again = kms.generate_random(NumberOfBytes=size, CustomKeyStoreId=store.id)
    assert size == 1 or again["Plaintext"] != answer["Plaintext"]


def test_k7_in_an_unknown_store(kms: Any, store: KeyStore) -> None:
    code, _ = error_of(
        kms.generate_random, NumberOfBytes=8, CustomKeyStoreId="cks-1234567890abcdef0"
    )
    assert code == "CustomKeyStoreNotFoundException"


def test_k7_in_a_store_that_is_not_connected(kms: Any, store: KeyStore) -> None:
    disconnect(store)
    code, _ = error_of(kms.generate_random, NumberOfBytes=8, CustomKeyStoreId=store.id)
    assert code == "CustomKeyStoreInvalidStateException"
    assert len(kms.generate_random(NumberOfBytes=8)["Plaintext"]) == 8


@pytest.mark.parametrize("cause", [delete_hsms, delete_cluster])
def test_k7_from_a_cluster_that_cannot_be_reached(
    kms: Any, store: KeyStore, cause: Callable[..., None]
) -> None:
    cause(store.cluster)
    code, _ = error_of(kms.generate_random, NumberOfBytes=8, CustomKeyStoreId=store.id)
    assert code == "DependencyTimeoutException"


@pytest.mark.parametrize("in_store", [False, True])
@pytest.mark.parametrize(
    ("size", "message"),
    [
        (None, "NumberOfBytes is required."),
        (
            0,
            "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1",
        ),
        (
            1025,
            "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy "
            "constraint: Member must have value less than or equal to 1024",
        ),
    ],
)
def test_k7_how_many_bytes(store: KeyStore, in_store: bool, size: int | None, message: str) -> None:
    parameters: dict[str, Any] = {} if size is None else {"NumberOfBytes": size}
    if in_store:
        parameters["CustomKeyStoreId"] = store.id
    unchecked = client("kms", parameter_validation=False)
    assert error_of(unchecked.generate_random, **parameters) == ("ValidationException", message)


# K8: DryRun --------------------------------------------------------------------------------------

DRY: dict[str, Callable[[str, bytes, dict[str, str]], dict[str, Any]]] = {
    "encrypt": lambda key, blob, grant: {"KeyId": key, "Plaintext": b"text"},
    "decrypt": lambda key, blob, grant: {"CiphertextBlob": blob},
    "re_encrypt": lambda key, blob, grant: {"CiphertextBlob": blob, "DestinationKeyId": key},
    "generate_data_key": lambda key, blob, grant: {"KeyId": key, "KeySpec": "AES_256"},
    "generate_data_key_without_plaintext": lambda key, blob, grant: {
        "KeyId": key,
        "KeySpec": "AES_256",
    },
    "create_grant": lambda key, blob, grant: {
        "KeyId": key,
        "GranteePrincipal": GRANTEE,
        "Operations": ["Encrypt"],
    },
    "revoke_grant": lambda key, blob, grant: {"KeyId": key, "GrantId": grant["GrantId"]},
    "retire_grant": lambda key, blob, grant: {"GrantToken": grant["GrantToken"]},
}
"""The operations with DryRun that a symmetric key can do."""


@pytest.mark.parametrize("in_store", [False, True], ids=["ordinary", "in a key store"])
def test_k8_a_dry_run_of_what_would_work(kms: Any, store: KeyStore, in_store: bool) -> None:
    key = store.create_key() if in_store else kms.create_key()["KeyMetadata"]["KeyId"]
    grant = kms.create_grant(KeyId=key, GranteePrincipal=GRANTEE, Operations=["Encrypt"])
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    before = kms.list_grants(KeyId=key)["Grants"]
    for method, parameters_of in DRY.items():
        parameters = parameters_of(key, blob, grant)
        refusal = error_of(getattr(kms, method), **parameters, DryRun=True)
        assert refusal == WOULD_HAVE_SUCCEEDED, method
    assert kms.list_grants(KeyId=key)["Grants"] == before
    for method, parameters_of in DRY.items():
        getattr(kms, method)(**parameters_of(key, blob, grant), DryRun=False)


def test_k8_a_dry_run_of_signing_and_macs(kms: Any) -> None:
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    sign = {
        "KeyId": signing["KeyId"],
        "Message": b"text",
        "SigningAlgorithm": "ECDSA_SHA_256",
    }
    signature = kms.sign(**sign)["Signature"]
    mac_key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    mac = {"KeyId": mac_key["KeyId"], "Message": b"text", "MacAlgorithm": "HMAC_SHA_256"}
    value = kms.generate_mac(**mac)["Mac"]
    assert error_of(kms.sign, **sign, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.verify, **sign, Signature=signature, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.generate_mac, **mac, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.verify_mac, **mac, Mac=value, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.verify_mac, **mac, Mac=b"wrong", DryRun=True)[0] == "KMSInvalidMacException"


def test_k8_a_dry_run_of_what_would_fail(kms: Any, store: KeyStore, key_id: str) -> None:
    grant = kms.create_grant(KeyId=key_id, GranteePrincipal=GRANTEE, Operations=["Encrypt"])
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    kms.disable_key(KeyId=key_id)
    for method in list(DRY)[:6]:
        parameters = DRY[method](key_id, blob, grant)
        assert error_of(getattr(kms, method), **parameters, DryRun=True)[0] == "DisabledException"
    kms.enable_key(KeyId=key_id)
    disconnect(store)
    for method in list(DRY)[:5]:
        parameters = DRY[method](key_id, blob, grant)
        code, _ = error_of(getattr(kms, method), **parameters, DryRun=True)
        assert code == "KMSInvalidStateException"


WRONG_USAGE = "InvalidKeyUsageException"

DRY_FAILURES: list[tuple[str, dict[str, Any], str]] = [
    ("revoke_grant", {"GrantId": "0" * 64}, "NotFoundException"),
    ("encrypt", {"Plaintext": b"t", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, WRONG_USAGE),
    ("generate_data_key", {}, "ValidationException"),
    ("generate_data_key_pair", {"KeyPairSpec": "RSA_2048"}, "UnsupportedOperationException"),
    (
        "generate_data_key_pair_without_plaintext",
        {"KeyPairSpec": "RSA_2048"},
        "UnsupportedOperationException",
    ),
    ("sign", {"Message": b"t", "SigningAlgorithm": "ECDSA_SHA_256"}, WRONG_USAGE),
    (
        "verify",
        {"Message": b"t", "SigningAlgorithm": "ECDSA_SHA_256", "Signature": b"s"},
        WRONG_USAGE,
    ),
    ("generate_mac", {"Message": b"t", "MacAlgorithm": "HMAC_SHA_256"}, WRONG_USAGE),
    ("verify_mac", {"Message": b"t", "MacAlgorithm": "HMAC_SHA_256", "Mac": b"m"}, WRONG_USAGE),
    (
        "derive_shared_secret",
        {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"k"},
        WRONG_USAGE,
    ),
]


def test_k8_a_dry_run_has_the_error_of_the_call(kms: Any, key_id: str) -> None:
    for method, parameters, code in DRY_FAILURES:
        call = getattr(kms, method)
        dry = error_of(call, KeyId=key_id, **parameters, DryRun=True)
        assert dry[0] == code
        assert dry == error_of(call, KeyId=key_id, **parameters)


def test_k8_a_dry_run_decrypts_too(kms: Any, key_id: str) -> None:
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    wrong = {"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}, "DryRun": True}
    assert error_of(kms.decrypt, **wrong)[0] == "InvalidCiphertextException"


# K9: bad input -----------------------------------------------------------------------------------

TOO_SHORT = "failed to satisfy constraint: Member must have length greater than or equal to 1"
NULL = "failed to satisfy constraint: Member must not be null"

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("encrypt", {}, f"Value at 'plaintext' {NULL}"),
    ("encrypt", {"Plaintext": b""}, f"Value at 'plaintext' {TOO_SHORT}"),
    ("decrypt", {}, f"Value null at 'ciphertextBlob' {NULL}"),
    ("decrypt", {"CiphertextBlob": b""}, f"Value at 'ciphertextBlob' {TOO_SHORT}"),
    (
        "decrypt",
        {"CiphertextBlob": bytes(6145)},
        "Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length less than "
        "or equal to 6144",
    ),
    ("re_encrypt", {"CiphertextBlob": b"x"}, f"Value null at 'destinationKeyId' {NULL}"),
    (
        "generate_data_key",
        {"NumberOfBytes": 1025},
        "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less "
        "than or equal to 1024",
    ),
    (
        "generate_data_key",
        {"NumberOfBytes": 0},
        "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater "
        "than or equal to 1",
    ),
    (
        "generate_mac",
        {"MacAlgorithm": "HMAC_SHA_256"},
        f"Value at 'message' {NULL}",
    ),
    ("sign", {"SigningAlgorithm": "ECDSA_SHA_256"}, f"Value at 'message' {NULL}"),
    ("revoke_grant", {}, f"Value null at 'grantId' {NULL}"),
    ("tag_resource", {}, f"Value null at 'tags' {NULL}"),
    ("untag_resource", {}, f"Value null at 'tagKeys' {NULL}"),
    ("update_key_description", {}, f"Value null at 'description' {NULL}"),
    (
        "update_key_description",
        {"Description": "x" * 8193},
        f"Value '{'x' * 8193}' at 'description' failed to satisfy constraint: Member must have "
        "length less than or equal to 8192",
    ),
    ("put_key_policy", {"PolicyName": "default"}, f"Value null at 'policy' {NULL}"),
    (
        "tag_resource",
        {"Tags": [{"TagKey": "k" * 129, "TagValue": "v"}]},
        f"Value '{'k' * 129}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must "
        "have length less than or equal to 128",
    ),
    ("replicate_key", {}, f"Value null at 'replicaRegion' {NULL}"),
    ("generate_data_key_pair", {}, f"Value null at 'keyPairSpec' {NULL}"),
]


def test_k9_constraints_of_the_model(kms: Any, store: KeyStore, key_id: str) -> None:
    unchecked = client("kms", parameter_validation=False)
    before = kms.describe_key(KeyId=key_id)["KeyMetadata"], store.cluster.hsms[0].keys
    for method, parameters, complaint in BAD:
        named = {} if method in ("decrypt", "re_encrypt") else {"KeyId": key_id}
        refusal = error_of(getattr(unchecked, method), **named, **parameters)
        assert refusal == (
            "ValidationException",
            f"1 validation error detected: {complaint}",
        ), method
    after = kms.describe_key(KeyId=key_id)["KeyMetadata"], store.cluster.hsms[0].keys
    assert after == before
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == []


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("describe_key", "keyId"),
        ("enable_key", "keyId"),
        ("encrypt", "keyId"),
        ("schedule_key_deletion", "keyId"),
        ("create_alias", "targetKeyId"),
        ("update_alias", "targetKeyId"),
    ],
)
def test_k9_the_key_must_be_named(kms: Any, method: str, name: str) -> None:
    parameters: dict[str, Any] = {
        "encrypt": {"Plaintext": b"text"},
        "create_alias": {"AliasName": "alias/a"},
        "update_alias": {"AliasName": "alias/a"},
    }.get(method, {})
    unchecked = client("kms", parameter_validation=False)
    assert error_of(getattr(unchecked, method), **parameters) == (
        "ValidationException",
        f"1 validation error detected: Value null at '{name}' {NULL}",
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"CustomKeyStoreId": ""}, f"Value '' at 'customKeyStoreId' {TOO_SHORT}"),
        (
            {"CustomKeyStoreId": "x" * 65},
            f"Value '{'x' * 65}' at 'customKeyStoreId' failed to satisfy constraint: Member must "
            "have length less than or equal to 64",
        ),
    ],
    ids=["empty", "long"],
)
def test_k9_create_key(kms: Any, store: KeyStore, parameters: dict[str, Any], message: str) -> None:
    unchecked = client("kms", parameter_validation=False)
    assert error_of(unchecked.create_key, Origin="AWS_CLOUDHSM", **parameters) == (
        "ValidationException",
        f"1 validation error detected: {message}",
    )
    assert kms.list_keys()["Keys"] == []
    assert store.cluster.hsms[0].keys == ()


WRONG_TYPES: list[tuple[dict[str, Any], str]] = [
    ({"KeyId": ["a"]}, "Start of list found where not expected"),
    ({"KeyId": {"a": "b"}}, "Start of structure or map found where not expected."),
    ({"KeyId": 7}, "NUMBER_VALUE can not be converted to a String"),
    ({"DryRun": "yes"}, "STRING_VALUE can not be converted to a Boolean"),
    ({"EncryptionContext": {"a": 1}}, "NUMBER_VALUE can not be converted to a String"),
]


@pytest.mark.parametrize("in_store", [False, True], ids=["ordinary", "in a key store"])
def test_k9_wrong_types(kms: Any, store: KeyStore, in_store: bool) -> None:
    key = store.create_key() if in_store else kms.create_key()["KeyMetadata"]["KeyId"]
    unchecked = client("kms", parameter_validation=False)
    for wrong, message in WRONG_TYPES:
        parameters = {"KeyId": key, "Plaintext": b"text", **wrong}
        assert error_of(unchecked.encrypt, **parameters) == ("SerializationException", message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "00000000-0000-4000-8000-000000000000",
            "Key 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000' "
            "does not exist",
        ),
        (
            "alias/none",
            "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found.",
        ),
    ],
    ids=["key", "alias"],
)
def test_k9_unknown_keys(kms: Any, name: str, message: str) -> None:
    for method, parameters in (
        ("describe_key", {}),
        ("encrypt", {"Plaintext": b"text"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
    ):
        refusal = error_of(getattr(kms, method), KeyId=name, **parameters)
        assert refusal == ("NotFoundException", message)


# O1 and O5: scheduling deletion and cancelling it ------------------------------------------------


@pytest.mark.parametrize(("given", "days"), [({}, 30), ({"PendingWindowInDays": 7}, 7)], ids=str)
def test_o1_the_window(world: Any, kms: Any, key_id: str, given: dict[str, int], days: int) -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    answer = kms.schedule_key_deletion(KeyId=key_id, **given)
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert answer["KeyId"] == metadata["Arn"]
    assert answer["KeyState"] == metadata["KeyState"] == "PendingDeletion"
    assert answer["PendingWindowInDays"] == days
    assert metadata["Enabled"] is False
    waiting = answer["DeletionDate"] - now - datetime.timedelta(days=days)
    assert abs(waiting) < datetime.timedelta(minutes=1)
    assert abs(metadata["DeletionDate"] - answer["DeletionDate"]) < datetime.timedelta(seconds=1)


def test_o1_is_7_to_30_days(kms: Any, key_id: str) -> None:
    for key in (key_id, kms.create_key()["KeyMetadata"]["KeyId"]):
        for days, bound in (
            (6, "greater than or equal to 7"),
            (1, "greater than or equal to 7"),
            (31, "less than or equal to 30"),
            (365, "less than or equal to 30"),
        ):
            assert error_of(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=days) == (
                "ValidationException",
                f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to "
                f"satisfy constraint: Member must have value {bound}",
            )
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_o5_cancelled_deletion_is_disabled_with_its_material(
    kms: Any, store: KeyStore, key_id: str
) -> None:
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    keys = [hsm.keys for hsm in store.cluster.hsms]
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    for _ in range(2):
        kms.schedule_key_deletion(KeyId=key_id)
        assert kms.cancel_key_deletion(KeyId=key_id)["KeyId"] == arn
        metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        assert (metadata["KeyState"], metadata["Enabled"]) == ("Disabled", False)
        assert "DeletionDate" not in metadata
        assert error_of(kms.decrypt, CiphertextBlob=blob)[0] == "DisabledException"
    assert [hsm.keys for hsm in store.cluster.hsms] == keys
    kms.enable_key(KeyId=key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


def test_o5_and_is_not_deleted_when_the_time_is_over(
    world: Any, kms: Any, store: KeyStore, key_id: str
) -> None:
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=key_id)
    world.clock.advance(days=31)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"
    assert len(store.cluster.hsms[0].keys) == 1


def test_o5_a_disabled_key_too(kms: Any, key_id: str) -> None:
    kms.disable_key(KeyId=key_id)
    kms.schedule_key_deletion(KeyId=key_id)
    kms.cancel_key_deletion(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"
