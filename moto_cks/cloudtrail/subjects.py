"""What a call to KMS is about: the keys and aliases, the key store, the grant.

These are looked up before the call, since it may be the last that is seen of them, and described
after it, since it may have changed them.
"""

from __future__ import annotations

import base64
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import Key

from moto_cks.cloudtrail import records
from moto_cks.cloudtrail.events import encoded
from moto_cks.kms.keys.kinds import CustomKeyStoreKey

if TYPE_CHECKING:
    from moto_cks.kms.keystores import KeyStore
    from moto_cks.kms.models import CksKmsBackend

CIPHERTEXT = "CiphertextBlob"

KEY_PARAMETERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "CreateAlias": (("TargetKeyId",),),
    "Decrypt": (("KeyId", CIPHERTEXT),),
    "DeleteAlias": (("AliasName",),),
    "ReEncrypt": (("SourceKeyId", CIPHERTEXT), ("DestinationKeyId",)),
    "UpdateAlias": (("TargetKeyId",),),
}
"""Where the keys are named, if not in KeyId; of each, the first that is there."""

PLAIN = frozenset(
    {"DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Sign"}
)
"""Operations that are about the key in KeyId and nothing else: the ones that come in numbers."""

_KEY_ID = (("KeyId",),)
_STARTS_OF_BLOB = 64  # characters; the name of the key is in the first 36 bytes


@dataclass(slots=True, frozen=True)
class Subjects:
    """What a call is about; nothing, for a service other than KMS."""

    arns: tuple[str, ...] | None = None
    key: Key | None = None
    key_store: KeyStore | None = None
    grant_id: str | None = None


NO_SUBJECTS = Subjects()
"""Of a call to another service than KMS."""

UNKNOWN_KEY = Subjects(())
"""Of a call on a key that does not exist."""


def subjects_of(backend: CksKmsBackend, operation: str, params: dict[str, Any]) -> Subjects:
    """What a call to KMS is about, as far as that exists."""
    if operation in PLAIN:
        key_id = params.get("KeyId")
        key = backend.resolve(key_id) if isinstance(key_id, str) else None
        return Subjects((key.arn,), key) if key is not None else UNKNOWN_KEY
    if operation in records.NO_RESOURCES or operation == "GenerateRandom":
        store = _key_store(backend, params.get("CustomKeyStoreId"))
        return Subjects(() if operation == "GenerateRandom" else None, key_store=store)
    keys = [
        key
        for names in KEY_PARAMETERS.get(operation, _KEY_ID)
        if (key := _key(backend, names, params)) is not None
    ]
    grant_id = None
    if operation == "RetireGrant":
        key, grant_id = _grant(backend, params, keys)
        keys = [key] if key is not None else []
    arns = tuple([key.arn for key in keys])
    alias = params.get("AliasName")
    if isinstance(alias, str):
        home = f"arn:{backend.partition}:kms:{backend.region_name}:{backend.account_id}:"
        after_key = operation in records.ALIAS_AFTER_KEY
        arns = (*arns, home + alias) if after_key else (home + alias, *arns)
    store_key = next((key for key in keys if isinstance(key, CustomKeyStoreKey)), None)
    return Subjects(arns, store_key or (keys[0] if keys else None), None, grant_id)


def _key(backend: CksKmsBackend, names: tuple[str, ...], params: dict[str, Any]) -> Key | None:
    for name in names:
        value = params.get(name)
        if isinstance(value, str):
            return _key_of_blob(backend, value) if name == CIPHERTEXT else backend.resolve(value)
    return None


def _key_of_blob(backend: CksKmsBackend, blob: str) -> Key | None:
    try:
        return backend.key_of_ciphertext(base64.b64decode(blob[:_STARTS_OF_BLOB]))
    except (NotBase64, ValueError):
        return None


def _key_store(backend: CksKmsBackend, key_store_id: Any) -> KeyStore | None:
    if not isinstance(key_store_id, str):
        return None
    try:
        return backend.key_stores.get(key_store_id)
    except JsonRESTError:
        return None


def _grant(
    backend: CksKmsBackend, params: dict[str, Any], keys: list[Key]
) -> tuple[Key | None, str | None]:
    token = params.get("GrantToken")
    if not isinstance(token, str):
        grant_id = params.get("GrantId")
        return (keys[0] if keys else None), grant_id if isinstance(grant_id, str) else None
    key = backend.key_of_grant_token(token)
    grants = key.grants.values() if key is not None else ()
    return key, next((grant.id for grant in grants if grant.token == token), None)


def additional_data(operation: str, subjects: Subjects, succeeded: bool) -> str | None:
    """The ``additionalEventData`` of a call to KMS, as an event keeps it."""
    key = subjects.key
    if isinstance(key, CustomKeyStoreKey):
        if operation.startswith(records.CRYPTOGRAPHIC):
            return encoded(key.key_store.use_data(key.arn, key.backing_key))
        if operation == "CreateKey":
            data = key.key_store.creation_data(key.arn, key.backing_key)
            return encoded(data) if data else None
        if operation == "ScheduleKeyDeletion" and succeeded:
            return encoded(key.key_store.material_data(key.arn, key.backing_key))
    if subjects.grant_id is not None:
        return encoded({"grantId": subjects.grant_id})
    store = subjects.key_store
    if store is not None and operation == "GenerateRandom":
        return encoded({"customKeyStoreId": store.custom_key_store_id})
    if store is not None and operation in records.KEY_STORE_OPERATIONS:
        return encoded({"customKeyStoreName": store.name, **store.trail_data()})
    return None
