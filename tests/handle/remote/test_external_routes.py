"""Ways to a proxy of one's own: the same test on a world here, and in another process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Cks, XksProxy, XksRoute
from tests.handle.remote.external import everywhere, kms_client
from tests.kms.keystores.external import credential

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture
def served() -> Iterator[tuple[XksProxy, str]]:
    """A proxy outside of all worlds, in this process."""
    proxy = XksProxy()
    host, port = proxy.serve()
    yield proxy, f"{host}:{port}"
    proxy.close()


def _created(kms: Any, parameters: dict[str, Any]) -> bool:
    """Create a key store; where the machine is so busy that KMS does not wait, once more."""
    for _ in range(20):
        try:
            kms.create_custom_key_store(**parameters)
        except kms.exceptions.XksProxyUriUnreachableException:
            continue
        return True
    return False


@everywhere
def test_x72_x67_a_route_to_a_proxy_of_one_s_own(
    world: Cks, served: tuple[XksProxy, str], tmp_path: Path
) -> None:
    proxy, to = served
    file = tmp_path / "ca.pem"  # of this process: the server need not have it
    file.write_text(proxy.certificate.authority.certificate)
    kms = kms_client()
    parameters = {
        "CustomKeyStoreName": "own",
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": proxy.endpoint,
        "XksProxyUriPath": proxy.path,
        "XksProxyAuthenticationCredential": credential(proxy),
    }
    with world.route_xks(proxy.endpoint, to=to, ca=file) as route:
        assert isinstance(route, XksRoute)
        assert (route.endpoint, route.to) == (proxy.endpoint, to)
        assert _created(kms, parameters)
        with pytest.raises(ValueError, match="There is a way"):
            world.xks_proxy(proxy.host)
    assert "GetHealthStatus" in [entry.api for entry in proxy.log]
    route.end()
    with pytest.raises(ClientError, match="XksProxyUriUnreachableException"):
        kms.create_custom_key_store(
            **{**parameters, "CustomKeyStoreName": "other", "XksProxyUriPath": "/other/kms/xks/v1"}
        )
    with pytest.raises(OSError, match=r"none\.pem"):
        world.route_xks(proxy.endpoint, to=to, ca=tmp_path / "none.pem")
    for wrong in (
        {"to": "10.1.2.3:443"},
        {"to": "169.254.169.254:80", "allow_remote": True},
        {"to": "127.0.0.1"},
        {"to": to, "tls": False, "ca": file},
    ):
        with pytest.raises(ValueError, match=r"\w"):
            world.route_xks(proxy.endpoint, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("world", ["server"], indirect=True)
def test_x72_x67_a_server_sends_to_other_machines_only_where_it_is_told(world: Cks) -> None:
    with pytest.raises(ValueError, match="--xks-allow-remote"):
        world.route_xks("https://own.example.com", to="10.1.2.3:443", allow_remote=True)


def test_x67_an_end_that_comes_late_ends_nobody_else_s_route(world: Cks) -> None:
    old = world.route_xks("https://own.example.com", to="127.0.0.1:1")
    old.end()
    new = world.route_xks("https://own.example.com", to="127.0.0.1:2")
    old.end()
    with pytest.raises(ValueError, match="There is a way"):
        world.xks_proxy("own.example.com")
    new.end()
    world.xks_proxy("own.example.com")
    new.end()
    assert list(world.xks_proxies) == ["own.example.com"]
