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
)
from moto_cks.control.specification import document

OPERATIONS: dict[str, Callable[..., Any]] = {
    **clock.OPERATIONS,
    **clusters.OPERATIONS,
    **surroundings.OPERATIONS,
    **hsm_sessions.OPERATIONS,
    **key_stores.OPERATIONS,
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
