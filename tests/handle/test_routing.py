"""``cks.route_xks``: a proxy of one's own in the place of an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from moto_cks import XksProxy, XksRoute, cks
from moto_cks.handle.routing import StandingRoutes
from moto_cks.kms.keystores.external import client, routes
from moto_cks.kms.keystores.external.routes import RouteWarning, TcpRoute
from tests.aws import error_of
from tests.kms.keystores.external import TEXT, creation
from tests.kms.keystores.external.scripted import PATIENCE

ENDPOINT = "https://xks.example.com"


@pytest.fixture
def served() -> Iterator[tuple[XksProxy, str]]:
    """A proxy outside of the world, and its address; KMS is patient, as the machine is busy."""
    proxy = XksProxy()
    host, port = proxy.serve()
    with patch.object(client, "SECONDS", PATIENCE):
        yield proxy, f"{host}:{port}"
    proxy.close()


def works(kms: Any, proxy: XksProxy) -> bool:
    """Build a key store over a proxy, and use it."""
    store_id = kms.create_custom_key_store(**creation(proxy))["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    key = kms.create_key(
        Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store_id, XksKeyId="external-key-1"
    )
    sealed = kms.encrypt(KeyId=key["KeyMetadata"]["KeyId"], Plaintext=TEXT)["CiphertextBlob"]
    return bool(kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == TEXT)


def test_x67_x69_a_proxy_of_one_s_own(
    world: Any, kms: Any, served: tuple[XksProxy, str], tmp_path: Path
) -> None:
    proxy, to = served
    world.clock.advance(days=400)  # to the proxy and its certificate it is today
    file = tmp_path / "ca.pem"
    file.write_text(proxy.certificate.authority.certificate)
    with world.route_xks(ENDPOINT, to=to, ca=file) as route:
        assert isinstance(route, XksRoute)
        assert (route.endpoint, route.to) == (ENDPOINT, to)
        assert works(kms, proxy)
    assert "GetHealthStatus" in [entry.api for entry in proxy.log]


def test_x67_its_ca_has_to_be_made_known(
    world: Any, kms: Any, served: tuple[XksProxy, str]
) -> None:
    proxy, to = served
    with world.route_xks(ENDPOINT, to=to):
        code, message = error_of(kms.create_custom_key_store, **creation(proxy))
    assert code == "XksProxyUriUnreachableException"
    assert "cannot establish a TLS connection" in message
    with world.route_xks(ENDPOINT, to=to, ca=proxy.certificate.authority.certificate):
        assert works(kms, proxy)


def test_x67_what_is_written_around_a_ca(
    world: Any, kms: Any, served: tuple[XksProxy, str], tmp_path: Path
) -> None:
    """In any language and encoding, and a last line without an end; beside other CAs, too."""
    proxy, to = served
    ca = proxy.certificate.authority.certificate.strip()
    file, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    file.write_bytes("Főtanúsítvány\n".encode("iso8859-2") + ca.encode())
    other.write_text(XksProxy().certificate.authority.certificate.strip())
    for given in (file, f"Hauptzertifikat für alle\n{ca}"):
        with world.route_xks(ENDPOINT, to=to, ca=given):
            store_id = kms.create_custom_key_store(**creation(proxy))["CustomKeyStoreId"]
        kms.delete_custom_key_store(CustomKeyStoreId=store_id)
    standing = StandingRoutes({proxy.host: to}, [file, other, file], allow_remote=False)
    standing.begin()
    try:
        assert works(kms, proxy)
    finally:
        standing.end()


def test_x67_without_tls(world: Any, kms: Any, served: tuple[XksProxy, str]) -> None:
    proxy, to = served
    proxy.plain_http()
    world.route_xks(ENDPOINT, to=to, tls=False)
    assert works(kms, proxy)
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    proxy.cut_connections()
    key = kms.list_keys()["Keys"][0]["KeyId"]
    assert error_of(kms.encrypt, KeyId=key, Plaintext=TEXT)[0] == "KMSInvalidStateException"
    assert entry["ConnectionState"] == "CONNECTED"


def test_x67_nobody_has_the_endpoint_afterwards(
    world: Any, kms: Any, served: tuple[XksProxy, str]
) -> None:
    proxy, to = served
    route = world.route_xks(ENDPOINT, to=to, ca=proxy.certificate.authority.certificate)
    assert repr(route) == f"<XksRoute {ENDPOINT} to {to}>"
    route.end()
    route.end()
    assert error_of(kms.create_custom_key_store, **creation(proxy))[0] == (
        "XksProxyUriUnreachableException"
    )
    again = world.xks_proxy()  # the endpoint is free
    route.end()  # and not this one's any more
    assert works(kms, again)


def test_x67_an_endpoint_leads_to_one_place(world: Any) -> None:
    world.xks_proxy()
    for endpoint in (ENDPOINT, "https://XKS.example.com"):
        with pytest.raises(ValueError, match=r"There is a way to xks\.example\.com already"):
            world.route_xks(endpoint, to="127.0.0.1:8443")
    other = world.route_xks("https://other.example.com", to="127.0.0.1:8443")
    with pytest.raises(ValueError, match="There is a way"):
        world.xks_proxy("other.example.com")
    assert list(world.xks_proxies) == ["xks.example.com"]
    other.end()


@pytest.mark.parametrize("endpoint", ["xks.example.com", "http://xks.example.com", 7])
@pytest.mark.parametrize("suffix", ["", ":8443", "/path"])
def test_x67_what_is_no_endpoint(world: Any, endpoint: Any, suffix: str) -> None:
    given = f"{endpoint}{suffix}" if isinstance(endpoint, str) else endpoint
    with pytest.raises(ValueError, match="An endpoint is as https://xks"):
        world.route_xks(given, to="127.0.0.1:8443")


@pytest.mark.parametrize(
    "host", ["", ".example.com", "xks..example.com", "xks.example.com.", "x" * 64, "x.y" * 41]
)
def test_x67_what_can_be_the_name_of_no_host(world: Any, host: str) -> None:
    """Nor of a certificate: KMS could not even begin a handshake."""
    with pytest.raises(ValueError, match="An endpoint is as https://xks"):
        world.route_xks(f"https://{host}", to="127.0.0.1:8443")


@pytest.mark.parametrize(
    "to",
    [
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "localhost:8443",
        "[::1]:8443",
        "::1:8443",
        "127.1:8443",
        "256.0.0.1:8443",
        "0.0.0.0:8443",
        "169.254.169.254:80",
        "224.0.0.1:8443",
        "10.0.0.1:8443",
        "",
        None,
        8443,
    ],
)
def test_x67_what_is_no_address(world: Any, to: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        world.route_xks(ENDPOINT, to=to)
    world.xks_proxy()  # nothing has changed: the endpoint is free


def test_x67_other_machines(world: Any) -> None:
    with pytest.raises(ValueError, match="allow_remote=True"):
        world.route_xks(ENDPOINT, to="10.0.0.1:8443")
    for to in ("169.254.169.254:443", "0.0.0.0:443"):
        with pytest.raises(ValueError, match="Nothing is sent"):
            world.route_xks(ENDPOINT, to=to, allow_remote=True)
    with pytest.raises(ValueError, match="Without TLS"):
        world.route_xks(ENDPOINT, to="10.0.0.1:8443", tls=False, allow_remote=True)
    world.route_xks(ENDPOINT, to="10.0.0.1:8443", allow_remote=True).end()


def test_x67_what_is_no_ca(world: Any, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nonsense")
    der = tmp_path / "ca.der"
    der.write_bytes(b"\x30\x82\xff\x00" * 9)
    for ca in (der, file, str(file), "-----BEGIN CERTIFICATE-----\nnonsense"):
        with pytest.raises(ValueError, match="certificates in PEM"):
            world.route_xks(ENDPOINT, to="127.0.0.1:8443", ca=ca)
    with pytest.raises(OSError, match="nowhere"):
        world.route_xks(ENDPOINT, to="127.0.0.1:8443", ca=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="Without TLS"):
        world.route_xks(
            ENDPOINT,
            to="127.0.0.1:8443",
            tls=False,
            ca=XksProxy().certificate.authority.certificate,
        )
    world.xks_proxy()


def test_x67_it_ends_with_its_world(world: Any) -> None:
    with world.route_xks(ENDPOINT, to="127.0.0.1:8443"):
        world.reset()
        world.xks_proxy()
    assert list(world.xks_proxies) == ["xks.example.com"]


def test_x67_what_a_saved_world_is_not_allowed(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is not what somebody in this process has said."""
    world.route_xks("https://here.example.com", to="127.0.0.1:1")
    world.route_xks("https://there.example.com", to="10.1.2.3:1", allow_remote=True)
    routes.routes().add("clouds.example.com", TcpRoute(("169.254.169.254", 80), tls=False))
    routes.routes().add("plain.example.com", TcpRoute(("10.1.2.3", 80), tls=False))
    world.save(tmp_path / "world")
    with pytest.warns(RouteWarning) as warned:
        world.load(tmp_path / "world")  # in this process, somebody has
    assert [str(each.message) for each in warned] == [
        "The route for clouds.example.com to 169.254.169.254:80 is left out. "
        "Nothing is sent to 169.254.169.254: no proxy is there.",
        "The route for plain.example.com to 10.1.2.3:80 is left out. "
        "Without TLS, nothing is sent to another machine.",
    ]
    assert routes.routes().by_host.keys() == {"here.example.com", "there.example.com"}
    monkeypatch.setattr(routes, "outside", set())  # as in another one
    with pytest.warns(RouteWarning) as warned:
        world.load(tmp_path / "world")
    assert [str(each.message).partition(" is left out")[0] for each in warned] == [
        "The route for there.example.com to 10.1.2.3:1",
        "The route for clouds.example.com to 169.254.169.254:80",
        "The route for plain.example.com to 10.1.2.3:80",
    ]
    assert routes.routes().by_host.keys() == {"here.example.com"}
    standing = StandingRoutes({}, allow_remote=True)  # of a server with --xks-allow-remote
    standing.begin()
    try:
        with pytest.warns(RouteWarning):
            world.load(tmp_path / "world")
        assert routes.routes().by_host.keys() == {"here.example.com", "there.example.com"}
    finally:
        standing.end()


