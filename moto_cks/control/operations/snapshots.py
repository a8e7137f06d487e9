"""Snapshots, which a server keeps by their IDs, whatever world it has."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from moto_cks.handle import snapshots
from moto_cks.handle.cks import LOCAL
from moto_cks.handle.snapshots import LocalSnapshot
from moto_cks.world.lock import WORLD

MOST = 100
"""How many snapshots a server keeps."""

_kept: dict[str, LocalSnapshot] = {}


def list_snapshots() -> dict[str, Any]:
    """The snapshots that are kept."""
    with WORLD:
        return {"snapshots": [_show(name, one) for name, one in _kept.items()]}


def take_snapshot(file: str | None = None) -> dict[str, Any]:
    """Take a snapshot, or keep that of a file."""
    with WORLD:
        if file is not None:
            content = _bytes(file)
            # The same file is the same snapshot, however often somebody sends it.
            name = f"snapshot-{hashlib.sha256(content).hexdigest()[:32]}"
            found = _kept.get(name) or snapshots.from_bytes(content)
        else:
            name = f"snapshot-{uuid.uuid4().hex}"
            found = snapshots.capture()
        if name not in _kept and len(_kept) >= MOST:
            raise RuntimeError(f"There are {MOST} snapshots already; delete one.")
        _kept[name] = found
        return _show(name, found)


def get_snapshot(snapshot_id: str) -> dict[str, Any]:
    """A snapshot."""
    return _show(snapshot_id, _find(snapshot_id))


def get_snapshot_file(snapshot_id: str) -> dict[str, Any]:
    """A snapshot as a file holds it."""
    content = snapshots.to_bytes(_find(snapshot_id))
    return {"file": base64.b64encode(content).decode()}


def restore_snapshot(snapshot_id: str) -> None:
    """Go back to a snapshot."""
    LOCAL.restore(_find(snapshot_id))


def delete_snapshot(snapshot_id: str) -> None:
    """Keep a snapshot no more."""
    with WORLD:
        _find(snapshot_id)
        del _kept[snapshot_id]


def _find(snapshot_id: str) -> LocalSnapshot:
    found = _kept.get(snapshot_id)
    if found is None:
        raise KeyError(f"There is no snapshot {snapshot_id}")
    return found


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # of which that of base64 is one
        raise ValueError("The file must be in base64.") from None


def _show(snapshot_id: str, snapshot: LocalSnapshot) -> dict[str, Any]:
    return {
        "id": snapshot_id,
        "time": snapshot.time.isoformat(),
        "left_out": dict(snapshot.left_out),
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_snapshots": list_snapshots,
    "take_snapshot": take_snapshot,
    "get_snapshot": get_snapshot,
    "get_snapshot_file": get_snapshot_file,
    "restore_snapshot": restore_snapshot,
    "delete_snapshot": delete_snapshot,
}
