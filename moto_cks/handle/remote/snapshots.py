"""Snapshots of a world in another process."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto_cks.handle.protocols.snapshots import (
    AnyPath,
    Snapshot,
    UnsavedServicesWarning,
    unsaved,
)
from moto_cks.handle.remote.wire import Wire
from moto_cks.snapshots.disk import read, write
from moto_cks.world.complaints import warn


@dataclass(frozen=True, eq=False)
class RemoteSnapshot(Snapshot):
    """A snapshot that a server keeps, until it stops or somebody deletes it.

    Attributes:
        endpoint: the server.
        id: how it names the snapshot.
    """

    endpoint: str
    id: str


def take(wire: Wire) -> RemoteSnapshot:
    """The world as it is now; warns of services that are not in it."""
    made = _of(wire, wire.post("snapshots"))
    if made.left_out:
        warn(unsaved(made.left_out), UnsavedServicesWarning)
    return made


def restore(wire: Wire, snapshot: Snapshot) -> None:
    """Go back to a snapshot.

    Raises:
        TypeError: it is none of this server.
        KeyError: the server does not keep it any more.
    """
    if not isinstance(snapshot, RemoteSnapshot) or snapshot.endpoint != wire.endpoint:
        raise TypeError(f"A snapshot of {wire.endpoint} is restored there, not {snapshot!r}.")
    wire.post("snapshots", snapshot.id, "restore")


def save(wire: Wire, path: AnyPath) -> RemoteSnapshot:
    """Take a snapshot, and write it to a file of this process."""
    made = take(wire)
    write(path, base64.b64decode(wire.get("snapshots", made.id, "file")["file"]))
    return made


def load(wire: Wire, path: AnyPath) -> RemoteSnapshot:
    """Go back to the snapshot in a file of this process."""
    content = base64.b64encode(read(path)).decode()
    found = _of(wire, wire.post("snapshots", body={"file": content}))
    restore(wire, found)
    return found


def _of(wire: Wire, shown: dict[str, Any]) -> RemoteSnapshot:
    time = datetime.fromisoformat(shown["time"])
    return RemoteSnapshot(time, shown["left_out"], wire.endpoint, shown["id"])
