"""Brings failures about and repairs them: what interprets the table."""

from __future__ import annotations

from contextlib import AbstractContextManager

from botocore.exceptions import ClientError

from moto_cks.cloudhsmv2.settings import DEFAULT_MODE
from moto_cks.failures import connection_failures, no_new_keys, permissions, transitions
from moto_cks.failures.errors import NotRepairedError, unmet
from moto_cks.failures.hands import Hands
from moto_cks.failures.instructions import Instruction
from moto_cks.failures.needs import missing, see_to
from moto_cks.failures.proofs import PLAINTEXT
from moto_cks.failures.records import (
    Record,
    find_record,
    records,
    records_of,
)
from moto_cks.failures.scene import Scene
from moto_cks.failures.shapes import Case, Failure
from moto_cks.failures.steps import CONNECT, DISCONNECT, RESET
from moto_cks.failures.table import FAILURES
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keys.states import KeyState
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.connection import ConnectionState
from moto_cks.kms.models import CksKmsBackend, kms_backend, locate_key_store
from moto_cks.world import clock
from moto_cks.world.journal import Kind, note
from moto_cks.world.lock import WORLD


def happen(
    failure: Failure, hands: Hands, store_id: str, variant: str | None, key: str | None
) -> Record:
    """Bring a failure about.

    Raises:
        ValueError: there is no such variant, or the key is in another key store.
        KeyError: there is no such key store or key.
        UnmetNeedError: something is missing; nothing was done.
        botocore.exceptions.ClientError, HsmError: what the cause is refused with, unexpectedly.
    """
    case = failure.case(variant)
    with WORLD:
        scene = _prospect(case, hands, store_id, key)
        lacking = (*_in_the_way(failure, store_id), *missing(case, scene))
        if lacking:
            raise unmet(failure.name, *lacking)
        with _at_once(store_id):
            _bring_about(case, scene)
    return scene.record


def _at_once(store_id: str) -> AbstractContextManager[None]:
    """States change at once, but for those that failures of the key store hold up."""
    return transitions.immediately(
        held for record in records_of(store_id) for held in record.changes.transitions
    )


def _bring_about(case: Case, scene: Scene) -> None:
    note(Kind.FAILURE, scene.store_id, f"{case.failure} ({case.variant}) is brought about")
    records().append(scene.record)
    try:
        see_to(case, scene)
        _seal(scene)
        case.bring_about(scene)
    except BaseException:
        _forget(scene)
        raise
    scene.record.since = clock.now()


def _in_the_way(failure: Failure, store_id: str) -> tuple[str, ...]:
    """What happens to the key store already and touches the same things, or takes its time."""
    happening = [(FAILURES[record.failure], record) for record in records_of(store_id)]
    return tuple(
        f"{other.name} to be repaired"
        for other, record in happening
        if other is failure or other.touches & failure.touches or record.changes.transitions
    )


def _seal(scene: Scene) -> None:
    """Encrypt something, to be decrypted after the repair, with each key that can be used."""
    for key_id in scene.record.key_ids:
        try:
            answer = scene.kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)
        except ClientError:
            continue  # a key that cannot be used proves nothing
        scene.record.sealed[key_id] = answer["CiphertextBlob"]


# A scene ------------------------------------------------------------------------------------------


def _prospect(case: Case, hands: Hands, store_id: str, key: str | None) -> Scene:
    """The scene of a failure that does not happen yet."""
    account_id, region = locate_key_store(store_id)
    backend = kms_backend(account_id, region)
    store = backend.key_stores.get(store_id)
    if not isinstance(store, CloudHsmKeyStore):
        raise unmet(case.failure, "an AWS CloudHSM key store")
    keys = _keys_of(backend, store, key)
    cluster = store.cluster
    record = Record(
        failure=case.failure,
        variant=case.variant,
        store_id=store_id,
        account_id=account_id,
        region=region,
        cluster_id=store.cluster_id,
        subnets={} if cluster is None else dict(cluster.subnet_mapping),
        mode=DEFAULT_MODE if cluster is None else cluster.mode,
        key_ids=tuple(found.id for found in keys),
        arns={found.id: found.arn for found in keys},
        handles={found.id: found.backing_key for found in keys},
        enabled=frozenset(found.id for found in keys if found.kept_state == KeyState.ENABLED.value),
        connection_number=store.connection_number,
    )
    return Scene(hands, record)


def _keys_of(
    backend: CksKmsBackend, store: CloudHsmKeyStore, key: str | None
) -> list[CustomKeyStoreKey]:
    """The keys that a failure is about: the one that is named, or all that will stay."""
    if key is None:
        found = [backend.keys[key_id] for key_id in backend.keys if key_id in store.key_ids]
    else:
        named = backend.resolve(key)
        if named is None:
            raise KeyError(f"There is no KMS key {key}")
        if named.id not in store.key_ids:
            raise ValueError(f"The KMS key {key} is not in {store.custom_key_store_id}.")
        found = [named]
    return [
        one
        for one in found
        if isinstance(one, CustomKeyStoreKey) and one.kept_state != KeyState.PENDING_DELETION.value
    ]


