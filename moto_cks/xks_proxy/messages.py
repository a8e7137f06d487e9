"""Reads the body of a request by the tables of the specification."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from moto_cks.xks_proxy.errors import UNSUPPORTED_OPERATION, VALIDATION, XksError
from moto_cks.xks_proxy.protocol import Api, Member


@dataclass(frozen=True, slots=True)
class Message:
    """What a request has said.

    Attributes:
        metadata: ``requestMetadata``, with whatever members it has.
        data: its members that are bytes.
        named: which of its optional members were there.
    """

    metadata: Mapping[str, Any] = field(repr=False)
    data: Mapping[str, bytes] = field(repr=False)
    named: frozenset[str]


def read(api: Api, body: bytes) -> Message:
    """Read a body.

    Raises:
        XksError: ValidationException, or UnsupportedOperationException for what is too large.
    """
    content = _object(body)
    metadata = content.get("requestMetadata")
    if not isinstance(metadata, dict):
        raise XksError(VALIDATION, "requestMetadata is required.")
    for name in api.metadata:
        if not isinstance(metadata.get(name), str):
            raise XksError(VALIDATION, f"requestMetadata.{name} is required.")
    data: dict[str, bytes] = {}
    named = set()
    for member in api.members:
        value = content.get(member.name)
        if value is None:
            if member.required:
                raise XksError(VALIDATION, f"{member.name} is required.")
            continue
        named.add(member.name)
        if member.values:
            if value not in member.values:
                raise XksError(VALIDATION, f"{member.name} must be {' or '.join(member.values)}.")
        else:
            data[member.name] = _bytes(member, value)
    return Message(metadata, data, frozenset(named))


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = _READER.decode(body.decode())
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise XksError(VALIDATION, "The body is not JSON.") from None
    if not isinstance(content, dict):
        raise XksError(VALIDATION, "The body is not a JSON object.")
    return content


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are not JSON


_READER = json.JSONDecoder(parse_constant=_no_number)
"""One for all requests: to make one takes longer than to read with it."""


def _bytes(member: Member, value: Any) -> bytes:
    content = decoded(value)
    if content is None:
        raise XksError(VALIDATION, f"{member.name} must be a string in Base64.")
    if member.sizes is not None and len(content) not in member.sizes:
        raise XksError(VALIDATION, f"{member.name} has {len(content)} bytes.")
    if member.most is not None and len(content) > member.most:
        raise XksError(UNSUPPORTED_OPERATION, f"{member.name} has more than {member.most} bytes.")
    return content


def decoded(text: Any) -> bytes | None:
    """The bytes of a string in standard Base64, with padding; ``None`` for anything else."""
    if not isinstance(text, str):
        return None
    try:
        content = binascii.a2b_base64(text)
    except (ValueError, binascii.Error):
        return None
    # It skips what it does not know; written again, nothing may be missing.
    return content if base64.b64encode(content).decode() == text else None


def encoded(content: bytes) -> str:
    """Bytes in standard Base64."""
    return base64.b64encode(content).decode()
