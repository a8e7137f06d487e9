"""CreateCustomKeyStore, DescribeCustomKeyStores and DeleteCustomKeyStore (X1 to X8, X10)."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from moto.backends import get_backend

from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.exposure.test_secrets import reachable
from tests.kms.keystores.external import SECRET, TEXT, Owner, creation, credential

VALIDATION = "ValidationException"


def backend(service: str) -> Any:
    """The backend of a service in the default account and Region."""
    return get_backend(service)["123456789012"]["us-east-1"]  # type: ignore[call-overload]


def refused(kms: Any, proxy: Any, **changes: Any) -> tuple[str, str]:
    """The error of a CreateCustomKeyStore, which leaves nothing, and asks the proxy nothing."""
    before, asked = kms.describe_custom_key_stores()["CustomKeyStores"], len(proxy.log)
    unchecked = client("kms", parameter_validation=False)
    error = error_of(unchecked.create_custom_key_store, **creation(proxy, **changes))
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == before
    assert len(proxy.log) == asked
    return error


@pytest.mark.parametrize(
    "name",
    [
        "XksProxyConnectivity",
        "XksProxyUriEndpoint",
        "XksProxyUriPath",
        "XksProxyAuthenticationCredential",
    ],
)
def test_x1_what_is_required(kms: Any, proxy: Any, name: str) -> None:
    code, message = refused(kms, proxy, **{name: None})
    assert code == VALIDATION
    assert f"{name[:1].lower()}{name[1:]}" in message
    assert "Member must not be null" in message


@pytest.mark.parametrize("name", ["AccessKeyId", "RawSecretAccessKey"])
def test_x1_half_a_credential(kms: Any, proxy: Any, name: str) -> None:
    half = {other: value for other, value in credential(proxy).items() if other != name}
    code, message = refused(kms, proxy, XksProxyAuthenticationCredential=half)
    assert (code, f"{name[:1].lower()}{name[1:]}" in message) == (VALIDATION, True)
    assert not any(value in message for value in half.values())


@pytest.mark.parametrize(
    "parameters",
    [
        {"CloudHsmClusterId": "cluster-aaaaaaaaaaa"},
        {"KeyStorePassword": "kmsPswd1"},
        {"TrustAnchorCertificate": "-----BEGIN CERTIFICATE-----"},
        {"XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd"},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_x1_what_is_for_others(kms: Any, proxy: Any, parameters: dict[str, str]) -> None:
    code, message = refused(kms, proxy, **parameters)
    assert (code, next(iter(parameters)) in message) == (VALIDATION, True)
    assert "kmsPswd1" not in message


def test_x1_a_vpc_endpoint_service_needs_its_name(kms: Any, proxy: Any) -> None:
    code, message = refused(kms, proxy, XksProxyConnectivity="VPC_ENDPOINT_SERVICE")
    assert (code, "xksProxyVpcEndpointServiceName" in message) == (VALIDATION, True)


FORMS: list[dict[str, Any]] = [
    {"XksProxyUriEndpoint": "https://xks.example.com:8443"},
    {"XksProxyUriEndpoint": "https://xks.example.com/path"},
    {"XksProxyUriEndpoint": "https://user@xks.example.com"},
    {"XksProxyUriEndpoint": "http://xks.example.com"},
    {"XksProxyUriEndpoint": "https://x"},
    {"XksProxyUriEndpoint": f"https://{'x' * 121}"},
    {"XksProxyUriEndpoint": ""},
    {"XksProxyUriPath": "/example/kms/xks"},
    {"XksProxyUriPath": "/kms/xks/v123"},
    {"XksProxyUriPath": "example/kms/xks/v1"},
    {"XksProxyUriPath": "/ex.ample/kms/xks/v1"},
    {"XksProxyUriPath": f"/{'x' * 117}/kms/xks/v1"},
    {"XksProxyUriPath": ""},
    {"XksProxyConnectivity": "PRIVATE"},
]
CREDENTIALS = [
    ("ABCDE12345670EXAMPLE", SECRET),  # of AWS's own examples
    ("A" * 19, SECRET),
    ("A" * 31, SECRET),
    ("A" * 20, "a" * 42),
    ("A" * 20, "a" * 65),
    ("A" * 20, "a" * 43 + "-"),
]


@pytest.mark.parametrize("changes", FORMS, ids=str)
def test_x2_forms(kms: Any, proxy: Any, changes: dict[str, Any]) -> None:
    code, message = refused(kms, proxy, **changes)
    assert code == VALIDATION
    assert "failed to satisfy constraint" in message


@pytest.mark.parametrize(("access_key_id", "secret"), CREDENTIALS)
def test_x2_forms_of_a_credential(kms: Any, proxy: Any, access_key_id: str, secret: str) -> None:
    given = {"AccessKeyId": access_key_id, "RawSecretAccessKey": secret}
    code, message = refused(kms, proxy, XksProxyAuthenticationCredential=given)
    assert code == VALIDATION
    assert access_key_id not in message
    assert secret not in message


def test_x2_the_limits_themselves(world: Any, kms: Any) -> None:
    host = f"{'x' * 60}.{'y' * 59}"
    proxy = world.xks_proxy(host, path_prefix=f"/{'x' * 116}")
    assert (len(proxy.endpoint), len(proxy.path)) == (128, 128)
    for length in (43, 64):
        proxy.credentials.add("A2" * 15, "a+/=" * 10 + "a" * (length - 40))
        kms.create_custom_key_store(**creation(proxy, f"external {length}"))
        proxy.credentials.remove("A2" * 15)
        (store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
        kms.delete_custom_key_store(CustomKeyStoreId=store["CustomKeyStoreId"])


# Beside others ------------------------------------------------------------------------------------


def test_x3_1_endpoint_and_path_are_one_key_store_s(owner: Owner, kms: Any) -> None:
    code, _ = refused(kms, owner.proxy, CustomKeyStoreName="another")
    assert code == "XksProxyUriInUseException"


def test_x3_1_x5_another_path_another_region_and_another_account(owner: Owner, kms: Any) -> None:
    prefix = owner.proxy.add_prefix("/another")
    given = credential(prefix)
    kms.create_custom_key_store(
        **creation(
            owner.proxy,
            "another",
            XksProxyUriPath=prefix.path,
            XksProxyAuthenticationCredential=given,
        )
    )
    for region, account_id in ((OTHER_REGION, None), ("us-east-1", OTHER_ACCOUNT)):
        other = client("kms", region, account_id)
        store_id = other.create_custom_key_store(**creation(owner.proxy))["CustomKeyStoreId"]
        (entry,) = other.describe_custom_key_stores()["CustomKeyStores"]
        assert (entry["CustomKeyStoreId"], entry["ConnectionState"]) == (store_id, "DISCONNECTED")


def test_x3_4_host_names_have_no_case(owner: Owner, kms: Any) -> None:
    shouted = {"XksProxyUriEndpoint": "https://XKS.Example.com", "CustomKeyStoreName": "another"}
    assert refused(kms, owner.proxy, **shouted)[0] == "XksProxyUriInUseException"


def test_x3_4_x10_deleting_frees_the_address(owner: Owner, kms: Any) -> None:
    owner.disconnect()
    code, _ = error_of(kms.delete_custom_key_store, CustomKeyStoreId=owner.store.id)
    assert code == "CustomKeyStoreHasCMKsException"
    kms.schedule_key_deletion(KeyId=owner.key_id, PendingWindowInDays=7)
    code, _ = error_of(kms.delete_custom_key_store, CustomKeyStoreId=owner.store.id)
    assert code == "CustomKeyStoreHasCMKsException"


def test_x10_the_keys_of_a_new_store_decrypt_nothing_of_the_old_one(
    owner: Owner, world: Any, kms: Any
) -> None:
    kms.schedule_key_deletion(KeyId=owner.key_id, PendingWindowInDays=7)
    world.clock.advance(days=7)
    owner.disconnect()
    asked = len(owner.proxy.log)
    kms.delete_custom_key_store(CustomKeyStoreId=owner.store.id)
    assert len(owner.proxy.log) == asked
    assert owner.proxy.key("external-key-1").enabled

    again = Owner(world.create_external_key_store(proxy=owner.proxy))
    assert again.decrypt() == TEXT
    code, _ = error_of(kms.decrypt, CiphertextBlob=owner.ciphertext)
    assert code == "AccessDeniedException"


# The proxy is asked -------------------------------------------------------------------------------


def test_x4_the_proxy_is_asked_once(kms: Any, proxy: Any) -> None:
    answer = kms.create_custom_key_store(**creation(proxy))
    (entry,) = proxy.log
    assert entry.api == "GetHealthStatus"
    assert entry.metadata == {
        "kmsOperation": "CreateCustomKeyStore",
        "kmsRequestId": answer["ResponseMetadata"]["RequestId"],
    }


def test_x4_what_goes_wrong_leaves_no_key_store(kms: Any, proxy: Any) -> None:
    wrong = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": SECRET}
    code, message = error_of(
        kms.create_custom_key_store, **creation(proxy, XksProxyAuthenticationCredential=wrong)
    )
    assert code == "XksProxyIncorrectAuthenticationCredentialException"
    assert "could not authenticate AWS KMS" in message
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    kms.create_custom_key_store(**creation(proxy))


def test_x5_the_quota_is_that_of_both_kinds(world: Any, store: Any, kms: Any, proxy: Any) -> None:
    prefixes = [proxy.add_prefix(f"/number-{number}") for number in range(9)]
    for number, prefix in enumerate(prefixes):
        given = credential(prefix)
        kms.create_custom_key_store(
            **creation(
                proxy,
                f"external {number}",
                XksProxyUriPath=prefix.path,
                XksProxyAuthenticationCredential=given,
            )
        )
    assert refused(kms, proxy)[0] == "LimitExceededException"
    states = {s["ConnectionState"] for s in kms.describe_custom_key_stores()["CustomKeyStores"]}
    assert states == {"CONNECTED", "DISCONNECTED"}


def test_x6_an_equal_request_is_no_retry(kms: Any, proxy: Any) -> None:
    kms.create_custom_key_store(**creation(proxy))
    assert refused(kms, proxy)[0] == "CustomKeyStoreNameInUseException"


def test_x6_the_order_of_the_checks(owner: Owner, store: Any, kms: Any) -> None:
    """Form, name, address, proxy."""
    everything = {"CustomKeyStoreName": store.name, "XksProxyUriPath": "nonsense"}
    owner.proxy.stop()
    assert refused(kms, owner.proxy, **everything)[0] == VALIDATION
    del everything["XksProxyUriPath"]
    assert refused(kms, owner.proxy, **everything)[0] == "CustomKeyStoreNameInUseException"
    del everything["CustomKeyStoreName"]
    assert refused(kms, owner.proxy, CustomKeyStoreName="x")[0] == "XksProxyUriInUseException"
    other = creation(owner.proxy, "x", XksProxyUriPath="/other/kms/xks/v1")
    assert error_of(kms.create_custom_key_store, **other)[0] == "XksProxyUriUnreachableException"


def test_x7_what_is_described(owner: Owner) -> None:
    described = owner.described()
    del described["CreationDate"]
    assert described == {
        "CustomKeyStoreId": owner.store.id,
        "CustomKeyStoreName": "ExampleExternalKeyStore",
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "ConnectionState": "CONNECTED",
        "XksProxyConfiguration": {
            "Connectivity": "PUBLIC_ENDPOINT",
            "AccessKeyId": owner.proxy.credential.access_key_id,
            "UriEndpoint": "https://xks.example.com",
            "UriPath": "/example/kms/xks/v1",
        },
    }


def test_x8_the_secret_is_shown_nowhere(owner: Owner, world: Any) -> None:
    secret = owner.proxy.credential.secret_access_key
    owner.update(XksProxyAuthenticationCredential=credential(owner.proxy))
    shown = [owner.described(), world.trail.events(), str(world.timeline), repr(owner.store)]
    shown += [str(world.explain(owner.store.id)), repr(owner.proxy), repr(owner.proxy.credential)]
    with owner.proxy.defect("wrong-plaintext"):
        shown.append(owner.why_not(owner.decrypt))
    shown.append(requests.get("https://motoapi.amazonaws.com/moto-api/data.json").text)
    shown += [f"{item!r} {item!s}" for item in reachable(list(backend("kms").key_stores))]
    assert len(shown) > 50
    for each in shown:
        assert secret not in str(each)
        assert TEXT.decode() not in str(each)


def test_x62_the_records_name_the_key_store_and_no_credential(owner: Owner, world: Any) -> None:
    owner.update(NewCustomKeyStoreName="renamed")
    owner.disconnect()
    (created,) = world.trail.events(event_name="CreateCustomKeyStore")
    assert created["requestParameters"] == {
        "customKeyStoreName": "ExampleExternalKeyStore",
        "customKeyStoreType": "EXTERNAL_KEY_STORE",
        "xksProxyConnectivity": "PUBLIC_ENDPOINT",
        "xksProxyUriEndpoint": "https://xks.example.com",
        "xksProxyUriPath": "/example/kms/xks/v1",
    }
    assert created["responseElements"] == {"customKeyStoreId": owner.store.id}
    for event_name, name in (
        ("ConnectCustomKeyStore", "ExampleExternalKeyStore"),
        ("UpdateCustomKeyStore", "renamed"),
        ("DisconnectCustomKeyStore", "renamed"),
    ):
        (event,) = world.trail.events(event_name=event_name)
        assert event["requestParameters"]["customKeyStoreId"] == owner.store.id
        assert event["additionalEventData"] == {"customKeyStoreName": name}
