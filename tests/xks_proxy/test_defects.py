"""Defects of proxies that people have met: what a client gets, in memory and over TCP."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from moto_cks.xks_proxy.defects import DEFECTS
from moto_cks.xks_proxy.proxy import XksProxy
from tests.xks_proxy.asking import (
    AAD,
    CARRIERS,
    ENCRYPT,
    HEALTH,
    KEY,
    PLAINTEXT,
    MemoryClient,
    content,
    decrypt,
    encrypt,
    error_of,
    health,
    key_metadata,
    outcome,
    reachable,
    signed,
    text,
)

ROOT = Path(__file__).parents[2]
CDIV = {"ciphertextDataIntegrityValueAlgorithm": "SHA_256"}


def encrypted(proxy: XksProxy, **members: Any) -> dict[str, Any]:
    answer = encrypt(proxy, **members)
    assert answer.status == 200
    return content(answer)


def integrity(members: dict[str, Any]) -> str:
    names = ("ciphertextMetadata", "initializationVector", "ciphertext", "authenticationTag")
    parts = [b64decode(members[name]) for name in names if name in members]
    return text(hashlib.sha256(AAD + b"".join(parts)).digest())


def test_x59_the_tag_is_left_on_the_ciphertext(proxy: XksProxy) -> None:
    with proxy.defect("tag-left-on-ciphertext"):
        members = encrypted(proxy)
        assert len(b64decode(members["ciphertext"])) == len(PLAINTEXT) + 16
    assert len(b64decode(encrypted(proxy)["ciphertext"])) == len(PLAINTEXT)


@pytest.mark.parametrize("metadata", [b"key_version=", None])
def test_x59_metadata_of_21_bytes(proxy: XksProxy, metadata: bytes | None) -> None:
    proxy.manager.metadata = metadata
    with proxy.defect("metadata-too-long"):
        assert len(b64decode(encrypted(proxy)["ciphertextMetadata"])) == 21
    assert len(b64decode(encrypted(proxy).get("ciphertextMetadata", ""))) < 21


def test_x59_the_integrity_value_is_wrong_or_missing(proxy: XksProxy) -> None:
    with proxy.defect("integrity-value-of-another-order"):
        members = encrypted(proxy, **CDIV)
        assert members["ciphertextDataIntegrityValue"] != integrity(members)
        assert "ciphertextDataIntegrityValue" not in encrypted(proxy)
    with proxy.defect("integrity-value-missing"):
        assert "ciphertextDataIntegrityValue" not in encrypted(proxy, **CDIV)
    members = encrypted(proxy, **CDIV)
    assert members["ciphertextDataIntegrityValue"] == integrity(members)


def test_x59_the_key_spec_rsa_0(proxy: XksProxy) -> None:
    with proxy.defect("key-spec-rsa-0"):
        assert content(key_metadata(proxy))["keySpec"] == "RSA_0"
        assert encrypt(proxy).status == 200
    assert content(key_metadata(proxy))["keySpec"] == "AES_256"


def test_x59_key_not_found_for_what_is_internal(proxy: XksProxy) -> None:
    with proxy.defect("key-not-found-for-internal"):
        assert encrypt(proxy).status == 200
        with proxy.instances[0].unreachable():
            assert error_of(encrypt(proxy)) == "KeyNotFoundException"
    with proxy.instances[0].unreachable():
        assert error_of(encrypt(proxy)) == "InternalException"


def test_x59_url_safe_base64(proxy: XksProxy) -> None:
    with proxy.defect("url-safe-base64"):
        members = encrypted(proxy)
        assert not members["authenticationTag"].endswith("=")
    assert encrypted(proxy)["authenticationTag"].endswith("==")


@pytest.mark.parametrize(("length", "status"), [(43, 200), (44, 401), (64, 401)])
def test_x59_a_long_secret_is_not_understood(proxy: XksProxy, length: int, status: int) -> None:
    proxy.credentials.add("B" * 20, "s" * length)
    with proxy.defect("long-secret-not-understood"):
        assert health(proxy).status == status
    assert health(proxy).status == 200


def test_x46_19_a_wrong_plaintext_of_the_right_length(proxy: XksProxy) -> None:
    members = encrypted(proxy)
    with proxy.defect("wrong-plaintext"):
        got = b64decode(content(decrypt(proxy, members))["plaintext"])
        assert len(got) == len(PLAINTEXT)
        assert got != PLAINTEXT
    assert content(decrypt(proxy, members)) == {"plaintext": text(PLAINTEXT)}


def test_x46_19_additional_data_that_is_ignored(proxy: XksProxy) -> None:
    other = {"additionalAuthenticatedData": text(b"another context")}
    with proxy.defect("additional-data-ignored"):
        members = encrypted(proxy)
        assert content(decrypt(proxy, members, **other)) == {"plaintext": text(PLAINTEXT)}
    assert error_of(decrypt(proxy, members, **other)) == "InvalidCiphertextException"


@pytest.mark.parametrize("carrier", CARRIERS)
def test_x59_a_connection_limit(carrier: str) -> None:
    proxy = XksProxy()
    request = signed(proxy, "/health", HEALTH)
    with reachable(proxy, carrier), proxy.defect("connection-limit"):
        first = CARRIERS[carrier](proxy)
        assert first.ask(request)[0] == 200
        assert outcome(proxy, carrier, request) == "cut"
        assert first.ask(request)[0] == 200
        first.close()


def test_x59_a_connection_that_has_ended_counts_no_longer() -> None:
    proxy = XksProxy()
    with proxy.defect("connection-limit"):
        MemoryClient(proxy).close()
        first = MemoryClient(proxy)
        with proxy.stop():
            assert first.connection.closed
        assert outcome(proxy, "memory", signed(proxy, "/health", HEALTH)) == "200"


@pytest.mark.parametrize("name", DEFECTS)
def test_x59_each_defect_says_what_it_is_and_is_the_same_over_tcp(name: str) -> None:
    assert DEFECTS[name].about.endswith(".")
    proxy = XksProxy()
    request = signed(proxy, f"/keys/{KEY}/encrypt", {**ENCRYPT, **CDIV})
    with reachable(proxy, "tcp"), proxy.defect(name):
        assert proxy.defects == (name,)
        seen = [outcome(proxy, carrier, request) for carrier in CARRIERS]
        assert seen == ["200", "200"]
    assert proxy.defects == ()


def test_x59_several_at_once(proxy: XksProxy) -> None:
    with proxy.defect("metadata-too-long"), proxy.defect("url-safe-base64"):
        with proxy.defect("tag-left-on-ciphertext"):
            members = encrypted(proxy)
        assert len(members["ciphertextMetadata"]) == 28
        assert len(members["ciphertext"]) > len(encrypted(proxy)["ciphertext"])


def test_x59_the_documentation_has_them_all() -> None:
    page = (ROOT / "docs" / "xks-proxy.md").read_text().partition("| `proxy.defect(name)` |")[2]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", page, re.MULTILINE)
    assert rows == [(name, defect.about) for name, defect in DEFECTS.items()]
