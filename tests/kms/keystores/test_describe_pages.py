"""DescribeCustomKeyStores: which key stores it answers with, and its pages (K3)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moto_cks import mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client, error_of

BAD_MARKER = ("InvalidMarkerException", "The marker is not valid.")
NOT_FOUND = "CustomKeyStoreNotFoundException"
SIX = [f"store {number}" for number in range(6)]


@pytest.fixture(scope="module")
def six() -> Iterator[dict[str, str]]:
    """The IDs of six key stores, by name; for tests that change nothing."""
    with mock_cks() as cks:
        yield {name: cks.create_key_store(name, connect=False).id for name in SIX}


def names_of(answer: dict[str, Any]) -> list[str]:
    return [entry["CustomKeyStoreName"] for entry in answer["CustomKeyStores"]]


# Which -------------------------------------------------------------------------------------------


def test_k3_all(six: dict[str, str]) -> None:
    answer = client("kms").describe_custom_key_stores()
    assert names_of(answer) == SIX
    assert [entry["CustomKeyStoreId"] for entry in answer["CustomKeyStores"]] == list(six.values())
    assert answer["Truncated"] is False
    assert "NextMarker" not in answer


@pytest.mark.parametrize("name", SIX)
def test_k3_by_id_or_by_name(name: str, six: dict[str, str]) -> None:
    kms = client("kms")
    by_name = kms.describe_custom_key_stores(CustomKeyStoreName=name)
    by_id = kms.describe_custom_key_stores(CustomKeyStoreId=six[name])
    assert by_id["CustomKeyStores"] == by_name["CustomKeyStores"]
    assert names_of(by_id) == [name]
    assert by_id["Truncated"] is False


def test_k3_never_by_both(six: dict[str, str]) -> None:
    kms = client("kms")
    for name in (SIX[0], SIX[1], "unknown"):
        code, _ = error_of(
            kms.describe_custom_key_stores, CustomKeyStoreId=six[SIX[0]], CustomKeyStoreName=name
        )
        assert code == "ValidationException"


@pytest.mark.parametrize(
    "unknown",
    [
        {"CustomKeyStoreId": "cks-1234567890abcdef0"},
        {"CustomKeyStoreId": SIX[0]},
        {"CustomKeyStoreName": "unknown"},
        {"CustomKeyStoreName": SIX[0].upper()},
        {"CustomKeyStoreName": SIX[0][:-1]},
    ],
)
def test_k3_unknown(unknown: dict[str, str], six: dict[str, str]) -> None:
    code, message = error_of(client("kms").describe_custom_key_stores, **unknown)
    assert code == NOT_FOUND
    assert next(iter(unknown.values())) in message


def test_k3_an_id_is_no_name(six: dict[str, str]) -> None:
    kms = client("kms")
    code, _ = error_of(kms.describe_custom_key_stores, CustomKeyStoreName=six[SIX[0]])
    assert code == NOT_FOUND


def test_k3_another_account_or_region_sees_none(six: dict[str, str]) -> None:
    for other in (client("kms", OTHER_REGION), client("kms", REGION, OTHER_ACCOUNT)):
        assert other.describe_custom_key_stores()["CustomKeyStores"] == []
        for parameters in ({"CustomKeyStoreId": six[SIX[0]]}, {"CustomKeyStoreName": SIX[0]}):
            assert error_of(other.describe_custom_key_stores, **parameters)[0] == NOT_FOUND


# Pages -------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(limits=st.lists(st.integers(1, 8), min_size=6, max_size=6))
def test_k3_pages_of_any_size_hold_each_key_store_once(
    six: dict[str, str], limits: list[int]
) -> None:
    kms = client("kms")
    found: list[str] = []
    following: dict[str, str] = {}
    for limit in limits:
        answer = kms.describe_custom_key_stores(Limit=limit, **following)
        names = names_of(answer)
        found += names
        assert names == SIX[len(found) - len(names) : len(found)]
        assert len(names) <= limit
        assert answer["Truncated"] is ("NextMarker" in answer) is (found != SIX)
        if not answer["Truncated"]:
            break
        assert len(names) == limit
        following = {"Marker": answer["NextMarker"]}
    assert found == SIX


def test_k3_the_paginator_of_boto3(six: dict[str, str]) -> None:
    paginator = client("kms").get_paginator("describe_custom_key_stores")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 4}))
    assert [names_of(page) for page in pages] == [SIX[:4], SIX[4:]]


@pytest.mark.parametrize(
    "marker",
    [
        "x",
        "not base64!",
        SIX[0],
        base64.b64encode(b"cks-1234567890abcdef0").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        "é",
        "====",
    ],
)
def test_k3_a_bad_marker(marker: str, six: dict[str, str]) -> None:
    kms = client("kms")
    assert error_of(kms.describe_custom_key_stores, Marker=marker) == BAD_MARKER


def test_k3_a_marker_that_was_changed(six: dict[str, str]) -> None:
    kms = client("kms")
    good = kms.describe_custom_key_stores(Limit=2)["NextMarker"]
    assert names_of(kms.describe_custom_key_stores(Marker=good)) == SIX[2:]
    for wrong in (f"{good[:4]}!{good[4:]}", f"!{good}", f"{good}!", f"{good[:4]}\u0020{good[4:]}"):
        assert error_of(kms.describe_custom_key_stores, Marker=wrong) == BAD_MARKER
