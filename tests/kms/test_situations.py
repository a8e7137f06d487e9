"""The situation of a key store or a KMS key, whole: its state, its surroundings, its reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moto_cks import Cks, KeyStore
from moto_cks.kms.findings import Finding, Kind, Reason, Situation, When
from moto_cks.kms.keystores.reasons import distinct
from moto_cks.kms.situations import find_key, key_situation, key_store_situation
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import connect, disconnect
from tests.kms.user import User
from tests.moments import NOON

INVALID = "KMSInvalidStateException"
HOUR = timedelta(hours=1)


@pytest.fixture
def quiet(noon: Any, store: KeyStore) -> KeyStore:
    """A key store in a world whose time only the simulated clock moves."""
    return store


def state_of(store: KeyStore) -> tuple[dict[str, Any], list[Reason]]:
    situation = key_store_situation(store.id)
    assert (situation.kind, situation.id) == (Kind.KEY_STORE, store.id)
    around = {"store": store.id, "name": store.name}
    around["connection_state"] = situation.state["ConnectionState"]
    assert situation.surroundings.items() >= around.items()
    return dict(situation.state), [*situation.reasons]


def test_c1_the_connection_of_a_key_store(noon: Any, world: Cks) -> None:
    store = world.create_external_key_store("mine", connect=False)
    facts = {"store": store.id, "name": "mine"}

    def is_not_connected(cause: str, since: Any, **more: Any) -> list[Reason]:
        return [Reason(Finding(cause, {**facts, **more}, since), INVALID, When.NOW)]

    assert key_store_situation(store.id) == Situation(
        Kind.KEY_STORE,
        store.id,
        {"ConnectionState": "DISCONNECTED"},
        {**facts, "connection_state": "DISCONNECTED"},
        tuple(
            is_not_connected(
                "store-disconnected", NOON, state="DISCONNECTED", until=None, ever_connected=False
            )
        ),
    )
    connect(store)
    assert state_of(store) == ({"ConnectionState": "CONNECTED"}, [])
    world.clock.advance(hours=1)
    disconnect(store)
    assert state_of(store)[1] == is_not_connected(
        "store-disconnected", NOON + HOUR, state="DISCONNECTED", until=None, ever_connected=True
    )


def test_c5_failures_that_are_injected_and_those_that_have_come(
    quiet: KeyStore, world: Cks, kms: Any
) -> None:
    network = world.faults.connection_error("NETWORK_ERRORS", times=2, key_store=quiet)
    world.faults.fail("ConnectCustomKeyStore", "KMSInternalException", times=3)
    world.faults.fail("CreateKey", "LimitExceededException")
    world.faults.fail("kms:DescribeKey", "NotFoundException")  # that is no matter of a key store

    def will(times: int) -> list[Reason]:
        found = Finding("network-errors", {"times": times, "injected": True})
        return [Reason(found, "NETWORK_ERRORS", When.NEXT_CONNECT)]

    def calls(times: int) -> list[Reason]:
        facts = {"operation": "ConnectCustomKeyStore", "times": times}
        first = Reason(Finding("injected-failure", facts), "KMSInternalException", When.NEXT_CALL)
        return [first]  # the second is of the same cause

    assert state_of(quiet) == ({"ConnectionState": "CONNECTED"}, [*will(2), *calls(3)])
    disconnect(quiet)
    world.clock.advance(hours=1)
    for _ in range(3):
        assert error_of(kms.connect_custom_key_store, CustomKeyStoreId=quiet.id)[0] == (
            "KMSInternalException"
        )
    connect(quiet)
    facts = {"store": quiet.id, "name": quiet.name, "state": "FAILED"}
    create = Finding("injected-failure", {"operation": "CreateKey", "times": 1})
    last = Reason(create, "LimitExceededException", When.NEXT_CALL)
    state = {"ConnectionState": "FAILED", "ConnectionErrorCode": "NETWORK_ERRORS"}
    more = {**facts, "times": 1, "injected": True}
    failed = Reason(Finding("network-errors", more, NOON + HOUR), "NETWORK_ERRORS", When.NOW)
    assert state_of(quiet) == (state, [failed, last])
    network.end()
    mended = Finding("network-errors", {**facts, "mended": True}, NOON + HOUR)
    assert state_of(quiet) == (state, [Reason(mended, "NETWORK_ERRORS", When.NOW), last])


def test_c1_c4_what_stands_in_the_way_is_told_where_kms_comes_upon_it(
    quiet: KeyStore, transition: Any
) -> None:
    cloudhsm, cluster = client("cloudhsmv2"), quiet.cluster.id
    first, second = (hsm.id for hsm in quiet.cluster.hsms)

    def causes() -> list[tuple[str, When]]:
        return [(reason.finding.cause, reason.when) for reason in state_of(quiet)[1]]

    cloudhsm.delete_hsm(ClusterId=cluster, HsmId=first)
    assert causes() == [("one-hsm-left", When.CREATION)]
    disconnect(quiet)
    assert causes() == [("store-disconnected", When.NOW)]
    transition("cks::connection", progression="manual", times=2)
    connect(quiet)
    facts = {"store": quiet.id, "name": quiet.name, "state": "CONNECTING"}
    more = {"until": None, "ever_connected": True}
    slow = Reason(Finding("slow-connection", {**facts, **more}, NOON), INVALID, When.NOW)
    assert state_of(quiet) == ({"ConnectionState": "CONNECTING"}, [slow])
    cloudhsm.delete_hsm(ClusterId=cluster, HsmId=second)
    # That it would be refused at once does not matter any more: it has been let through.
    assert causes() == [
        ("slow-connection", When.NOW),
        ("insufficient-cloudhsm-hsms", When.NEXT_CONNECT),
    ]


def test_n3_a_quota_that_is_used_up_comes_first(quiet: KeyStore, world: Cks, kms: Any) -> None:
    key_id = quiet.create_key()
    with world.faults.throttle(1):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
        disconnect(quiet)
        exceeded = Finding("request-quota-exceeded", {"requests_per_second": 1})
        _, (first, second) = state_of(quiet)
        assert first == Reason(exceeded, "ThrottlingException", When.NOW)
        assert second.finding.cause == "store-disconnected"


def test_a_key_with_what_is_around_it(quiet: KeyStore, world: Cks, kms: Any) -> None:
    ordinary = kms.create_key()["KeyMetadata"]
    assert key_situation(ordinary["KeyId"]) == Situation(
        Kind.KEY,
        ordinary["KeyId"],
        {"KeyState": "Enabled"},
        {"key": ordinary["KeyId"], "key_arn": ordinary["Arn"]},
        (),
    )
    user = User(quiet)
    around = key_store_situation(quiet.id).surroundings
    found = key_situation(user.key_id)
    arn = kms.describe_key(KeyId=user.key_id)["KeyMetadata"]["Arn"]
    handle = found.surroundings["handle"]
    assert isinstance(handle, int)
    assert found == Situation(
        Kind.KEY,
        user.key_id,
        {
            "KeyState": "Enabled",
            "CustomKeyStoreId": quiet.id,
            "ConnectionState": "CONNECTED",
        },
        {**around, "key": user.key_id, "key_arn": arn, "handle": handle},
        (),
    )


def test_o3_keys_that_were_deleted_with_what_is_left_of_each(
    quiet: KeyStore, world: Cks, kms: Any
) -> None:
    ordinary = kms.create_key()["KeyMetadata"]
    users = [User(quiet), User(quiet)]
    handles = [key_situation(user.key_id).surroundings["handle"] for user in users]
    arns = [kms.describe_key(KeyId=user.key_id)["KeyMetadata"]["Arn"] for user in users]
    for key_id in (ordinary["KeyId"], *(user.key_id for user in users)):
        kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    disconnect(quiet)
    world.clock.advance(days=8)
    then = NOON + timedelta(days=7)
    deleted = Reason(Finding("ordinary-key-deleted", {}, then), "NotFoundException", When.NOW)
    found = key_situation(ordinary["Arn"])
    assert found == Situation(
        Kind.KEY,
        ordinary["KeyId"],
        {},
        {"key": ordinary["KeyId"], "key_arn": ordinary["Arn"]},
        (deleted,),
    )
    of_store = key_store_situation(quiet.id)
    around = of_store.surroundings
    (all_that_is_left,) = (
        reason.finding.facts
        for reason in of_store.reasons
        if reason.finding.cause == "orphaned-key-material"
    )
    for user, handle, arn in zip(users, handles, arns, strict=True):
        found = key_situation(user.key_id)
        assert found.state == {"CustomKeyStoreId": quiet.id, "ConnectionState": "DISCONNECTED"}
        assert found.surroundings == {
            **around,
            "key": user.key_id,
            "key_arn": arn,
            "handle": handle,
        }
        gone, left = found.reasons
        facts = {"handle": handle, "material_deleted": False}
        assert gone == Reason(Finding("key-deleted", facts, then), "NotFoundException", When.NOW)
        assert left.finding.cause == "orphaned-key-material"
        place = all_that_is_left["keys"].index(user.key_id)
        of_the_key = {"keys": [user.key_id], "handles": [handle]}
        of_the_key["ids"] = [all_that_is_left["ids"][place]]
        assert left.finding.facts == {**all_that_is_left, **of_the_key}
    ids = [key_situation(user.key_id).reasons[1].finding.facts["ids"] for user in users]
    assert ids[0] != ids[1]


@pytest.mark.parametrize("search", [find_key, key_situation])
def test_a_name_means_one_key_or_none(world: Cks, kms: Any, search: Any) -> None:
    there = client("kms", OTHER_REGION)
    here_arn, there_arn = (each.create_key()["KeyMetadata"]["Arn"] for each in (kms, there))
    for each, arn in ((kms, here_arn), (there, there_arn)):
        each.create_alias(AliasName="alias/mine", TargetKeyId=arn)
    home, _, key_id = here_arn.partition("key/")
    for name in (here_arn, key_id, f"{home}alias/mine"):
        assert search(name).id == key_id
    with pytest.raises(ValueError, match="Say which") as several:
        search("alias/mine")
    assert str(several.value) == f"Say which alias/mine: {here_arn} or {there_arn}."
    for unknown in (
        "alias/none",
        here_arn.replace("123456789012", OTHER_ACCOUNT),
        f"{home}alias/none",
    ):
        with pytest.raises(KeyError) as none:
            search(unknown)
        assert none.value.args == (f"There is no KMS key {unknown!r} in any account and Region.",)


def test_a_thing_is_told_where_it_is_come_upon_first() -> None:
    def of(cause: str, otherwise: str | None = None) -> Reason:
        return Reason(Finding(cause, otherwise=otherwise), cause, When.NOW)

    one, again = of("a"), Reason(Finding("a"), "again", When.NEXT_CONNECT)
    other, as_other, as_first = of("b", "c"), of("c"), of("d", "a")
    alone, both = of("e"), of("f", "g")
    given = [one, again, other, as_other, as_first, alone, both]
    assert [*distinct(given)] == [one, other, alone, both]
    assert [*distinct(reversed(given))] == [both, alone, as_first, as_other]
