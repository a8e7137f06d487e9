"""What a call to KMS is about, for its record: the keys and aliases, the key store, the grant.

AWS KMS Developer Guide: "Logging AWS KMS API calls with AWS CloudTrail" and the pages of its
examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import Key

from moto_cks.frontend.calls import NO_SUBJECT, Answer, Call, Subject
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.models import CksKmsBackend
from moto_cks.kms.operations import OPERATIONS, About, Operation

TELLS_KEY_STORE = frozenset(
    f"{verb}CustomKeyStore" for verb in ("Connect", "Delete", "Disconnect", "Update")
)
"""Their additionalEventData names the key store and what backs it."""


def subject_of(backend: CksKmsBackend, call: Call, keys: Sequence[Key | None]) -> Subject:
    """What a call is about.

    Args:
        backend: what is called.
        call: the call; its parameters may be anything.
        keys: the keys that it names, ``None`` for those that do not exist.
    """
    operation = OPERATIONS.get(call.operation)
    if operation is None:
        return NO_SUBJECT
    if operation.about in (About.KEY_STORE, About.RANDOM):
        return _about_key_store(operation, call, _key_store(backend, call.parameters))
    existing = [key for key in keys if key is not None]
    grant_id = None
    if operation.about is About.GRANT:
        existing, grant_id = _grant(backend, call.parameters, existing)
    arns = tuple([key.arn for key in existing])
    if operation.about is About.ALIAS_AND_KEY:
        arns = (*_alias(backend, call.parameters), *arns)
    elif operation.about is About.KEY_AND_ALIAS:
        arns = (*arns, *_alias(backend, call.parameters))
    subject = Subject(arns)
    in_stores = [key for key in existing if isinstance(key, CustomKeyStoreKey)]
    if in_stores and operation.uses_key_store:
        subject.additional_data = in_stores[0].use_data
    elif grant_id is not None:
        subject.additional_data = {"grantId": grant_id}
    elif in_stores and call.operation == "ScheduleKeyDeletion":
        subject.update = partial(_scheduled, subject, in_stores[0])
    elif call.operation == "CreateKey":
        subject.update = partial(_created, subject, backend)
    return subject


MATERIALS = {
    "KeyId": "keyMaterialId",
    "SourceKeyId": "sourceKeyMaterialId",
    "DestinationKeyId": "destinationKeyMaterialId",
}
"""How the additionalEventData names the key material that was used, by the key's parameter."""


def tell_materials(subject: Subject, used: Sequence[tuple[str, str | None]]) -> None:
    """Have the record of a cryptographic operation tell which key material it has used.

    Args:
        subject: what the call is about.
        used: the parameters of its keys, each with the KeyMaterialId, which not every kind has.
    """
    members = tuple((MATERIALS[name], found) for name, found in used if found is not None)
    if members:
        subject.update = partial(_used, subject, members)


def _used(subject: Subject, members: tuple[tuple[str, str], ...], answer: Answer) -> None:
    if not answer.succeeded:
        return
    told = _material_data(members)
    known = subject.additional_data
    subject.additional_data = told if known is None else {**known, **told}


@lru_cache(maxsize=1024)
def _material_data(members: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """One object for all records of the same; nobody changes it."""
    return dict(members)


def _about_key_store(operation: Operation, call: Call, store: KeyStore | None) -> Subject:
    if operation.about is About.RANDOM:
        return Subject((), None if store is None else store.use_data)
    subject = Subject(None)
    if store is not None and call.operation in TELLS_KEY_STORE:
        subject.update = partial(_told, subject, store)
    return subject


def _told(subject: Subject, store: KeyStore, answer: Answer) -> None:
    """Say which key store it was; the call may have renamed it."""
    subject.additional_data = {"customKeyStoreName": store.name, **store.trail_data()}


def _created(subject: Subject, backend: CksKmsBackend, answer: Answer) -> None:
    """Find the key that did not exist before the call."""
    key = backend.keys.get(answer.members["KeyMetadata"]["KeyId"]) if answer.succeeded else None
    if key is None:
        return
    subject.resources = (key.arn,)
    if isinstance(key, CustomKeyStoreKey):
        data = key.key_store.creation_data(key.arn, key.backing_key)
        subject.additional_data = data or None


def _scheduled(subject: Subject, key: CustomKeyStoreKey, answer: Answer) -> None:
    """Say where the key material is that is going to be deleted."""
    if answer.succeeded:
        subject.additional_data = key.key_store.material_data(key.arn, key.backing_key)


def _alias(backend: CksKmsBackend, parameters: dict[str, Any]) -> tuple[str, ...]:
    """The ARN of the alias that a request names."""
    alias = parameters.get("AliasName")
    if not isinstance(alias, str):
        return ()
    return (f"arn:{backend.partition}:kms:{backend.region_name}:{backend.account_id}:{alias}",)


def _key_store(backend: CksKmsBackend, parameters: dict[str, Any]) -> KeyStore | None:
    key_store_id = parameters.get("CustomKeyStoreId")
    if not isinstance(key_store_id, str):
        return None
    try:
        return backend.key_stores.get(key_store_id)
    except JsonRESTError:
        return None


def _grant(
    backend: CksKmsBackend, parameters: dict[str, Any], keys: list[Key]
) -> tuple[list[Key], str | None]:
    """The key and the ID of a grant that is named by its token, or by its ID and its key."""
    token = parameters.get("GrantToken")
    if not isinstance(token, str):
        grant_id = parameters.get("GrantId")
        return keys[:1], grant_id if isinstance(grant_id, str) else None
    grant = backend.grants.by_token(token)
    return ([], None) if grant is None else ([backend.keys[grant.key_id]], grant.id)
