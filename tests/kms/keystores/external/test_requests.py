"""What KMS sends, how it is signed, how long it waits, and which connections it keeps."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from moto_cks.kms.keystores.external.credential import Credential
from moto_cks.kms.keystores.external.signing import signed_headers
from moto_cks.world import clock
from moto_cks.xks_proxy.wire import Request
from tests.aws import error_of
from tests.kms.keystores.external import SECRET, TEXT, Owner, creation, credential
from tests.kms.keystores.external.scripted import CARRIERS, Reply, ScriptedProxy, in_memory
from tests.strictness import in_silence

TIMEOUT = "AWS KMS rejected the request because the external key store proxy did not respond"
UNREACHABLE = "AWS KMS cannot communicate with the external key store proxy"


def test_x39_the_request(owner: Owner) -> None:
    owner.encrypt()
    request = owner.proxy.requests[-1]
    assert (request.method, request.target) == (
        "POST",
        "/example/kms/xks/v1/keys/external-key-1/encrypt",
    )
    assert request.header("content-type") == "application/json"
    assert request.header("content-length") == str(len(request.body))
    assert [name for name, _ in request.headers] == [
        "host",
        "x-amz-date",
        "authorization",
        "content-type",
        "content-length",
    ]
    body = json.loads(request.body)
    assert set(body) == {
        "requestMetadata",
        "additionalAuthenticatedData",
        "plaintext",
        "encryptionAlgorithm",
    }
    assert body["encryptionAlgorithm"] == "AES_GCM"
    targets = {each.target.removeprefix("/example/kms/xks/v1") for each in owner.proxy.requests}
    assert targets == {"/health", *(f"/keys/external-key-1/{x}" for x in ("encrypt", "metadata"))}


def test_x40_1_the_signature(owner: Owner) -> None:
    owner.encrypt()
    request = owner.proxy.requests[-1]
    access_key_id = owner.proxy.credential.access_key_id
    assert re.fullmatch(
        rf"AWS4-HMAC-SHA256 Credential={access_key_id}/\d{{8}}/us-east-1/kms-xks-proxy/"
        r"aws4_request, SignedHeaders=host;x-amz-date, Signature=[0-9a-f]{64}",
        request.header("authorization") or "",
    )
    assert request.header("host") == "xks.example.com"


def test_x40_1_botocore_signs_the_same() -> None:
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    credential, now = Credential("A" * 20, SECRET), clock.now()
    for path in ("/kms/xks/v1/health", "/a//b/kms/xks/v1/keys/.-_x/encrypt", "/k/keys/../metadata"):
        ours = signed_headers("xks.example.com", path, b"{}", credential, "eu-west-1", now)
        request = AWSRequest(
            "POST",
            f"https://xks.example.com{path}",
            {"Host": "xks.example.com", "X-Amz-Date": ours["X-Amz-Date"]},
            b"{}",
        )
        request.context["timestamp"] = ours["X-Amz-Date"]
        signer = SigV4Auth(Credentials("A" * 20, SECRET), "kms-xks-proxy", "eu-west-1")
        string = signer.string_to_sign(request, signer.canonical_request(request))
        assert ours["Authorization"].endswith(signer.signature(string, request))


def test_x40_1_the_region_is_that_of_kms(world: Any) -> None:
    proxy = world.xks_proxy(region="eu-west-1")
    with pytest.raises(Exception, match="could not authenticate AWS KMS"):
        world.create_external_key_store(proxy=proxy)
    store = world.create_external_key_store(proxy=proxy, region="eu-west-1")
    assert Owner(store).works()


def test_x69_the_date_is_that_of_the_simulated_clock(owner: Owner, world: Any) -> None:
    world.clock.advance(days=60)
    assert owner.works()
    date = owner.proxy.requests[-1].header("x-amz-date")
    assert date == f"{world.clock.now():%Y%m%dT%H%M%SZ}" or date is not None
    assert (date or "")[:8] == f"{world.clock.now():%Y%m%d}"
    world.clock.advance(days=31)  # the certificate's 90 days are over
    assert "cannot establish a TLS connection" in owner.why_not()
    assert owner.state() == ("CONNECTED", None)
    owner.proxy.certificate.renew()
    assert owner.works()


# How long it waits --------------------------------------------------------------------------------


def test_x43_1_a_quarter_of_a_second(owner: Owner, world: Any) -> None:
    with owner.proxy.latency(0.25):
        assert owner.works()
    with owner.proxy.latency(0.26, api="Encrypt"):
        assert owner.why_not().startswith(TIMEOUT)
        assert owner.decrypt() == TEXT
    assert "Encrypt of external-key-1: no whole answer in time (250 ms," in str(world.timeline)
    assert owner.works()


class Hesitating(ScriptedProxy):
    """A proxy that says nothing on its first connections, not even what a handshake needs."""

    silent = 1

    def connect(self) -> Any:
        connection = super().connect()
        if self.connections <= self.silent:
            connection.feed = self.nothing  # type: ignore[method-assign]
        return connection

    @staticmethod
    def nothing(data: bytes) -> bytes:
        return b""


def test_x43_2_x73_no_handshake_in_time_is_tried_once_more(owner: Owner, world: Any) -> None:
    owner.disconnect()
    script = Hesitating(owner.proxy)
    with in_memory(owner.proxy.host, script):
        assert owner.connect() == ("CONNECTED", None)
        assert script.connections == 2
        owner.disconnect()
        script.connections, script.silent = 0, 9
        assert owner.connect() == ("FAILED", "XKS_PROXY_TIMED_OUT")
        assert script.connections == 2
    answered, failed = [entry.what for entry in world.timeline.entries(kind="proxy")][-2:]
    assert "answered (250 ms, 2 attempts, kmsRequestId" in answered
    assert "no whole answer in time (500 ms, 2 attempts, kmsRequestId" in failed


def test_x43_2_no_answer_to_a_request_is_not_tried_again(
    owner: Owner, script: ScriptedProxy, world: Any
) -> None:
    asked: list[Request] = []

    def silent(request: Request) -> Reply:
        asked.append(request)
        return Reply(b"")

    script.replies = {"Encrypt": silent}
    assert owner.why_not().startswith(TIMEOUT)
    assert len(asked) == 1


def test_x43_1_handshake_and_answer_share_the_time(owner: Owner) -> None:
    owner.disconnect()
    with owner.proxy.latency(0.2, api="handshake"), owner.proxy.latency(0.1):
        assert owner.connect() == ("FAILED", "XKS_PROXY_TIMED_OUT")


# Connections --------------------------------------------------------------------------------------


def test_x44_connections_are_kept(owner: Owner, script: ScriptedProxy) -> None:
    for _ in range(5):
        assert owner.works()
    assert script.connections == 1


def test_x44_one_store_s_are_not_another_s(owner: Owner, script: ScriptedProxy, world: Any) -> None:
    owner.works()
    other = script.proxy.add_prefix("/other")
    parameters = creation(
        owner.proxy,
        "other",
        XksProxyUriPath=other.path,
        XksProxyAuthenticationCredential=credential(other),
    )
    store_id = owner.kms.create_custom_key_store(**parameters)["CustomKeyStoreId"]
    before = script.connections
    owner.works()
    assert script.connections == before
    owner.kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    assert script.connections == before + 1


def test_x44_disconnecting_closes_them(owner: Owner, script: ScriptedProxy) -> None:
    owner.works()
    owner.reconnect()
    owner.works()
    assert script.connections == 2


@pytest.mark.parametrize("carrier", CARRIERS)
def test_x43_3_a_kept_connection_that_was_closed(owner: Owner, carrier: str) -> None:
    script = ScriptedProxy(owner.proxy)

    def last(request: Request) -> Reply:
        return Reply(script.proxy.answer(request).to_bytes(), "close")

    script.replies = {"*": last}
    with CARRIERS[carrier](owner.proxy.host, script):
        for _ in range(3):
            assert owner.works()
    assert script.connections >= 6


def test_x43_3_one_that_goes_with_the_question(owner: Owner, script: ScriptedProxy) -> None:
    """Closed while the request was on its way: asked again on a new one, and only then given up."""
    cuts = [Reply(b"", "cut"), Reply(b"", "cut"), Reply(b"", "cut")]

    def cut_once(request: Request) -> Reply:
        return cuts.pop() if cuts else Reply(script.proxy.answer(request).to_bytes())

    assert owner.works()
    script.replies = {"Encrypt": cut_once}
    del cuts[1:]
    assert owner.decrypt(owner.encrypt()) == TEXT
    cuts += [Reply(b"", "cut"), Reply(b"", "cut")]
    assert owner.why_not().startswith(UNREACHABLE)


@pytest.mark.parametrize(("then", "message"), [(0.04, None), (0.1, TIMEOUT)])
def test_x43_1_x43_3_both_connections_share_the_time(
    owner: Owner, script: ScriptedProxy, world: Any, then: float, message: str | None
) -> None:
    """A proxy that ends a kept connection late does not get the time twice."""

    def cut_late(request: Request) -> Reply:
        script.replies["Encrypt"] = answer_late
        return Reply(b"", "cut", 0.2)

    def answer_late(request: Request) -> Reply:
        return Reply(script.proxy.answer(request).to_bytes(), seconds=then)

    assert owner.works()
    script.replies = {"Encrypt": cut_late}
    if message is None:
        assert owner.encrypt()
    else:
        assert owner.why_not().startswith(message)
    (entry,) = world.timeline.entries(kind="proxy")[-1:]
    assert f"({240 if message is None else 250} ms, " in entry.what


def test_x44_a_proxy_that_was_restarted(owner: Owner) -> None:
    owner.works()
    owner.proxy.stop()
    owner.proxy.start()
    assert owner.works()
    owner.proxy.certificate.renew()
    assert owner.works()


def test_x67_nothing_else_is_contacted(
    kms: Any, proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket  # noqa: PLC0415

    def caught(*_: Any, **__: Any) -> Any:
        raise AssertionError("A name was looked up, or a connection opened")

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, caught)
    monkeypatch.setattr(socket.socket, "connect", caught)
    for endpoint in ("https://localhost", "https://kms.amazonaws.com", "https://127.0.0.1"):
        code, message = error_of(
            kms.create_custom_key_store, **creation(proxy, XksProxyUriEndpoint=endpoint)
        )
        assert (code, message.startswith(UNREACHABLE)) == ("XksProxyUriUnreachableException", True)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_x71_nothing_is_left_open(carrier: str) -> None:
    """A socket that is left is a ResourceWarning, and a thread a hanging test."""
    import gc  # noqa: PLC0415

    from moto_cks import mock_cks  # noqa: PLC0415

    with in_silence():
        with mock_cks() as cks:
            owner = Owner(cks.create_external_key_store())
            with CARRIERS[carrier](owner.proxy.host, ScriptedProxy(owner.proxy)):
                assert owner.works()
        gc.collect()
