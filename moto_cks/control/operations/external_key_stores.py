"""External key stores, built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.control.operations.key_stores import get_key_store
from moto_cks.control.operations.xks_prefixes import proxy_of
from moto_cks.handle.cks import LOCAL


def create_external_key_store(proxy: str | None = None, **parameters: Any) -> dict[str, Any]:
    """Build an external key store."""
    known = None if proxy is None else proxy_of(proxy)
    return get_key_store(LOCAL.create_external_key_store(proxy=known, **parameters).id)


OPERATIONS: dict[str, Callable[..., Any]] = {"create_external_key_store": create_external_key_store}
