"""Cryptographic operations with external keys (X30 to X38, X40)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moto_cks.kms.keys import ciphertexts
from moto_cks.kms.keystores.external import blobs
from moto_cks.kms.keystores.external.protocol import Sealed, integrity_value
from tests.aws import client, client_as, error_of
from tests.kms.keystores.external import TEXT, Owner


def sent(owner: Owner) -> dict[str, Any]:
    """The body of the last request that the proxy was sent."""
    return dict(json.loads(owner.proxy.requests[-1].body))


def test_x30_the_proxy_never_sees_a_plaintext(owner: Owner) -> None:
    owner.encrypt()
    seen = base64.b64decode(sent(owner)["plaintext"])
    assert TEXT not in seen
    owner.decrypt()
    for request in owner.proxy.requests:
        assert TEXT not in request.body
        assert base64.b64encode(TEXT) not in request.body
    owner.encrypt()
    assert base64.b64decode(sent(owner)["plaintext"]) != seen  # nor that they are the same


def test_x30_and_kms_alone_decrypts_nothing(owner: Owner) -> None:
    with owner.proxy.stop():
        owner.why_not(owner.decrypt)
    assert owner.works()


@pytest.mark.parametrize("vector", [12, 16])
@pytest.mark.parametrize("metadata", [None, b"", b"version=", b"x" * 19])
def test_x31_every_field_comes_back(owner: Owner, vector: int, metadata: bytes | None) -> None:
    owner.proxy.manager.vector_size = vector
    owner.proxy.manager.metadata = metadata
    assert owner.decrypt(owner.encrypt()) == TEXT


@given(
    ciphertext=st.binary(min_size=1, max_size=64),
    vector=st.binary(min_size=12, max_size=12) | st.binary(min_size=16, max_size=16),
    tag=st.binary(min_size=16, max_size=16),
    metadata=st.none() | st.binary(max_size=20),
)
def test_x31_what_is_packed_is_unpacked(
    ciphertext: bytes, vector: bytes, tag: bytes, metadata: bytes | None
) -> None:
    sealed = Sealed(ciphertext, vector, tag, metadata)
    assert blobs.unpack(blobs.pack(sealed)) == sealed


@given(st.binary(max_size=80))
def test_x31_other_bytes_are_none_or_the_same(blob: bytes) -> None:
    sealed = blobs.unpack(blob)
    assert sealed is None or blobs.pack(sealed) == blob


def test_x31_x32_the_largest_plaintext(owner: Owner) -> None:
    owner.proxy.manager.vector_size = 16
    owner.proxy.manager.metadata = b"x" * 19  # and the version of the key
    blob = owner.encrypt(Plaintext=b"x" * 4096)
    assert len(blob) <= 6144
    assert 4096 < len(base64.b64decode(sent(owner)["plaintext"])) <= 4300
    assert owner.decrypt(blob) == b"x" * 4096
    assert error_of(owner.encrypt, Plaintext=b"x" * 4097)[0] == "ValidationException"


def test_x33_key_and_context_are_bound(owner: Owner) -> None:
    contexts: list[dict[str, str]] = [{}, {"a": "b"}, {"a": "bc"}, {"ab": "c"}, {"a": "", "b": ""}]
    seen = set()
    for context in [*contexts, {"name": "x" * 8000}]:
        blob = owner.encrypt(EncryptionContext=context)
        seen.add(sent(owner)["additionalAuthenticatedData"])
        assert len(base64.b64decode(sent(owner)["additionalAuthenticatedData"])) <= 8192
        assert owner.decrypt(blob, EncryptionContext=context) == TEXT
    other = owner.store.create_key()
    owner.encrypt(KeyId=other)
    seen.add(sent(owner)["additionalAuthenticatedData"])
    assert len(seen) == len(contexts) + 2


OPERATIONS: dict[str, tuple[Callable[[Owner], Any], list[str]]] = {
    "Encrypt": (lambda o: o.encrypt(), ["Encrypt"]),
    "Decrypt": (lambda o: o.decrypt(), ["Decrypt"]),
    "ReEncrypt": (
        lambda o: o.kms.re_encrypt(CiphertextBlob=o.ciphertext, DestinationKeyId=o.key_id),
        ["Decrypt", "Encrypt"],
    ),
    "GenerateDataKey": (
        lambda o: o.kms.generate_data_key(KeyId=o.key_id, KeySpec="AES_256"),
        ["Encrypt"],
    ),
    "GenerateDataKeyWithoutPlaintext": (
        lambda o: o.kms.generate_data_key_without_plaintext(KeyId=o.key_id, NumberOfBytes=9),
        ["Encrypt"],
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_x34_x40_x60_what_each_operation_asks(owner: Owner, world: Any, name: str) -> None:
    call, apis = OPERATIONS[name]
    before = len(owner.proxy.log)
    call(owner)
    entries = list(owner.proxy.log)[before:]
    assert [entry.api for entry in entries] == apis
    event = world.trail.events(event_name=name)[-1]
    for entry in entries:
        assert entry.external_key == "external-key-1"
        assert entry.metadata == {
            "awsPrincipalArn": event["userIdentity"]["arn"],
            "kmsKeyArn": owner.key_arn,
            "kmsOperation": name,
            "kmsRequestId": event["requestID"],
        }
    assert event["additionalEventData"] == {
        "customKeyStoreId": owner.store.id,
        "xksKeyId": "external-key-1",
    }


@pytest.mark.parametrize("name", [*OPERATIONS])
def test_x35_who_asks_for_the_integrity_value(owner: Owner, name: str) -> None:
    OPERATIONS[name][0](owner)
    asks = "ciphertextDataIntegrityValueAlgorithm" in sent(owner)
    assert asks == name.startswith("GenerateDataKey")


@pytest.mark.parametrize("defect", ["integrity-value-missing", "integrity-value-of-another-order"])
def test_x35_a_wrong_integrity_value_is_malformed(owner: Owner, defect: str) -> None:
    with owner.proxy.defect(defect):
        message = owner.why_not(
            lambda: owner.kms.generate_data_key(KeyId=owner.key_id, KeySpec="AES_256")
        )
        assert "cannot interpret the response" in message
        assert owner.works()  # nobody asked for it


def test_x35_the_example_of_the_specification() -> None:
    sealed = Sealed(
        base64.b64decode("ghxkK1txeDNn3q8Y"),
        base64.b64decode("HMrlRw85cAJUd5Ax"),
        base64.b64decode("vBxN2ncH1oEkR8WVXpmyYQ=="),
        base64.b64decode("a2V5X3ZlcnNpb249MQ=="),
    )
    value = integrity_value(b"project=nile,department=marketing", sealed)
    assert base64.b64encode(value).decode() == "qHA/ImC9h5HsLRXqCyPmWgYx7tzyoTplzILbP0fPXsc="


def test_x36_what_kms_sees_itself(owner: Owner) -> None:
    own = owner.kms.create_key()["KeyMetadata"]["KeyId"]
    of_own = owner.kms.encrypt(KeyId=own, Plaintext=b"x")["CiphertextBlob"]
    asked = owner.asked()
    for parameters, code in (
        ({"CiphertextBlob": b"nonsense"}, "InvalidCiphertextException"),
        ({"CiphertextBlob": owner.ciphertext, "KeyId": own}, "IncorrectKeyException"),
        ({"CiphertextBlob": of_own, "KeyId": owner.key_id}, "IncorrectKeyException"),
        ({"CiphertextBlob": owner.ciphertext[:60]}, "InvalidCiphertextException"),
    ):
        assert error_of(owner.kms.decrypt, **parameters)[0] == code
    assert owner.asked() == asked


def test_x36_what_the_proxy_sees(owner: Owner) -> None:
    message = owner.why_not(lambda: owner.decrypt(EncryptionContext={"another": "context"}))
    assert message.startswith("The external key store proxy rejected the request because the")
    assert "ciphertext or additional authenticated data is corrupted" in message
    assert owner.why_not(lambda: owner.decrypt(owner.ciphertext[:-1] + b"?")) == message


def test_x36_every_byte_is_authenticated(owner: Owner) -> None:
    owner.proxy.manager.metadata = b"version="
    blob = owner.encrypt(Plaintext=b"x")
    assert b"version=1" in blob
    codes = set()
    for index in range(len(blob)):
        changed = bytearray(blob)
        changed[index] ^= 1
        codes.add(error_of(owner.decrypt, ciphertext=bytes(changed))[0])
    assert codes == {
        "InvalidCiphertextException",
        "AccessDeniedException",
        "KMSInvalidStateException",
    }


def test_x36_another_context_that_the_proxy_lets_pass(owner: Owner) -> None:
    with owner.proxy.defect("additional-data-ignored"):
        blob = owner.encrypt(EncryptionContext={"right": "context"})
        message = owner.why_not(lambda: owner.decrypt(blob, EncryptionContext={"wrong": "one"}))
        assert message.startswith("The ciphertext that the external key store proxy submitted")
        assert owner.decrypt(blob, EncryptionContext={"right": "context"}) == TEXT


def test_x36_x33_another_kms_key_that_the_proxy_lets_pass(owner: Owner) -> None:
    """Two KMS keys have one external key, unseen by KMS; it tells their ciphertexts apart."""
    owner.proxy.keys.alias("second-name", "external-key-1")
    other = owner.store.create_key("second-name")
    parsed = ciphertexts.parse(owner.ciphertext)
    assert parsed is not None
    passed_off = ciphertexts.pack(other, parsed.sealed)
    message = owner.why_not(lambda: owner.decrypt(passed_off))
    assert "ciphertext or additional authenticated data is corrupted" in message
    with owner.proxy.defect("additional-data-ignored"):
        parsed = ciphertexts.parse(owner.encrypt())
        assert parsed is not None
        passed_off = ciphertexts.pack(other, parsed.sealed)
        message = owner.why_not(lambda: owner.decrypt(passed_off))
    assert message.startswith("The ciphertext that the external key store proxy submitted")


def test_x37_a_dry_run_asks_nobody(owner: Owner) -> None:
    asked = owner.asked()
    for call in (
        lambda: owner.encrypt(DryRun=True),
        lambda: owner.decrypt(DryRun=True),
        lambda: owner.kms.generate_data_key(KeyId=owner.key_id, KeySpec="AES_256", DryRun=True),
        lambda: owner.kms.re_encrypt(
            CiphertextBlob=owner.ciphertext, DestinationKeyId=owner.key_id, DryRun=True
        ),
    ):
        assert error_of(call)[0] == "DryRunOperationException"
    owner.disconnect()
    assert error_of(owner.encrypt, DryRun=True)[0] == "KMSInvalidStateException"
    assert owner.asked() == asked


def test_x65_kms_s_own_quota_comes_first(owner: Owner, world: Any) -> None:
    with world.faults.throttle(requests_per_second=1):
        owner.encrypt()
        asked = owner.asked()
        assert error_of(owner.encrypt)[0] == "ThrottlingException"
        assert owner.asked() == asked
    assert owner.works()


def test_x34_re_encrypt_in_all_nine_ways(owner: Owner, world: Any, store: Any) -> None:
    keys = [owner.key_id, store.create_key(), owner.kms.create_key()["KeyMetadata"]["KeyId"]]
    for source in keys:
        blob = owner.kms.encrypt(KeyId=source, Plaintext=TEXT)["CiphertextBlob"]
        for destination in keys:
            moved = owner.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=destination)
            assert owner.decrypt(moved["CiphertextBlob"], KeyId=destination) == TEXT


def test_x34_re_encrypt_between_two_proxies(owner: Owner, world: Any) -> None:
    other = Owner(world.create_external_key_store("another"))
    answer = owner.kms.re_encrypt(CiphertextBlob=owner.ciphertext, DestinationKeyId=other.key_id)
    first, second = owner.proxy.log[-1], other.proxy.log[-1]
    assert (first.api, second.api) == ("Decrypt", "Encrypt")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert first.metadata["kmsRequestId"] == second.metadata["kmsRequestId"] == request_id
    assert first.metadata["kmsKeyArn"] == owner.key_arn
    assert second.metadata["kmsKeyArn"] == other.key_arn

    other.proxy.key("external-key-1").disable()
    message = owner.why_not(
        lambda: owner.kms.re_encrypt(CiphertextBlob=owner.ciphertext, DestinationKeyId=other.key_id)
    )
    assert "is not enabled" in message


# Who calls ----------------------------------------------------------------------------------------


def test_x40_3_a_role_s_session_is_the_role(owner: Owner) -> None:
    iam, sts = client("iam"), client("sts")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    session = sts.assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    client_as(session, "kms").decrypt(CiphertextBlob=owner.ciphertext)
    assert owner.proxy.log[-1].metadata["awsPrincipalArn"] == role


def test_x40_3_a_user(owner: Owner) -> None:
    iam = client("iam")
    user = iam.create_user(UserName="alice")["User"]["Arn"]
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    client_as(key, "kms").decrypt(CiphertextBlob=owner.ciphertext)
    assert owner.proxy.log[-1].metadata["awsPrincipalArn"] == user


def test_x40_2_a_service_that_calls(owner: Owner) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="vault")
    s3.put_object(
        Bucket="vault",
        Key="jewels",
        Body=b"crown",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=owner.key_id,
    )
    metadata = owner.proxy.log[-1].metadata
    assert metadata["awsPrincipalArn"] == "s3.amazonaws.com"
    assert metadata["kmsViaService"] == "s3.us-east-1.amazonaws.com"
    assert metadata["kmsOperation"] == "GenerateDataKey"
    with owner.proxy.stop():
        assert error_of(s3.get_object, Bucket="vault", Key="jewels")[0].startswith("KMS")


def test_x34_two_stores_of_different_regions_over_one_proxy(owner: Owner, world: Any) -> None:
    other = Owner(world.create_external_key_store(proxy=owner.proxy, region="eu-west-1"))
    assert owner.works()
    assert other.works()
    assert error_of(other.decrypt, ciphertext=owner.ciphertext)[0] == "AccessDeniedException"


@settings(max_examples=20)
@given(st.binary(min_size=1, max_size=4096), st.dictionaries(st.text(max_size=20), st.text()))
def test_x30_x33_round_trip(plaintext: bytes, context: dict[str, str]) -> None:
    from moto_cks import mock_cks  # noqa: PLC0415

    with mock_cks() as cks:
        owner = Owner(cks.create_external_key_store())
        context = {name: value for name, value in context.items() if name and value}
        blob = owner.encrypt(Plaintext=plaintext, EncryptionContext=context)
        assert owner.decrypt(blob, EncryptionContext=context) == plaintext
