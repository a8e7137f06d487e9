"""The connection of a custom key store: C1 to C4, and what connecting does in EC2 (N1)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moto_cks import HsmError, ReturnCode
from tests.aws import client, error_of
from tests.kms import described, restore, state_of

WRONG_STATE = "CustomKeyStoreInvalidStateException"
WRONG_CONFIGURATION = "CloudHsmClusterInvalidConfigurationException"
NEVER = {"progression": "manual", "times": 1000}

STATES = ["DISCONNECTED", "CONNECTING", "CONNECTED", "FAILED", "DISCONNECTING"]


def store_in(state: str, world: Any, kms: Any, transition: Callable[..., None]) -> Any:
    """A key store in a connection state, in which it stays."""
    store = world.create_key_store(connect=state in ("CONNECTED", "DISCONNECTING"))
    if state == "FAILED":
        store.cluster.change_password("CU", "kmsuser", "anotherPswd")
    if state != "FAILED":
        transition("cks::connection", **NEVER)
    if state in ("CONNECTING", "FAILED"):
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    if state == "DISCONNECTING":
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert described(store)["ConnectionState"] == state
    return store


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "connect": lambda kms, store: kms.connect_custom_key_store(CustomKeyStoreId=store.id),
    "disconnect": lambda kms, store: kms.disconnect_custom_key_store(CustomKeyStoreId=store.id),
    "rename": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, NewCustomKeyStoreName="NewName"
    ),
    "tell password": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, KeyStorePassword="tempPassword"
    ),
    "rename and tell password": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, NewCustomKeyStoreName="NewName", KeyStorePassword="tempPassword"
    ),
    "change cluster": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, CloudHsmClusterId=store.cluster.id
    ),
    "delete": lambda kms, store: kms.delete_custom_key_store(CustomKeyStoreId=store.id),
    "create key": lambda kms, store: store.create_key(),
    "random": lambda kms, store: kms.generate_random(CustomKeyStoreId=store.id, NumberOfBytes=8),
}

NEXT_STATE: dict[str, dict[str, str | None]] = {
    "DISCONNECTED": {
        "connect": "CONNECTING",
        "rename": "DISCONNECTED",
        "tell password": "DISCONNECTED",
        "rename and tell password": "DISCONNECTED",
        "change cluster": "DISCONNECTED",
        "delete": None,
    },
    "CONNECTING": {"connect": "CONNECTING", "disconnect": "DISCONNECTING"},
    "CONNECTED": {
        "connect": "CONNECTED",
        "disconnect": "DISCONNECTING",
        "rename": "CONNECTED",
        "create key": "CONNECTED",
        "random": "CONNECTED",
    },
    "FAILED": {"disconnect": "DISCONNECTING"},
    "DISCONNECTING": {},
}
"""What each state accepts, and the state after that."""


@pytest.mark.parametrize("state", STATES)
def test_c2_only_failed_carries_an_error_code(
    state: str, world: Any, kms: Any, transition: Any
) -> None:
    entry = described(store_in(state, world, kms, transition))
    assert ("ConnectionErrorCode" in entry) is (state == "FAILED")


def test_c2_the_error_code_goes_with_the_state(world: Any, kms: Any, transition: Any) -> None:
    store = store_in("FAILED", world, kms, transition)
    transition("cks::connection", progression="manual", times=2)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert [state_of(store) for _ in range(2)] == [("DISCONNECTING", None), ("DISCONNECTED", None)]
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert [state_of(store) for _ in range(2)] == [
        ("CONNECTING", None),
        ("FAILED", "INVALID_CREDENTIALS"),
    ]


@pytest.mark.parametrize("state", STATES)
def test_c3_what_a_state_does_not_accept_is_refused_and_changes_nothing(
    state: str, world: Any, kms: Any, transition: Any
) -> None:
    store = store_in(state, world, kms, transition)
    before = described(store)
    for name in OPERATIONS.keys() - NEXT_STATE[state].keys():
        with pytest.raises(ClientError) as refused:
            OPERATIONS[name](kms, store)
        assert refused.value.response["Error"]["Code"] == WRONG_STATE, name
        assert state in refused.value.response["Error"]["Message"], name
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400, name
        assert described(store) == before, name


@pytest.mark.parametrize(
    ("state", "operation", "following"),
    [(state, name, after) for state in STATES for name, after in NEXT_STATE[state].items()],
)
def test_c3_what_a_state_accepts(
    state: str, operation: str, following: str | None, world: Any, kms: Any, transition: Any
) -> None:
    store = store_in(state, world, kms, transition)
    transition("cks::connection", **NEVER)
    OPERATIONS[operation](kms, store)
    if following is None:
        assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    else:
        assert described(store)["ConnectionState"] == following


def test_c3_connect_is_refused_while_failed_even_if_the_cause_is_gone(store: Any, kms: Any) -> None:
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")
    session = store.cluster.login("CU", "kmsuser", "tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    session.logout()
    for _ in range(2):
        assert error_of(kms.connect_custom_key_store, CustomKeyStoreId=store.id)[0] == WRONG_STATE
    assert state_of(store) == ("FAILED", "USER_LOGGED_IN")


def test_c3_connecting_again_leaves_the_connection_alone(store: Any, kms: Any, ec2: Any) -> None:
    def interfaces() -> set[str]:
        found = ec2.describe_network_interfaces()["NetworkInterfaces"]
        return {interface["NetworkInterfaceId"] for interface in found}

    key_id = store.create_key()
    before = interfaces()
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert interfaces() == before
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x")["KeyId"].endswith(key_id)


# C1: time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["connect_custom_key_store", "disconnect_custom_key_store"])
def test_c1_the_answer_is_an_empty_object_at_once(operation: str, store: Any, kms: Any) -> None:
    answer = getattr(kms, operation)(CustomKeyStoreId=store.id)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert answer == {}


def test_c1_immediate_by_default(world: Any, kms: Any) -> None:
    store = world.create_key_store(connect=False)
    assert state_of(store) == ("DISCONNECTED", None)
    for _ in range(2):
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        assert state_of(store) == ("CONNECTED", None)
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        assert state_of(store) == ("DISCONNECTED", None)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_c1_manual_progresses_with_each_description(
    times: int, world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="manual", times=times)
    for call, during, after in (
        (kms.connect_custom_key_store, "CONNECTING", "CONNECTED"),
        (kms.disconnect_custom_key_store, "DISCONNECTING", "DISCONNECTED"),
    ):
        call(CustomKeyStoreId=store.id)
        seen = [state_of(store)[0] for _ in range(times + 2)]
        assert seen == [during] * (times - 1) + [after] * 3


def test_c1_manual_counts_only_descriptions_of_that_key_store(
    world: Any, kms: Any, transition: Any
) -> None:
    first = world.create_key_store("first")
    second = world.create_key_store("second", connect=False)
    key_id = first.create_key()
    transition("cks::connection", progression="manual", times=2)
    kms.disconnect_custom_key_store(CustomKeyStoreId=first.id)
    kms.connect_custom_key_store(CustomKeyStoreId=second.id)
    for _ in range(3):
        state_of(second)
        kms.describe_key(KeyId=key_id)
    assert state_of(second)[0] == "CONNECTED"
    assert state_of(first)[0] == "DISCONNECTING"


def test_c1_manual_ends_in_failed_too(world: Any, kms: Any, transition: Any) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="manual", times=3)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "anotherPswd")  # before KMS has got that far
    assert [state_of(store) for _ in range(3)] == [
        ("CONNECTING", None),
        ("CONNECTING", None),
        ("FAILED", "INVALID_CREDENTIALS"),
    ]


def test_c1_time_passes_on_the_simulated_clock(world: Any, kms: Any, transition: Any) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="time", seconds=1200)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(minutes=19)
    assert [state_of(store)[0] for _ in range(3)] == ["CONNECTING"] * 3
    world.clock.advance(minutes=1)
    assert state_of(store)[0] == "CONNECTED"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store)[0] == "DISCONNECTING"
    world.clock.advance(hours=1)
    assert state_of(store)[0] == "DISCONNECTED"


def test_c1_time_passes_under_freezegun(world: Any, kms: Any, transition: Any) -> None:
    with freeze_time("2030-01-01 12:00:00") as frozen:
        store = world.create_key_store(connect=False)
        transition("cks::connection", progression="time", seconds=60)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        frozen.tick(59)
        assert state_of(store)[0] == "CONNECTING"
        frozen.tick(1)
        assert state_of(store)[0] == "CONNECTED"


def test_c1_a_connection_becomes_usable_without_a_description(
    world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="time", seconds=60)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    with pytest.raises(ClientError):
        store.create_key()
    world.clock.advance(minutes=1)
    assert kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["KeyState"] == "Enabled"


def test_c1_what_counts_is_the_moment_at_which_connecting_ends(
    world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    session = store.cluster.login("CU", "kmsuser", "kmsPswd1")
    transition("cks::connection", progression="time", seconds=60)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    session.logout()
    world.clock.advance(minutes=1)
    assert state_of(store) == ("CONNECTED", None)


def test_c3_disconnect_while_connecting_ends_the_attempt(
    world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="time", seconds=60)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(seconds=59)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(seconds=59)
    assert state_of(store) == ("DISCONNECTING", None)
    world.clock.advance(seconds=1)
    assert state_of(store) == ("DISCONNECTED", None)
    store.cluster.login("CU", "kmsuser", "kmsPswd1").logout()  # KMS has not come to rotate it


# Any sequence of calls ---------------------------------------------------------------------------

DESCRIPTIONS = 2
"""How many of them CONNECTING and DISCONNECTING take."""


class Expected:
    """What a key store, and kmsuser on the first HSM, should be like after the same calls."""

    def __init__(self) -> None:
        self.state = "DISCONNECTED"
        self.ticks = 0
        self.logged_in = False  # KMS, as kmsuser
        self.knows_password = True  # KMS
        self.password = "password0"  # the last one that a crypto officer has set
        self.rotated = False  # by KMS, since then
        self.failures = 0
        self._numbers = itertools.count(1)

    def connect(self) -> bool:
        if self.state == "DISCONNECTED":
            self.state, self.ticks = "CONNECTING", 0
        return self.state in ("CONNECTING", "CONNECTED")

    def disconnect(self) -> bool:
        if self.state in ("DISCONNECTED", "DISCONNECTING"):
            return False
        self.state, self.ticks = "DISCONNECTING", 0
        return True

    def tell(self) -> bool:
        if self.state != "DISCONNECTED":
            return False
        self.knows_password = not self.rotated
        return True

    def change(self) -> bool:
        if self.logged_in:
            return False
        self.password = f"password{next(self._numbers)}"
        self.knows_password, self.rotated, self.failures = False, False, 0
        return True

    def describe(self) -> bool:
        self.ticks += 1
        if self.ticks >= DESCRIPTIONS and self.state == "DISCONNECTING":
            self.state, self.logged_in = "DISCONNECTED", False
        elif self.ticks >= DESCRIPTIONS and self.state == "CONNECTING":
            self._log_in()
        return True

    def _log_in(self) -> None:
        if self.failures >= 5:
            self.state = "FAILED USER_LOCKED_OUT"
        elif not self.knows_password:
            self.state = "FAILED INVALID_CREDENTIALS"
            self.failures += 1
        else:
            self.state, self.logged_in, self.rotated, self.failures = "CONNECTED", True, True, 0


CYCLE = ["connect", "describe", "describe", "disconnect", "describe", "describe"]
STEPS = st.lists(
    st.sampled_from(
        [[step] for step in ("connect", "disconnect", "describe", "change", "tell")]
        + [CYCLE, CYCLE * 3]
    ),
    max_size=12,
).map(lambda parts: list(itertools.chain.from_iterable(parts)))


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_c3_any_sequence_of_calls(store: Any, kms: Any, transition: Any, steps: list[str]) -> None:
    key_store = {"CustomKeyStoreId": store.id}
    expected = Expected()
    transition("cks::connection", progression="immediate")
    if state_of(store)[0] != "DISCONNECTED":
        kms.disconnect_custom_key_store(**key_store)
    store.cluster.change_password("CU", "kmsuser", expected.password)
    kms.update_custom_key_store(**key_store, KeyStorePassword=expected.password)
    transition("cks::connection", progression="manual", times=DESCRIPTIONS)

    calls: dict[str, Callable[[], Any]] = {
        "connect": lambda: kms.connect_custom_key_store(**key_store),
        "disconnect": lambda: kms.disconnect_custom_key_store(**key_store),
        "tell": lambda: kms.update_custom_key_store(
            **key_store, KeyStorePassword=expected.password
        ),
        "change": lambda: store.cluster.change_password("CU", "kmsuser", expected.password) or True,
        "describe": lambda: state_of(store),
    }
    for step in steps:
        accepted = getattr(expected, step)()
        try:
            seen = calls[step]()
        except (ClientError, HsmError):
            seen = None
        assert (seen is not None) is accepted, step
        if step == "describe":
            assert " ".join(filter(None, seen)) == expected.state


# C4: what fails fast -----------------------------------------------------------------------------


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
    store = world.create_key_store(connect=False)
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


def cluster_group(ec2: Any, cluster: Any) -> dict[str, Any]:
    (group,) = ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"cloudhsm-{cluster.id}-sg"]}]
    )["SecurityGroups"]
    return dict(group)


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


# N1: what is made in EC2 -------------------------------------------------------------------------


def kms_groups(ec2: Any) -> list[dict[str, Any]]:
    found = ec2.describe_security_groups()["SecurityGroups"]
    return [group for group in found if group["GroupName"].startswith("kms-")]


def kms_interfaces(ec2: Any) -> list[dict[str, Any]]:
    found = ec2.describe_network_interfaces()["NetworkInterfaces"]
    return [interface for interface in found if interface["Description"].startswith("KMS ")]


def test_n1_connecting_makes_a_security_group_and_interfaces(
    store: Any, kms: Any, ec2: Any
) -> None:
    cluster = store.cluster
    for _ in range(2):
        (group,) = kms_groups(ec2)
        assert group["GroupName"] == f"kms-{store.id}"
        assert group["VpcId"] == cluster.vpc_id
        assert group["IpPermissionsEgress"] == []
        (inbound,) = group["IpPermissions"]
        (source,) = inbound["UserIdGroupPairs"]
        assert source["GroupId"] == cluster_group(ec2, cluster)["GroupId"]
        assert inbound["IpRanges"] == []

        interfaces = kms_interfaces(ec2)
        assert sorted(eni["SubnetId"] for eni in interfaces) == sorted(cluster.subnet_ids)
        for eni in interfaces:
            assert eni["Description"] == f"KMS managed ENI for cluster {cluster.id}"
            assert group["GroupId"] in [member["GroupId"] for member in eni["Groups"]]

        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        assert (kms_groups(ec2), kms_interfaces(ec2)) == ([], [])
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def test_n1_a_failed_attempt_leaves_nothing_in_ec2(world: Any, kms: Any, ec2: Any) -> None:
    store = world.create_key_store(connect=False)
    store.cluster.change_password("CU", "kmsuser", "anotherPswd")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("FAILED", "INVALID_CREDENTIALS")
    assert (kms_groups(ec2), kms_interfaces(ec2)) == ([], [])
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert (kms_groups(ec2), kms_interfaces(ec2)) == ([], [])


def test_n1_the_interfaces_follow_the_cluster(store: Any, world: Any, kms: Any, ec2: Any) -> None:
    successor = restore(world, store.cluster, subnet_ids=store.cluster.subnet_ids[1:])
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    successor.change_password("CU", "kmsuser", "tempPassword")
    kms.update_custom_key_store(
        CustomKeyStoreId=store.id, CloudHsmClusterId=successor.id, KeyStorePassword="tempPassword"
    )
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    interfaces = kms_interfaces(ec2)
    assert sorted(eni["SubnetId"] for eni in interfaces) == sorted(successor.subnet_ids)
    assert all(successor.id in eni["Description"] for eni in interfaces)


def test_n1_each_key_store_has_its_own(world: Any, kms: Any, ec2: Any) -> None:
    first, second = world.create_key_store("first"), world.create_key_store("second")
    kms.disconnect_custom_key_store(CustomKeyStoreId=first.id)
    assert [group["GroupName"] for group in kms_groups(ec2)] == [f"kms-{second.id}"]
    assert {eni["VpcId"] for eni in kms_interfaces(ec2)} == {second.cluster.vpc_id}


def test_n1_interfaces_take_addresses_of_the_subnets(store: Any, kms: Any, ec2: Any) -> None:
    def free() -> list[int]:
        subnets = ec2.describe_subnets(SubnetIds=store.cluster.subnet_ids)["Subnets"]
        return [subnet["AvailableIpAddressCount"] for subnet in subnets]

    connected = free()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert free() == [count + 1 for count in connected]


def test_c3_kms_logs_out_only_when_disconnecting_is_over(
    store: Any, kms: Any, transition: Any
) -> None:
    transition("cks::connection", progression="manual", times=2)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with pytest.raises(HsmError) as refused:
        store.cluster.change_password("CU", "kmsuser", "tempPassword")
    assert refused.value.code is ReturnCode.USER_LOGGED_IN
    state_of(store)
    assert state_of(store)[0] == "DISCONNECTED"
    store.cluster.change_password("CU", "kmsuser", "tempPassword")


def test_c1_the_outcome_is_that_of_the_moment_at_which_the_attempt_ends(
    world: Any, store: Any, kms: Any, transition: Any
) -> None:
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    transition("cks::connection", progression="time", seconds=900)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(minutes=20)
    client("ec2").delete_subnet(SubnetId=store.cluster.subnet_ids[2])
    assert described(store)["ConnectionState"] == "CONNECTED"
