"""Snapshots of the world in this process."""

from __future__ import annotations

from dataclasses import dataclass, field

from moto_cks.cloudhsmv2.models import clusters_anywhere
from moto_cks.failures.records import records
from moto_cks.handle.presence import require_mock
from moto_cks.handle.protocols.snapshots import (
    AnyPath,
    Snapshot,
    UnsavedServicesWarning,
    unsaved,
)
from moto_cks.snapshots import disk, files, worlds
from moto_cks.world.complaints import warn
from moto_cks.world.lock import WORLD


@dataclass(frozen=True, eq=False)
class LocalSnapshot(Snapshot):
    """A snapshot that was taken or loaded in this process."""

    world: worlds.World = field(repr=False)


def capture(*, fork: bool = True) -> LocalSnapshot:
    """The world as it is now.

    Args:
        fork: whether the world may go on beside those that are restored from it.
    """
    require_mock()
    return _of(worlds.take(fork=fork))


def take() -> LocalSnapshot:
    """The same; warns of services that are not in it."""
    made = capture()
    if made.left_out:
        warn(unsaved(made.left_out), UnsavedServicesWarning)
    return made


def restore(snapshot: Snapshot, *, standing: bool = True) -> None:
    """Go back to a snapshot.

    Args:
        snapshot: the snapshot.
        standing: whether the simulated clock has stood still since; otherwise it has gone on.

    Raises:
        TypeError: it is none, or one of a server.
        SnapshotError: it cannot be read.
    """
    require_mock()
    if not isinstance(snapshot, LocalSnapshot):
        raise TypeError(f"A snapshot of this process is restored here, not {snapshot!r}.")
    with WORLD:
        worlds.put(snapshot.world, standing=standing)
        _end_logins()


def _end_logins() -> None:
    """End the logins of the world before, but for those that are a failure that happens."""
    held = [client for record in records() for client in record.changes.clients()]
    for cluster in clusters_anywhere():
        cluster.hardware.dismiss(held)


def to_bytes(snapshot: LocalSnapshot) -> bytes:
    """A snapshot as a file holds it."""
    return files.to_bytes(snapshot.world)


def from_bytes(content: bytes) -> LocalSnapshot:
    """The snapshot that a file holds.

    Raises:
        SnapshotError: it is damaged, or does not fit.
    """
    return _of(files.from_bytes(content))


def save(path: AnyPath) -> LocalSnapshot:
    """Take a snapshot, and write it to a file."""
    made = take()
    disk.write(path, to_bytes(made))
    return made


def load(path: AnyPath) -> LocalSnapshot:
    """Go back to the snapshot in a file."""
    require_mock()
    found = from_bytes(disk.read(path))
    restore(found)
    return found


def _of(world: worlds.World) -> LocalSnapshot:
    return LocalSnapshot(world.time, world.left_out, world)
