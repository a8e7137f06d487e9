"""When the tests take place."""

from __future__ import annotations

import datetime

NOON = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.timezone.utc)
