"""Which addresses key stores can have beside each other (X3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from moto_cks.kms.exceptions import KmsException
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


def in_use(
    error: type[KmsException], new: Address, taken: Address, own: Sequence[Address] = ()
) -> str:
    """What is said of an address that cannot be had beside another one."""
    with pytest.raises(error) as refused:
        require_free(new, own, [taken])
    return str(refused.value.message)


def test_x3_1_within_an_account_the_whole_uri_counts() -> None:
    shouted = replace(PUBLIC, endpoint="https://XKS.EXAMPLE.COM")
    for taken in (PUBLIC, shouted, replace(PRIVATE, service=OTHER_SERVICE)):
        assert in_use(XksProxyUriInUseException, PUBLIC, taken, [taken]) == (
            "The endpoint https://xks.example.com with the path /kms/xks/v1 is in use by another "
            "external key store."
        )
    require_free(PUBLIC, [replace(PUBLIC, path="/other/kms/xks/v1")], [PUBLIC])
    require_free(PUBLIC, [], [PUBLIC])  # of another account


def test_x3_2_an_endpoint_is_public_or_one_key_store_s() -> None:
    elsewhere = replace(PRIVATE, path="/other/kms/xks/v1", service=OTHER_SERVICE)
    for new, taken in ((PUBLIC, elsewhere), (elsewhere, PUBLIC), (PRIVATE, elsewhere)):
        assert in_use(XksProxyUriEndpointInUseException, new, taken) == (
            "The endpoint https://xks.example.com is in use by another external key store with "
            f"the connectivity {taken.connectivity}."
        )
    require_free(PRIVATE, [], [replace(elsewhere, endpoint="https://other.example.com")])


def test_x3_3_a_service_is_one_key_store_s() -> None:
    taken = replace(PRIVATE, endpoint="https://other.example.com", path="/other/kms/xks/v1")
    assert in_use(XksProxyVpcEndpointServiceInUseException, PRIVATE, taken) == (
        "The VPC endpoint service com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd is in use by "
        "another external key store."
    )
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
