"""Every service that uses keys, with every kind of key, in every state (row G13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import pytest

from moto_cks import Cks, KeyStore, mock_cks
from tests.aws import client, failure
from tests.consumers.scenes import DISABLED, INVALID_STATE, NOT_FOUND, SCENES, Scene
from tests.kms import NO_COMMUNICATION


@dataclass
class Key:
    """A KMS key, in a key store or not."""

    cks: Cks
    id: str
    arn: str
    store: KeyStore | None


@pytest.fixture
def world() -> Iterator[Cks]:
    with mock_cks() as cks:
        yield cks


def ordinary(cks: Cks) -> Key:
    metadata = client("kms").create_key()["KeyMetadata"]
    return Key(cks, metadata["KeyId"], metadata["Arn"], None)


def in_key_store(cks: Cks) -> Key:
    store = cks.create_key_store()
    metadata = client("kms").describe_key(KeyId=store.create_key())["KeyMetadata"]
    return Key(cks, metadata["KeyId"], metadata["Arn"], store)


def disable(key: Key) -> None:
    client("kms").disable_key(KeyId=key.id)


def schedule_deletion(key: Key) -> None:
    client("kms").schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)


def delete(key: Key) -> None:
    schedule_deletion(key)
    key.cks.clock.advance(days=8)


def disconnect(key: Key) -> None:
    assert key.store is not None
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=key.store.id)


def lose_material(key: Key) -> None:
    assert key.store is not None
    key.store.cluster.delete_key(key.store.cluster.key_of(key.id))


def make_unreachable(key: Key) -> AbstractContextManager[object]:
    assert key.store is not None
    return key.cks.faults.unreachable(key.store.cluster.id)


Kind = Callable[[Cks], Key]
Trouble = tuple[Callable[[Key], AbstractContextManager[object] | None], str, str]

TROUBLES: dict[str, tuple[Kind, Trouble]] = {
    "disabled": (ordinary, (disable, DISABLED, "{arn} is disabled.")),
    "pending deletion": (
        ordinary,
        (schedule_deletion, INVALID_STATE, "{arn} is pending deletion."),
    ),
    "deleted": (ordinary, (delete, NOT_FOUND, "Key '{arn}' does not exist")),
    "disabled in a store": (in_key_store, (disable, DISABLED, "{arn} is disabled.")),
    "disconnected": (in_key_store, (disconnect, INVALID_STATE, "{arn} is unavailable.")),
    "material lost": (in_key_store, (lose_material, INVALID_STATE, "{arn} is unavailable.")),
    "unreachable": (
        in_key_store,
        (
            make_unreachable,
            INVALID_STATE,
            NO_COMMUNICATION,
        ),
    ),
}


@pytest.mark.parametrize("kind", [ordinary, in_key_store])
@pytest.mark.parametrize("make_scene", SCENES)
def test_g13_a_key_that_can_be_used_is_in_nobodys_way(
    world: Cks, make_scene: type[Scene], kind: Kind
) -> None:
    scene = make_scene(kind(world).arn)
    for uses in (scene.writes, scene.reads, scene.others):
        for use in uses.values():
            use()


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("make_scene", SCENES)
def test_g13_a_key_that_cannot_be_used_is_the_services_error(
    world: Cks, make_scene: type[Scene], trouble: str
) -> None:
    kind, (bring_about, code, message) = TROUBLES[trouble]
    key = kind(world)
    scene = make_scene(key.arn)
    said = message.format(arn=key.arn)
    with bring_about(key) or nullcontext():
        for uses, reading in ((scene.writes, False), (scene.reads, True)):
            for name, use in uses.items():
                got, text, status = failure(use)
                expected, begins = scene.error(code, said, reading=reading)
                assert (name, got, status) == (name, expected, 400)
                assert text.startswith(begins), name
        for use in scene.others.values():
            use()


@pytest.mark.parametrize("make_scene", SCENES)
def test_g13_a_key_that_is_enabled_again_can_be_used_again(
    world: Cks, make_scene: type[Scene]
) -> None:
    key = ordinary(world)
    scene = make_scene(key.arn)
    disable(key)
    for use in [*scene.writes.values(), *scene.reads.values()]:
        failure(use)
    client("kms").enable_key(KeyId=key.id)
    for use in [*scene.writes.values(), *scene.reads.values()]:
        use()


@pytest.mark.parametrize("named", ["id", "alias", "alias ARN"])
@pytest.mark.parametrize("make_scene", SCENES)
def test_g13_a_key_is_found_by_whatever_names_it(
    world: Cks, make_scene: type[Scene], named: str
) -> None:
    key = ordinary(world)
    client("kms").create_alias(AliasName="alias/app", TargetKeyId=key.id)
    alias_arn = key.arn.replace(f"key/{key.id}", "alias/app")
    names: dict[str, Any] = {"id": key.id, "alias": "alias/app", "alias ARN": alias_arn}
    scene = make_scene(names[named])
    disable(key)
    uses = [*scene.writes.values(), *scene.reads.values()]
    assert len({failure(use)[0] for use in uses}) <= 2  # of reading and of writing