def test_x67_without_a_mock() -> None:
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        cks.route_xks(ENDPOINT, to="127.0.0.1:8443")


def test_x17_6_nobody_listens(world: Any, kms: Any, served: tuple[XksProxy, str]) -> None:
    proxy, to = served
    with world.route_xks(ENDPOINT, to=to, ca=proxy.certificate.authority.certificate):
        store_id = kms.create_custom_key_store(**creation(proxy))["CustomKeyStoreId"]
        proxy.close()
        kms.connect_custom_key_store(CustomKeyStoreId=store_id)
        (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["ConnectionErrorCode"] == "XKS_PROXY_NOT_REACHABLE"


def test_x66_a_proxy_in_this_process_that_uses_boto3(
    world: Any, kms: Any, served: tuple[XksProxy, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, to = served
    answers = []

    def describe() -> None:
        its = boto3.client(
            "kms", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        answers.append(its.describe_custom_key_stores()["CustomKeyStores"])

    answer = proxy.answer

    def looking(request: Any) -> Any:
        describe()
        return answer(request)

    monkeypatch.setattr(proxy, "answer", looking)
    with world.route_xks(ENDPOINT, to=to, ca=proxy.certificate.authority.certificate):
        assert works(kms, proxy)
    assert len(answers) >= 5
