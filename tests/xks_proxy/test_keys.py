"""External keys, and what a handle on them refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moto_cks.xks_proxy.keys import SPECS, USAGES
from moto_cks.xks_proxy.proxy import XksProxy
from tests.xks_proxy.asking import KEY, content, decrypt, encrypt, error_of, key_metadata


def test_x58_a_key_is_made_and_found(proxy: XksProxy) -> None:
    made = proxy.create_key("made", usage=["ENCRYPT", "DECRYPT", "SIGN"])
    assert proxy.key("made") is made
    assert (made.id, made.spec, made.enabled, made.versions) == ("made", "AES_256", True, (1,))
    assert made.usage == ("ENCRYPT", "DECRYPT", "SIGN")
    assert list(proxy.keys) == [KEY, "made"]
    assert "made" in proxy.keys
    assert len(proxy.keys) == 2
    assert repr(made) == "<ExternalKey 'made' AES_256 enabled>"
    assert encrypt(proxy, key="made").status == 200


def test_x58_without_an_id_it_gets_the_next_free_one(proxy: XksProxy) -> None:
    assert proxy.create_key().id == "external-key-2"
    proxy.key(KEY).delete()
    assert proxy.create_key().id == KEY


def test_x58_given_material_is_the_same_key_again() -> None:
    first, second = XksProxy(keys=()), XksProxy(keys=())
    for each in (first, second):
        each.create_key("k", material=bytes(range(32)))
    assert decrypt(second, content(encrypt(first, key="k")), key="k").status == 200


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"key_id": ""}, "1 to 128 letters"),
        ({"key_id": "k" * 129}, "1 to 128 letters"),
        ({"key_id": "a/b"}, "1 to 128 letters"),
        ({"key_id": "a b"}, "1 to 128 letters"),
        ({"key_id": "k\n"}, "1 to 128 letters"),
        ({"key_id": ".."}, "not only dots"),
        ({"key_id": KEY}, f"There is an external key '{KEY}' already"),
        ({"key_id": "k", "spec": "AES_512"}, "there are AES_128, AES_192, AES_256"),
        ({"key_id": "k", "usage": ["READ"]}, "there are ENCRYPT, DECRYPT, SIGN"),
        ({"key_id": "k", "usage": "encrypt"}, "'encrypt' is no key usage"),
        ({"key_id": "k", "usage": ["SIGN"] * 11}, "at most 10 usages"),
        ({"key_id": "k", "material": bytes(31)}, "32 bytes, not 31"),
        ({"key_id": "k", "material": b""}, "32 bytes, not 0"),
    ],
)
def test_x58_what_cannot_be_made(proxy: XksProxy, settings: dict, reason: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=reason):
        proxy.create_key(**settings)
    assert list(proxy.keys) == [KEY]


def test_x58_one_usage_needs_no_list(proxy: XksProxy) -> None:
    assert proxy.create_key("one", usage="ENCRYPT").usage == ("ENCRYPT",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda key: setattr(key, "spec", "AES"), "is no key spec"),
        (lambda key: setattr(key, "usage", ["DERIVED"]), "is no key usage"),
        (lambda key: key.forget_version(1), "none of the old ones"),
        (lambda key: key.forget_version(7), "none of the old ones"),
    ],
)
def test_x58_what_cannot_be_changed(
    proxy: XksProxy, change: Callable[[object], object], reason: str
) -> None:
    before = content(key_metadata(proxy))
    with pytest.raises(ValueError, match=reason):
        change(proxy.key(KEY))
    assert content(key_metadata(proxy)) == before


def test_x58_a_deleted_key_cannot_be_deleted_again(proxy: XksProxy) -> None:
    key = proxy.key(KEY)
    key.delete()
    assert error_of(encrypt(proxy)) == "KeyNotFoundException"
    with pytest.raises(ValueError, match="has been deleted"):
        key.delete()
    with pytest.raises(ValueError, match="There is no external key 'external-key-1'"):
        proxy.key(KEY)


def test_x22_a_key_can_have_two_ids(proxy: XksProxy) -> None:
    proxy.keys.alias("second", of=KEY)
    assert decrypt(proxy, content(encrypt(proxy)), key="second").status == 200
    for new, of, reason in (("second", KEY, "already"), ("third", "none", "There is no external")):
        with pytest.raises(ValueError, match=reason):
            proxy.keys.alias(new, of)
    proxy.key("second").delete()
    assert list(proxy.keys) == []


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "AES_256"])
def test_x58_only_aes_256_encrypts(proxy: XksProxy, spec: str) -> None:
    proxy.create_key("other", spec=spec, usage=USAGES)
    assert error_of(encrypt(proxy, key="other")) == "InvalidKeyUsageException"
    assert content(key_metadata(proxy, "other"))["keySpec"] == spec


def test_x58_what_was_taken_away_is_given_back(proxy: XksProxy) -> None:
    key, encrypted = proxy.key(KEY), content(encrypt(proxy))
    key.usage = ["DECRYPT"]
    assert error_of(encrypt(proxy)) == "InvalidKeyUsageException"
    assert decrypt(proxy, encrypted).status == 200
    key.usage = ["ENCRYPT", "DECRYPT"]
    key.disable()
    key.disable()
    assert error_of(decrypt(proxy, encrypted)) == "InvalidStateException"
    key.enable()
    assert decrypt(proxy, encrypted).status == 200
    assert encrypt(proxy).status == 200


@pytest.mark.parametrize(
    ("instances", "reason"),
    [((), "not 0"), (("a", "a"), "'a' already"), (tuple("abcdefghijk"), "at most 10")],
)
def test_x47_5_one_to_ten_instances(instances: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        XksProxy(instances=instances)


def test_x47_5_instances_are_a_sequence(proxy: XksProxy) -> None:
    proxy.instances.add("second")
    assert [each.id for each in proxy.instances[:]] == ["ekm-1", "second"]
    assert repr(proxy.instances) == "[<Instance 'ekm-1' ACTIVE>, <Instance 'second' ACTIVE>]"
    assert "ekm-1" in repr(proxy.manager)
