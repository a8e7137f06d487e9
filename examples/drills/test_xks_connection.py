"""Drill: the external key store does not connect, and says why in its ConnectionErrorCode.

AWS's page: External key store connection errors
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-xks-connection

To make it yours: replace Cards by your service, and the methods of OnCall by your runbook.
"""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest

from moto_cks import Cks, ExternalKeyStore

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


class OnCall:
    """Your runbook; what is done to the proxy, its administrator does."""

    def __init__(self, store: ExternalKeyStore) -> None:
        self.kms, self.ec2 = boto3.client("kms"), boto3.client("ec2")
        self.store_id, self.proxy = store.id, store.proxy

    def connection(self) -> tuple[str, str | None]:
        found = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store_id)
        (store,) = found["CustomKeyStores"]
        return store["ConnectionState"], store.get("ConnectionErrorCode")

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store_id)

    def connect(self) -> None:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store_id)

    # One procedure for each code, between disconnect and connect.

    def try_again(self) -> None:
        """There is nothing to do."""

    def tell_credential(self) -> None:
        self.kms.update_custom_key_store(
            CustomKeyStoreId=self.store_id,
            XksProxyAuthenticationCredential={
                "AccessKeyId": self.proxy.credential.access_key_id,
                "RawSecretAccessKey": self.proxy.credential.secret_access_key,
            },
        )

    def mend_network(self) -> None:
        """Whatever cut connections is gone; the drill takes its cause back."""

    def allow_kms(self) -> None:
        self.proxy.authorization.clear()

    def tell_path(self) -> None:
        self.kms.update_custom_key_store(
            CustomKeyStoreId=self.store_id, XksProxyUriPath=self.proxy.path
        )

    def start_proxy(self) -> None:
        self.proxy.start()

    def renew_certificate(self) -> None:
        self.proxy.certificate.renew()

    def service(self) -> str:
        found = self.ec2.describe_vpc_endpoint_service_configurations()
        (service,) = found["ServiceConfigurations"]
        service_id: str = service["ServiceId"]
        return service_id

    def let_kms_in(self) -> None:
        self.ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=self.service(), AddAllowedPrincipals=["cks.kms.us-east-1.amazonaws.com"]
        )

    def require_no_acceptance(self) -> None:
        self.ec2.modify_vpc_endpoint_service_configuration(
            ServiceId=self.service(), AcceptanceRequired=False
        )


RUNBOOK: dict[str, Callable[[OnCall], None]] = {
    "INTERNAL_ERROR": OnCall.try_again,
    "INVALID_CREDENTIALS": OnCall.tell_credential,
    "NETWORK_ERRORS": OnCall.mend_network,
    "XKS_PROXY_ACCESS_DENIED": OnCall.allow_kms,
    "XKS_PROXY_INVALID_CONFIGURATION": OnCall.tell_path,
    "XKS_PROXY_INVALID_RESPONSE": OnCall.mend_network,
    "XKS_PROXY_INVALID_TLS_CONFIGURATION": OnCall.renew_certificate,
    "XKS_PROXY_NOT_REACHABLE": OnCall.start_proxy,
    "XKS_PROXY_TIMED_OUT": OnCall.mend_network,
    "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION": OnCall.require_no_acceptance,
    "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND": OnCall.let_kms_in,
}

# What brings each about. What somebody else mends is a cause that is taken back.


def internal_error(cks: Cks, store: ExternalKeyStore) -> object:
    return cks.faults.connection_error("INTERNAL_ERROR", key_store=store)


def rotate_credential(cks: Cks, store: ExternalKeyStore) -> object:
    """In the wrong order: KMS has not been told."""
    return store.proxy.credentials.rotate()


def cut_connections(cks: Cks, store: ExternalKeyStore) -> object:
    return store.proxy.cut_connections()


def deny_health_checks(cks: Cks, store: ExternalKeyStore) -> object:
    store.proxy.authorization.apply_to_health_checks = True
    return store.proxy.authorization.deny(operation="ConnectCustomKeyStore")


def move_proxy(cks: Cks, store: ExternalKeyStore) -> object:
    store.proxy.move("/release-2")
    return None


def answer_html(cks: Cks, store: ExternalKeyStore) -> object:
    """A reverse proxy in front has lost the proxy."""
    return store.proxy.reverse_proxy(bad_gateway=True)


def expire_certificate(cks: Cks, store: ExternalKeyStore) -> object:
    store.proxy.certificate.renew(days=30)
    cks.clock.advance(days=31)
    return None


def stop_proxy(cks: Cks, store: ExternalKeyStore) -> object:
    return store.proxy.stop()


def slow_down(cks: Cks, store: ExternalKeyStore) -> object:
    return store.proxy.latency(0.3)


def require_acceptance(cks: Cks, store: ExternalKeyStore) -> object:
    on_call = OnCall(store)
    on_call.ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=on_call.service(), AcceptanceRequired=True
    )
    return None


def shut_kms_out(cks: Cks, store: ExternalKeyStore) -> object:
    on_call = OnCall(store)
    on_call.ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=on_call.service(), RemoveAllowedPrincipals=["cks.kms.us-east-1.amazonaws.com"]
    )
    return None


CAUSES: dict[str, Callable[[Cks, ExternalKeyStore], object]] = {
    "INTERNAL_ERROR": internal_error,
    "INVALID_CREDENTIALS": rotate_credential,
    "NETWORK_ERRORS": cut_connections,
    "XKS_PROXY_ACCESS_DENIED": deny_health_checks,
    "XKS_PROXY_INVALID_CONFIGURATION": move_proxy,
    "XKS_PROXY_INVALID_RESPONSE": answer_html,
    "XKS_PROXY_INVALID_TLS_CONFIGURATION": expire_certificate,
    "XKS_PROXY_NOT_REACHABLE": stop_proxy,
    "XKS_PROXY_TIMED_OUT": slow_down,
    "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION": require_acceptance,
    "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND": shut_kms_out,
}


@pytest.mark.parametrize("code", RUNBOOK)
def test_the_external_key_store_does_not_connect(cks: Cks, code: str) -> None:
    private = code.startswith("XKS_VPC")
    store = cks.create_external_key_store(
        connectivity="VPC_ENDPOINT_SERVICE" if private else "PUBLIC_ENDPOINT", region="us-east-1"
    )
    on_call = OnCall(store)
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    on_call.disconnect()
    cause = CAUSES[code](cks, store)
    on_call.connect()

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable, match="not connected to its external key store proxy"):
        cards.open(sealed)
    assert on_call.connection() == ("FAILED", code)

    # Repair it: what has FAILED must be disconnected before it can be connected again.
    on_call.disconnect()
    if RUNBOOK[code] is OnCall.mend_network:
        cause.undo()  # type: ignore[attr-defined]
    RUNBOOK[code](on_call)
    on_call.connect()

    # It is mended.
    assert on_call.connection() == ("CONNECTED", None)
    assert cards.open(sealed) == CARD
