"""The world that a handle is of: while that lasts, and no longer.

A handle of a world that is over could only tell of what was, or act on what nobody sees any more.
"""

from __future__ import annotations

from moto_cks.handle.protocols.handles import world_is_over
from moto_cks.world.identity import world_id
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch


def require_mock() -> None:
    """There must be a world in this process.

    Raises:
        RuntimeError: there is none; calls would go to AWS, and answers would be of nothing.
    """
    if not switch.on:
        raise RuntimeError("mock_cks is not on in this process.")


class Presence:
    """The world in which something was made; as a context, that world, locked.

    Args:
        whose: what was made, as messages name it.

    Raises:
        RuntimeError: there is no world; on entering, another one, or none any more.
    """

    def __init__(self, whose: str) -> None:
        require_mock()
        self._whose = whose
        self._world = world_id()

    @property
    def over(self) -> bool:
        """Whether it is over."""
        return not switch.on or world_id() != self._world

    def require(self) -> None:
        """It must not be over.

        Raises:
            RuntimeError: it is.
        """
        require_mock()
        if self.over:
            raise world_is_over(self._whose)

    def __enter__(self) -> None:
        WORLD.acquire()
        try:
            self.require()
        except BaseException:
            WORLD.release()
            raise

    def __exit__(self, *exc_info: object) -> None:
        WORLD.release()
