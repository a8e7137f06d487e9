"""What failures refuse, and that nothing has changed then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from moto.moto_api import state_manager

from moto_cks import HsmError, ReturnCode, cks, mock_cks
from moto_cks.failures.errors import UnmetNeedError
from moto_cks.failures.shapes import Need, Since
from moto_cks.failures.table import FAILURES
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client
from tests.failures.drill import CASES, Drill
from tests.kms import state_of
from tests.kms.user import CONNECTED, User

Make = Callable[..., Drill]

UNKNOWN = "cks-00000000000000000"


def trace(world: Any) -> list[Any]:
    """What has happened."""
    return list(world.timeline)


def test_there_is_no_such_failure(world: Any) -> None:
    with pytest.raises(KeyError, match="'nothing'"):
        world.failures["nothing"]


def test_there_is_no_such_variant(world: Any, store: Any) -> None:
    before = trace(world)
    failure = world.failures["user-locked-out"]
    for refused in (failure.happen, failure.steps):
        with pytest.raises(ValueError, match="has no variant 'twice', but by-tool, by-login"):
            refused(store, variant="twice")
    assert trace(world) == before


@pytest.mark.parametrize("use", ["happen", "repair", "steps"])
def test_there_is_no_such_key_store(world: Any, use: str) -> None:
    with pytest.raises(KeyError, match=UNKNOWN):
        getattr(world.failures["store-disconnected"], use)(UNKNOWN)
    with pytest.raises(KeyError, match=UNKNOWN):
        world.failures["store-disconnected"].carry_out(UNKNOWN, 1)


def test_without_the_mock() -> None:
    failure = cks.failures["store-disconnected"]
    for use in (failure.happen, failure.repair, failure.steps):
        with pytest.raises(RuntimeError, match="mock_cks is not on"):
            use(UNKNOWN)
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        failure.carry_out(UNKNOWN, 1)
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        cks.failures.happening()
    assert not failure.happens_to(UNKNOWN)


WITH_KEYS = (
    "deletion-pending-while-disconnected",
    "key-material-deleted",
    "key-material-lost",
    "backup-deleted",
    "orphaned-key-material",
    "key-deleted",
)


@pytest.mark.parametrize("name", WITH_KEYS)
def test_a_key_store_without_keys(world: Any, store: Any, name: str) -> None:
    before = trace(world)
    with pytest.raises(UnmetNeedError, match="a KMS key in the key store") as refused:
        world.failures[name].happen(store)
    assert refused.value.missing == ("a KMS key in the key store that is not pending deletion",)
    assert trace(world) == before
    assert world.failures.happening() == []


@pytest.mark.parametrize("name", WITH_KEYS)
def test_keys_that_are_pending_deletion_are_none(world: Any, user: User, name: str) -> None:
    user.kms.schedule_key_deletion(KeyId=user.key_id)
    with pytest.raises(UnmetNeedError, match="not pending deletion"):
        world.failures[name].happen(user.store)


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("kmsuser-second-factor", None),
        ("user-not-found", "everywhere"),
        ("user-not-found", "from-first-backup"),
    ],
)
def test_a_key_store_with_keys(world: Any, user: User, name: str, variant: str | None) -> None:
    before = trace(world)
    with pytest.raises(UnmetNeedError) as refused:
        world.failures[name].happen(user.store, variant=variant)
    assert refused.value.missing == ("a key store without KMS keys",)
    assert trace(world) == before


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_a_key_store_that_is_not_connected_and_has_no_hsm(
    world: Any, cloudhsm: Any, name: str, variant: str
) -> None:
    store = world.create_key_store(connect=False)
    for hsm in store.cluster.hsms:
        cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=hsm.id)
    before = trace(world)
    if FAILURES[name].case(variant).needs <= {Need.NO_KEY, Need.FIRST_BACKUP, Need.SECOND_CLUSTER}:
        assert FAILURES[name].since is Since.NEXT_CONNECT
        world.failures[name].happen(store, variant=variant)
        return
    with pytest.raises(UnmetNeedError) as refused:
        world.failures[name].happen(store, variant=variant)
    assert refused.value.missing
    assert trace(world) == before


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("one-hsm-left", "active HSMs in two Availability Zones"),
        ("password-changed-on-one-hsm", "active HSMs in two Availability Zones"),
        ("user-not-found", "active HSMs in two Availability Zones"),
    ],
)
def test_one_hsm_is_not_enough(world: Any, cloudhsm: Any, name: str, missing: str) -> None:
    store = world.create_key_store()
    last = store.cluster.hsms[-1]
    cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=last.id)
    with pytest.raises(UnmetNeedError) as refused:
        world.failures[name].happen(store)
    assert refused.value.missing == (missing,)


@pytest.mark.parametrize("zones", [["us-east-1a", "us-east-1b"], None], ids=["two", "three"])
def test_no_subnet_can_be_spared(world: Any, zones: Any) -> None:
    store = world.create_key_store(**({"zones": zones} if zones else {"hsms": 3}))
    with pytest.raises(UnmetNeedError, match="three Availability Zones, one of them without"):
        world.failures["subnet-not-found"].happen(store)


def test_a_cluster_is_migrated_once(world: Any, store: Any) -> None:
    failure = world.failures["migration-under-way"]
    needed = "a cluster of the type hsm1.medium"
    with pytest.raises(UnmetNeedError, match=needed):
        failure.happen(store)
    older = world.create_key_store("older", hsm_type="hsm1.medium")
    older.create_key()
    with failure.happen(older, variant="disconnected"):
        assert state_of(older) == ("DISCONNECTED", None)
    with pytest.raises(UnmetNeedError, match=needed):
        failure.happen(older)


def test_the_first_backup_is_gone(world: Any, store: Any, cloudhsm: Any) -> None:
    (first, *_) = cloudhsm.describe_backups(SortAscending=True)["Backups"]
    cloudhsm.delete_backup(BackupId=first["BackupId"])
    with pytest.raises(UnmetNeedError, match="from before kmsuser"):
        world.failures["user-not-found"].happen(store, variant="from-first-backup")


# Keys ---------------------------------------------------------------------------------------------


def test_no_such_key(world: Any, store: Any) -> None:
    with pytest.raises(KeyError, match="There is no KMS key alias/none"):
        world.failures["store-disconnected"].happen(store, key="alias/none")


def test_a_key_of_another_key_store(world: Any, store: Any) -> None:
    other = User(world.create_key_store("Other"))
    elsewhere = other.kms.create_key()["KeyMetadata"]["KeyId"]
    for key in (other.key_id, elsewhere):
        with pytest.raises(ValueError, match=f"The KMS key {key} is not in {store.id}"):
            world.failures["key-material-deleted"].happen(store, key=key)


@pytest.mark.parametrize("how", ["id", "arn", "alias"])
def test_only_one_key(world: Any, user: User, how: str) -> None:
    other = User(user.store)  # the same key store
    user.kms.create_alias(AliasName="alias/cards", TargetKeyId=user.key_id)
    arn = user.kms.describe_key(KeyId=user.key_id)["KeyMetadata"]["Arn"]
    key = {"id": user.key_id, "arn": arn, "alias": "alias/cards"}[how]
    with world.failures["key-material-deleted"].happen(user.store, key=key) as happening:
        assert happening.key_ids == (user.key_id,)
        with pytest.raises(user.kms.exceptions.KMSInvalidStateException):
            user.decrypt()
        assert other.decrypts()
    assert user.decrypts()


def test_a_disabled_key_stays_disabled(world: Any, user: User) -> None:
    user.kms.disable_key(KeyId=user.key_id)
    with world.failures["deletion-pending-while-disconnected"].happen(user.store):
        state = user.kms.describe_key(KeyId=user.key_id)["KeyMetadata"]["KeyState"]
        assert state == "PendingDeletion"
    assert user.kms.describe_key(KeyId=user.key_id)["KeyMetadata"]["KeyState"] == "Disabled"


# Twice, and not at all ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(FAILURES))
def test_twice(name: str, drill: Make, world: Any) -> None:
    one = drill(name)
    happening = one.happen()
    before = trace(world)
    with pytest.raises(UnmetNeedError, match=f"{name} to be repaired"):
        one.happen()
    assert trace(world) == before
    assert [item.failure.name for item in world.failures.happening()] == [name]
    happening.repair()
    with pytest.raises(UnmetNeedError, match="it to happen to"):
        happening.repair()
    one.prove()


@pytest.mark.parametrize("name", list(FAILURES))
def test_the_repair_of_what_has_not_happened(world: Any, store: Any, name: str) -> None:
    before = trace(world)
    with pytest.raises(UnmetNeedError, match=f"The repair of {name} needs it to happen"):
        world.failures[name].repair(store)
    with pytest.raises(UnmetNeedError, match="needs it to happen"):
        world.failures[name].carry_out(store, 1)
    assert trace(world) == before


def test_the_repair_of_another_variant(world: Any, store: Any) -> None:
    failure = world.failures["user-locked-out"]
    failure.happen(store, variant="by-login")
    with pytest.raises(UnmetNeedError, match=r"\(by-kms\) needs not by-login to happen"):
        failure.repair(store, variant="by-kms")
    with pytest.raises(ValueError, match="no variant"):
        failure.repair(store, variant="twice")
    failure.repair(store, variant="by-login")
    assert state_of(store) == CONNECTED


@pytest.mark.parametrize("number", [0, -1, 6])
def test_there_is_no_such_step(world: Any, store: Any, number: int) -> None:
    failure = world.failures["user-locked-out"]
    failure.happen(store)
    with pytest.raises(ValueError, match=f"has 5 steps, and no step {number}"):
        failure.carry_out(store, number)


def test_steps_in_the_wrong_order(world: Any, user: User) -> None:
    failure = world.failures["orphaned-key-material"]
    failure.happen(user.store)
    number = [step.name for step in failure.steps].index("delete-key") + 1
    with pytest.raises(UnmetNeedError, match="log-in-as-kmsuser before it"):
        failure.carry_out(user.store, number)
    invalid = world.failures["invalid-credentials"]
    with pytest.raises(UnmetNeedError, match="needs it to happen"):
        invalid.carry_out(user.store, 1)
    failure.repair(user.store)
    assert state_of(user.store) == CONNECTED


def test_a_step_that_is_refused_says_so(world: Any, store: Any) -> None:
    failure = world.failures["kmsuser-kept-by-kms"]
    failure.happen(store)
    set_password = [step.name for step in failure.steps].index("set-password") + 1
    with pytest.raises(HsmError) as refused:
        failure.carry_out(store, set_password)
    assert refused.value.code is ReturnCode.USER_LOGGED_IN
    failure.repair(store)
    assert state_of(store) == CONNECTED


def test_what_else_is_wrong_is_no_repair(world: Any, store: Any, cloudhsm: Any) -> None:
    failure = world.failures["store-disconnected"]
    happening = failure.happen(store)
    for hsm in store.cluster.hsms:
        cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=hsm.id)
    with pytest.raises(RuntimeError, match="is not repaired: it is FAILED: INSUFFICIENT_CLOUDHSM"):
        happening.repair()
    assert failure.happens_to(store)  # and can be repaired later


def test_an_error_in_the_context_is_not_hidden(world: Any, user: User) -> None:
    happening = world.failures["store-disconnected"].happen(user.store)
    with pytest.raises(ZeroDivisionError), happening:
        raise ZeroDivisionError
    assert user.decrypts()


def test_repaired_in_the_context(world: Any, user: User) -> None:
    failure = world.failures["user-locked-out"]
    with failure.happen(user.store):
        failure.repair(user.store)
        connections = len(world.trail.events(event_name="ConnectCustomKeyStore"))
    assert len(world.trail.events(event_name="ConnectCustomKeyStore")) == connections


# Where --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(FAILURES))
def test_in_another_account_and_region(name: str, world: Any) -> None:
    def there(service: str) -> Any:
        return client(service, OTHER_REGION, OTHER_ACCOUNT)

    one = Drill(
        world,
        there,
        name,
        region=OTHER_REGION,
        account_id=OTHER_ACCOUNT,
        subnet_prefix=28,
    )
    here = User(world.create_key_store("Elsewhere"))
    with one.failure.happen(one.store.id) as happening:
        assert happening.key_store_id == one.store.id
        one.look(happening)
        assert here.state() == CONNECTED
    one.prove()
    assert here.decrypts()


@pytest.mark.parametrize("name", ["user-locked-out", "slow-connection", "hsm-ports-closed"])
def test_two_key_stores_at_once(world: Any, name: str) -> None:
    first, second = User(world.create_key_store("First")), User(world.create_key_store("Second"))
    failure = world.failures[name]
    with failure.happen(first.store):
        assert failure.happens_to(first.store)
        assert not failure.happens_to(second.store)
        assert second.decrypts()
        with failure.happen(second.store):
            assert len(world.failures.happening()) == 2
            for one in (first, second):
                with pytest.raises(one.kms.exceptions.KMSInvalidStateException):
                    one.decrypt()
        assert second.decrypts()
        assert failure.happens_to(first.store)
    assert first.decrypts()
    assert state_manager.get_transition("cks::connection") == {"progression": "immediate"}


def test_a_reset_forgets_it(world: Any, user: User) -> None:
    with world.failures["user-locked-out"].happen(user.store):
        mock_cks().reset()
        assert world.failures.happening() == []
    with pytest.raises(RuntimeError, match="is of a world that is over"):
        world.failures["user-locked-out"].repair(user.store)
    with pytest.raises(KeyError, match="no custom key store"):
        world.failures["user-locked-out"].repair(user.store.id)


@pytest.mark.parametrize("name", ["kmsuser-second-factor", "slow-connection", "internal-error"])
def test_the_key_store_is_deleted_meanwhile(world: Any, store: Any, kms: Any, name: str) -> None:
    failure = world.failures[name]
    failure.happen(store)
    world.clock.advance(minutes=15)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(minutes=15)
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    with pytest.raises(KeyError, match=store.id):
        failure.repair(store)
    assert world.failures.happening() == []
    assert state_manager.get_transition("cks::connection") == {"progression": "immediate"}
