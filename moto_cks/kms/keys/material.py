"""What a record says of the key material of a key in a custom key store."""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto_cks.kms.keys.kinds import CustomKeyStoreKey


def creation_data(key: CustomKeyStoreKey) -> dict[str, str]:
    return {"backingKey": _json(_backing_key(key))}


def material_data(key: CustomKeyStoreKey) -> dict[str, str]:
    """Where the material of a key is: its key store, its cluster and its key handle."""
    return {
        "customKeyStoreId": key.key_store.custom_key_store_id,
        **key.key_store.trail_data(),
        "backingKeys": _json([_backing_key(key)]),
    }


def deletion_data(key: CustomKeyStoreKey, deleted: bool) -> dict[str, str]:
    """The ``additionalEventData`` of DeleteKey: what came of the attempt at the key material.

    See "How to delete orphaned key material" in the AWS KMS Developer Guide.
    """
    status = {**_backing_key(key), "deletionStatus": "SUCCESS" if deleted else "FAILURE"}
    return {**material_data(key), "backingKeysDeletionStatus": _json([status])}


def _backing_key(key: CustomKeyStoreKey) -> dict[str, str]:
    """The key handle of a key's material, and an ID that says nothing to anybody but KMS."""
    backing_key_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{key.arn}/{key.backing_key}").hex
    return {"keyHandle": str(key.backing_key), "backingKeyId": backing_key_id}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
