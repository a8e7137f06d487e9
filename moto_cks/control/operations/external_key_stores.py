"""External key stores, and the VPC endpoint services in front of their proxies."""

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


def set_private_dns(service_id: str, verified: bool) -> None:
    """Say whether the private DNS name of a VPC endpoint service is verified."""
    network = LOCAL.network
    change = network.verify_private_dns if verified else network.unverify_private_dns
    change(service_id)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "create_external_key_store": create_external_key_store,
    "set_private_dns": set_private_dns,
}
