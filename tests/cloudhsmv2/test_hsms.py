"""HSMs: where they are, when they can be added and removed, and what is in them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .world import World


def test_h1_hsm_as_created(world: World) -> None:
    cluster_id = world.create_cluster()
    hsm = world.hsm.create_hsm(ClusterId=cluster_id, AvailabilityZone=world.zones[1])["Hsm"]
    assert re.fullmatch("hsm-[2-7a-zA-Z]{11,16}", hsm["HsmId"])
    assert hsm["State"] == "CREATE_IN_PROGRESS"
    assert "StateMessage" not in hsm
    assert hsm["SubnetId"] == world.subnet_ids[1]
    assert hsm["AvailabilityZone"] == world.zones[1]
    (shown,) = world.describe(cluster_id)["Hsms"]
    assert shown == {**hsm, "State": "ACTIVE", "StateMessage": "HSM created."}


def test_h8_hsm_takes_an_interface_in_the_subnet(world: World) -> None:
    cluster_id = world.create_cluster()
    hsm_id = world.create_hsm(cluster_id)
    cluster = world.describe(cluster_id)
    (hsm,) = cluster["Hsms"]
    (eni,) = world.ec2.describe_network_interfaces(NetworkInterfaceIds=[hsm["EniId"]])[
        "NetworkInterfaces"
    ]
    assert eni["Description"] == f"CloudHsm ENI {hsm_id}"
    assert eni["PrivateIpAddress"] == hsm["EniIp"]
    assert eni["SubnetId"] == world.subnet_ids[0]
    assert [group["GroupId"] for group in eni["Groups"]] == [cluster["SecurityGroup"]]


def test_h8_hsm_takes_the_address_that_is_asked_for(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id, IpAddress="10.0.0.77")
    assert world.describe(cluster_id)["Hsms"][0]["EniIp"] == "10.0.0.77"


@pytest.mark.parametrize("address", ["10.0.1.77", "10.0.0.1", "10.0.0.255", "999.0.0.1"])
def test_h8_address_must_be_of_the_subnet(world: World, address: str) -> None:
    cluster_id = world.create_cluster()
    with world.invalid(address):
        world.create_hsm(cluster_id, IpAddress=address)


def test_h8_address_must_be_free(world: World) -> None:
    cluster_id = world.active_cluster()
    taken = world.describe(cluster_id)["Hsms"][0]["EniIp"]
    with world.invalid(taken):
        world.create_hsm(cluster_id, IpAddress=taken)


def test_h8_subnet_must_have_a_free_address(world: World) -> None:
    small = world.subnet(world.zones[0], "10.0.200.0/28")
    cluster_id = world.create_cluster(SubnetIds=[small])
    for _ in range(11):
        world.ec2.create_network_interface(SubnetId=small)
    with world.invalid("no free IP address"):
        world.create_hsm(cluster_id)


def test_h8_subnet_must_still_exist(world: World) -> None:
    cluster_id = world.create_cluster()
    world.ec2.delete_subnet(SubnetId=world.subnet_ids[0])
    with world.invalid("does not exist"):
        world.create_hsm(cluster_id)


def test_h8_zone_must_be_the_clusters(world: World) -> None:
    cluster_id = world.create_cluster(SubnetIds=world.subnet_ids[:1])
    with world.invalid(world.zones[1]):
        world.create_hsm(cluster_id, 1)


def test_h2_w14_second_hsm_needs_an_active_cluster(world: World) -> None:
    cluster_id = world.create_cluster()
    message = f"Cluster '{cluster_id}' already contains an HSM but has not yet been fully activated"
    world.create_hsm(cluster_id)
    with world.invalid(message):
        world.create_hsm(cluster_id, 1)
    world.initialize(cluster_id)
    with world.invalid(message):
        world.create_hsm(cluster_id, 1)
    world.activate(cluster_id)
    world.create_hsm(cluster_id, 1)
    world.create_hsm(cluster_id, 1)
    zones = [hsm["AvailabilityZone"] for hsm in world.describe(cluster_id)["Hsms"]]
    assert zones == [world.zones[0], world.zones[1], world.zones[1]]


def test_h2_initialized_cluster_that_lost_its_hsm_cannot_get_one(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    world.initialize(cluster_id)
    world.remove_hsms(cluster_id)
    with world.invalid("no backup"):
        world.create_hsm(cluster_id)
    world.hsm.delete_cluster(ClusterId=cluster_id)


def test_h2_w11_a_cluster_has_28_hsms_at_most(world: World) -> None:
    cluster_id = world.active_cluster(28)
    with world.invalid("already contains 28 HSMs"):
        world.create_hsm(cluster_id)


def test_h2_hsm_of_an_unknown_cluster(world: World) -> None:
    with world.not_found("cluster-aaaaaaaaaaa"):
        world.create_hsm("cluster-aaaaaaaaaaa")
    with world.not_found("cluster-aaaaaaaaaaa"):
        world.hsm.delete_hsm(ClusterId="cluster-aaaaaaaaaaa", HsmId="hsm-aaaaaaaaaaa")


def test_h3_hsm_is_in_service_only_when_active(world: World, transition: Any) -> None:
    cluster_id = world.create_cluster()
    transition("cloudhsmv2::hsm", progression="manual", times=2)
    world.create_hsm(cluster_id)
    cluster = world.describe(cluster_id)
    assert cluster["Hsms"][0]["State"] == "CREATE_IN_PROGRESS"
    assert cluster["Certificates"] == {}
    cluster = world.describe(cluster_id)
    assert cluster["Hsms"][0]["State"] == "ACTIVE"
    assert "ClusterCsr" in cluster["Certificates"]


def test_h2_hsm_that_cannot_be_brought_up_is_degraded(world: World, transition: Any) -> None:
    cluster_id = world.create_cluster()
    transition("cloudhsmv2::hsm", progression="time", seconds=300)
    world.create_hsm(cluster_id)
    world.ec2.delete_subnet(SubnetId=world.subnet_ids[0])
    world.cks.clock.advance(seconds=300)
    cluster = world.describe(cluster_id)
    (hsm,) = cluster["Hsms"]
    assert hsm["State"] == "DEGRADED"
    assert hsm["StateMessage"] == "HSM creation failed. Please delete this HSM and try again."
    assert cluster["Certificates"] == {}
    world.hsm.delete_hsm(ClusterId=cluster_id, HsmId=hsm["HsmId"])
    world.cks.clock.advance(seconds=300)
    world.create_hsm(cluster_id, 1)


def test_h5_new_hsm_has_the_clusters_users(world: World) -> None:
    cluster_id = world.active_cluster()
    handle = world.cks.cluster(cluster_id)
    handle.create_user("CU", "alice", "alicePswd")
    world.create_hsm(cluster_id, 1)
    first, second = handle.hsms
    assert [user.name for user in second.users] == [user.name for user in first.users]


def test_h5_change_on_one_hsm_stays_there(world: World) -> None:
    cluster_id = world.active_cluster(2)
    handle = world.cks.cluster(cluster_id)
    first, second = handle.hsms
    handle.create_user("CU", "alice", "alicePswd", hsms=[second])
    assert "alice" not in [user.name for user in first.users]
    assert "alice" in [user.name for user in second.users]


@pytest.mark.parametrize("identifier", ["HsmId", "EniId", "EniIp"])
def test_h8_hsm_is_deleted_by_any_identifier(world: World, identifier: str) -> None:
    cluster_id = world.active_cluster(2)
    first, second = world.describe(cluster_id)["Hsms"]
    answer = world.hsm.delete_hsm(ClusterId=cluster_id, **{identifier: first[identifier]})
    assert answer["HsmId"] == first["HsmId"]
    assert world.describe(cluster_id)["Hsms"] == [second]
    enis = world.ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert first["EniId"] not in [eni["NetworkInterfaceId"] for eni in enis]
    with world.not_found(first[identifier]):
        world.hsm.delete_hsm(ClusterId=cluster_id, **{identifier: first[identifier]})


def test_h2_delete_hsm_needs_an_identifier(world: World) -> None:
    cluster_id = world.active_cluster()
    with world.invalid("must be specified"):
        world.hsm.delete_hsm(ClusterId=cluster_id)


def test_h2_identifiers_of_different_hsms_name_none(world: World) -> None:
    cluster_id = world.active_cluster(2)
    first, second = world.describe(cluster_id)["Hsms"]
    with world.not_found():
        world.hsm.delete_hsm(ClusterId=cluster_id, HsmId=first["HsmId"], EniIp=second["EniIp"])


def test_h2_hsm_of_another_cluster_is_not_found(world: World) -> None:
    cluster_id, other = world.active_cluster(), world.create_cluster()
    (hsm,) = world.describe(cluster_id)["Hsms"]
    with world.not_found(hsm["HsmId"]):
        world.hsm.delete_hsm(ClusterId=other, HsmId=hsm["HsmId"])


def test_h2_hsm_being_deleted_cannot_be_deleted(world: World, transition: Any) -> None:
    cluster_id = world.active_cluster()
    transition("cloudhsmv2::hsm", progression="time", seconds=60)
    world.remove_hsms(cluster_id)
    (hsm,) = world.describe(cluster_id)["Hsms"]
    assert hsm["State"] == "DELETE_IN_PROGRESS"
    with world.invalid("is being deleted"):
        world.hsm.delete_hsm(ClusterId=cluster_id, HsmId=hsm["HsmId"])
    world.cks.clock.advance(seconds=60)
    assert world.describe(cluster_id)["Hsms"] == []


def test_h2_hsm_can_be_deleted_while_it_is_created(world: World, transition: Any) -> None:
    cluster_id = world.active_cluster()
    transition("cloudhsmv2::hsm", progression="time", seconds=60)
    hsm_id = world.create_hsm(cluster_id, 1)
    made = len(world.backups(cluster_id))
    world.hsm.delete_hsm(ClusterId=cluster_id, HsmId=hsm_id)
    world.cks.clock.advance(seconds=60)
    assert len(world.describe(cluster_id)["Hsms"]) == 1
    assert len(world.backups(cluster_id)) == made
