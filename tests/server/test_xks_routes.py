"""``--xks-route``: external key store proxies that a server reaches in every world that it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from moto_cks import XksProxy, mock_cks
from moto_cks.handle.remote.control_api import ControlApi, ServerError
from moto_cks.handle.routing import StandingRoutes
from moto_cks.server import ThreadedCksServer
from moto_cks.server.main import main
from moto_cks.server.proxy import main as proxy_main
from tests.aws import client, client_of
from tests.kms.keystores.external import creation
from tests.server.process import proxy_running, running

HOST = "own.example.com"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[XksProxy, str, str]]:
    """A proxy outside of all worlds: its address, and the file of its CA."""
    proxy = XksProxy(HOST)
    host, port = proxy.serve()
    file = tmp_path / "ca.pem"
    file.write_text(proxy.certificate.authority.certificate)
    yield proxy, f"{host}:{port}", str(file)
    proxy.close()


def reached(kms: Any, proxy: XksProxy) -> bool:
    """Whether KMS reaches a proxy; where the machine is so busy that it does not wait, again."""
    for _ in range(20):
        try:
            kms.create_custom_key_store(**creation(proxy))
        except kms.exceptions.XksProxyUriUnreachableException as error:
            if "did not respond in time" in str(error):
                continue
            return False
        return True
    return False


def test_x67_a_route_outlives_a_reset(own: tuple[XksProxy, str, str]) -> None:
    proxy, to, ca = own
    with running("--xks-route", f"Own.example.com={to}", "--xks-ca", ca) as server:
        kms = client_of(server.endpoint, "kms")
        control = ControlApi(server.endpoint)
        for _ in range(2):
            assert reached(kms, proxy)
            control.post("reset")
        (route,) = control.get("xks-routes")["routes"]
        assert route == {
            "endpoint": f"https://{HOST}",
            "to": to,
            "tls": True,
            "standing": True,
        }
        with pytest.raises(ServerError, match="There is a way to"):
            control.post("xks-proxies", body={"host": HOST})
    assert [entry.api for entry in proxy.log].count("GetHealthStatus") >= 2


def test_x67_without_tls(own: tuple[XksProxy, str, str]) -> None:
    _, to, ca = own
    plain = XksProxy("plain.example.com")
    plain.plain_http()
    host, port = plain.serve()
    both = "--xks-route", f"{HOST}=https://{to}", "--xks-ca", ca
    try:
        with running(*both, "--xks-route", f"plain.example.com=http://{host}:{port}") as server:
            assert reached(client_of(server.endpoint, "kms"), plain)
            shown = ControlApi(server.endpoint).get("xks-routes")["routes"]
        assert [(route["to"], route["tls"]) for route in shown] == [
            (to, True),
            (f"{host}:{port}", False),
        ]
        assert {entry.api for entry in plain.log} == {"GetHealthStatus"}
    finally:
        plain.close()


def test_x67_without_its_ca_nobody_trusts_it(own: tuple[XksProxy, str, str]) -> None:
    proxy, to, _ = own
    routes = StandingRoutes({HOST: to}, allow_remote=False)
    with ThreadedCksServer(port=0, xks_routes=routes) as server:
        host, port = server.get_host_and_port()
        assert not reached(client_of(f"http://{host}:{port}", "kms"), proxy)
        other = ThreadedCksServer(port=0, xks_routes=StandingRoutes({HOST: to}, allow_remote=True))
        with pytest.raises(ValueError, match=f"There is a way to {HOST} already"):
            other.start()
    with mock_cks() as cks:  # it has ended with the server
        cks.xks_proxy(HOST)


def test_x67_a_restored_proxy_does_not_stand_in_the_way(own: tuple[XksProxy, str, str]) -> None:
    proxy, to, ca = own
    with mock_cks() as cks:
        cks.xks_proxy(HOST)
        kms = client("kms")
        routes = StandingRoutes({HOST: to}, [ca], allow_remote=False)
        routes.begin()
        try:
            assert reached(kms, proxy)
            assert cks.create_external_key_store("next").proxy.host == "xks.example.com"
        finally:
            routes.end()


def test_x67_moto_s_proxy_has_them_too(own: tuple[XksProxy, str, str]) -> None:
    _, to, ca = own
    with proxy_running("--xks-route", f"{HOST}={to}", "--xks-ca", ca) as port:
        proxies = {"http": f"http://127.0.0.1:{port}"}
        address = "http://motoapi.amazonaws.com/moto-api/cks/xks-routes"
        found = requests.get(address, proxies=proxies, timeout=20).json()
    assert [route["to"] for route in found["routes"]] == [to]


WRONG = [
    (["--xks-route", HOST], "A route is as xks.example.com=127.0.0.1:8443"),
    (["--xks-route", f"{HOST}=127.0.0.1"], "IPv4 and a port"),
    (["--xks-route", f"{HOST}/path=127.0.0.1:8443"], "An endpoint is as"),
    (["--xks-route", f"{HOST}=10.1.2.3:8443"], "--xks-allow-remote sends to it"),
    (["--xks-route", f"{HOST}=169.254.169.254:80", "--xks-allow-remote"], "Nothing is sent"),
    (["--xks-route", f"{HOST}=127.0.0.1:1", "--xks-ca", "none.pem"], "none.pem"),
    (["--xks-route", f"{HOST}=127.0.0.1:1", "--xks-ca", __file__], "in PEM"),
    (
        ["--xks-route", f"{HOST}=127.0.0.1:1", "--xks-route", "OWN.example.com=127.0.0.1:2"],
        "two routes to OWN.example.com",
    ),
    (["--xks-route", f"{HOST}=http://127.0.0.1"], "IPv4 and a port"),
    (["--xks-route", f"{HOST}=ftp://127.0.0.1:1"], "by https or http, not by 'ftp'"),
    (["--xks-route", f"{HOST}=://127.0.0.1:1"], "by https or http, not by ''"),
    (["--xks-route", f"{HOST}=http://127.0.0.1:1/path"], "IPv4 and a port"),
    (
        ["--xks-route", f"{HOST}=http://10.1.2.3:80", "--xks-allow-remote"],
        "Without TLS, nothing is sent to another machine",
    ),
    (["--xks-route", f"{HOST}=http://169.254.169.254:80", "--xks-allow-remote"], "Nothing is sent"),
    (["--xks-ca", "ca.pem"], "--xks-ca is for --xks-route"),
    (["--xks-ca", "ca.pem", "--xks-allow-remote"], "--xks-ca is for --xks-route"),
]


def test_x67_a_ca_is_for_tls(own: tuple[XksProxy, str, str]) -> None:
    _, to, ca = own
    with pytest.raises(ValueError, match="nobody to be trusted"):
        StandingRoutes({HOST: f"http://{to}"}, [ca], allow_remote=False)


@pytest.mark.parametrize("run", [main, proxy_main])
@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_x67_what_cannot_be(
    run: Any, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        run(["-p", "0", *arguments])
    assert end.value.code == 2
    assert said in capsys.readouterr().err
