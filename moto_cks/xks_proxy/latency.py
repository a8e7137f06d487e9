"""How long a proxy takes, by API and external key."""

from __future__ import annotations

from typing import NamedTuple

from moto_cks.xks_proxy.protocol import APIS

HANDSHAKE = "handshake"
"""The TLS handshake, which can be slow as an API can."""

STEPS = (*APIS, HANDSHAKE)
"""What can be slow for itself."""


class Latency(NamedTuple):
    """So many seconds for what fits; ``None`` fits all requests."""

    seconds: float
    api: str | None
    key: str | None


def total(latencies: list[Latency], api: str | None, key: str | None) -> float:
    """The seconds that a request takes: the sum of all that is slow about it.

    Args:
        latencies: what is slow.
        api: which API is asked, or :data:`HANDSHAKE`; ``None`` where the path has none.
        key: the external key.
    """
    if not latencies:
        return 0.0
    if api == HANDSHAKE:
        return sum(each.seconds for each in latencies if each.api == HANDSHAKE)
    return sum(
        each.seconds for each in latencies if each.api in (None, api) and each.key in (None, key)
    )
