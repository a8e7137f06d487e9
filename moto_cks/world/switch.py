"""The switch of the plugin: whether ``mock_cks`` is on in this process."""

from __future__ import annotations

from collections.abc import Callable

from moto_cks.world.lock import WORLD


def _nothing() -> None:
    """What there is to do while :mod:`moto_cks.plugin` has not said what."""


class Switch:
    """Counts who needs the plugin: it is on from the first to the last.

    Attributes:
        install: turns it on; :mod:`moto_cks.plugin` gives both.
        uninstall: turns it off.
    """

    def __init__(self) -> None:
        self.install: Callable[[], None] = _nothing
        self.uninstall: Callable[[], None] = _nothing
        self._users = 0

    def enter(self) -> None:
        """Turn the plugin on, unless it is."""
        with WORLD:
            if self._users == 0:
                self.install()
            self._users += 1

    def leave(self) -> None:
        """Turn the plugin off where nobody else needs it.

        Raises:
            RuntimeError: it was not on.
        """
        with WORLD:
            if self._users == 0:
                raise RuntimeError("Called stop() before start().")
            self._users -= 1
            if self._users == 0:
                self.uninstall()

    @property
    def on(self) -> bool:
        """Whether the plugin is on."""
        return self._users > 0


switch = Switch()
