"""The order of what happens, also at the same moment of the simulated clock."""

from __future__ import annotations

import itertools

next_number = itertools.count().__next__
"""The number of the next thing that happens."""
