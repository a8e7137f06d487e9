"""Which addresses key stores can have beside each other (X3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moto_cks.kms.keystores.external.addresses import Address, require_free
from moto_cks.kms.keystores.external.exceptions import (
    XksProxyUriEndpointInUseException,
    XksProxyUriInUseException,
    XksProxyVpcEndpointServiceInUseException,
)

PUBLIC = Address("PUBLIC_ENDPOINT", "https://xks.example.com", "/kms/xks/v1")
PRIVATE = Address(
    "VPC_ENDPOINT_SERVICE",
    "https://xks.example.com",
    "/kms/xks/v1",
    "com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd",
    "123456789012",
)
OTHER_SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-567890ab"


def test_x3_1_within_an_account_the_whole_uri_counts() -> None:
    shouted = replace(PUBLIC, endpoint="https://XKS.EXAMPLE.COM")
    for taken in (PUBLIC, shouted, replace(PRIVATE, service=OTHER_SERVICE)):
        with pytest.raises(XksProxyUriInUseException, match="in use"):
            require_free(PUBLIC, [taken], [taken])
    require_free(PUBLIC, [replace(PUBLIC, path="/other/kms/xks/v1")], [PUBLIC])
    require_free(PUBLIC, [], [PUBLIC])  # of another account


def test_x3_2_an_endpoint_is_public_or_one_key_store_s() -> None:
    elsewhere = replace(PRIVATE, path="/other/kms/xks/v1", service=OTHER_SERVICE)
    for new, taken in ((PUBLIC, elsewhere), (elsewhere, PUBLIC), (PRIVATE, elsewhere)):
        with pytest.raises(XksProxyUriEndpointInUseException, match=taken.connectivity):
            require_free(new, [], [taken])
    require_free(PRIVATE, [], [replace(elsewhere, endpoint="https://other.example.com")])


def test_x3_3_a_service_is_one_key_store_s() -> None:
    taken = replace(PRIVATE, endpoint="https://other.example.com", path="/other/kms/xks/v1")
    with pytest.raises(XksProxyVpcEndpointServiceInUseException, match="vpce-svc-1234abcd"):
        require_free(PRIVATE, [], [taken])
    require_free(PRIVATE, [], [replace(taken, service=OTHER_SERVICE)])


def test_x9_3_what_an_update_makes_of_an_address() -> None:
    moved = {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyUriEndpoint": PRIVATE.endpoint,
        "XksProxyVpcEndpointServiceName": PRIVATE.service,
    }
    private = PUBLIC.changed(moved, "123456789012")
    assert private == PRIVATE
    assert private.described() == {
        "Connectivity": "VPC_ENDPOINT_SERVICE",
        "UriEndpoint": "https://xks.example.com",
        "UriPath": "/kms/xks/v1",
        "VpcEndpointServiceName": PRIVATE.service,
        "VpcEndpointServiceOwner": "123456789012",
    }
    owned = private.changed({"XksProxyVpcEndpointServiceOwner": "111122223333"}, "123456789012")
    assert owned.owner == "111122223333"
    assert owned.changed({"XksProxyUriPath": "/a/kms/xks/v1"}, "123456789012").owner == owned.owner
    back = {
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": PUBLIC.endpoint,
    }
    assert owned.changed(back, "123456789012") == PUBLIC
