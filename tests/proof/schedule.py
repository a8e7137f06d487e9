"""The model of time: what falls due, in order."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Schedule:
    """A clock in minutes, and what is to happen.

    Appointments of the same minute are kept in the order in which they were made: a little real
    time passes between them in the simulated world, too.
    """

    now: int = 0
    _due: list[tuple[int, int, Callable[[], Any]]] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)

    def at(self, time: int, act: Callable[[], Any]) -> None:
        heapq.heappush(self._due, (time, next(self._numbers), act))

    def advance(self, minutes: int) -> None:
        end = self.now + minutes
        while self._due and self._due[0][0] <= end:
            self.now, _, act = heapq.heappop(self._due)
            act()
        self.now = end
