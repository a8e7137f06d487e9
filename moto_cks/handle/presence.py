"""The world that a handle is of: while that lasts, and no longer.

A handle of a world that is over could only tell of what was, or act on what nobody sees any more.
"""

from __future__ import annotations

from moto_cks.handle.protocols.handles import world_is_over
from moto_cks.world.identity import identity
from moto_cks.world.switch import switch


def require_mock() -> None:
    """There must be a world in this process.

    Raises:
        RuntimeError: there is none; calls would go to AWS, and answers would be of nothing.
    """
    if not switch.on:
        raise RuntimeError("mock_cks is not on in this process.")


class Presence:
    """The world in which something was made; it must not be over where this is a context.

    ``with WORLD, presence:`` has it stay: a lock that this took could be left locked by an
    interruption that comes when it has been taken, and before the context is entered.

    A world that is restored from a snapshot goes on from there: what was made before the snapshot
    was taken is in it, too.

    Args:
        whose: what was made, as messages name it.
        running: whether it ends when a snapshot is restored, whichever: it is no thing of the
            world, but something open in it.

    Raises:
        RuntimeError: there is no world; on entering, another one, or none any more.
    """

    def __init__(self, whose: str, *, running: bool = False) -> None:
        require_mock()
        self._whose = whose
        self._running = running
        self._world = identity().run if running else identity().moments[-1]

    @property
    def over(self) -> bool:
        """Whether it is over."""
        if not switch.on:
            return True
        now = identity()
        return self._world not in ((now.run,) if self._running else now.moments)

    def require(self) -> None:
        """It must not be over.

        Raises:
            RuntimeError: it is.
        """
        require_mock()
        if self.over:
            raise world_is_over(self._whose)

    def __enter__(self) -> None:
        self.require()

    def __exit__(self, *exc_info: object) -> None: ...
