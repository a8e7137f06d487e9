"""A proxy from a JSON file, and what is said of a file that cannot be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moto_cks.xks_proxy.configuration import configured
from tests.xks_proxy.asking import content, encrypt, error_of, health, key_metadata

ID, SECRET = "BETWEEN2TENAND3TENCHARACTERS", "PleaseReplaceThisWithSomeSecretOfLength43To64"
CREDENTIAL = {"access_key_id": ID, "secret_access_key": SECRET}
WHOLE = {
    "path_prefix": "/team",
    "region": "eu-west-1",
    "credentials": [CREDENTIAL, {"access_key_id": "A" * 20, "secret_access_key": "s" * 43}],
    "keys": [
        {"id": "foo"},
        {"id": "bar", "spec": "RSA_2048", "usage": ["SIGN"], "enabled": False},
    ],
}


def test_x55_all_that_a_file_can_say() -> None:
    proxy = configured(json.dumps(WHOLE), "xks.example.com")
    assert (proxy.host, proxy.path) == ("xks.example.com", "/team/kms/xks/v1")
    assert [each.access_key_id for each in proxy.credentials] == [ID, "A" * 20]
    assert proxy.credentials[0].secret_access_key == SECRET
    assert error_of(health(proxy)) == "AuthenticationFailedException"
    assert health(proxy, region="eu-west-1").status == 200
    assert content(key_metadata(proxy, "bar", region="eu-west-1")) == {
        "keySpec": "RSA_2048",
        "keyUsage": ["SIGN"],
        "keyStatus": "DISABLED",
    }
    assert proxy.key("foo").usage == ("ENCRYPT", "DECRYPT")


def test_x55_all_can_be_left_out() -> None:
    proxy = configured("{}", "xks.example.com")
    assert (proxy.path, list(proxy.keys)) == ("/example/kms/xks/v1", ["external-key-1"])
    assert len(proxy.credentials) == 1
    assert encrypt(proxy).status == 200


def test_x55_no_keys_are_none() -> None:
    assert list(configured('{"keys": []}', "xks.example.com").keys) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"keyz": []}, r"There is no member 'keyz'; there are path_prefix, region, credentials"),
        ({"keys": {}}, r"'keys' is not a list"),
        ({"region": None}, r"'region' is not a string"),
        ({"path_prefix": "none"}, r"path_prefix: A path prefix is empty, or steps"),
        ({"keys": [1]}, r"keys\[0\]: It is no JSON object"),
        ({"keys": [{"id": "a"}, {}]}, r"keys\[1\]: 'id' is missing"),
        ({"keys": [{"id": 1}]}, r"keys\[0\]: 'id' is not a string"),
        ({"keys": [{"id": "a", "size": 1}]}, r"keys\[0\]: There is no member 'size'; there are id"),
        ({"keys": [{"id": "a"}, {"id": "a"}]}, r"keys\[1\]: There is an external key 'a' already"),
        ({"keys": [{"id": "a", "spec": "AES"}]}, r"keys\[0\]: 'AES' is no key spec"),
        ({"keys": [{"id": "a", "usage": [1]}]}, r"keys\[0\]: 1 is no key usage"),
        ({"keys": [{"id": "a", "enabled": 1}]}, r"keys\[0\]: 'enabled' is not true or false"),
        ({"credentials": [{"access_key_id": ID}]}, r"\[0\]: 'secret_access_key' is missing"),
        ({"credentials": [{**CREDENTIAL, "access_key_id": "a"}]}, r"\[0\]: An access key ID has"),
        ({"credentials": [CREDENTIAL, CREDENTIAL]}, r"credentials\[1\]: There is a credential"),
    ],
)
def test_x55_a_file_that_cannot_be(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        configured(json.dumps({**WHOLE, **changes}), "xks.example.com")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", "[" * 100_000])
def test_x55_what_is_no_json_object(text: str) -> None:
    with pytest.raises(ValueError, match="It is no"):
        configured(text, "xks.example.com")
