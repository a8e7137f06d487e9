"""Drill: the proxy, its certificate or its VPC endpoint service is not what KMS was told.

AWS's page: Configuration errors
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-xks-configuration

To make it yours: replace Cards by your service, and tell_path, renew_certificate and let_kms_in
by your runbook.
"""

from __future__ import annotations

import boto3
import pytest

from moto_cks import Cks, ExternalKeyStore, XksProxy

pytestmark = pytest.mark.cks(region="us-east-1")  # yours

CARD = b"4111 1111 1111 1111"


class Unavailable(Exception):
    """What the service tells its callers while it cannot use its key."""


class Cards:
    """Your service: keeps card numbers encrypted under a KMS key."""

    def __init__(self, key_id: str) -> None:
        self.kms = boto3.client("kms")
        self.key_id = key_id

    def seal(self, card: bytes) -> bytes:
        sealed: bytes = self.kms.encrypt(KeyId=self.key_id, Plaintext=card)["CiphertextBlob"]
        return sealed

    def open(self, sealed: bytes) -> bytes:
        try:
            card: bytes = self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"]
        except self.kms.exceptions.KMSInvalidStateException as error:
            raise Unavailable(str(error)) from error
        return card


def tell_path(store_id: str, path: str) -> None:
    """Your runbook: tell KMS where the proxy is; nobody has to disconnect for that."""
    boto3.client("kms").update_custom_key_store(CustomKeyStoreId=store_id, XksProxyUriPath=path)


def renew_certificate(proxy: XksProxy) -> None:
    """Your runbook: have the CA issue another certificate for the name of the endpoint."""
    proxy.certificate.renew()


def let_kms_in(service_id: str) -> None:
    """Your runbook: the allowed principals of the VPC endpoint service."""
    boto3.client("ec2").modify_vpc_endpoint_service_permissions(
        ServiceId=service_id, AddAllowedPrincipals=["cks.kms.us-east-1.amazonaws.com"]
    )


def test_the_path_of_the_proxy_has_changed(cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: an update of the proxy moves it.
    proxy.move("/release-2")

    # What the service sees, and the person on call: KMS's message says it.
    with pytest.raises(Unavailable, match="because of an invalid URI path"):
        cards.open(sealed)

    # Repair it.
    tell_path(store.id, proxy.path)

    # It is mended.
    assert cards.open(sealed) == CARD


def test_the_certificate_has_expired(cks: Cks, cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: nobody renews it.
    proxy.certificate.renew(days=30)
    cks.clock.advance(days=31)

    # What the service sees, and the person on call: the key store still reads CONNECTED.
    with pytest.raises(Unavailable, match="Verify the TLS configuration, including its cert"):
        cards.open(sealed)
    (entry,) = cards.kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    assert entry["ConnectionState"] == "CONNECTED"
    assert proxy.certificate.expires < cks.clock.now()

    # Repair it.
    renew_certificate(proxy)

    # It is mended.
    assert cards.open(sealed) == CARD


def test_kms_may_not_use_the_vpc_endpoint_service(cks: Cks) -> None:
    store = cks.create_external_key_store(connectivity="VPC_ENDPOINT_SERVICE", region="us-east-1")
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)
    ec2 = boto3.client("ec2")
    (service,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]

    # Bring it about: somebody tidies up the principals.
    ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"],
        RemoveAllowedPrincipals=["cks.kms.us-east-1.amazonaws.com"],
    )

    # What the service sees, and the person on call: an update is refused, and says why.
    with pytest.raises(Unavailable, match="cannot communicate"):
        cards.open(sealed)
    with pytest.raises(cards.kms.exceptions.XksProxyVpcEndpointServiceNotFoundException):
        tell_path(store.id, store.proxy.path)

    # Repair it.
    let_kms_in(service["ServiceId"])

    # It is mended.
    assert cards.open(sealed) == CARD
