"""The way of a request: what refuses it first, and what is answered."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Callable

import pytest

from moto_cks.xks_proxy.credentials import Credential
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.wire import Answer
from tests.xks_proxy.asking import (
    AAD,
    ENCRYPT,
    HEALTH,
    KEY,
    PLAINTEXT,
    content,
    decrypt,
    encrypt,
    error_of,
    health,
    key_metadata,
    signed,
    text,
)
from tests.xks_proxy.clock import Clock

# Each is in the way of an Encrypt, and each is found before those behind it.
IN_THE_WAY: list[tuple[str, str, int]] = [
    ("path", "InvalidUriPathException", 404),
    ("signature", "AuthenticationFailedException", 401),
    ("body", "ValidationException", 400),
    ("rules", "AccessDeniedException", 403),
    ("quota", "ThrottlingException", 429),
    ("prefix", "InvalidStateException", 400),
    ("api", "UnsupportedOperationException", 501),
    ("key manager", "InternalException", 500),
    ("key", "KeyNotFoundException", 404),
]


def in_the_way_of_encrypt(proxy: XksProxy, names: list[str]) -> Answer:
    key = "gone" if "key" in names else KEY
    if "rules" in names:
        proxy.authorization.deny(operation="Encrypt")
    if "quota" in names:
        proxy.quota(1)
        health(proxy)
    if "prefix" in names:
        proxy.block()
    if "api" in names:
        proxy.unsupported("Encrypt")
    if "key manager" in names:
        proxy.instances[0].unreachable()
    by = Credential.generate() if "signature" in names else None
    body = ENCRYPT if "body" not in names else {**ENCRYPT, "plaintext": 1}
    path = f"/keys/{key}/encrypt" + ("/more" if "path" in names else "")
    return proxy.answer(signed(proxy, path, body, credential=by))


@pytest.mark.parametrize("first", range(len(IN_THE_WAY)))
def test_x49_1_what_comes_first_refuses(proxy: XksProxy, first: int) -> None:
    _, error, status = IN_THE_WAY[first]
    answer = in_the_way_of_encrypt(proxy, [name for name, _, _ in IN_THE_WAY[first:]])
    assert (error_of(answer), answer.status) == (error, status)


@pytest.mark.parametrize("alone", range(len(IN_THE_WAY)))
def test_x49_1_each_refuses_alone(proxy: XksProxy, alone: int) -> None:
    name, error, status = IN_THE_WAY[alone]
    answer = in_the_way_of_encrypt(proxy, [name])
    assert (error_of(answer), answer.status) == (error, status)


def test_x49_1_status_of_a_key_before_usage_before_tag(proxy: XksProxy) -> None:
    encrypted = content(encrypt(proxy))
    wrong = text(bytes(16))
    key = proxy.key(KEY)
    key.disable()
    key.usage = ["ENCRYPT"]
    assert error_of(decrypt(proxy, encrypted, authenticationTag=wrong)) == "InvalidStateException"
    key.enable()
    assert (
        error_of(decrypt(proxy, encrypted, authenticationTag=wrong)) == "InvalidKeyUsageException"
    )
    key.usage = ["ENCRYPT", "DECRYPT"]
    refused = decrypt(proxy, encrypted, authenticationTag=wrong)
    assert error_of(refused) == "InvalidCiphertextException"
    assert decrypt(proxy, encrypted).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "post"])
def test_x49_1_anything_but_post_is_not_allowed(proxy: XksProxy, method: str) -> None:
    for path in ("/health", "/nothing"):
        answer = proxy.answer(signed(proxy, path, HEALTH, method=method))
        assert (answer.status, answer.headers, answer.body) == (405, (("Allow", "POST"),), b"")


def test_x49_1_a_query_is_no_path(proxy: XksProxy) -> None:
    assert error_of(proxy.answer(signed(proxy, "/health?x=1", HEALTH))) == "InvalidUriPathException"


def test_x49_1_after_each_refusal_it_works_as_before(proxy: XksProxy) -> None:
    encrypted = content(encrypt(proxy))
    for name, _, _ in IN_THE_WAY:
        if name in ("path", "signature", "body", "key"):
            in_the_way_of_encrypt(proxy, [name])
    assert decrypt(proxy, encrypted).status == 200


# Encrypt and Decrypt ------------------------------------------------------------------------------


def test_x51_there_and_back(proxy: XksProxy) -> None:
    encrypted = content(encrypt(proxy))
    assert {name: len(b64decode(value)) for name, value in encrypted.items()} == {
        "authenticationTag": 16,
        "ciphertext": len(PLAINTEXT),
        "ciphertextMetadata": len(b"key_version=1"),
        "initializationVector": 12,
    }
    assert content(decrypt(proxy, encrypted)) == {"plaintext": text(PLAINTEXT)}


def test_x51_a_fresh_vector_for_each_call(proxy: XksProxy) -> None:
    vectors = {content(encrypt(proxy))["initializationVector"] for _ in range(50)}
    assert len(vectors) == 50


def test_x51_vectors_of_16_bytes(proxy: XksProxy) -> None:
    proxy.manager.vector_size = 16
    encrypted = content(encrypt(proxy))
    assert len(b64decode(encrypted["initializationVector"])) == 16
    proxy.manager.vector_size = 12
    assert decrypt(proxy, encrypted).status == 200


@pytest.mark.parametrize("size", [0, 1, 2, 13, 19, 20])
def test_x51_metadata_of_each_size(proxy: XksProxy, size: int) -> None:
    proxy.manager.metadata = b"m" * (size - 1) if size else None
    encrypted = content(encrypt(proxy))
    assert len(b64decode(encrypted.get("ciphertextMetadata", ""))) == size
    assert decrypt(proxy, encrypted).status == 200


@pytest.mark.parametrize("metadata", [b"key_version=", b"v", None])
def test_x51_x29_a_rotated_key_decrypts_what_it_has_encrypted(
    proxy: XksProxy, metadata: bytes | None
) -> None:
    proxy.manager.metadata = metadata
    key, encrypted = proxy.key(KEY), []
    for version in range(1, 12):
        encrypted.append(content(encrypt(proxy)))
        assert key.rotate() == version + 1
    assert len({each["ciphertext"] for each in encrypted}) == len(encrypted)
    assert all(decrypt(proxy, each).status == 200 for each in encrypted)
    key.forget_version(3)
    assert [decrypt(proxy, each).status for each in encrypted].index(400) == 2
    assert sum(decrypt(proxy, each).status == 400 for each in encrypted) == 1


def test_x51_metadata_that_names_another_version_is_refused(proxy: XksProxy) -> None:
    encrypted = content(encrypt(proxy))
    proxy.key(KEY).rotate()
    for metadata in (b"key_version=2", b"key_version=9", b"", b"key_version=x", b"1"):
        changed = decrypt(proxy, encrypted, ciphertextMetadata=text(metadata))
        assert error_of(changed) == "InvalidCiphertextException"
    assert error_of(decrypt(proxy, encrypted, ciphertextMetadata=None)) is not None


def test_x51_a_version_that_has_no_room_in_the_metadata(proxy: XksProxy) -> None:
    proxy.manager.metadata = b"m" * 19
    for _ in range(9):
        proxy.key(KEY).rotate()
    assert error_of(encrypt(proxy)) == "InternalException"
    assert "no room in the metadata" in (proxy.log[-1].message or "")


@pytest.mark.parametrize(
    "name",
    ["ciphertext", "authenticationTag", "initializationVector", "additionalAuthenticatedData"],
)
def test_x36_whatever_is_changed_is_refused(proxy: XksProxy, name: str) -> None:
    encrypted = content(encrypt(proxy))
    original = b64decode({**encrypted, "additionalAuthenticatedData": text(AAD)}[name])
    changed = text(bytes([original[0] ^ 1]) + original[1:])
    assert error_of(decrypt(proxy, encrypted, **{name: changed})) == "InvalidCiphertextException"


def test_x36_another_key_decrypts_nothing_of_it(proxy: XksProxy) -> None:
    proxy.create_key("other")
    encrypted = content(encrypt(proxy))
    assert error_of(decrypt(proxy, encrypted, key="other")) == "InvalidCiphertextException"


@pytest.mark.parametrize("aad", [AAD, b""])
def test_x52_the_integrity_value_when_it_is_asked_for(proxy: XksProxy, aad: bytes) -> None:
    encrypted = content(
        encrypt(
            proxy,
            ciphertextDataIntegrityValueAlgorithm="SHA_256",
            additionalAuthenticatedData=text(aad) if aad else None,
        )
    )
    names = ("ciphertextMetadata", "initializationVector", "ciphertext", "authenticationTag")
    hashed = hashlib.sha256(aad + b"".join(b64decode(encrypted[name]) for name in names))
    assert encrypted["ciphertextDataIntegrityValue"] == text(hashed.digest())


def test_x52_what_cannot_decrypt_gives_no_integrity_value(proxy: XksProxy) -> None:
    proxy.create_key("encrypts", usage=["ENCRYPT"])
    assert encrypt(proxy, key="encrypts").status == 200
    asked = encrypt(proxy, key="encrypts", ciphertextDataIntegrityValueAlgorithm="SHA_256")
    assert error_of(asked) == "InvalidKeyUsageException"


# GetHealthStatus, GetKeyMetadata ------------------------------------------------------------------


def test_x53_what_health_says() -> None:
    proxy = XksProxy(instances=("one", "two"))
    proxy.instances[1].health = "DEGRADED"
    said = content(health(proxy))
    assert said["xksProxyFleetSize"] == 1
    assert [(each["id"], each["healthStatus"]) for each in said["ekmFleetDetails"]] == [
        ("one", "ACTIVE"),
        ("two", "DEGRADED"),
    ]
    assert all(said[name] for name in ("xksProxyVendor", "xksProxyModel", "ekmVendor"))


def test_x53_rules_are_not_for_health_unless_it_is_said(proxy: XksProxy) -> None:
    proxy.authorization.allow(principal="arn:aws:iam::123456789012:role/*")
    assert health(proxy).status == 200
    proxy.authorization.apply_to_health_checks = True
    assert error_of(health(proxy)) == "AccessDeniedException"
    proxy.authorization.apply_to_health_checks = False
    assert health(proxy).status == 200


def test_x53_a_cached_result_shows_a_change_after_the_next_look(
    proxy: XksProxy, clock: Clock
) -> None:
    def status() -> str:
        details: list[dict[str, str]] = content(health(proxy))["ekmFleetDetails"]
        return details[0]["healthStatus"]

    with proxy.cache_health_checks(60):
        assert status() == "ACTIVE"
        proxy.instances[0].health = "UNAVAILABLE"
        clock.advance(seconds=59)
        assert status() == "ACTIVE"
        clock.advance(seconds=1)
        assert status() == "UNAVAILABLE"
        proxy.instances[0].health = "DEGRADED"
        assert status() == "UNAVAILABLE"
    assert status() == "DEGRADED"


@pytest.mark.parametrize("seconds", [-1, 61, float("nan")])
def test_x53_a_result_is_at_most_a_minute_old(proxy: XksProxy, seconds: float) -> None:
    with pytest.raises(ValueError, match="at most 60 seconds"):
        proxy.cache_health_checks(seconds)


def test_x47_4_metadata_of_keys_as_they_are(proxy: XksProxy) -> None:
    proxy.create_key("signs", spec="RSA_2048", usage=["SIGN", "VERIFY"])
    proxy.key(KEY).disable()
    assert content(key_metadata(proxy)) == {
        "keySpec": "AES_256",
        "keyUsage": ["ENCRYPT", "DECRYPT"],
        "keyStatus": "DISABLED",
    }
    assert content(key_metadata(proxy, "signs")) == {
        "keySpec": "RSA_2048",
        "keyUsage": ["SIGN", "VERIFY"],
        "keyStatus": "ENABLED",
    }
    assert error_of(key_metadata(proxy, "nobody")) == "KeyNotFoundException"


@pytest.mark.parametrize("ask", [health, key_metadata, encrypt])
def test_x49_1_answers_are_json(proxy: XksProxy, ask: Callable[[XksProxy], Answer]) -> None:
    answer = ask(proxy)
    assert answer.content_type == "application/json"
    assert content(answer)
