"""The lock of the simulated world.

boto3 clients are used from many threads, and one call reaches through several services down to the
HSMs. One lock for all of them is simple and costs nothing: Python runs one thread at a time anyway.
"""

from __future__ import annotations

import threading

WORLD = threading.RLock()
"""Held while a call of KMS or CloudHSM, or a method of the handle, sees or changes state."""
