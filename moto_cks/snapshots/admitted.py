"""The names in the text of a saved world; each is that of a method of ``Reading``."""

from __future__ import annotations

from moto_cks.snapshots.reading import ADMITTED


class Admitted:
    """A method of :class:`moto_cks.snapshots.reading.Reading`, as the text names it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self) -> None:
        """Nothing; pickle wants to see that it could be called."""

    def __reduce__(self) -> str:
        return self._name  # pickle then looks for it in this module


_BY_NAME = {name: Admitted(name) for name in ADMITTED}


def __getattr__(name: str) -> Admitted:
    try:
        return _BY_NAME[name]
    except KeyError:
        raise AttributeError(name) from None
