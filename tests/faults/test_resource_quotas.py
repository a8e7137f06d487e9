"""How many clusters and HSMs an account can have in a Region (W11)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client


def test_w11_they_are_off_unless_a_test_switches_them_on(world: Any) -> None:
    for _ in range(5):
        world.create_cluster()


def test_w11_four_clusters_and_six_hsms_by_default(world: Any, cloudhsm: Any) -> None:
    with world.faults.resource_quotas():
        clusters = [world.create_cluster() for _ in range(3)]
        with pytest.raises(ClientError, match="6 HSMs in us-east-1, and a quota of 6") as refused:
            cloudhsm.create_hsm(
                ClusterId=clusters[0].id,
                AvailabilityZone=clusters[0].hsms[0].availability_zone,
            )
        assert refused.value.response["Error"]["Code"] == "CloudHsmInvalidRequestException"
        subnets = clusters[0].subnet_ids
        new = {"HsmType": "hsm2m.medium", "Mode": "FIPS", "SubnetIds": subnets}
        fourth = cloudhsm.create_cluster(**new)["Cluster"]["ClusterId"]
        with pytest.raises(ClientError, match="4 clusters in us-east-1, and a quota of 4"):
            cloudhsm.create_cluster(**new)
        assert len(cloudhsm.describe_clusters()["Clusters"]) == 4
        cloudhsm.delete_cluster(ClusterId=fourth)  # which makes room
        cloudhsm.create_cluster(**new)
        cloudhsm.delete_hsm(ClusterId=clusters[0].id, HsmId=clusters[0].hsms[0].id)
        zone = clusters[0].hsms[0].availability_zone
        cloudhsm.create_hsm(ClusterId=clusters[0].id, AvailabilityZone=zone)
    world.create_cluster()


def test_w11_each_account_and_region_has_its_own(world: Any) -> None:
    with world.faults.resource_quotas(clusters=1, hsms=2):
        world.create_cluster()
        world.create_cluster(region=OTHER_REGION)
        world.create_cluster(account_id=OTHER_ACCOUNT)
        with pytest.raises(ClientError, match="a quota of 1"):
            world.create_cluster()
        with world.faults.resource_quotas(clusters=2, hsms=3):  # the innermost counts
            with pytest.raises(ClientError, match="a quota of 3"):
                world.create_cluster()
            world.create_cluster(hsms=1)


def test_w11_what_is_built_in_vain_is_taken_back(world: Any) -> None:
    with world.faults.resource_quotas(hsms=1), pytest.raises(ClientError, match="a quota of 1"):
        world.create_key_store()
    assert client("cloudhsmv2").describe_clusters()["Clusters"] == []


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "4", None])
@pytest.mark.parametrize("name", ["clusters", "hsms"])
def test_w11_a_quota_is_a_number_of_at_least_1(world: Any, name: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 1"):
        world.faults.resource_quotas(**{name: wrong})
