"""What ``cks`` cannot build it leaves no trace of; and what it is not given rightly it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from moto.moto_api import state_manager

from moto_cks import Cks, HsmError
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client

PLACES = [
    (region, account) for region in (REGION, OTHER_REGION) for account in (None, OTHER_ACCOUNT)
]

EC2 = (
    "describe_vpcs",
    "describe_subnets",
    "describe_security_groups",
    "describe_security_group_rules",
    "describe_network_interfaces",
    "describe_network_acls",
    "describe_route_tables",
    "describe_tags",
)


def everything() -> dict[str, Any]:
    """What there is in the accounts and Regions, but for the records of calls."""
    found: dict[str, Any] = {}
    for region, account in PLACES:
        where = f"{region} {account}"
        ec2 = client("ec2", region, account)
        for operation in EC2:
            found[f"{where} {operation}"] = getattr(ec2, operation)()
        cloudhsm = client("cloudhsmv2", region, account)
        found[f"{where} clusters"] = cloudhsm.describe_clusters()
        found[f"{where} backups"] = cloudhsm.describe_backups()
        kms = client("kms", region, account)
        found[f"{where} key stores"] = kms.describe_custom_key_stores()
        found[f"{where} keys"] = kms.list_keys()
        found[f"{where} roles"] = client("iam", region, account).list_roles()
    for answer in found.values():
        del answer["ResponseMetadata"]
    return found


@contextmanager
def nothing_left(world: Cks) -> Iterator[None]:
    """What is done leaves nothing, and nothing comes of it later."""
    before = everything()
    has_clusters = any(
        before[f"{region} {account} clusters"]["Clusters"] for region, account in PLACES
    )
    yield
    assert everything() == before
    if has_clusters:
        return  # they are backed up daily
    states = len(world.timeline.entries(kind="state"))
    world.clock.advance(days=400)
    assert len(world.timeline.entries(kind="state")) == states
    assert everything() == before


def slow(world: Cks) -> None:
    state_manager.set_transition("cloudhsmv2::hsm", {"progression": "time", "seconds": 600})


def taken(world: Cks) -> None:
    world.create_key_store()


def full(world: Cks) -> None:
    for number in range(10):
        world.create_key_store(f"Store {number}", connect=False)


def fail(operation: str, code: str) -> Callable[[Cks], object]:
    """Every attempt of an operation fails: a client may try again by itself."""
    return lambda world: world.faults.fail(operation, code, times=None)


Refusal = tuple[Callable[[Cks], object], dict[str, Any], type[Exception], str]

NOTHING: Callable[[Cks], object] = lambda world: None  # noqa: E731

OF_CLUSTERS: dict[str, Refusal] = {
    "password": (NOTHING, {"kmsuser_password": "short"}, HsmError, "7 to 32"),
    "unknown VPC": (NOTHING, {"vpc_id": "vpc-12345678"}, ClientError, "InvalidVpcID.NotFound"),
    "unknown subnet": (NOTHING, {"subnet_ids": ["subnet-12345678"]}, ClientError, "subnet-1234"),
    "unknown zone": (
        NOTHING,
        {"zones": ["us-east-1a", "us-east-1z"]},
        ClientError,
        "us-east-1z",
    ),
    "a zone twice": (
        NOTHING,
        {"zones": ["us-east-1a", "us-east-1a"]},
        ClientError,
        "Only one subnet",
    ),
    "block of a VPC": (NOTHING, {"cidr": "10.0.0.0/8"}, ClientError, "InvalidVpc.Range"),
    "no block": (NOTHING, {"cidr": "nonsense"}, ClientError, "nonsense"),
    "larger than its VPC": (
        NOTHING,
        {"cidr": "10.0.0.0/24", "subnet_prefix": 20},
        ValueError,
        "prefix",
    ),
    "too many HSMs": (NOTHING, {"hsms": 29}, ClientError, "28 HSMs"),
    "CreateCluster": (
        fail("CreateCluster", "CloudHsmServiceException"),
        {},
        ClientError,
        "CreateCluster",
    ),
    "CreateHsm": (fail("CreateHsm", "CloudHsmServiceException"), {}, ClientError, "CreateHsm"),
    "InitializeCluster": (
        fail("InitializeCluster", "CloudHsmServiceException"),
        {},
        ClientError,
        "InitializeCluster",
    ),
    "HSMs that take their time": (slow, {}, HsmError, "unavailable"),
    "a Region of which nobody knows": (NOTHING, {"region": "nowhere-1"}, ValueError, "nowhere-1"),
}
"""What is wrong, what is asked for, what is raised, and what that says."""

OF_KEY_STORES: dict[str, Refusal] = {
    **OF_CLUSTERS,
    "one HSM": (NOTHING, {"hsms": 1}, ClientError, "CloudHsmClusterInvalidConfiguration"),
    "one zone": (NOTHING, {"zones": ["us-east-1a"]}, ClientError, "InvalidConfiguration"),
    "name in use": (taken, {}, ClientError, "CustomKeyStoreNameInUseException"),
    "ten key stores": (full, {}, ClientError, "LimitExceededException"),
    "no name": (NOTHING, {"name": ""}, ParamValidationError, "CustomKeyStoreName"),
    "a password for KMS": (
        NOTHING,
        {"kmsuser_password": "two words!"},
        ClientError,
        "ValidationException",
    ),
    "CreateCustomKeyStore": (
        fail("CreateCustomKeyStore", "KMSInternalException"),
        {},
        ClientError,
        "CreateCustomKeyStore",
    ),
    "ConnectCustomKeyStore": (
        fail("ConnectCustomKeyStore", "KMSInternalException"),
        {},
        ClientError,
        "ConnectCustomKeyStore",
    ),
}


def check(world: Cks, build: Callable[..., Any], refusal: Refusal) -> None:
    prepare, parameters, kind, says = refusal
    prepare(world)
    with nothing_left(world), pytest.raises(kind, match=says):
        build(**parameters)


@pytest.mark.parametrize("what", OF_CLUSTERS)
def test_a_refused_cluster_leaves_nothing(world: Cks, what: str) -> None:
    check(world, world.create_cluster, OF_CLUSTERS[what])


@pytest.mark.parametrize("what", OF_KEY_STORES)
def test_a_refused_key_store_leaves_nothing(world: Cks, what: str) -> None:
    check(world, world.create_key_store, OF_KEY_STORES[what])


def test_in_another_account_and_region(world: Cks) -> None:
    where = {"region": OTHER_REGION, "account_id": OTHER_ACCOUNT}
    with nothing_left(world), pytest.raises(ClientError, match="InvalidConfiguration"):
        world.create_key_store(hsms=1, **where)


def test_the_second_time_and_the_right_way_after_it(world: Cks) -> None:
    with nothing_left(world):
        for _ in range(2):
            with pytest.raises(ClientError, match="InvalidConfiguration"):
                world.create_key_store(hsms=1)
    assert world.create_key_store().create_key()


@contextmanager
def refused_to_connect(world: Cks) -> Iterator[None]:
    with (
        world.faults.fail("ConnectCustomKeyStore", "KMSInternalException", times=None),
        pytest.raises(ClientError, match="KMSInternalException"),
    ):
        yield


def test_what_was_there_before_stays(world: Cks) -> None:
    """A VPC, a cluster, a key store of the same name, and the roles of the services."""
    ec2 = client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    mine = ec2.create_subnet(
        VpcId=vpc_id, CidrBlock="10.0.200.0/24", AvailabilityZone="us-east-1a"
    )["Subnet"]["SubnetId"]
    with nothing_left(world), pytest.raises(ClientError, match="InvalidConfiguration"):
        world.create_key_store(vpc_id=vpc_id, hsms=1)
    with nothing_left(world), pytest.raises(ClientError, match="InvalidConfiguration"):
        world.create_key_store(subnet_ids=[mine])
    store = world.create_key_store(vpc_id=vpc_id, connect=False)
    with nothing_left(world), refused_to_connect(world):
        world.create_key_store(cluster=store.cluster)  # a retry of the one before
    kms = client("kms")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert store.create_key()


def test_a_key_store_on_a_cluster_that_is_given(world: Cks) -> None:
    cluster = world.create_cluster()
    with refused_to_connect(world):
        world.create_key_store(cluster=cluster)
    assert client("kms").describe_custom_key_stores()["CustomKeyStores"] == []
    roles = {role["RoleName"] for role in client("iam").list_roles()["Roles"]}
    assert roles == {"AWSServiceRoleForCloudHSM"}
    assert world.create_key_store(cluster=cluster).create_key()


def test_the_calls_that_were_made_stay_on_record(world: Cks) -> None:
    with pytest.raises(ClientError):
        world.create_key_store(hsms=1)
    names = [event["eventName"] for event in world.trail.events()]
    assert names[0] == "CreateCluster"
    assert names[-1] == "CreateCustomKeyStore"


# Parameters of the wrong kind -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "kind", "says"),
    [
        ({"hsms": "2"}, TypeError, "hsms is a whole number"),
        ({"hsms": 2.0}, TypeError, "hsms is a whole number"),
        ({"hsms": True}, TypeError, "hsms is a whole number"),
        ({"hsms": 0}, ValueError, "hsms is at least 1"),
        ({"hsms": -1}, ValueError, "hsms is at least 1"),
        ({"region": 1}, TypeError, "region is a string"),
        ({"region": "us-east-99"}, ValueError, "There is no Region 'us-east-99'"),
        ({"region": ""}, ValueError, "There is no Region ''"),
        ({"account_id": 123456789012}, TypeError, "account_id is a string"),
        ({"account_id": "12"}, ValueError, "12 digits"),
        ({"kmsuser_password": b"kmsPswd1"}, TypeError, "kmsuser_password is a string"),
        ({"subnet_ids": "subnet-12345678"}, TypeError, "subnet_ids is a list of strings"),
        ({"zones": "us-east-1a"}, TypeError, "zones is a list of strings"),
        ({"zones": [1]}, TypeError, "zones is a list of strings"),
        ({"subnet_prefix": "24"}, TypeError, "subnet_prefix is a whole number"),
        ({"subnet_prefix": 29}, ValueError, "subnet_prefix is from 16 to 28"),
        ({"subnet_prefix": 8}, ValueError, "subnet_prefix is from 16 to 28"),
        ({"vpc_id": 5}, TypeError, "vpc_id is a string"),
        ({"vpc": "vpc-12345678"}, TypeError, "vpc"),
    ],
    ids=str,
)
def test_parameters_of_the_wrong_kind(
    world: Cks, parameters: Any, kind: type[Exception], says: str
) -> None:
    with nothing_left(world):
        for build in (world.create_cluster, world.create_key_store):
            with pytest.raises(kind, match=says):
                build(**parameters)


def test_no_password_is_in_what_is_said(world: Cks) -> None:
    secret: Any = ["Passw0rd1"]
    with pytest.raises(TypeError) as caught:
        world.create_cluster(kmsuser_password=secret)
    assert "Passw0rd1" not in str(caught.value)


@pytest.mark.parametrize(
    "parameter",
    [
        {"hsms": 2},
        {"region": REGION},
        {"account_id": "123456789012"},
        {"vpc_id": "vpc-12345678"},
        {"subnet_ids": []},
        {"cidr": "10.0.0.0/16"},
        {"subnet_prefix": 24},
        {"zones": ["us-east-1a"]},
    ],
    ids=lambda parameter: next(iter(parameter)),
)
def test_a_given_cluster_takes_none_of_a_new_one(world: Cks, parameter: Any) -> None:
    cluster = world.create_cluster()
    with nothing_left(world), pytest.raises(TypeError, match=next(iter(parameter))):
        world.create_key_store(cluster=cluster, **parameter)
