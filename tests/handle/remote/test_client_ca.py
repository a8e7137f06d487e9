"""``cks.xks_client_ca()``: a proxy of one's own knows KMS by its certificate, in every mode."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from moto_cks import Cks, XksProxy, cks, mock_cks
from moto_cks.xks_proxy.certificates import Authority
from tests.kms.keystores.external import credential

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

everywhere = pytest.mark.parametrize("world", ["here", "server", "proxy"], indirect=True)


@pytest.fixture
def served() -> Iterator[XksProxy]:
    """A proxy that is none of the mock's, and listens."""
    proxy = XksProxy("own.example.com")
    proxy.serve()
    yield proxy
    proxy.close()


def create(world: Cks, proxy: XksProxy, region: str = "us-east-1") -> str:
    """Create a key store over a proxy of one's own."""
    assert proxy.address is not None
    address, port = proxy.address
    ca = proxy.certificate.authority.certificate
    kms = boto3.client("kms", region, config=Config(retries={"total_max_attempts": 1}))
    with world.route_xks(proxy.endpoint, to=f"{address}:{port}", ca=ca):
        store: str = kms.create_custom_key_store(
            CustomKeyStoreName=region,
            CustomKeyStoreType="EXTERNAL_KEY_STORE",
            XksProxyConnectivity="PUBLIC_ENDPOINT",
            XksProxyUriEndpoint=proxy.endpoint,
            XksProxyUriPath=proxy.path,
            XksProxyAuthenticationCredential=credential(proxy),
        )["CustomKeyStoreId"]
    return store


@everywhere
def test_x42_x67_a_proxy_of_one_s_own_that_asks_who_kms_is(world: Cks, served: XksProxy) -> None:
    strangers = Authority("A CA of somebody else's").certificate
    with (
        served.require_client_certificate(ca=strangers),
        pytest.raises(ClientError, match="cannot establish a TLS connection"),
    ):
        create(world, served)
    name = "cks.kms.us-east-1.amazonaws.com"
    with served.require_client_certificate(ca=world.xks_client_ca(), subject=name):
        with pytest.raises(ClientError, match="cannot establish a TLS connection"):
            create(world, served, "eu-west-1")  # KMS of another Region, which has another name
        assert create(world, served)


@everywhere
def test_x42_the_ca_is_the_same_after_a_reset(world: Cks) -> None:
    ca = world.xks_client_ca()
    assert ca.count("BEGIN CERTIFICATE") == 1
    assert "PRIVATE" not in ca
    world.reset()
    assert world.xks_client_ca() == ca


def test_x42_it_is_that_of_a_saved_world(served: XksProxy) -> None:
    """A proxy that trusts the CA knows KMS in each mock, and in each copy of one."""
    with mock_cks():
        before = cks.snapshot()
        ca = cks.xks_client_ca()
    with mock_cks():
        assert cks.xks_client_ca() == ca
        with served.require_client_certificate(ca=ca):
            assert create(cks, served)
            cks.restore(before)
            assert cks.xks_client_ca() == ca
            assert create(cks, served)
