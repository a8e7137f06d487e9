"""The lock of all proxies.

It is never held while somebody waits: delays over TCP pass without it.
"""

from __future__ import annotations

import threading

LOCK = threading.RLock()
"""Held while a request is answered, and while what decides about answers changes."""
