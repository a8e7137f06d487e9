"""What a call to KMS is about, for its record: the keys and aliases, the key store, the grant.

AWS KMS Developer Guide: "Logging AWS KMS API calls with AWS CloudTrail" and the pages of its
examples.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import Key

from moto_cks.frontend.calls import NO_SUBJECT, Answer, Call, Subject
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keys.material import creation_data, material_data
from moto_cks.kms.keystores import KeyStore
from moto_cks.kms.models import CksKmsBackend
from moto_cks.kms.operations import OPERATIONS, About, Operation

TELLS_KEY_STORE = frozenset(
    f"{verb}CustomKeyStore" for verb in ("Connect", "Delete", "Disconnect", "Update")
)
"""Their additionalEventData names the key store and what backs it."""


class KmsSubject(Subject):
    """What a call to KMS is about, as far as that exists.

    Attributes:
        key: of its keys that in a custom key store, or the first.
        key_store: the key store that the request names.
        grant_id: the grant that is retired.
    """

    __slots__ = ("backend", "call", "grant_id", "key", "key_store", "operation")

    def __init__(self, backend: CksKmsBackend, call: Call, operation: Operation) -> None:
        super().__init__(())
        self.backend = backend
        self.call = call
        self.operation = operation
        self.key: Key | None = None
        self.key_store: KeyStore | None = None
        self.grant_id: str | None = None

    def answered(self, answer: Answer) -> None:
        """Find the key that did not exist before the call."""
        if self.call.operation == "CreateKey" and answer.succeeded:
            self.key = self.backend.keys.get(answer.members["KeyMetadata"]["KeyId"])
            if self.key is not None:
                self.resources = (self.key.arn,)

    def additional_data(self, succeeded: bool) -> dict[str, str] | None:
        """What belongs into the ``additionalEventData``, after the call."""
        key, store, name = self.key, self.key_store, self.call.operation
        if isinstance(key, CustomKeyStoreKey):
            if self.operation.uses_key_store:
                return {"customKeyStoreId": key.key_store.custom_key_store_id}
            if name == "CreateKey":
                return creation_data(key)
            if name == "ScheduleKeyDeletion" and succeeded:
                return material_data(key)
        if self.grant_id is not None:
            return {"grantId": self.grant_id}
        if store is not None and self.operation.uses_key_store:
            return {"customKeyStoreId": store.custom_key_store_id}
        if store is not None and name in TELLS_KEY_STORE:
            return {"customKeyStoreName": store.name, **store.trail_data()}
        return None


def subject_of(backend: CksKmsBackend, call: Call, keys: list[Key | None]) -> Subject:
    """What a call is about.

    Args:
        backend: what is called.
        call: the call; its parameters may be anything.
        keys: the keys that it names, ``None`` for those that do not exist.
    """
    operation = OPERATIONS.get(call.operation)
    if operation is None:
        return NO_SUBJECT
    subject = KmsSubject(backend, call, operation)
    if operation.about in (About.KEY_STORE, About.RANDOM):
        subject.key_store = _key_store(backend, call.parameters.get("CustomKeyStoreId"))
        if operation.about is About.KEY_STORE:
            subject.resources = None
        return subject
    existing = [key for key in keys if key is not None]
    if operation.about is About.GRANT:
        existing, subject.grant_id = _grant(backend, call.parameters, existing)
    in_stores = [key for key in existing if isinstance(key, CustomKeyStoreKey)]
    subject.key = next(iter(in_stores or existing), None)
    arns = tuple([key.arn for key in existing])
    alias = _alias(backend, call.parameters)
    if operation.about is About.ALIAS_AND_KEY:
        arns = (*alias, *arns)
    elif operation.about is About.KEY_AND_ALIAS:
        arns = (*arns, *alias)
    subject.resources = arns
    return subject


def _alias(backend: CksKmsBackend, parameters: dict[str, Any]) -> tuple[str, ...]:
    """The ARN of the alias that a request names."""
    alias = parameters.get("AliasName")
    if not isinstance(alias, str):
        return ()
    return (f"arn:{backend.partition}:kms:{backend.region_name}:{backend.account_id}:{alias}",)


def _key_store(backend: CksKmsBackend, key_store_id: Any) -> KeyStore | None:
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
    key = backend.key_of_grant_token(token)
    if key is None:
        return [], None
    return [key], next((grant.id for grant in key.grants.values() if grant.token == token), None)
