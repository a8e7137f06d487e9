"""The situation of a key store or a KMS key, by any of its names, of any account and Region.

The answer is data. What people read, and the documented steps that mend it, are put to it by
:mod:`moto_cks.handle.explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from moto.kms.models import Key, kms_backends

from moto_cks.kms.findings import Kind, Reason, Situation
from moto_cks.kms.keys.deleted import Deletion
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keys.reasons import reasons_of_key
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.reasons import connection_of, reasons_of_key_store
from moto_cks.kms.models import CksKmsBackend, locate_key_store
from moto_cks.world.backends import existing

Found = TypeVar("Found", Key, Deletion, Key | Deletion)


def key_store_situation(key_store_id: str) -> Situation:
    """The situation of a key store.

    Raises:
        KeyError: there is no such key store in any account and Region.
    """
    stores = key_stores_in(*locate_key_store(key_store_id))
    store = next(store for store in stores if store.custom_key_store_id == key_store_id)
    reasons = tuple(reasons_of_key_store(store))
    return Situation(
        Kind.KEY_STORE, key_store_id, connection_of(store), store.surroundings, reasons
    )


def key_stores_in(account_id: str, region: str) -> Iterable[KeyStore]:
    """The key stores of an account and Region; nothing is made for it."""
    backend = existing(kms_backends, account_id, region)
    return () if backend is None else cast(CksKmsBackend, backend).key_stores


def key_situation(name: str) -> Situation:
    """The situation of a KMS key.

    Args:
        name: its ID, ARN, alias name or alias ARN.

    Raises:
        KeyError: there is no such key in any account and Region, and none that was deleted.
        ValueError: there is more than one.
    """
    found: list[Key | Deletion] = [*_keys(name)]
    key = _only(name, found or [*_deleted_keys(name)])
    if isinstance(key, Deletion):
        return _situation_of_deleted(key)
    state: dict[str, Any] = {"KeyState": key.key_state}
    surroundings: dict[str, Any] = {"key": key.id, "key_arn": key.arn}
    if isinstance(key, CustomKeyStoreKey):
        store = key.key_store
        state |= {"CustomKeyStoreId": store.custom_key_store_id, **connection_of(store)}
        surroundings |= {**store.surroundings, "handle": key.backing_key}
    return Situation(Kind.KEY, key.id, state, surroundings, tuple(reasons_of_key(key)))


def _situation_of_deleted(key: Deletion) -> Situation:
    surroundings: dict[str, Any] = {"key": key.key_id, "key_arn": key.arn}
    state: dict[str, Any] = {}
    reasons, store = [key.reason()], key.key_store
    if store is not None and store in key_stores_in(store.account_id, store.region):
        state |= {"CustomKeyStoreId": store.custom_key_store_id, **connection_of(store)}
        surroundings |= {**store.surroundings, "handle": key.backing_key}
        reasons += [_of_key(left, key) for left in store.leftovers() if _concerns(left, key)]
    return Situation(Kind.KEY, key.key_id, state, surroundings, tuple(reasons))


def _concerns(left: Reason, key: Deletion) -> bool:
    return key.key_id in left.finding.facts["keys"]


def _of_key(left: Reason, key: Deletion) -> Reason:
    """What is left of one key, of all that is."""
    facts = left.finding.facts
    place = facts["keys"].index(key.key_id)
    facts = {**facts, **{name: [facts[name][place]] for name in ("keys", "handles", "ids")}}
    return replace(left, finding=replace(left.finding, facts=facts))


def find_key(name: str) -> Key:
    """A KMS key of any account and Region.

    Args:
        name: its ID, ARN, alias name or alias ARN.

    Raises:
        KeyError: there is no such key in any account and Region.
        ValueError: there is more than one.
    """
    return _only(name, [*_keys(name)])


def _only(name: str, found: Sequence[Found]) -> Found:
    if not found:
        raise KeyError(f"There is no KMS key {name!r} in any account and Region.")
    if len(found) > 1:
        raise ValueError(f"Say which {name}: {' or '.join(key.arn for key in found)}.")
    return found[0]


def _keys(name: str) -> Iterator[Key]:
    """The keys that a name can mean. No key is made for it, as KMS does for alias/aws/s3."""
    short = name.rpartition(":")[2]
    for _, _, found in kms_backends.iter_backends():
        backend = cast(CksKmsBackend, found)
        if short.startswith("alias/"):
            alias = backend.aliases.get(short)
            known = () if alias is None else (short, alias.alias_arn)
            key = backend.keys.get(alias.target_key_id) if alias is not None else None
        else:
            key = backend.keys.get(short.removeprefix("key/"))
            known = () if key is None else (key.id, key.arn)
        if key is not None and name in known:
            yield key


def _deleted_keys(name: str) -> Iterator[Deletion]:
    """The deleted keys that a key ID or a key ARN has meant; their aliases are gone with them."""
    for _, _, found in kms_backends.iter_backends():
        key = cast(CksKmsBackend, found).deleted_keys.get(name.rpartition("/")[2])
        if key is not None and name in (key.key_id, key.arn):
            yield key
