"""VPC endpoint service connectivity (X3, X4, X16, X19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms.keystores.external import Owner, creation, credential

HOST = "xks.example.com"
NOT_FOUND = "XksProxyVpcEndpointServiceNotFoundException"
INVALID = "XksProxyVpcEndpointServiceInvalidConfigurationException"
KMS = "cks.kms.us-east-1.amazonaws.com"


class Service:
    """A VPC endpoint service, as its owner makes it."""

    def __init__(
        self,
        account_id: str | None = None,
        *,
        zones: tuple[str, ...] = ("us-east-1a", "us-east-1b"),
        kind: str = "network",
        acceptance: bool = False,
        private_dns_name: str | None = HOST,
        principals: tuple[str, ...] = (KMS,),
    ) -> None:
        self.ec2 = client("ec2", account_id=account_id)
        balancers = client("elbv2", account_id=account_id)
        vpc_id = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            self.ec2.create_subnet(
                VpcId=vpc_id, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate(zones)
        ]
        balancer = balancers.create_load_balancer(
            Name=f"lb-{vpc_id[-6:]}", Type=kind, Subnets=subnets
        )
        arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
        named = {} if private_dns_name is None else {"PrivateDnsName": private_dns_name}
        made = self.ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[arn], AcceptanceRequired=acceptance, **named
        )["ServiceConfiguration"]
        self.id, self.name = made["ServiceId"], made["ServiceName"]
        if principals:
            self.allow(*principals)

    def allow(self, *principals: str) -> None:
        self.ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=self.id, AddAllowedPrincipals=list(principals)
        )

    def forbid(self, *principals: str) -> None:
        self.ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=self.id, RemoveAllowedPrincipals=list(principals)
        )

    def delete(self) -> None:
        self.ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[self.id])


def private(proxy: Any, service: Service | str, name: str = "private", **changes: Any) -> Any:
    """The parameters of a CreateCustomKeyStore over a VPC endpoint service."""
    return creation(
        proxy,
        name,
        XksProxyConnectivity="VPC_ENDPOINT_SERVICE",
        XksProxyVpcEndpointServiceName=service if isinstance(service, str) else service.name,
        **changes,
    )


def state(kms: Any, store_id: str) -> tuple[str, str | None]:
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store_id)["CustomKeyStores"]
    return entry["ConnectionState"], entry.get("ConnectionErrorCode")


def reconnect(kms: Any, store_id: str) -> tuple[str, str | None]:
    if state(kms, store_id)[0] != "DISCONNECTED":
        kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    return state(kms, store_id)


def test_x4_x7_x16_a_key_store_behind_a_vpc_endpoint_service(
    world: Any, kms: Any, proxy: Any
) -> None:
    service = Service()
    endpoints = service.ec2.describe_vpc_endpoints()["VpcEndpoints"]
    proxy.stop()  # it is not asked
    store_id = kms.create_custom_key_store(**private(proxy, service))["CustomKeyStoreId"]
    assert len(proxy.log) == 0
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["XksProxyConfiguration"] == {
        "Connectivity": "VPC_ENDPOINT_SERVICE",
        "AccessKeyId": proxy.credential.access_key_id,
        "UriEndpoint": f"https://{HOST}",
        "UriPath": "/example/kms/xks/v1",
        "VpcEndpointServiceName": service.name,
        **(
            {"VpcEndpointServiceOwner": "123456789012"}
            if "VpcEndpointServiceOwner" in entry["XksProxyConfiguration"]
            else {}
        ),
    }
    assert reconnect(kms, store_id) == ("FAILED", "XKS_PROXY_NOT_REACHABLE")
    proxy.start()
    assert reconnect(kms, store_id) == ("CONNECTED", None)
    key = kms.create_key(
        Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store_id, XksKeyId="external-key-1"
    )["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert service.ec2.describe_vpc_endpoints()["VpcEndpoints"] == endpoints

    service.forbid(KMS)  # nothing of that changes the state
    code, message = error_of(kms.encrypt, KeyId=key, Plaintext=b"x")
    assert code == "KMSInvalidStateException"
    assert message.startswith("AWS KMS cannot communicate with the external key store proxy")
    assert state(kms, store_id) == ("CONNECTED", None)
    service.allow(KMS)
    kms.encrypt(KeyId=key, Plaintext=b"x")


NO_SERVICE = "There is no VPC endpoint service of that name in the Region."
OF_ANOTHER = "The VPC endpoint service is of another account."
WITHOUT_KMS = (
    "The allowed principals of the VPC endpoint service lack the principal of KMS, "
    "cks.kms.<region>.amazonaws.com."
)
WITHOUT_ACCOUNT = (
    "The allowed principals of the VPC endpoint service lack a principal of the account."
)
ACCEPTANCE = "The VPC endpoint service must not require acceptance."
UNVERIFIED = "The private DNS name of the VPC endpoint service must be verified."

CASES: dict[str, tuple[Callable[[], Service], str, str]] = {
    "of another account": (lambda: Service(OTHER_ACCOUNT), NOT_FOUND, OF_ANOTHER),
    "without KMS": (
        lambda: Service(principals=("arn:aws:iam::123456789012:root",)),
        NOT_FOUND,
        WITHOUT_KMS,
    ),
    "with KMS of another Region": (
        lambda: Service(principals=(f"cks.kms.{OTHER_REGION}.amazonaws.com",)),
        NOT_FOUND,
        WITHOUT_KMS,
    ),
    "in one zone": (
        lambda: Service(zones=("us-east-1a", "us-east-1a")),
        INVALID,
        "The network load balancer must have subnets in two different Availability Zones.",
    ),
    "of a gateway": (
        lambda: Service(kind="gateway"),
        INVALID,
        "The VPC endpoint service must be an interface of network load balancers.",
    ),
    "with acceptance": (lambda: Service(acceptance=True), INVALID, ACCEPTANCE),
    "without a name": (
        lambda: Service(private_dns_name=None),
        INVALID,
        "The VPC endpoint service must have a private DNS name.",
    ),
    "of another name": (
        lambda: Service(private_dns_name="other.example.com"),
        INVALID,
        "XksProxyUriEndpoint must be https:// and the private DNS name of the VPC endpoint "
        "service.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_x19_1_x19_3_what_kms_requires_of_it(kms: Any, proxy: Any, case: str) -> None:
    make, code, message = CASES[case]
    found = error_of(kms.create_custom_key_store, **private(proxy, make()))
    assert found == (code, message)
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    kms.create_custom_key_store(**private(proxy, Service()))


def test_x19_1_a_name_that_nobody_has(kms: Any, proxy: Any) -> None:
    unknown = "com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd"
    refused = (NOT_FOUND, NO_SERVICE)
    assert error_of(kms.create_custom_key_store, **private(proxy, unknown)) == refused
    other = client("kms", OTHER_REGION)
    assert error_of(other.create_custom_key_store, **private(proxy, Service())) == refused


@pytest.mark.parametrize(
    "change",
    [
        {"principals": ("*",)},
        {"principals": ("arn:aws:iam::111122223333:root", KMS)},
        {"private_dns_name": "XKS.Example.com"},
        {"zones": ("us-east-1a", "us-east-1b", "us-east-1c")},
    ],
)
def test_x19_3_what_kms_is_content_with(kms: Any, proxy: Any, change: dict[str, Any]) -> None:
    made = kms.create_custom_key_store(**private(proxy, Service(**change)))
    assert reconnect(kms, made["CustomKeyStoreId"]) == ("CONNECTED", None)


def test_x19_2_a_service_of_another_account(world: Any, kms: Any, proxy: Any) -> None:
    members = kms.meta.service_model.operation_model("CreateCustomKeyStore").input_shape.members
    if "XksProxyVpcEndpointServiceOwner" not in members:
        pytest.skip("this botocore does not know XksProxyVpcEndpointServiceOwner yet")
    service = Service(OTHER_ACCOUNT)
    owned = private(proxy, service, XksProxyVpcEndpointServiceOwner=OTHER_ACCOUNT)
    refused = (NOT_FOUND, WITHOUT_ACCOUNT)
    assert error_of(kms.create_custom_key_store, **owned) == refused
    service.allow(f"arn:aws:iam::{OTHER_ACCOUNT}:role/xks")
    assert error_of(kms.create_custom_key_store, **owned) == refused
    service.allow("arn:aws:iam::123456789012:role/xks")
    store_id = kms.create_custom_key_store(**owned)["CustomKeyStoreId"]
    assert reconnect(kms, store_id) == ("CONNECTED", None)
    service.forbid("arn:aws:iam::123456789012:role/xks")
    assert reconnect(kms, store_id) == ("FAILED", "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND")
    service.allow("*")
    assert reconnect(kms, store_id) == ("CONNECTED", None)


def test_x17_8_what_connecting_comes_upon(world: Any, kms: Any, proxy: Any) -> None:
    service = Service()
    store_id = kms.create_custom_key_store(**private(proxy, service))["CustomKeyStoreId"]
    asked = len(proxy.log)
    service.forbid(KMS)
    assert reconnect(kms, store_id) == ("FAILED", "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND")
    (reason,) = world.explain(store_id).reasons
    assert reason.facts["outcome"] == WITHOUT_KMS.removesuffix(".")
    assert "may not connect to it" in reason.what
    service.allow(KMS)
    service.ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=service.id, AcceptanceRequired=True
    )
    code = "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION"
    assert reconnect(kms, store_id) == ("FAILED", code)
    assert "must not require acceptance" in str(world.explain(store_id))
    assert len(proxy.log) == asked
    service.ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=service.id, AcceptanceRequired=False
    )
    assert reconnect(kms, store_id) == ("CONNECTED", None)
    service.delete()
    assert reconnect(kms, store_id) == ("FAILED", "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND")


def test_x3_2_x3_3_beside_others(world: Any, kms: Any, proxy: Any) -> None:
    service = Service()
    kms.create_custom_key_store(**private(proxy, service))
    prefix = proxy.add_prefix("/other")
    other = {
        "XksProxyUriPath": prefix.path,
        "XksProxyAuthenticationCredential": credential(prefix),
    }
    public = creation(proxy, "public", **other)
    assert error_of(kms.create_custom_key_store, **public)[0] == "XksProxyUriEndpointInUseException"
    again = private(proxy, Service(), "again", **other)
    assert error_of(kms.create_custom_key_store, **again)[0] == "XksProxyUriEndpointInUseException"
    elsewhere = world.xks_proxy("elsewhere.example.com")
    same = private(elsewhere, service, "same")
    code, _ = error_of(kms.create_custom_key_store, **same)
    assert code == "XksProxyVpcEndpointServiceInUseException"


def test_x9_3_x9_4_from_one_connectivity_to_the_other(owner: Owner, world: Any) -> None:
    inner = world.xks_proxy("inner.example.com")
    service = Service(private_dns_name="inner.example.com", acceptance=True)
    changes = {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyUriEndpoint": inner.endpoint,
        "XksProxyVpcEndpointServiceName": service.name,
        "XksProxyAuthenticationCredential": credential(inner),
    }
    owner.disconnect()
    assert owner.cannot_update(**changes)[0] == INVALID
    assert len(inner.log) == 0
    service.ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=service.id, AcceptanceRequired=False
    )
    with inner.stop():
        assert owner.cannot_update(**changes)[0] == "XksProxyUriUnreachableException"
    owner.update(**changes)
    assert [entry.metadata["kmsOperation"] for entry in inner.log] == ["UpdateCustomKeyStore"]
    assert owner.connect() == ("CONNECTED", None)
    owner.disconnect()
    owner.update(
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyUriEndpoint=owner.proxy.endpoint,
        XksProxyAuthenticationCredential=credential(owner.proxy),
    )
    configuration = owner.described()["XksProxyConfiguration"]
    assert configuration["Connectivity"] == "PUBLIC_ENDPOINT"
    assert not {"VpcEndpointServiceName", "VpcEndpointServiceOwner"} & configuration.keys()
    service.delete()  # nobody looks at it any more
    assert owner.connect() == ("CONNECTED", None)


def test_x19_3_a_domain_that_is_not_verified(world: Any, kms: Any, proxy: Any) -> None:
    """moto's are all verified until somebody says otherwise."""
    service = Service()
    shown = {"ServiceIds": [service.id]}
    world.network.unverify_private_dns(service.id)
    (described,) = service.ec2.describe_vpc_endpoint_service_configurations(**shown)[
        "ServiceConfigurations"
    ]
    assert described["PrivateDnsNameConfiguration"]["State"] == "pendingVerification"
    found = error_of(kms.create_custom_key_store, **private(proxy, service))
    assert found == (INVALID, UNVERIFIED)
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    world.network.verify_private_dns(service.id)
    store_id = kms.create_custom_key_store(**private(proxy, service))["CustomKeyStoreId"]
    assert reconnect(kms, store_id) == ("CONNECTED", None)

    world.network.unverify_private_dns(service.id)
    world.network.unverify_private_dns(service.id)
    assert state(kms, store_id) == ("CONNECTED", None)
    snapshot = world.snapshot()
    world.network.verify_private_dns(service.id)
    assert reconnect(kms, store_id) == ("CONNECTED", None)
    world.restore(snapshot)
    code = "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION"
    assert reconnect(kms, store_id) == ("FAILED", code)
    assert "must be verified" in str(world.explain(store_id))


def test_x19_3_only_of_a_service_with_a_private_dns_name(world: Any) -> None:
    unnamed = Service(OTHER_ACCOUNT, private_dns_name=None)
    for call in (world.network.unverify_private_dns, world.network.verify_private_dns):
        with pytest.raises(ValueError, match="has no private DNS name"):
            call(unnamed.id)
        with pytest.raises(KeyError, match="There is no VPC endpoint service vpce-svc-1"):
            call("vpce-svc-1")


def test_x19_3_needs_the_mock() -> None:
    with pytest.raises(RuntimeError):
        cks.network.unverify_private_dns("vpce-svc-1")
