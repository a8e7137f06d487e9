"""``cks.failures`` on the world in this process.

The table is loaded when it is first asked for: tests that need no failure do not wait for it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from moto_cks.handle.presence import require_mock
from moto_cks.handle.protocols.cks import Cks
from moto_cks.handle.protocols.failures import DocumentedFailure, Failures, Happening
from moto_cks.world.lock import WORLD

if TYPE_CHECKING:
    from moto_cks.handle.failure import LocalFailure


class LocalFailures(Failures):
    """The documented failures; see :class:`moto_cks.handle.protocols.failures.Failures`.

    Args:
        cks: the handle with which they are brought about.
    """

    def __init__(self, cks: Cks) -> None:
        self._cks = cks

    @functools.cached_property
    def _failures(self) -> dict[str, LocalFailure]:
        from moto_cks.failures.table import FAILURES  # noqa: PLC0415 - late, as said above
        from moto_cks.handle.failure import LocalFailure, hands_of  # noqa: PLC0415

        hands = hands_of(self._cks)
        return {name: LocalFailure(one, hands) for name, one in FAILURES.items()}

    @property
    def _by_name(self) -> Mapping[str, DocumentedFailure]:
        return self._failures

    def happening(self) -> list[Happening]:
        from moto_cks.failures.records import records  # noqa: PLC0415
        from moto_cks.handle.failure import happening_of  # noqa: PLC0415

        require_mock()
        with WORLD:
            return [
                happening_of(self._failures[record.failure], record)
                for record in records()
                if record.since is not None
            ]
