"""The log, and what is never in it; and the proxy as data."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from moto_cks.xks_proxy.log import MAX_ENTRIES, Log, LogEntry
from moto_cks.xks_proxy.proxy import MAX_REQUESTS, XksProxy, machine_time
from tests.xks_proxy.asking import (
    KEY,
    KMS_REQUEST_ID,
    METADATA,
    PLAINTEXT,
    content,
    decrypt,
    encrypt,
    health,
    key_metadata,
    signed,
    text,
)
from tests.xks_proxy.clock import Clock


def test_x56_what_is_in_an_entry(proxy: XksProxy, clock: Clock) -> None:
    with proxy.latency(0.1):
        encrypt(proxy)
    (entry,) = proxy.log
    assert (entry.time, entry.api, entry.external_key) == (clock.now, "Encrypt", KEY)
    assert (entry.status, entry.error, entry.outcome) == (200, None, "success")
    assert entry.metadata == METADATA
    assert entry.duration > 0.1
    assert (entry.path_prefix, entry.instance, entry.rule) == ("/example", "ekm-1", None)


def test_x56_an_entry_of_an_error_says_more_than_the_client_is_told(proxy: XksProxy) -> None:
    proxy.authorization.deny(principal="*")
    encrypt(proxy)
    health(proxy, service="kms")
    denied, unknown = proxy.log
    assert (denied.outcome, denied.rule) == ("AccessDeniedException", "deny principal=*")
    assert denied.metadata == METADATA
    assert (unknown.outcome, unknown.metadata) == ("AuthenticationFailedException", {})
    assert unknown.message == "The signature is for another service than kms-xks-proxy."


def test_x56_a_request_is_found_by_its_kms_request_id(proxy: XksProxy) -> None:
    encrypt(proxy)
    key_metadata(proxy)
    health(proxy, service="kms")
    found = proxy.log.find(KMS_REQUEST_ID)
    assert [each.api for each in found] == ["Encrypt", "GetKeyMetadata"]
    assert proxy.log.find("another") == []


def test_x56_what_has_no_path_of_the_proxy_is_logged_too(proxy: XksProxy) -> None:
    proxy.answer(signed(proxy, "/nothing", {}))
    proxy.answer(signed(proxy, "/health", {}, method="GET"))
    unknown, get = proxy.log[:]
    assert (unknown.api, unknown.outcome) == (None, "InvalidUriPathException")
    assert (get.status, get.outcome) == (405, "405")


def test_x56_no_plaintext_and_no_secret_is_in_it(proxy: XksProxy) -> None:
    decrypt(proxy, content(encrypt(proxy)))
    for broken in ({"plaintext": "!" + text(PLAINTEXT)}, {"encryptionAlgorithm": text(PLAINTEXT)}):
        encrypt(proxy, **broken)
    said = "".join(entry.to_json() + repr(entry) for entry in proxy.log)
    for hidden in (text(PLAINTEXT), repr(PLAINTEXT), proxy.credential.secret_access_key):
        assert hidden not in said
        assert hidden not in repr(proxy.requests)


def test_x56_a_line_of_json(proxy: XksProxy) -> None:
    encrypt(proxy)
    said = json.loads(proxy.log[0].to_json())
    assert said.pop("durationMs") > 0
    assert said == {
        "time": "2031-03-04T12:00:00.000+00:00",
        "api": "Encrypt",
        "externalKeyId": KEY,
        "outcome": "success",
        "status": 200,
        "pathPrefix": "/example",
        "instance": "ekm-1",
        "requestMetadata": METADATA,
    }


def test_x56_old_entries_and_requests_are_forgotten(proxy: XksProxy, clock: Clock) -> None:
    log = Log()
    for number in range(MAX_ENTRIES + 5):
        log.add(LogEntry(clock.now, status=number))
    assert len(log) == MAX_ENTRIES
    assert log[0].status == 5
    assert repr(log) == f"<Log of {MAX_ENTRIES}>"
    request = signed(proxy, "/nothing", {})
    for _ in range(MAX_REQUESTS + 5):
        proxy.answer(request)
    assert len(proxy.requests) == MAX_REQUESTS


def test_x56_somebody_may_listen(proxy: XksProxy) -> None:
    heard: list[LogEntry] = []
    proxy.log.listener = heard.append
    health(proxy)
    assert heard == list(proxy.log)


def test_x57_the_configuration_file(proxy: XksProxy) -> None:
    proxy.credentials.add()
    assert json.loads(proxy.configuration_file()) == {
        "XksProxyUriPath": "/example/kms/xks/v1",
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": proxy.credential.access_key_id,
            "RawSecretAccessKey": proxy.credential.secret_access_key,
        },
    }


@pytest.mark.parametrize("way", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_x72_a_proxy_is_data(way) -> None:  # type: ignore[no-untyped-def]
    proxy = XksProxy(clock=machine_time)
    proxy.authorization.deny(operation="None")
    proxy.defect("url-safe-base64")
    proxy.latency(0.1)
    proxy.require_client_certificate(ca=proxy.certificate.authority.certificate)
    encrypted = content(encrypt(proxy))
    proxy.serve()
    other: XksProxy = way(proxy)
    proxy.close()
    assert (other.endpoint, other.path, list(other.keys)) == (
        proxy.endpoint,
        proxy.path,
        list(proxy.keys),
    )
    assert other.settings() == proxy.settings()
    encrypted["authenticationTag"] += "=="
    assert (
        decrypt(
            other,
            encrypted,
        ).delay
        == 0.1
    )
    other.key(KEY).disable()
    assert proxy.key(KEY).enabled


def test_x73_a_copy_answers_the_same_and_leaves_no_trace(proxy: XksProxy) -> None:
    encrypted = content(encrypt(proxy))
    entries, requests = len(proxy.log), len(proxy.requests)
    twin = proxy.copied()
    assert (twin.endpoint, twin.path, twin.settings()) == (
        proxy.endpoint,
        proxy.path,
        proxy.settings(),
    )
    assert (len(twin.log), twin.requests) == (0, [])
    assert decrypt(twin, encrypted).status == 200
    twin.key(KEY).disable()
    with proxy.quota(1), pytest.raises(ValueError, match="already"):
        twin.create_key(KEY)
    assert proxy.key(KEY).enabled
    assert (len(proxy.log), len(proxy.requests)) == (entries, requests)
