"""What the front end reads: the JSON object that a request is."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from moto_cks.frontend.validation import SerializationException, not_an_object


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Python would read NaN and Infinity, which are no JSON."""


def json_object(content: bytes | str) -> dict[str, Any]:
    """The JSON object that is the body of a request; none is an empty one.

    Raises:
        SerializationException: it is no JSON object in UTF-8.
    """
    try:
        text = content.decode() if isinstance(content, bytes) else content
        body = _DECODER.decode(text or "{}")
    except (ValueError, RecursionError):
        raise SerializationException(None) from None
    if not isinstance(body, dict):
        raise not_an_object(body)
    return body
