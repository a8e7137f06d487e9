"""The specification as data, held against its own examples."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.xks_proxy import protocol
from moto_cks.xks_proxy.errors import ERRORS
from moto_cks.xks_proxy.protocol import api_at, authenticated_data, integrity_value


def test_x52_the_integrity_value_of_the_specification_s_example() -> None:
    parts = (
        b"project=nile,department=marketing",
        base64.b64decode("a2V5X3ZlcnNpb249MQ=="),
        base64.b64decode("HMrlRw85cAJUd5Ax"),
        base64.b64decode("ghxkK1txeDNn3q8Y"),
        base64.b64decode("vBxN2ncH1oEkR8WVXpmyYQ=="),
    )
    expected = "qHA/ImC9h5HsLRXqCyPmWgYx7tzyoTplzILbP0fPXsc="
    assert base64.b64encode(integrity_value(*parts)).decode() == expected


def test_x51_what_is_authenticated_has_the_lengths() -> None:
    assert authenticated_data(b"abc", b"12") == b"\x00\x03abc\x0212"
    assert authenticated_data(b"", b"") == b"\x00\x00\x00"


@given(
    st.binary(max_size=300), st.binary(max_size=20), st.binary(max_size=300), st.binary(max_size=20)
)
def test_x51_no_two_pairs_are_authenticated_alike(
    aad: bytes, metadata: bytes, other_aad: bytes, other_metadata: bytes
) -> None:
    same = authenticated_data(aad, metadata) == authenticated_data(other_aad, other_metadata)
    assert same == ((aad, metadata) == (other_aad, other_metadata))


@pytest.mark.parametrize(
    ("path", "api", "key"),
    [
        ("/health", "GetHealthStatus", None),
        ("/keys/foo/metadata", "GetKeyMetadata", "foo"),
        ("/keys/a.b_C-1/encrypt", "Encrypt", "a.b_C-1"),
        (f"/keys/{'k' * 128}/decrypt", "Decrypt", "k" * 128),
    ],
)
def test_x49_1_what_is_at_a_path(path: str, api: str, key: str | None) -> None:
    found = api_at(path)
    assert found is not None
    assert (found[0].name, found[1]) == (api, key)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/health/", "/healths", "health", "/keys", "/keys/foo", "/keys//encrypt"),
        *("/keys/foo/encrypt/", "/keys/foo/health", "/keys/foo/sign", "/foo/metadata", "//health"),
        *("/keys/foo bar/encrypt", "/keys/f%2Fo/encrypt", "/health?a=b", "/keys/ключ/encrypt"),
        f"/keys/{'k' * 129}/encrypt",
    ],
)
def test_x49_1_nothing_is_at_other_paths(path: str) -> None:
    assert api_at(path) is None


def test_x49_1_the_errors_are_those_of_the_specification() -> None:
    assert {name: kind.status for name, kind in ERRORS.items()} == {
        "ValidationException": 400,
        "InvalidStateException": 400,
        "InvalidCiphertextException": 400,
        "InvalidKeyUsageException": 400,
        "AuthenticationFailedException": 401,
        "AccessDeniedException": 403,
        "KeyNotFoundException": 404,
        "InvalidUriPathException": 404,
        "ThrottlingException": 429,
        "UnsupportedOperationException": 501,
        "DependencyTimeoutException": 503,
        "InternalException": 500,
    }


def test_x49_1_messages_are_short_and_ascii() -> None:
    for kind in ERRORS.values():
        assert len(kind.about) < 512
        assert all(" " <= character <= "~" for character in kind.about)


def test_x49_1_there_are_four_apis() -> None:
    assert list(protocol.APIS) == ["GetKeyMetadata", "Encrypt", "Decrypt", "GetHealthStatus"]
