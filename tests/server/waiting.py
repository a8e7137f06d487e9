"""How long somebody waits for an answer while others are slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from moto_cks.server.http import THREADS

MANY = 600
AT_REST = THREADS + 5
"""The workers, those of the server that wait for something, and the one of a test."""

ENOUGH = 1
"""Seconds that nobody needs to wait for longer, however many are slow."""


def longest_wait(new_client: Callable[[], Any]) -> float:
    """The longest that somebody waits for an answer of KMS, each on a new connection.

    Others may keep the machine busy for a while: who is held up by connections is so at any time.
    """
    longest = _longest_of_five(new_client)
    for _ in range(5):
        if longest < ENOUGH:
            break
        longest = min(longest, _longest_of_five(new_client))
    return longest


def _longest_of_five(new_client: Callable[[], Any]) -> float:
    waits = []
    for _ in range(5):
        kms = new_client()
        start = time.monotonic()
        assert kms.list_keys()["Keys"] == []
        waits.append(time.monotonic() - start)
    return max(waits)
