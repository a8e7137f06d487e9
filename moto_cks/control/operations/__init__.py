"""What the control API does: a function for each operation of ``openapi.json``.

They take the arguments of the operation by name, as they stand in the document, and return what is
answered as JSON. What they raise is what the handle raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.control.operations import (
    clock,
    clusters,
    explain,
    external_key_stores,
    failures,
    faults,
    hsm_sessions,
    key_stores,
    keys,
    snapshots,
    surroundings,
    timeline,
    tools,
    trail,
    world,
    xks_causes,
    xks_prefixes,
    xks_proxies,
    xks_routes,
)
from moto_cks.control.specification import document

OPERATIONS: dict[str, Callable[..., Any]] = {
    **clock.OPERATIONS,
    **clusters.OPERATIONS,
    **surroundings.OPERATIONS,
    **hsm_sessions.OPERATIONS,
    **key_stores.OPERATIONS,
    **external_key_stores.OPERATIONS,
    **xks_proxies.OPERATIONS,
    **xks_prefixes.OPERATIONS,
    **xks_causes.OPERATIONS,
    **xks_routes.OPERATIONS,
    **keys.OPERATIONS,
    **snapshots.OPERATIONS,
    **faults.OPERATIONS,
    **explain.OPERATIONS,
    **failures.OPERATIONS,
    **trail.OPERATIONS,
    **timeline.OPERATIONS,
    **tools.OPERATIONS,
    **world.OPERATIONS,
    "get_document": document,
}
"""The operations by their ``operationId``."""
