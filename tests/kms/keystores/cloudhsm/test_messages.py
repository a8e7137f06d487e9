"""What KMS says of a cluster that it refuses, where several things are wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore
from moto_cks.hsm import ClusterSession
from tests.aws import client, error_of
from tests.kms import cluster_group, restore

INVALID = "CloudHsmClusterInvalidConfigurationException"
ONE_ZONE = (
    INVALID,
    "The CloudHSM cluster must be configured with private subnets in at least two "
    "Availability Zones in the Region.",
)
TOO_FEW_HSMS = (
    INVALID,
    "CloudHSM cluster must contain active HSMs in at least two Availability Zones",
)


def create(kms: Any, cluster: Any) -> tuple[str, str]:
    return error_of(
        kms.create_custom_key_store,
        CustomKeyStoreName="refused",
        CloudHsmClusterId=cluster.id,
        TrustAnchorCertificate=cluster.trust_anchor,
        KeyStorePassword="kmsPswd1",
    )


@pytest.mark.parametrize("hsms", [1, 2])
def test_c4_k1_subnets_in_one_zone_come_before_hsms_in_one_zone(
    world: Any, kms: Any, hsms: int
) -> None:
    cluster = world.create_cluster(zones=["us-east-1a"], hsms=hsms)
    assert create(kms, cluster) == ONE_ZONE


def test_c4_k1_hsms_in_one_zone_of_a_cluster_with_several(world: Any, kms: Any) -> None:
    assert create(kms, world.create_cluster(hsms=1)) == TOO_FEW_HSMS


def test_k4_a_cluster_that_is_restored_into_one_zone(
    world: Any, kms: Any, cloudhsm: Any, store: KeyStore
) -> None:
    cluster = restore(world, store.cluster, subnet_ids=store.cluster.subnet_ids[:1])
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=cluster.hsms[0].availability_zone)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    before = kms.describe_custom_key_stores()["CustomKeyStores"]
    update = {"CustomKeyStoreId": store.id, "CloudHsmClusterId": cluster.id}
    assert error_of(kms.update_custom_key_store, **update) == ONE_ZONE
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == before


def test_c4_the_state_of_a_cluster_that_is_not_active(
    world: Any, kms: Any, cloudhsm: Any, transition: Any
) -> None:
    store = world.create_key_store(hsm_type="hsm1.medium")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    transition("cloudhsmv2::cluster", progression="time", seconds=600)
    cloudhsm.modify_cluster(ClusterId=store.cluster.id, HsmType="hsm2m.medium")
    assert error_of(kms.connect_custom_key_store, CustomKeyStoreId=store.id) == (
        "CloudHsmClusterNotActiveException",
        f"The CloudHSM cluster {store.cluster.id} is not active: its state is MODIFY_IN_PROGRESS.",
    )
    assert client("kms").describe_custom_key_stores()["CustomKeyStores"][0]["ConnectionState"] == (
        "DISCONNECTED"
    )


def test_c4_k1_f9_the_group_whose_ports_are_closed(world: Any, kms: Any, ec2: Any) -> None:
    cluster = world.create_cluster()
    group = cluster_group(ec2, cluster)
    ec2.revoke_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
    )
    assert create(kms, cluster) == (
        INVALID,
        f"The security group of the CloudHSM cluster ({group['GroupId']}) must include inbound "
        "rules and outbound rules that allow TCP traffic over IPv4 on ports 2223-2225 within the "
        "group.",
    )


@pytest.mark.parametrize("password", ["with space", "exclamation!", "ümlaut12"])
def test_k1_k4_the_form_of_a_password(world: Any, kms: Any, store: KeyStore, password: str) -> None:
    cluster = world.create_cluster()
    refused = (
        "ValidationException",
        "1 validation error detected: Value at 'keyStorePassword' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9]{7,32}$",
    )
    unchecked = client("kms", parameter_validation=False)
    new = {
        "CustomKeyStoreName": "refused",
        "CloudHsmClusterId": cluster.id,
        "TrustAnchorCertificate": cluster.trust_anchor,
        "KeyStorePassword": password,
    }
    assert error_of(unchecked.create_custom_key_store, **new) == refused
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    change = {"CustomKeyStoreId": store.id, "KeyStorePassword": password}
    assert error_of(unchecked.update_custom_key_store, **change) == refused


def test_f6_what_is_said_where_no_session_is_free(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    with world.faults.pkcs11_sessions_exhausted(store.cluster.id):
        assert error_of(kms.encrypt, KeyId=key_id, Plaintext=b"x") == (
            "KMSInternalException",
            "KMS could not complete the request because all PKCS #11 sessions of the CloudHSM "
            "cluster are in use. Retry your request.",
        )


def test_f3_h5_a_key_on_an_hsm_that_kms_is_not_logged_in_to(
    world: Any, kms: Any, store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The HSMs to which it is logged in count, as long as it is; afterwards all of them do."""
    key_id = store.create_key()
    first = store.cluster.hsms[0]
    store.cluster.delete_key(first.keys[0].handle, hsms=[first])
    assert world.explain(key_id)
    reached = ClusterSession.sessions
    monkeypatch.setattr(
        ClusterSession,
        "sessions",
        lambda self: [each for each in reached(self) if each.hsm.id == first.id],
    )
    reason = world.explain(key_id).reasons[0]
    assert (reason.cause, reason.when) == ("key-material-lost", "next-use")
    assert reason.facts["of"] == 2
    monkeypatch.undo()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert [each.cause for each in world.explain(key_id).reasons] == ["store-disconnected"]
