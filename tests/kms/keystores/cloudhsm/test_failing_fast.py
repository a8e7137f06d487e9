"""Connecting that is refused at once because of the cluster (C4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import error_of
from tests.kms import cluster_group, state_of

WRONG_CONFIGURATION = "CloudHsmClusterInvalidConfigurationException"


def fails_fast(kms: Any, store: Any, code: str) -> bool:
    """Whether connecting ends in an exception, twice, and leaves DISCONNECTED."""
    for _ in range(2):
        if error_of(kms.connect_custom_key_store, CustomKeyStoreId=store.id)[0] != code:
            return False
        if state_of(store) != ("DISCONNECTED", None):
            return False
    return True


def test_c4_a_cluster_that_is_not_active(
    world: Any, kms: Any, cloudhsm: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False, hsm_type="hsm1.medium")
    transition("cloudhsmv2::cluster", progression="time", seconds=600)
    cloudhsm.modify_cluster(ClusterId=store.cluster.id, HsmType="hsm2m.medium")
    assert fails_fast(kms, store, "CloudHsmClusterNotActiveException")
    world.clock.advance(minutes=10)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("CONNECTED", None)


def test_c4_a_cluster_that_is_being_deleted(
    world: Any, kms: Any, cloudhsm: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    for hsm in store.cluster.hsms:
        cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=hsm.id)
    transition("cloudhsmv2::cluster", progression="time", seconds=600)
    cloudhsm.delete_cluster(ClusterId=store.cluster.id)
    assert fails_fast(kms, store, "CloudHsmClusterNotActiveException")
    world.clock.advance(minutes=10)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("FAILED", "CLUSTER_NOT_FOUND")


def rule(group: str, first: int | None, last: int | None, protocol: str = "tcp") -> dict[str, Any]:
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, **ports, "UserIdGroupPairs": [{"GroupId": group}]}


def cidr_rule() -> dict[str, Any]:
    return {
        "IpProtocol": "tcp",
        "FromPort": 2223,
        "ToPort": 2225,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }


DIRECTIONS = ["ingress", "egress"]


def set_rules(ec2: Any, cluster: Any, direction: str, rules: list[dict[str, Any]]) -> None:
    group = cluster_group(ec2, cluster)
    present = group["IpPermissions" if direction == "ingress" else "IpPermissionsEgress"]
    if present:
        getattr(ec2, f"revoke_security_group_{direction}")(
            GroupId=group["GroupId"], IpPermissions=present
        )
    if rules:
        getattr(ec2, f"authorize_security_group_{direction}")(
            GroupId=group["GroupId"], IpPermissions=rules
        )


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_c4_rules_of_the_security_group(direction: str, world: Any, kms: Any, ec2: Any) -> None:
    store = world.create_key_store(connect=False)
    group = cluster_group(ec2, store.cluster)
    own = group["GroupId"]
    other = ec2.create_security_group(
        GroupName="other", Description="other", VpcId=store.cluster.vpc_id
    )["GroupId"]
    closed = {
        "none": [],
        "too few ports": [rule(own, 2223, 2224)],
        "a gap": [rule(own, 2223, 2223), rule(own, 2225, 2225)],
        "another protocol": [rule(own, 2223, 2225, "udp")],
        "another group": [rule(other, 2223, 2225)],
        "addresses, no group": [cidr_rule()],
    }
    for name, rules in closed.items():
        set_rules(ec2, store.cluster, direction, rules)
        assert fails_fast(kms, store, WRONG_CONFIGURATION), name
    opened = {
        "each port": [rule(own, port, port) for port in (2224, 2223, 2225)],
        "more ports": [rule(own, 0, 65535)],
        "every protocol": [rule(own, None, None, "-1")],
        "more rules": [cidr_rule(), rule(other, 22, 22), rule(own, 2223, 2225)],
    }
    for name, rules in opened.items():
        set_rules(ec2, store.cluster, direction, rules)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        assert state_of(store) == ("CONNECTED", None), name
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)


def test_c4_an_exception_comes_before_what_would_end_in_failed(
    store: Any, kms: Any, ec2: Any
) -> None:
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    ec2.delete_subnet(SubnetId=store.cluster.subnet_ids[0])
    rules = cluster_group(ec2, store.cluster)["IpPermissions"]
    set_rules(ec2, store.cluster, "ingress", [])
    assert fails_fast(kms, store, WRONG_CONFIGURATION)
    set_rules(ec2, store.cluster, "ingress", rules)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("FAILED", "SUBNET_NOT_FOUND")
