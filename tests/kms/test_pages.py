"""Lists are answered in pages (G11)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import cks, mock_cks
from moto_cks.kms.exceptions import InvalidMarkerException
from moto_cks.kms.pages import Catalogue, page_of
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of

PRINCIPAL = "arn:aws:iam::123456789012:role/retiring"
COUNT = 7


def new_key(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["KeyId"])


def keys(kms: Any) -> dict[str, Any]:
    for _ in range(COUNT):
        new_key(kms)
    return {}


def aliases(kms: Any) -> dict[str, Any]:
    key_id = new_key(kms)
    for number in range(COUNT):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key_id)
    return {"KeyId": key_id}


def grants(kms: Any) -> dict[str, Any]:
    key_id = new_key(kms)
    for number in range(COUNT):
        kms.create_grant(
            KeyId=key_id,
            GranteePrincipal=f"arn:aws:iam::123456789012:role/{number}",
            Operations=["Encrypt"],
            RetiringPrincipal=PRINCIPAL,
        )
    return {"KeyId": key_id}


def retirable_grants(kms: Any) -> dict[str, Any]:
    grants(kms)
    kms.create_grant(
        KeyId=new_key(kms), GranteePrincipal=PRINCIPAL, Operations=["Encrypt", "Decrypt"]
    )
    return {"RetiringPrincipal": PRINCIPAL}


def tags(kms: Any) -> dict[str, Any]:
    key_id = new_key(kms)
    made = [{"TagKey": f"key {number}", "TagValue": "x"} for number in range(COUNT)]
    kms.tag_resource(KeyId=key_id, Tags=made)
    return {"KeyId": key_id}


LISTS: dict[str, tuple[Callable[[Any], dict[str, Any]], str, str]] = {
    "list_keys": (keys, "Keys", "KeyId"),
    "list_aliases": (aliases, "Aliases", "AliasName"),
    "list_grants": (grants, "Grants", "GrantId"),
    "list_retirable_grants": (retirable_grants, "Grants", "GrantId"),
    "list_resource_tags": (tags, "Tags", "TagKey"),
}


@pytest.mark.parametrize(
    ("limit", "expected"), [(1, [1] * COUNT), (3, [3, 3, 1]), (COUNT, [COUNT])]
)
@pytest.mark.parametrize("operation", LISTS)
def test_g11_pages_together_are_the_list(
    kms: Any, operation: str, limit: int, expected: list[int]
) -> None:
    make, member, name = LISTS[operation]
    parameters = make(kms)
    call = getattr(kms, operation)
    whole = call(**parameters)
    assert not whole["Truncated"]
    assert "NextMarker" not in whole
    assert len(whole[member]) == COUNT
    sizes, seen, marker = [], [], {}
    while True:
        page = call(**parameters, **marker, Limit=limit)
        sizes.append(len(page[member]))
        seen += [entry[name] for entry in page[member]]
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert sizes == expected
    assert seen == [entry[name] for entry in whole[member]]


@pytest.mark.parametrize("operation", LISTS)
def test_g11_markers_are_those_of_the_list(kms: Any, operation: str) -> None:
    make, _, _ = LISTS[operation]
    parameters = make(kms)
    call = getattr(kms, operation)
    kms.create_key()
    other = next(name for name in LISTS if name[:9] != operation[:9] and name != operation)
    foreign = getattr(kms, other)(**LISTS[other][0](kms), Limit=1)["NextMarker"]
    for marker in ("x", "bm8=", foreign):
        if operation.endswith("grants") and other.endswith("grants") and marker == foreign:
            continue
        assert error_of(call, **parameters, Marker=marker)[0] == "InvalidMarkerException"


@pytest.mark.parametrize("operation", LISTS)
def test_g11_markers_that_are_not_quite_right(kms: Any, operation: str) -> None:
    make, member, _ = LISTS[operation]
    parameters = make(kms)
    call = getattr(kms, operation)
    marker = call(**parameters, Limit=2)["NextMarker"]
    name = base64.b64decode(marker).decode().rpartition(":")[0]
    for wrong in (
        marker[:-1],
        marker[1:],
        marker + "A",
        marker[:4] + "*" + marker[4:],
        marker.swapcase(),
        *(
            base64.b64encode(text).decode()
            for text in (
                name.encode(),
                f"{name}:".encode(),
                f"{name}:x".encode(),
                f"{name}:1.5".encode(),
                f"{name}:-1".encode(),
                f"{name}:+1".encode(),
                f"{name}: 1".encode(),
                f"{name}:01".encode(),
                f"{name}:1_0".encode(),
                f"{name}x:1".encode(),
                f"x{name}:1".encode(),
                b"\xff:1",
            )
        ),
    ):
        code, message = error_of(call, **parameters, Marker=wrong)
        assert (wrong, code, bool(message)) == (wrong, "InvalidMarkerException", True)
    assert len(call(**parameters, Marker=marker)[member]) == COUNT - 2


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("limit", [0, 1001])
def test_g11_limits(kms: Any, operation: str, limit: int) -> None:
    parameters = LISTS[operation][0](kms)
    unchecked = client("kms", parameter_validation=False)
    code, message = error_of(getattr(unchecked, operation), **parameters, Limit=limit)
    assert code == "ValidationException"
    assert f"Value '{limit}' at 'limit'" in message


def test_g11_a_page_goes_on_behind_what_was_deleted_meanwhile(kms: Any) -> None:
    key_id = aliases(kms)["KeyId"]
    first = kms.list_aliases(KeyId=key_id, Limit=3)
    kms.delete_alias(AliasName=first["Aliases"][-1]["AliasName"])
    kms.create_alias(AliasName="alias/new", TargetKeyId=key_id)
    rest = kms.list_aliases(KeyId=key_id, Marker=first["NextMarker"])["Aliases"]
    names = [alias["AliasName"].rpartition("/")[2] for alias in first["Aliases"] + rest]
    assert names == [*map(str, range(COUNT)), "new"]


def test_g11_aliases_that_aws_keeps_come_last_and_once(kms: Any) -> None:
    key_id = aliases(kms)["KeyId"]
    kms.describe_key(KeyId="alias/aws/s3")  # makes it
    pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2})
    names = [alias["AliasName"] for page in pages for alias in page["Aliases"]]
    assert names[: COUNT + 1] == [*(f"alias/{n}" for n in range(COUNT)), "alias/aws/s3"]
    assert all(name.startswith("alias/aws/") for name in names[COUNT:])
    assert len(names) == len(set(names)) > COUNT + 5
    assert len(kms.list_aliases(KeyId=key_id)["Aliases"]) == COUNT


def test_g11_100_keys_a_page_in_a_key_store_or_not() -> None:
    with mock_cks():
        kms = client("kms")
        store = cks.create_key_store()
        made = [new_key(kms) if number % 2 else store.create_key() for number in range(101)]
        first = kms.list_keys()
        assert [key["KeyId"] for key in first["Keys"]] == made[:100]
        assert first["Truncated"]
        last = kms.list_keys(Marker=first["NextMarker"])
        assert [key["KeyId"] for key in last["Keys"]] == made[100:]


def test_g11_one_grant_and_none(kms: Any) -> None:
    key_id = grants(kms)["KeyId"]
    (one, *_) = kms.list_grants(KeyId=key_id)["Grants"]
    assert kms.list_grants(KeyId=key_id, GrantId=one["GrantId"])["Grants"] == [one]
    kms.retire_grant(KeyId=key_id, GrantId=one["GrantId"])
    assert kms.list_grants(KeyId=key_id, GrantId=one["GrantId"])["Grants"] == []
    retirable = kms.list_retirable_grants(RetiringPrincipal=PRINCIPAL)["Grants"]
    assert one["GrantId"] not in {grant["GrantId"] for grant in retirable}
    assert len(retirable) == COUNT - 1
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    cks.clock.advance(days=7)
    assert kms.list_retirable_grants(RetiringPrincipal=PRINCIPAL)["Grants"] == []


def test_g11_keys_of_another_region_and_account_are_not_listed(kms: Any) -> None:
    keys(kms)
    assert client("kms", OTHER_REGION).list_keys()["Keys"] == []
    assert client("kms", account_id=OTHER_ACCOUNT).list_keys()["Keys"] == []


def test_g11_a_catalogue_is_a_dict_with_a_place_for_each_entry() -> None:
    catalogue = Catalogue([("a", 1), ("b", 2)])
    catalogue.update({"c": 3}, d=4)
    catalogue["a"] = 5  # which stays in its place
    assert catalogue == {"a": 5, "b": 2, "c": 3, "d": 4}
    assert catalogue.following(-1, 9) == [(0, 5), (1, 2), (2, 3), (3, 4)]
    assert catalogue.following(0, 2) == [(1, 2), (2, 3)]
    assert catalogue.pop("b") == 2
    del catalogue["c"]
    assert catalogue.following(0, 2) == catalogue.following(2, 1) == [(3, 4)]
    assert catalogue.following(3, 1) == []
    catalogue["b"] = 6  # another one
    assert catalogue.following(1, 9) == [(3, 4), (4, 6)]
    assert catalogue.pop("x", 7) == 7
    for forget in (catalogue.pop, catalogue.__delitem__):
        with pytest.raises(KeyError):
            forget("x")
    assert catalogue == {"a": 5, "d": 4, "b": 6}


def _marker(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_g11_what_a_page_has() -> None:
    entries = Catalogue((str(number), number) for number in range(5))

    def page(scope: str = "mine", **request: Any) -> dict[str, Any]:
        return page_of("Entries", entries, request, str, 3, scope)

    third, second = _marker("Entries:mine:2"), _marker("Entries:mine:1")
    assert page() == {"Entries": ["0", "1", "2"], "Truncated": True, "NextMarker": third}
    assert page(Limit=2) == {"Entries": ["0", "1"], "Truncated": True, "NextMarker": second}
    assert page(Marker=third) == {"Entries": ["3", "4"], "Truncated": False}
    assert page(Marker=third, Limit=2) == {"Entries": ["3", "4"], "Truncated": False}
    assert page(Limit=5)["Truncated"] is False
    first = page_of("Entries", entries, {"Marker": _marker("Entries::0")}, str, 3)
    assert first["Entries"] == ["1", "2", "3"]
    wrong = ("Entries:mine:-1", "Entries:mine:-2", "Entries:mine: 2", "Entries:mine:02", "2", "")
    for marker in (*map(_marker, wrong), f"{third[:4]}!{third[4:]}", "é"):
        with pytest.raises(InvalidMarkerException) as refused:
            page(Marker=marker)
        assert refused.value.message == "The marker is not valid."
    for scope in ("other", ""):
        with pytest.raises(InvalidMarkerException):
            page(scope, Marker=third)