def _happening(failure: Failure, hands: Hands, store_id: str) -> Scene:
    """The scene of a failure that happens."""
    record = find_record(failure.name, store_id)
    try:
        locate_key_store(store_id)
    except KeyError:
        if record is not None:  # nothing of it is left to be repaired
            _drop(record)
        raise
    if record is None:
        raise unmet(f"The repair of {failure.name}", f"it to happen to {store_id}")
    return Scene(hands, record)


# Repairs ------------------------------------------------------------------------------------------


def instructions(
    failure: Failure, hands: Hands, store_id: str, variant: str | None
) -> tuple[Instruction, ...]:
    """The steps of a repair, with what is known of a key store filled in.

    Args:
        failure: which failure.
        hands: what to work with.
        store_id: the custom key store ID.
        variant: which variant; by default the one that happens, or else the first.

    Raises:
        ValueError: there is no such variant.
        KeyError: there is no such key store.
        UnmetNeedError: it is of another type.
    """
    with WORLD:
        record = find_record(failure.name, store_id)
        if variant is None and record is not None:
            variant = record.variant
        case = failure.case(variant)
        scene = _prospect(case, hands, store_id, None) if record is None else Scene(hands, record)
        values, keys = scene.values(), scene.values_of_keys()
        return tuple(one.filled(values, keys) for one in case.instructions)


def repair(failure: Failure, hands: Hands, store_id: str, variant: str | None) -> None:
    """Carry out all steps of a repair, and look whether it is one.

    Raises:
        ValueError: there is no such variant.
        KeyError: there is no such key store.
        UnmetNeedError: the failure does not happen to it.
        NotRepairedError: something is wrong still, and nothing else happens to the key store.
        botocore.exceptions.ClientError, HsmError: what a step is refused with.
    """
    with WORLD, _at_once(store_id):
        scene = _happening(failure, hands, store_id)
        case = failure.case(scene.record.variant)
        if variant is not None and failure.case(variant) is not case:
            raise unmet(
                f"The repair of {failure.name} ({variant})", f"not {case.variant} to happen"
            )
        if not (failure.recoverable and case.proof(scene) is None):  # or somebody was quicker
            for step in case.repair:
                step.act(scene)
        _end(case, scene)


def carry_out(failure: Failure, hands: Hands, store_id: str, number: int) -> bool:
    """Carry out one step of a repair; with the last one the failure is over.

    Returns:
        Whether it is over.

    Raises:
        ValueError: there is no such step.
        KeyError, UnmetNeedError, NotRepairedError, botocore.exceptions.ClientError, HsmError: as
            for :func:`repair`.
    """
    with WORLD, _at_once(store_id):
        scene = _happening(failure, hands, store_id)
        case = failure.case(scene.record.variant)
        if not 1 <= number <= len(case.repair):
            raise ValueError(f"{failure.name} has {len(case.repair)} steps, and no step {number}.")
        case.repair[number - 1].act(scene)
        over = number == len(case.repair)
        if over:
            _end(case, scene)
        return over


def _end(case: Case, scene: Scene) -> None:
    """Put back what the cause has changed, and look whether the failure is repaired."""
    _put_back(scene)
    if scene.alone:
        _connect(scene)
        wrong = case.proof(scene)
        if wrong is not None:
            raise NotRepairedError(f"{case.failure} is not repaired: {wrong}.")
    records().remove(scene.record)
    note(Kind.FAILURE, scene.store_id, f"{case.failure} is over")


def _connect(scene: Scene) -> None:
    """Connect a key store that the steps have not connected.

    Somebody has disconnected it, who cannot know that it must stay connected for these steps, or
    has connected it since the backup was made.
    """
    if scene.state is not ConnectionState.CONNECTED:
        for step in RESET if scene.hsms else (DISCONNECT, CONNECT):
            step.act(scene)


def _put_back(scene: Scene) -> None:
    """Take back what would last: faults, state transitions, logins, rules and interfaces."""
    changes = scene.record.changes
    _end_what_lasts(scene.record)
    permissions.put_back(scene)
    connection_failures.allow_hsm_ports(scene)
    no_new_keys.delete_owners(scene)
    while changes.interfaces:
        connection_failures.delete_interface(scene, changes.interfaces.pop())


def _end_what_lasts(record: Record) -> None:
    record.end_faults()
    record.log_out()
    record.speed_up()


def _forget(scene: Scene) -> None:
    """Forget a failure whose cause went wrong."""
    records().remove(scene.record)
    _put_back(scene)


def _drop(record: Record) -> None:
    """Forget a failure whose key store is deleted."""
    records().remove(record)
    _end_what_lasts(record)
