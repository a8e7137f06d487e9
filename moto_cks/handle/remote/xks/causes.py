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
        super().__init__(self.undo)
        self._wire = wire
        self._path = tuple(path)

    def __repr__(self) -> str:
        proxy, cause_id = self._path[:2], self._path[-1]
        try:
            known = [each["id"] for each in self._wire.get(*proxy)["causes"]]
        except (KeyError, RuntimeError):  # its world is over
            known = []
        return f"<Cause {'in effect' if cause_id in known else 'taken back'}>"

    def undo(self) -> None:
        # Without the lock of proxies: a server in this process takes it.
        try:
            self._wire.request("DELETE", self._path)
        except (KeyError, RuntimeError):
            return  # it has been taken back, or has ended with its world
