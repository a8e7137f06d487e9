"""Keeps the world of a server in a file: over a restart, and over a kill.

The file is written by a thread, a moment after a call that may have changed something, and at the
clean end. While calls keep coming it is written all the same, so a server that is killed forgets no
more than the last second.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic
from typing import Any

from moto_cks.handle import snapshots
from moto_cks.handle.protocols.snapshots import unsaved
from moto_cks.snapshots import disk

CALM = 0.1
"""Seconds without a call after which the file is written."""

AT_MOST = 1.0
"""Seconds after a call within which the file is written, calm or not."""

READING = ("Describe", "Get", "List", "Lookup", "Search", "Query", "Scan", "BatchGet")
"""How the names of operations begin that change nothing."""

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class StateFile:
    """The file of a server's world.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._changes = threading.Condition()
        self._changed_at: float | None = None
        self._latest = 0.0
        self._ended = False
        self._thread: threading.Thread | None = None
        self._told: set[str] = set()

    def begin(self) -> None:
        """Go to the world in the file, if there is one, and keep it from now on.

        Raises:
            OSError: the file cannot be read, or there is no folder for it.
            SnapshotError: it is no saved world, is damaged, or does not fit.
        """
        if self.path.exists():
            # A server that stood still: time has gone on.
            snapshots.restore(snapshots.from_bytes(disk.read(self.path)), standing=False)
        elif not self.path.parent.is_dir():
            raise FileNotFoundError(f"There is no folder {self.path.parent}")
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="moto-cks-state", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Write it for the last time, and keep the world no more."""
        self.leave()
        self._write()

    def leave(self) -> None:
        """Keep the world no more."""
        with self._changes:
            self._ended = True
            self._changes.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def watching(self, application: Application) -> Application:
        """An application whose calls are seen here."""

        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            try:
                return application(environ, start_response)
            finally:
                if may_change(environ):
                    self._change()

        return answer

    def _change(self) -> None:
        with self._changes:
            self._latest = monotonic()
            if self._changed_at is None:
                self._changed_at = self._latest
                self._changes.notify()

    def _run(self) -> None:
        while self._wait():
            self._write()

    def _wait(self) -> bool:
        """Wait until it is to be written; whether it is."""
        with self._changes:
            while not self._ended:
                if self._changed_at is None:
                    self._changes.wait()
                    continue
                left = min(self._latest + CALM, self._changed_at + AT_MOST) - monotonic()
                if left <= 0:
                    self._changed_at = None
                    return True
                self._changes.wait(left)
            return False

    def _write(self) -> None:
        try:
            made = snapshots.capture(fork=False)
            disk.write(self.path, snapshots.to_bytes(made))
        except Exception as error:
            _tell(f"{self.path} cannot be written: {error}")
            return
        new = {name: kind for name, kind in made.left_out.items() if name not in self._told}
        if new:
            self._told |= new.keys()
            _tell(unsaved(new))


def _tell(message: str) -> None:
    print(f"moto-cks-server: {message}", file=sys.stderr, flush=True)


def may_change(environ: dict[str, Any]) -> bool:
    """Whether a request may change something, as far as its head tells."""
    if environ.get("REQUEST_METHOD") in ("GET", "HEAD", "OPTIONS"):
        return False
    operation: str = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    return not operation.startswith(READING)
