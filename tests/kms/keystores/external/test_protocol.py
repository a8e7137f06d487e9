"""What KMS asks a proxy, and what it reads of the answers, member by member (X39, X46, X47)."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from moto_cks.kms.keystores.external import protocol
from moto_cks.kms.keystores.external.outcomes import (
    ERRORS,
    MALFORMED,
    NO_INSTANCE,
    WRONG_BYTES,
    Outcome,
    ProxyError,
)
from moto_cks.kms.keystores.external.protocol import KeyMetadata, Question, Sealed, UnavailableError

METADATA = {"kmsRequestId": "1", "kmsOperation": "Encrypt"}
SEALED = Sealed(b"abc", b"v" * 12, b"t" * 16, None)
WITH_METADATA = SEALED._replace(metadata=b"m")


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def unwrap(plaintext: bytes) -> bytes | None:
    return plaintext.upper() if plaintext != b"bad" else None


def outcome_of(call: Callable[[], object]) -> Outcome:
    """The row of the table in which it ends."""
    with pytest.raises(ProxyError) as refused:
        call()
    return refused.value.outcome


ENCRYPTION = {
    "requestMetadata": METADATA,
    "additionalAuthenticatedData": "ZGF0YQ==",
    "plaintext": "YWJj",
    "encryptionAlgorithm": "AES_GCM",
}
DECRYPTION = {
    "requestMetadata": METADATA,
    "additionalAuthenticatedData": "ZGF0YQ==",
    "ciphertext": "YWJj",
    "encryptionAlgorithm": "AES_GCM",
    "initializationVector": text(b"v" * 12),
    "authenticationTag": text(b"t" * 16),
}


@pytest.mark.parametrize(
    ("question", "api", "path", "key_id", "body"),
    [
        (
            protocol.health(METADATA),
            "GetHealthStatus",
            "/health",
            "",
            {"requestMetadata": METADATA},
        ),
        (
            protocol.key_metadata("k1", METADATA),
            "GetKeyMetadata",
            "/keys/k1/metadata",
            "k1",
            {"requestMetadata": METADATA},
        ),
        (
            protocol.encrypt("k1", METADATA, b"abc", b"data", False),
            "Encrypt",
            "/keys/k1/encrypt",
            "k1",
            ENCRYPTION,
        ),
        (
            protocol.encrypt("k1", METADATA, b"abc", b"data", True),
            "Encrypt",
            "/keys/k1/encrypt",
            "k1",
            {**ENCRYPTION, "ciphertextDataIntegrityValueAlgorithm": "SHA_256"},
        ),
        (
            protocol.decrypt("k1", METADATA, SEALED, b"data", unwrap),
            "Decrypt",
            "/keys/k1/decrypt",
            "k1",
            DECRYPTION,
        ),
        (
            protocol.decrypt("k1", METADATA, WITH_METADATA, b"data", unwrap),
            "Decrypt",
            "/keys/k1/decrypt",
            "k1",
            {**DECRYPTION, "ciphertextMetadata": "bQ=="},
        ),
    ],
)
def test_x39_what_is_asked(
    question: Question[Any], api: str, path: str, key_id: str, body: Mapping[str, Any]
) -> None:
    assert (question.api, question.path, question.key_id) == (api, path, key_id)
    assert json.loads(question.to_bytes()) == body


INSTANCE = {"id": "1", "model": "m", "healthStatus": "ACTIVE"}
HEALTH = {
    "xksProxyFleetSize": 1,
    "xksProxyVendor": "v",
    "xksProxyModel": "x",
    "ekmVendor": "e",
    "ekmFleetDetails": [INSTANCE],
}
KEY = {"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}
ENCRYPTED = {
    "ciphertext": "YWJj",
    "initializationVector": text(b"v" * 12),
    "authenticationTag": text(b"t" * 16),
}
INTEGRITY = "ciphertextDataIntegrityValue"
VALUE = text(hashlib.sha256(b"data" + b"v" * 12 + b"abc" + b"t" * 16).digest())
VALUE_WITH = text(hashlib.sha256(b"data" + b"m" + b"v" * 12 + b"abc" + b"t" * 16).digest())

health, key = protocol.health(METADATA), protocol.key_metadata("k1", METADATA)
encrypt = protocol.encrypt("k1", METADATA, b"abc", b"data", False)
checked = protocol.encrypt("k1", METADATA, b"abc", b"data", True)
decrypt = protocol.decrypt("k1", METADATA, SEALED, b"data", unwrap)


def fleet(*states: str) -> dict[str, Any]:
    return {**HEALTH, "ekmFleetDetails": [{**INSTANCE, "healthStatus": each} for each in states]}


@pytest.mark.parametrize(
    ("question", "members", "result"),
    [
        (health, HEALTH, ("ACTIVE",)),
        (health, {**HEALTH, "xksProxyFleetSize": 2}, ("ACTIVE",)),
        (health, fleet("DEGRADED", "UNAVAILABLE"), ("DEGRADED", "UNAVAILABLE")),
        (health, fleet(*["ACTIVE"] * 10), ("ACTIVE",) * 10),
        (key, KEY, KeyMetadata("AES_256", ("ENCRYPT", "DECRYPT"), "ENABLED")),
        (
            key,
            {**KEY, "keyStatus": "DISABLED", "keyUsage": []},
            KeyMetadata("AES_256", (), "DISABLED"),
        ),
        (
            key,
            {**KEY, "keySpec": "X", "keyUsage": ["A"] * 10},
            KeyMetadata("X", ("A",) * 10, "ENABLED"),
        ),
        (encrypt, ENCRYPTED, SEALED),
        (encrypt, {**ENCRYPTED, "ciphertextMetadata": "bQ=="}, WITH_METADATA),
        (encrypt, {**ENCRYPTED, "ciphertextMetadata": ""}, SEALED._replace(metadata=b"")),
        (
            encrypt,
            {**ENCRYPTED, "ciphertextMetadata": text(b"m" * 20)},
            SEALED._replace(metadata=b"m" * 20),
        ),
        (
            encrypt,
            {**ENCRYPTED, "initializationVector": text(b"v" * 16)},
            SEALED._replace(vector=b"v" * 16),
        ),
        (encrypt, {**ENCRYPTED, INTEGRITY: "what nobody has asked for"}, SEALED),
        (checked, {**ENCRYPTED, INTEGRITY: VALUE}, SEALED),
        (
            checked,
            {**ENCRYPTED, INTEGRITY: VALUE_WITH, "ciphertextMetadata": "bQ=="},
            WITH_METADATA,
        ),
        (decrypt, {"plaintext": "eHl6"}, b"XYZ"),
    ],
)
def test_x47_what_is_read(question: Question[Any], members: Any, result: Any) -> None:
    assert question.read(members) == result


def lacking(question: Question[Any], members: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """The same without each of the members, and with a number in its place."""
    return [
        (question, {name: value for name, value in members.items() if name != left_out} | instead)
        for left_out in members
        for instead in ({}, {left_out: 7.5})
    ]


@pytest.mark.parametrize(
    ("question", "members"),
    [
        *lacking(health, HEALTH),
        *((health, {**HEALTH, "xksProxyFleetSize": size}) for size in (0, -1, 1.0, True, "1")),
        *(
            (health, {**HEALTH, "ekmFleetDetails": [*others, instance]})
            for _, instance in lacking(health, INSTANCE)
            for others in ([], [INSTANCE])
        ),
        (health, fleet()),
        (health, fleet(*["ACTIVE"] * 11)),
        (health, fleet("FINE")),
        *lacking(key, KEY),
        (key, {**KEY, "keySpec": ""}),
        (key, {**KEY, "keyStatus": "enabled"}),
        (key, {**KEY, "keyUsage": ["A"] * 11}),
        (key, {**KEY, "keyUsage": ["A", 7]}),
        (key, {**KEY, "keyUsage": "ENCRYPT"}),
        *lacking(encrypt, ENCRYPTED),
        (encrypt, {**ENCRYPTED, "ciphertext": text(b"abcd")}),
        (encrypt, {**ENCRYPTED, "ciphertext": text(b"ab")}),
        (encrypt, {**ENCRYPTED, "ciphertextMetadata": text(b"m" * 21)}),
        (encrypt, {**ENCRYPTED, "ciphertextMetadata": None}),
        *(
            (encrypt, {**ENCRYPTED, "initializationVector": text(b"v" * length)})
            for length in (0, 11, 13, 15, 17)
        ),
        *((encrypt, {**ENCRYPTED, "authenticationTag": text(b"t" * n)}) for n in (0, 15, 17)),
        (checked, ENCRYPTED),
        (checked, {**ENCRYPTED, INTEGRITY: VALUE_WITH}),
        (checked, {**ENCRYPTED, INTEGRITY: VALUE, "ciphertextMetadata": "bQ=="}),
        *lacking(decrypt, {"plaintext": "eHl6"}),
        *((decrypt, {"plaintext": p}) for p in ("eHk=", "eHl6eg==", "eHl6=", "e_l6", "eHl6 ")),
    ],
)
def test_x47_what_is_malformed(question: Question[Any], members: Any) -> None:
    assert outcome_of(lambda: question.read(members)) is MALFORMED


def test_x46_17_x46_19_what_is_no_use() -> None:
    assert outcome_of(lambda: decrypt.read({"plaintext": text(b"bad")})) is WRONG_BYTES
    with pytest.raises(UnavailableError) as refused:
        health.read(fleet("UNAVAILABLE", "UNAVAILABLE"))
    error = pickle.loads(pickle.dumps(refused.value))  # as between processes
    assert (error.fleet, error.outcome, error.said) == (("UNAVAILABLE",) * 2, NO_INSTANCE, "")
    said = pickle.loads(pickle.dumps(ProxyError(MALFORMED, "what?")))
    assert (said.outcome, said.said, str(said)) == (MALFORMED, "what?", "malformed response")


OF_KEYS = ("GetKeyMetadata", "Encrypt", "Decrypt")
ANSWERED_BY = {
    "InvalidCiphertextException": ("Decrypt",),
    "InvalidKeyUsageException": OF_KEYS,
    "KeyNotFoundException": OF_KEYS,
}


@pytest.mark.parametrize("api", ["GetHealthStatus", *OF_KEYS])
@pytest.mark.parametrize("name", ERRORS)
def test_x46_which_errors_answer_what(name: str, api: str) -> None:
    answers = api in ANSWERED_BY.get(name, (api,))
    body = json.dumps({"errorName": name, "errorMessage": "because"}).encode()
    for status in (199, 201, 400, 500):
        with pytest.raises(ProxyError) as refused:
            protocol.members_of(api, status, body)
        assert refused.value.outcome == (ERRORS[name] if answers else MALFORMED)
        assert refused.value.said == "because"
    assert protocol.members_of(api, 200, body)["errorName"] == name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\xe9"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\DBff"}',
        b'{"a": "\\udfff\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    ids=range(11),
)
def test_x47_1_what_is_no_object(body: bytes) -> None:
    assert outcome_of(lambda: protocol.members_of("Encrypt", 200, body)) is MALFORMED


def test_x47_1_what_is_one() -> None:
    def members(body: bytes) -> dict[str, Any]:
        return protocol.members_of("Encrypt", 200, body)

    assert members(b'{"a": "\\ud83d\\udd12", "b": {"a": 1}}') == {"a": "\U0001f512", "b": {"a": 1}}
    twice = members(b'{"a": "x", "a": "x", "b": "\\\\ud800"}')
    assert twice["b"] == "\\ud800"
    assert not isinstance(twice["a"], str)


@pytest.mark.parametrize(
    ("members", "said"),
    [({"errorMessage": "because"}, "because"), ({"errorMessage": ["because"]}, ""), ({}, "")],
)
def test_x46_x47_1_an_error_that_has_no_name(members: dict[str, Any], said: str) -> None:
    for name in ({}, {"errorName": None}, {"errorName": ["InternalException"]}):
        with pytest.raises(ProxyError) as refused:
            protocol.members_of("Encrypt", 500, json.dumps({**name, **members}).encode())
        assert (refused.value.outcome, refused.value.said) == (MALFORMED, said)
