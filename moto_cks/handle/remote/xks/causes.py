"""A cause at a proxy in another process."""

from __future__ import annotations

from collections.abc import Sequence

from moto_cks.handle.remote.wire import Wire
from moto_cks.xks_proxy.causes import Cause


class RemoteCause(Cause):
    """A cause that a server keeps; see :class:`moto_cks.xks_proxy.causes.Cause`.

    Args:
        wire: of its world.
        path: what it is deleted by.
    """

    def __init__(self, wire: Wire, path: Sequence[str]) -> None:
        super().__init__(self._take_back)
        self._wire = wire
        self._path = tuple(path)

    def undo(self) -> None:
        # Without the lock of proxies: a server in this process takes it.
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()

    def _take_back(self) -> None:
        try:
            self._wire.request("DELETE", self._path)
        except (KeyError, RuntimeError):
            return  # it has ended with its world
