"""What a request has to say, member by member."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.xks_proxy.errors import XksError
from moto_cks.xks_proxy.messages import decoded, encoded, read
from moto_cks.xks_proxy.protocol import APIS, ENCRYPTING
from moto_cks.xks_proxy.proxy import XksProxy
from tests.xks_proxy.asking import (
    ENCRYPT,
    HEALTH,
    KEY,
    METADATA,
    content,
    decrypt,
    encrypt,
    error_of,
    signed,
    text,
)

INVALID = "ValidationException"


def ask(proxy: XksProxy, api: str, body: Any) -> str | None:
    path = "/health" if api == "health" else f"/keys/{KEY}/{api}"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_of(proxy.answer(signed(proxy, path, raw)))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"text"', b"1", b"{}", b'{"requestMetadata": null}'),
        *(b'{"requestMetadata": []}', b'{"requestMetadata": {}}', b"\xff\xfe{}", b"{'a': 1}"),
        json.dumps(HEALTH).encode() + b"{}",
        json.dumps(HEALTH).encode("utf-16"),
        json.dumps({**HEALTH, "other": float("nan")}).encode(),
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 60_000,
    ],
)
def test_x49_1_what_is_no_json_object_with_metadata(proxy: XksProxy, body: bytes) -> None:
    for api in ("health", "metadata", "encrypt", "decrypt"):
        assert ask(proxy, api, body) == INVALID


@pytest.mark.parametrize("api", list(APIS.values()), ids=list(APIS))
def test_x50_each_member_of_the_metadata_is_required(api: Any) -> None:
    for name in api.metadata:
        for wrong in (None, 1, [], {}, False):
            metadata = {**METADATA, name: wrong}
            with pytest.raises(XksError, match=f"requestMetadata.{name} is required"):
                read(api, json.dumps({"requestMetadata": metadata}).encode())
            left = {key: value for key, value in METADATA.items() if key != name}
            with pytest.raises(XksError, match=f"requestMetadata.{name} is required"):
                read(api, json.dumps({"requestMetadata": left}).encode())


@pytest.mark.parametrize(
    "metadata",
    [
        {"kmsRequestId": "no UUID at all"},
        {"kmsRequestId": ""},
        {"kmsOperation": "BulkEncrypt"},
        {"kmsViaService": "ebs", "awsSourceVpc": "vpc-1", "awsSourceVpce": "vpce-1"},
        {"somethingNew": {"of": ["any", "form"]}},
        {"awsPrincipalArn": "arn:aws:iam::123456789012:user/" + "a" * 2048},
    ],
)
def test_x50_what_is_in_the_metadata_is_not_judged(
    proxy: XksProxy, metadata: dict[str, Any]
) -> None:
    body = {**ENCRYPT, "requestMetadata": {**METADATA, **metadata}}
    assert proxy.answer(signed(proxy, f"/keys/{KEY}/encrypt", body)).status == 200


@pytest.mark.parametrize("name", ["plaintext", "encryptionAlgorithm"])
@pytest.mark.parametrize("wrong", [None, 1, [], {}, True, "not Base64!", "YQ", "YR==", " YQ=="])
def test_x49_1_members_of_encrypt(proxy: XksProxy, name: str, wrong: Any) -> None:
    assert error_of(encrypt(proxy, **{name: wrong})) == INVALID


def test_x49_1_a_member_that_is_missing(proxy: XksProxy) -> None:
    for name in ("plaintext", "encryptionAlgorithm"):
        left = {key: value for key, value in ENCRYPT.items() if key != name}
        assert ask(proxy, "encrypt", left) == INVALID
    assert ask(proxy, "decrypt", ENCRYPT) == INVALID


@pytest.mark.parametrize(
    "members",
    [
        {"encryptionAlgorithm": "AES_CBC"},
        {"ciphertextDataIntegrityValueAlgorithm": "SHA_1"},
        {"additionalAuthenticatedData": "-_8="},
    ],
)
def test_x49_1_values_that_are_not_of_version_1(proxy: XksProxy, members: dict[str, str]) -> None:
    assert error_of(encrypt(proxy, **members)) == INVALID


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *[("initializationVector", size) for size in (0, 11, 13, 15, 17)],
        *[("authenticationTag", size) for size in (0, 15, 17)],
        ("ciphertextMetadata", 21),
    ],
)
def test_x49_1_sizes_of_what_is_to_be_decrypted(proxy: XksProxy, name: str, size: int) -> None:
    encrypted = content(encrypt(proxy))
    assert error_of(decrypt(proxy, encrypted, **{name: text(bytes(size))})) == INVALID


@pytest.mark.parametrize(
    ("name", "most"), [("plaintext", 4300), ("additionalAuthenticatedData", 8192)]
)
def test_x32_what_is_supported_is_what_has_to_be(proxy: XksProxy, name: str, most: int) -> None:
    largest = {name: text(bytes(most))}
    encrypted = encrypt(proxy, **largest)
    assert encrypted.status == 200
    others = largest if name != "plaintext" else {}
    assert decrypt(proxy, content(encrypted), **others).status == 200
    more = encrypt(proxy, **{name: text(bytes(most + 1))})
    assert (more.status, error_of(more)) == (501, "UnsupportedOperationException")


def test_x50_a_null_is_a_member_that_is_not_there(proxy: XksProxy) -> None:
    encrypted = encrypt(proxy, additionalAuthenticatedData=None)
    assert encrypted.status == 200
    assert decrypt(proxy, content(encrypted), additionalAuthenticatedData=None).status == 200


@given(st.binary(max_size=100))
def test_x39_base64_there_and_back(data: bytes) -> None:
    assert decoded(encoded(data)) == data


@given(st.one_of(st.text(max_size=40), st.none(), st.integers(), st.lists(st.integers())))
def test_x39_only_standard_base64_is_read(value: Any) -> None:
    read_as = decoded(value)
    assert read_as is None or encoded(read_as) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["requestMetadata", "plaintext", "encryptionAlgorithm", "kmsRequestId", "x"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_x49_1_any_body_is_read_or_refused(value: Any) -> None:
    # No string of these is Base64 of a plaintext and AES_GCM at once.
    with pytest.raises(XksError) as refused:
        read(ENCRYPTING, json.dumps(value).encode())
    assert refused.value.kind.name == INVALID
    assert len(refused.value.message) < 512
