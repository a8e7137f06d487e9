"""Who may ask: signatures of botocore and curl, and those that are not right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.xks_proxy.credentials import Credential
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.signature import authorization, signature
from moto_cks.xks_proxy.wire import Request
from tests.xks_proxy.asking import HEALTH, error_of, health, signed
from tests.xks_proxy.clock import Clock

FAILED = "AuthenticationFailedException"


def changed(request: Request, header: str, value: str | None) -> Request:
    """A request with another header; ``None`` takes it away."""
    others = tuple(pair for pair in request.headers if pair[0] != header)
    return replace(request, headers=others if value is None else (*others, (header, value)))


def test_x49_2_the_signature_that_aws_has_published() -> None:
    # post-vanilla of AWS's Signature Version 4 test suite.
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    said = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    )
    request = Request("POST", "/", (*headers.items(), ("authorization", said)))
    read = authorization(request)
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    assert signature(request, read, headers, secret) == read.signature


def test_x49_2_a_signature_of_botocore_is_right(proxy: XksProxy) -> None:
    assert health(proxy).status == 200


def test_x49_2_other_headers_may_be_signed_too(proxy: XksProxy) -> None:
    headers = {"Content-Type": "application/json", "X-Other": "  two   words "}
    request = signed(proxy, "/health", HEALTH, headers=headers)
    assert "content-type;host;x-amz-date;x-other" in (request.header("authorization") or "")
    assert proxy.answer(request).status == 200
    assert error_of(proxy.answer(changed(request, "x-other", "three words"))) == FAILED


@pytest.mark.parametrize("missing", ["host", "x-amz-date", "authorization"])
def test_x49_2_what_is_signed_has_to_be_there(proxy: XksProxy, missing: str) -> None:
    request = changed(signed(proxy, "/health", HEALTH), missing, None)
    assert error_of(proxy.answer(request)) == FAILED


@pytest.mark.parametrize("header", ["host", "x-amz-date"])
def test_x49_2_host_and_date_have_to_be_signed(proxy: XksProxy, header: str) -> None:
    request = signed(proxy, "/health", HEALTH)
    said = request.header("authorization") or ""
    left = "SignedHeaders=x-amz-date" if header == "host" else "SignedHeaders=host"
    request = changed(request, "authorization", said.replace("SignedHeaders=host;x-amz-date", left))
    assert error_of(proxy.answer(request)) == FAILED
    assert f"does not cover {header}" in (proxy.log[-1].message or "")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"service": "kms"}, "another service"),
        ({"region": "nowhere"}, "names no Region"),
        ({"region": "US-EAST-1"}, "names no Region"),
    ],
)
def test_x49_2_another_service_and_no_region(
    proxy: XksProxy, settings: dict[str, str], reason: str
) -> None:
    assert error_of(health(proxy, **settings)) == FAILED
    assert reason in (proxy.log[-1].message or "")


def test_x49_2_the_region_that_is_set_has_to_be_signed() -> None:
    proxy = XksProxy(region="eu-west-1")
    assert health(proxy, region="eu-west-1").status == 200
    assert error_of(health(proxy, region="us-east-1")) == FAILED


def test_x49_2_without_one_any_region_is_right(proxy: XksProxy) -> None:
    for region in ("us-east-1", "eu-west-1", "us-gov-west-1", "ap-southeast-4"):
        assert health(proxy, region=region).status == 200


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 200), (300, 200), (-300, 200), (301, 401), (-301, 401)]
)
def test_x49_2_a_date_is_at_most_five_minutes_off(
    proxy: XksProxy, clock: Clock, seconds: int, status: int
) -> None:
    assert health(proxy, now=clock.now + timedelta(seconds=seconds)).status == status


def test_x49_2_a_request_of_yesterday_cannot_be_sent_again(proxy: XksProxy, clock: Clock) -> None:
    request = signed(proxy, "/health", HEALTH)
    assert proxy.answer(request).status == 200
    clock.advance(days=1)
    assert error_of(proxy.answer(request)) == FAILED
    assert "off this proxy's clock" in (proxy.log[-1].message or "")


@pytest.mark.parametrize("date", ["", "now", "20310304", "20310304T250000Z", "20310305T120000Z"])
def test_x49_2_a_date_that_is_none_or_of_another_day(proxy: XksProxy, date: str) -> None:
    request = changed(signed(proxy, "/health", HEALTH), "x-amz-date", date)
    assert error_of(proxy.answer(request)) == FAILED


def test_x49_2_another_body_path_or_host(proxy: XksProxy) -> None:
    request = signed(proxy, "/health", HEALTH)
    for wrong in (
        replace(request, body=request.body + b" "),
        replace(request, target=f"{proxy.path}/keys/external-key-1/metadata"),
        changed(request, "host", "other.example.com"),
    ):
        assert error_of(proxy.answer(wrong)) == FAILED


def test_x49_2_a_hash_that_the_client_sends_is_not_believed(proxy: XksProxy) -> None:
    request = signed(proxy, "/health", HEALTH, headers={"X-Amz-Content-SHA256": "0" * 64})
    assert error_of(proxy.answer(request)) == FAILED


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Basic dXNlcjpwYXNzd29yZA==",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=",
        "AWS4-HMAC-SHA256 Credential=A/20310304/us-east-1/kms-xks-proxy/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={'A' * 64}",
    ],
)
def test_x49_2_no_signature_of_version_4(proxy: XksProxy, said: str) -> None:
    request = changed(signed(proxy, "/health", HEALTH), "authorization", said)
    assert error_of(proxy.answer(request)) == FAILED


def test_x49_2_two_authorization_headers(proxy: XksProxy) -> None:
    request = signed(proxy, "/health", HEALTH)
    twice = replace(
        request,
        headers=(*request.headers, ("authorization", request.header("authorization") or "")),
    )
    assert error_of(proxy.answer(twice)) == FAILED


@given(st.text(max_size=200))
def test_x49_2_any_authorization_header_is_refused(said: str) -> None:
    request = changed(signed(SHARED, "/health", HEALTH), "authorization", said)
    assert error_of(SHARED.answer(request)) == FAILED


SHARED = XksProxy()


def test_x49_2_an_unknown_access_key_id_and_another_secret(proxy: XksProxy) -> None:
    other = Credential.generate()
    assert error_of(health(proxy, credential=other)) == FAILED
    mixed = Credential(proxy.credential.access_key_id, other.secret_access_key)
    assert error_of(health(proxy, credential=mixed)) == FAILED


def test_x49_2_the_client_is_not_told_why(proxy: XksProxy) -> None:
    said = {
        health(proxy, service="kms").body,
        health(proxy, credential=Credential.generate()).body,
    }
    assert len(said) == 1


def test_x49_3_two_credentials_are_valid_at_once(proxy: XksProxy) -> None:
    old = proxy.credential
    new = proxy.credentials.add()
    assert proxy.credential is new
    for each in (old, new):
        assert health(proxy, credential=each).status == 200
    proxy.credentials.remove(old.access_key_id)
    assert error_of(health(proxy, credential=old)) == FAILED
    assert health(proxy, credential=new).status == 200


def test_x49_3_rotated_at_once_the_old_one_is_refused(proxy: XksProxy) -> None:
    old = [proxy.credential, proxy.credentials.add()]
    new = proxy.credentials.rotate()
    assert list(proxy.credentials) == [new]
    assert [error_of(health(proxy, credential=each)) for each in old] == [FAILED, FAILED]
    assert health(proxy, credential=new).status == 200


def test_x49_3_without_any_nobody_may_ask(proxy: XksProxy) -> None:
    old = proxy.credential
    proxy.credentials.remove(old.access_key_id)
    assert error_of(health(proxy, credential=old)) == FAILED
    with pytest.raises(ValueError, match="No credential is valid"):
        _ = proxy.credential
    with pytest.raises(ValueError, match="No credential is valid"):
        proxy.configuration_file()
