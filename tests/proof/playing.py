"""Playing in one process: the parts of the proof in turn, until the time is over."""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from random import Random

from tests.proof.parts import LONG, PARTS, kind_of, story_of
from tests.proof.tally import DONE

SHARES = {
    "histories": 0.5,
    "requests, botocore": 0.2,
    "requests, other clients": 0.1,
    "requests, over HTTP": 0.1,
    "threads": 0.1,
}
"""The part of the time that each part of the proof has."""

MOST_FOUND = 5
"""After so many findings a process has seen enough."""


def run(seed: int, minutes: float) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Play in this process until the time is over; what was done, and what was found."""
    gc.set_threshold(50_000)
    chance, found = Random(seed), []
    begun = time.monotonic()
    spent = dict.fromkeys(SHARES, 0.0)
    while time.monotonic() - begun < minutes * 60 and len(found) < MOST_FOUND:
        name = min(spent, key=lambda part: spent[part] / SHARES[part])
        number, started = chance.getrandbits(32), time.monotonic()
        try:
            PARTS[name](number, LONG)
        except Exception as error:
            found.append((kind_of(error), f"{name}, seed {number}\n{story_of(error)}"))
            print(f"{found[-1][0]}: {found[-1][1]}", file=sys.stderr, flush=True)
        spent[name] += time.monotonic() - started
    DONE["processor minutes"] = round(time.process_time() / 60)
    return DONE, found
