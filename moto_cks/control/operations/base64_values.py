"""Bytes in JSON."""

from __future__ import annotations

import base64
import binascii


def bytes_of(text: str, what: str) -> bytes:
    """The bytes of what stands in a request.

    Raises:
        ValueError: it is not base64; it says of what, and not what it is.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"The {what} must be in base64.") from None


def base64_of(content: bytes) -> str:
    """Bytes as they stand in an answer."""
    return base64.b64encode(content).decode()
