"""KMS keys that are known before they are created."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from moto_cks.handle.cks import LOCAL


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
    except (binascii.Error, ValueError):
        raise ValueError("The key material must be in base64.") from None


OPERATIONS: dict[str, Callable[..., Any]] = {"create_known_key": create_known_key}
