"""What KMS says of a cluster that it refuses, where several things are wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import client, error_of
from tests.kms import restore

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
