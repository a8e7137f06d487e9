"""UpdateCustomKeyStore (X9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import client, error_of
from tests.kms.keystores.external import SECRET, Owner, credential

STATE = "CustomKeyStoreInvalidStateException"
OTHER = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": SECRET}


def fresh_credential(owner: Owner) -> dict[str, str]:
    owner.proxy.credentials.add(access_key_id="B" * 20, secret_access_key=SECRET)
    return {"AccessKeyId": "B" * 20, "RawSecretAccessKey": SECRET}


def moved(owner: Owner, world: Any) -> dict[str, Any]:
    """The parameters with which a key store goes to another proxy."""
    other = world.xks_proxy("other.example.com")
    return {
        "XksProxyUriEndpoint": other.endpoint,
        "XksProxyAuthenticationCredential": credential(other),
    }


@pytest.mark.parametrize("connected", [True, False])
def test_x9_1_what_changes_while_connected_and_not(owner: Owner, connected: bool) -> None:
    if not connected:
        owner.disconnect()
    owner.update(NewCustomKeyStoreName="renamed")
    owner.update(XksProxyAuthenticationCredential=fresh_credential(owner))
    owner.proxy.move("/moved")
    owner.update(XksProxyUriPath="/moved/kms/xks/v1")
    described = owner.described()
    assert described["CustomKeyStoreName"] == owner.store.name == "renamed"
    assert described["ConnectionState"] == ("CONNECTED" if connected else "DISCONNECTED")
    configuration = described["XksProxyConfiguration"]
    assert (configuration["AccessKeyId"], configuration["UriPath"]) == (
        "B" * 20,
        "/moved/kms/xks/v1",
    )
    if not connected:
        owner.connect()
    assert owner.works()


def test_x9_1_what_changes_only_while_disconnected(owner: Owner, world: Any) -> None:
    changes = moved(owner, world)
    for refused in (
        changes,
        {"XksProxyConnectivity": "PUBLIC_ENDPOINT"},
        {"NewCustomKeyStoreName": "renamed", **changes},
    ):
        assert owner.cannot_update(**refused)[0] == STATE
    owner.disconnect()
    owner.update(**changes)
    assert owner.described()["XksProxyConfiguration"]["UriEndpoint"] == "https://other.example.com"
    assert owner.store.proxy.host == "other.example.com"


def test_x9_1_failed_lets_nothing_change(owner: Owner) -> None:
    owner.proxy.stop()
    assert owner.reconnect() == ("FAILED", "XKS_PROXY_NOT_REACHABLE")
    owner.proxy.start()
    for changes in (
        {"NewCustomKeyStoreName": "renamed"},
        {"XksProxyUriPath": "/moved/kms/xks/v1"},
        {"XksProxyAuthenticationCredential": credential(owner.proxy)},
    ):
        assert owner.cannot_update(**changes)[0] == STATE


def test_x9_1_nor_connecting(owner: Owner, transition: Any) -> None:
    transition("cks::connection", progression="time", seconds=300)
    owner.disconnect()
    assert owner.state()[0] == "DISCONNECTING"
    assert owner.cannot_update(NewCustomKeyStoreName="renamed")[0] == STATE


@pytest.mark.parametrize("name", ["AccessKeyId", "RawSecretAccessKey"])
def test_x9_2_half_a_credential(owner: Owner, name: str) -> None:
    half = {other: value for other, value in OTHER.items() if other != name}
    unchecked = client("kms", parameter_validation=False)
    code, message = error_of(
        unchecked.update_custom_key_store,
        CustomKeyStoreId=owner.store.id,
        XksProxyAuthenticationCredential=half,
    )
    assert code == "ValidationException"
    assert not any(value in message for value in half.values())


@pytest.mark.parametrize("missing", ["XksProxyUriEndpoint", "XksProxyVpcEndpointServiceName"])
def test_x9_3_another_connectivity_needs_another_address(owner: Owner, missing: str) -> None:
    owner.disconnect()
    changes = {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyUriEndpoint": "https://private.example.com",
        "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd",
    }
    del changes[missing]
    code, message = owner.cannot_update(**changes)
    assert code == "ValidationException"
    assert f"{missing[:1].lower()}{missing[1:]}" in message


def test_x9_3_a_service_does_not_go_with_a_public_endpoint(owner: Owner) -> None:
    owner.disconnect()
    service = "com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd"
    code, message = owner.cannot_update(XksProxyVpcEndpointServiceName=service)
    assert (code, "XksProxyVpcEndpointServiceName" in message) == ("ValidationException", True)
    unchecked = client("kms", parameter_validation=False)
    for none in ("", None):
        unchecked.update_custom_key_store(
            CustomKeyStoreId=owner.store.id,
            XksProxyVpcEndpointServiceName=none,
            XksProxyConnectivity="PUBLIC_ENDPOINT",
        )


def test_x9_4_the_proxy_is_asked_with_the_new_values(owner: Owner, world: Any) -> None:
    changes = moved(owner, world)
    other = world.xks_proxies["other.example.com"]
    owner.disconnect()
    asked = owner.asked()
    owner.update(**changes)
    assert owner.asked() == asked
    (entry,) = other.log
    assert (entry.api, entry.metadata["kmsOperation"]) == (
        "GetHealthStatus",
        "UpdateCustomKeyStore",
    )
    (event,) = world.trail.events(event_name="UpdateCustomKeyStore")
    assert entry.metadata["kmsRequestId"] == event["requestID"]


def test_x9_4_what_goes_wrong_changes_nothing(owner: Owner, world: Any) -> None:
    owner.disconnect()
    nowhere = {"XksProxyUriEndpoint": "https://nowhere.example.com"}
    for changes, code in (
        ({"XksProxyAuthenticationCredential": OTHER}, "IncorrectAuthenticationCredential"),
        ({"XksProxyUriPath": "/elsewhere/kms/xks/v1"}, "InvalidConfiguration"),
        (nowhere, "UriUnreachable"),
        ({**nowhere, "NewCustomKeyStoreName": "renamed"}, "UriUnreachable"),
    ):
        assert owner.cannot_update(**changes)[0] == f"XksProxy{code}Exception"
    assert owner.connect() == ("CONNECTED", None)
    assert owner.works()


def test_x9_4_a_name_asks_nobody(owner: Owner) -> None:
    owner.proxy.stop()
    owner.update(NewCustomKeyStoreName="renamed")
    assert owner.described()["CustomKeyStoreName"] == "renamed"


@pytest.mark.parametrize(
    "parameters",
    [{"KeyStorePassword": "kmsPswd1"}, {"CloudHsmClusterId": "cluster-aaaaaaaaaaa"}],
    ids=lambda parameters: next(iter(parameters)),
)
def test_x9_4_what_is_for_cloudhsm(owner: Owner, parameters: dict[str, str]) -> None:
    assert owner.cannot_update(**parameters)[0] == "ValidationException"


def test_x9_5_the_change_holds_at_once(owner: Owner) -> None:
    new = fresh_credential(owner)
    owner.update(XksProxyAuthenticationCredential=new)
    for each in list(owner.proxy.credentials):
        if each.access_key_id != new["AccessKeyId"]:
            owner.proxy.credentials.remove(each.access_key_id)
    assert owner.works()


def test_x3_1_an_address_that_is_taken(owner: Owner, world: Any) -> None:
    other = Owner(world.create_external_key_store("another"))
    other.disconnect()
    code, _ = other.cannot_update(
        XksProxyUriEndpoint=owner.proxy.endpoint,
        XksProxyAuthenticationCredential=credential(owner.proxy),
    )
    assert code == "XksProxyUriInUseException"
    owner.disconnect()
    owner.update(XksProxyUriEndpoint=owner.proxy.endpoint)  # its own is free to it


def test_x3_4_an_update_frees_the_address(owner: Owner, world: Any) -> None:
    owner.disconnect()
    owner.update(**moved(owner, world))
    again = world.create_external_key_store("another", proxy=world.xks_proxies["xks.example.com"])
    assert again.proxy.host == "xks.example.com"


def test_x9_2_rotation_of_the_credential_without_a_failure(owner: Owner) -> None:
    """As the specification describes it; the wrong order gives the documented failure."""
    old = owner.proxy.credential.access_key_id
    owner.proxy.credentials.add()
    assert owner.works()
    owner.update(XksProxyAuthenticationCredential=credential(owner.proxy))
    owner.proxy.credentials.remove(old)
    assert owner.works()

    owner.proxy.credentials.rotate()  # the old one stops at once
    assert "could not authenticate AWS KMS" in owner.why_not()
    assert owner.state() == ("CONNECTED", None)
    owner.update(XksProxyAuthenticationCredential=credential(owner.proxy))
    assert owner.works()
