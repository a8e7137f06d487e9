"""Tags are checked where they are given, for every kind of key (G10)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.core.exceptions import JsonRESTError
from moto.kms.models import kms_backends

from moto_cks import KeyStore, mock_cks
from tests.aws import client, error_of

KINDS: dict[str, dict[str, str]] = {
    "symmetric": {},
    "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "imported": {"Origin": "EXTERNAL"},
    "in a key store": {"Origin": "AWS_CLOUDHSM"},
}
RESERVED = ("TagException", "Tags beginning with aws: are reserved")


def tags(*keys: str) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": f"value of {key}"} for key in keys]


def many(count: int, prefix: str = "key") -> list[dict[str, str]]:
    return tags(*(f"{prefix}{number}" for number in range(count)))


def parameters(kind: str, store: KeyStore) -> dict[str, Any]:
    in_store = {"CustomKeyStoreId": store.id} if kind == "in a key store" else {}
    return {**KINDS[kind], **in_store}


@pytest.mark.parametrize("kind", KINDS)
def test_g10_what_is_refused_changes_nothing(kms: Any, store: KeyStore, kind: str) -> None:
    made = kms.create_key(**parameters(kind, store), Tags=many(2))["KeyMetadata"]["KeyId"]
    for wrong, error in (
        (tags("a", "b", "a"), ("TagException", "Duplicate tag keys")),
        (tags("a", "aws:b"), RESERVED),
        (tags("a", "AwS:b"), RESERVED),
        (many(49, "more"), ("TagException", "Too many tags")),
    ):
        assert error_of(kms.tag_resource, KeyId=made, Tags=wrong) == error
    assert kms.list_resource_tags(KeyId=made)["Tags"] == many(2)


@pytest.mark.parametrize("kind", KINDS)
def test_g10_a_key_with_wrong_tags_is_not_made(kms: Any, store: KeyStore, kind: str) -> None:
    handles = [list(hsm.keys) for hsm in store.cluster.hsms]
    for wrong, error in (
        (tags("a", "a"), ("TagException", "Duplicate tag keys")),
        (tags("aws:a"), RESERVED),
    ):
        assert error_of(kms.create_key, **parameters(kind, store), Tags=wrong) == error
    assert kms.list_keys()["Keys"] == []
    assert [list(hsm.keys) for hsm in store.cluster.hsms] == handles


def test_g10_fifty_tags_and_new_values_for_them(kms: Any) -> None:
    key_id = kms.create_key(Tags=many(50))["KeyMetadata"]["KeyId"]
    kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "key7", "TagValue": "another"}])
    listed = kms.list_resource_tags(KeyId=key_id)["Tags"]
    assert len(listed) == 50
    assert {"TagKey": "key7", "TagValue": "another"} in listed
    assert error_of(kms.tag_resource, KeyId=key_id, Tags=tags("one more"))[1] == "Too many tags"
    kms.untag_resource(KeyId=key_id, TagKeys=["key7", "none"])
    kms.tag_resource(KeyId=key_id, Tags=tags("one more"))


def test_g10_moto_s_other_services_tag_by_the_same_rules(kms: Any) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    backend = kms_backends["123456789012"]["us-east-1"]
    for shape in ({"a": "b"}, [{"TagKey": "c", "TagValue": "d"}]):
        backend.tag_resource(arn, shape)
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == [
        {"TagKey": "a", "TagValue": "b"},
        {"TagKey": "c", "TagValue": "d"},
    ]
    with pytest.raises(Exception, match="are reserved"):
        backend.tag_resource(arn, {"aws:x": "y"})
    with pytest.raises(Exception, match="does not exist"):
        backend.tag_resource("00000000-0000-4000-8000-000000000000", {"a": "b"})
    with pytest.raises(JsonRESTError) as unknown:
        backend.tag_resource("alias/none", {"a": "b"})
    assert unknown.value.message == "Invalid keyId 'alias/none'"


TAG = st.fixed_dictionaries(
    {
        "TagKey": st.sampled_from(["a", "b", "c", "aws:a", "Aws:b"]),
        "TagValue": st.sampled_from(["", "v", "w"]),
    }
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls=st.lists(st.lists(TAG, min_size=1, max_size=4), max_size=5))
def test_g10_tags_are_what_was_taken(calls: list[list[dict[str, str]]]) -> None:
    with mock_cks():
        kms = client("kms")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        expected: dict[str, str] = {}
        for given_tags in calls:
            keys = [tag["TagKey"] for tag in given_tags]
            request = {"KeyId": key_id, "Tags": given_tags}
            if len(set(keys)) < len(keys) or any(key.lower().startswith("aws:") for key in keys):
                assert error_of(kms.tag_resource, **request)[0] == "TagException"
            else:
                kms.tag_resource(**request)
                expected.update({tag["TagKey"]: tag["TagValue"] for tag in given_tags})
        listed = kms.list_resource_tags(KeyId=key_id)["Tags"]
        assert {tag["TagKey"]: tag["TagValue"] for tag in listed} == expected
