"""Why something cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.handle.cks import LOCAL


def explain(subject: str) -> dict[str, Any]:
    """Why a key store, a key or a cluster cannot be used."""
    return LOCAL.explain(subject).to_dict()


OPERATIONS: dict[str, Callable[..., Any]] = {"explain": explain}
