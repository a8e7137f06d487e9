"""KMS keys: seen without a call that would be recorded, and made of what is known before."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, cast

from moto.kms.models import Key, kms_backends

from moto_cks.handle.cks import LOCAL
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.models import CksKmsBackend
from moto_cks.kms.situations import find_key
from moto_cks.world.clock import keep_appointments
from moto_cks.world.lock import WORLD


def list_keys(
    account_id: str | None = None, region: str | None = None, key_store_id: str | None = None
) -> dict[str, Any]:
    """The KMS keys of all accounts and Regions, or some of them."""
    with WORLD:
        keep_appointments()
        keys = [
            _show(key)
            for account, where, backend in kms_backends.iter_backends()
            if account_id in (None, account) and region in (None, where)
            for key in cast(CksKmsBackend, backend).keys.values()
        ]
    return {"keys": [key for key in keys if key_store_id in (None, key["key_store_id"])]}


def get_key(key: str) -> dict[str, Any]:
    """A KMS key, by its ID, ARN or alias."""
    with WORLD:
        keep_appointments()
        return _show(find_key(key))


def _show(key: Key) -> dict[str, Any]:
    store = key.key_store if isinstance(key, CustomKeyStoreKey) else None
    return {
        "id": key.id,
        "arn": key.arn,
        "account_id": key.account_id,
        "region": key.region,
        "state": key.key_state,
        "origin": key.origin,
        "spec": key.key_spec,
        "description": key.description,
        "aliases": list(key.aliases),
        "key_store_id": None if store is None else store.custom_key_store_id,
    }


def create_known_key(
    material: str | None = None,
    key_store_id: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """Create a KMS key with an ID and key material that are known."""
    content = None if material is None else _bytes(material)
    key_id = LOCAL.create_key(
        material=content, key_store=key_store_id, **given, **(parameters or {})
    )
    return {"key_id": key_id}


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # of which that of base64 is one
        raise ValueError("The key material must be in base64.") from None


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_keys": list_keys,
    "get_key": get_key,
    "create_known_key": create_known_key,
}
