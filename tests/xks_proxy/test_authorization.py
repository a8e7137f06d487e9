"""Authorization rules, quotas and path prefixes: what a client may ask, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.xks_proxy.authorization import Rule
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.quota import Quota
from moto_cks.xks_proxy.wire import Answer
from tests.xks_proxy.asking import (
    ENCRYPT,
    HEALTH,
    KEY,
    METADATA,
    content,
    decrypt,
    encrypt,
    error_of,
    health,
    key_metadata,
    signed,
)
from tests.xks_proxy.clock import Clock

DENIED = "AccessDeniedException"

MATCHING: list[dict[str, str]] = [
    {},
    {"principal": "*"},
    {"principal": "arn:aws:iam::123456789012:user/*"},
    {"principal": "arn:aws:iam::123456789012:user/Alice"},
    {"operation": "Encrypt"},
    {"key_arn": "arn:aws:kms:us-east-2:*"},
    {"service": "ebs"},
    {"external_key": "external-*"},
    {"principal": "*:user/Alice", "operation": "En*", "external_key": KEY, "service": "e*s"},
]
OTHER: list[dict[str, str]] = [
    {"principal": "arn:aws:iam::123456789012:user/Bob"},
    {"principal": "alice"},
    {"operation": "encrypt"},
    {"operation": "Decrypt"},
    {"key_arn": "arn:aws:kms:eu-west-1:*"},
    {"service": "s3"},
    {"external_key": "external"},
    {"principal": "*", "operation": "Decrypt"},
]


def ask(proxy: XksProxy, **metadata: Any) -> Answer:
    body = {**ENCRYPT, "requestMetadata": {**METADATA, "kmsViaService": "ebs", **metadata}}
    return proxy.answer(signed(proxy, f"/keys/{KEY}/encrypt", body))


@pytest.mark.parametrize("conditions", MATCHING)
def test_x54_what_matches(proxy: XksProxy, conditions: dict[str, str]) -> None:
    proxy.authorization.allow(**conditions)
    assert ask(proxy).status == 200
    rule = proxy.authorization.deny(**conditions)
    assert error_of(ask(proxy)) == DENIED
    assert proxy.log[-1].rule == str(rule)
    proxy.authorization.remove(rule)
    assert ask(proxy).status == 200


@pytest.mark.parametrize("conditions", OTHER)
def test_x54_what_does_not(proxy: XksProxy, conditions: dict[str, str]) -> None:
    proxy.authorization.deny(**conditions)
    assert ask(proxy).status == 200
    assert proxy.log[-1].rule is None
    proxy.authorization.allow(**conditions)
    assert error_of(ask(proxy)) == DENIED
    assert proxy.log[-1].rule == "no rule allows it"
    proxy.authorization.clear()
    assert ask(proxy).status == 200


def test_x54_a_member_that_is_not_there_matches_nothing(proxy: XksProxy) -> None:
    proxy.authorization.deny(service="*")
    assert ask(proxy, kmsViaService=None).status == 200
    assert ask(proxy, kmsViaService=["ebs"]).status == 200
    assert error_of(ask(proxy)) == DENIED


def test_x54_one_that_denies_decides(proxy: XksProxy) -> None:
    proxy.authorization.deny(operation="Encrypt")
    proxy.authorization.allow()
    assert [str(rule) for rule in proxy.authorization.rules] == [
        "deny operation=Encrypt",
        "allow everything",
    ]
    assert error_of(ask(proxy)) == DENIED
    assert key_metadata(proxy).status == 403  # kmsOperation is Encrypt there, too
    assert health(proxy).status == 200


def test_x54_what_is_no_rule(proxy: XksProxy) -> None:
    rules = proxy.authorization
    with pytest.raises(ValueError, match="there are principal, operation, key_arn, service"):
        rules.allow(account="1")
    with pytest.raises(ValueError, match="is a string"):
        rules.deny(principal=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="There is no rule 'deny everything'"):
        rules.remove(Rule(False))
    assert rules.rules == ()
    assert "Authorization" in repr(rules)


@given(st.text(alphabet="ab*.[]?\\\n", max_size=8), st.text(alphabet="ab.[]?\\\n", max_size=8))
def test_x54_only_the_star_is_special(pattern: str, value: str) -> None:
    matches = Rule(False, principal=pattern).matches({"awsPrincipalArn": value}, None)
    if "*" not in pattern:
        assert matches == (pattern == value)
    if matches:
        first, *_, last = [*pattern.split("*"), ""] if "*" not in pattern else pattern.split("*")
        assert value.startswith(first)
        assert value.endswith(last)


# Quotas -------------------------------------------------------------------------------------------


def test_x58_a_quota_is_of_any_second(proxy: XksProxy, clock: Clock) -> None:
    with proxy.quota(2):
        assert [health(proxy).status for _ in range(3)] == [200, 200, 429]
        clock.advance(seconds=0.999)
        assert error_of(health(proxy)) == "ThrottlingException"
        clock.advance(seconds=0.001)
        assert [health(proxy).status for _ in range(3)] == [200, 200, 429]
    assert health(proxy).status == 200


def test_x58_a_request_that_is_refused_before_does_not_count(proxy: XksProxy) -> None:
    with proxy.quota(1):
        assert health(proxy, service="kms").status == 401
        assert error_of(key_metadata(proxy, "none")) == "KeyNotFoundException"
        assert health(proxy).status == 429


@given(st.lists(st.floats(0, 0.5), max_size=30), st.integers(1, 5))
def test_x58_never_more_than_the_quota_in_a_second(steps: list[float], most: int) -> None:
    clock, quota, passed = Clock(), Quota(most), []
    for step in steps:
        clock.advance(seconds=step)
        if quota.passes(clock.now):
            passed.append(clock.now)
    for moment in passed:
        assert sum(0 <= (moment - each).total_seconds() < 1 for each in passed) <= most


# Path prefixes ------------------------------------------------------------------------------------


def test_x55_a_client_of_one_prefix_cannot_use_another_s(proxy: XksProxy) -> None:
    other = proxy.add_prefix("/other", keys=(KEY,))
    assert (other.path, repr(other)) == ("/other/kms/xks/v1", "<PathPrefix '/other'>")
    assert list(proxy.prefixes) == ["/example", "/other"]
    for prefix, by in ((other, proxy.credential), (proxy.main, other.credential)):
        refused = proxy.answer(signed(proxy, "/health", HEALTH, prefix=prefix, credential=by))
        assert error_of(refused) == "AuthenticationFailedException"
    assert health(proxy, prefix=other).status == 200
    assert proxy.log[-1].path_prefix == "/other"


def test_x55_each_has_its_own_keys_rules_quota_and_region(proxy: XksProxy) -> None:
    other = proxy.add_prefix("/other", region="eu-west-1", keys=("only-there",))
    other.authorization.deny(operation="Encrypt")
    path = "/keys/only-there/metadata"
    body = {"requestMetadata": {**METADATA, "kmsOperation": "CreateKey"}}
    there = {"prefix": other, "region": "eu-west-1"}
    assert proxy.answer(signed(proxy, path, body, **there)).status == 200
    assert error_of(proxy.answer(signed(proxy, path, body))) == "KeyNotFoundException"
    assert error_of(health(proxy, prefix=other)) == "AuthenticationFailedException"
    with other.quota(1):
        assert health(proxy, **there).status == 200
        assert health(proxy, **there).status == 429
        assert encrypt(proxy).status == 200


def test_x55_the_same_key_id_is_another_key(proxy: XksProxy) -> None:
    other = proxy.add_prefix("/other", keys=(KEY,))
    encrypted = content(proxy.answer(signed(proxy, f"/keys/{KEY}/encrypt", ENCRYPT, prefix=other)))
    assert error_of(decrypt(proxy, encrypted)) == "InvalidCiphertextException"


def test_x58_a_prefix_that_moves_and_comes_back(proxy: XksProxy) -> None:
    old = signed(proxy, "/health", HEALTH)
    with proxy.move("/moved"):
        assert proxy.path == "/moved/kms/xks/v1"
        assert error_of(proxy.answer(old)) == "InvalidUriPathException"
        assert health(proxy).status == 200
    assert proxy.answer(old).status == 200


def test_x55_no_prefix_is_one_too() -> None:
    proxy = XksProxy(path_prefix="")
    assert proxy.path == "/kms/xks/v1"
    assert health(proxy).status == 200


def test_x2_the_longest_prefix_makes_a_path_of_128_characters() -> None:
    longest = "/" + "p" * 116
    proxy = XksProxy(path_prefix=longest)
    assert len(proxy.path) == 128
    assert health(proxy).status == 200
    with pytest.raises(ValueError, match="at most 117 characters"):
        XksProxy(path_prefix=longest + "p")


@pytest.mark.parametrize("prefix", ["/", "a", "/a/", "//a", "/a b", "/a?b", "/ä", "/a\n"])
def test_x55_what_is_no_prefix(proxy: XksProxy, prefix: str) -> None:
    for make in (lambda: XksProxy(path_prefix=prefix), lambda: proxy.add_prefix(prefix)):
        with pytest.raises(ValueError, match="A path prefix is empty, or steps"):
            make()
    assert list(proxy.prefixes) == ["/example"]


def test_x55_a_prefix_is_there_once(proxy: XksProxy) -> None:
    with pytest.raises(ValueError, match="There is a path prefix '/example' already"):
        proxy.add_prefix("/example")


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a:443", ".", "a..b", "h" * 64, "https://a"])
def test_x2_what_is_no_host(host: str) -> None:
    with pytest.raises(ValueError, match="A host is a name"):
        XksProxy(host)
