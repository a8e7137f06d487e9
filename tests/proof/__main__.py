"""A long run: histories, requests and threads, until the time is over, and one report.

    python -m tests.proof [--minutes 60] [--processes N] [--seed N] [--write docs/proof.md]

Ends with 1 where something was found, and says how it comes about. The same seed plays the same
parts with the same numbers; how far a run comes depends on the machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import SystemRandom

from tests.proof.playing import run
from tests.proof.report import Report, write


def main() -> int:
    """Run in as many processes as are wanted; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(32))
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into a page")
    wanted = parser.parse_args()
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    begun = time.monotonic()
    print(f"seed {wanted.seed}", file=sys.stderr, flush=True)
    with ProcessPoolExecutor(
        wanted.processes, mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        seeds = [wanted.seed + number for number in range(wanted.processes)]
        played = list(pool.map(run, seeds, [wanted.minutes] * wanted.processes))
    report = Report((time.monotonic() - begun) / 60, wanted.processes, wanted.seed)
    for done, found in played:
        report.done.update(done)
        report.found += found
    print(report.text())
    if wanted.write is not None:
        page = wanted.write.read_text("utf-8")
        wanted.write.write_text(write(page, report.markdown()), "utf-8")
    return 1 if report.found else 0


if __name__ == "__main__":
    sys.exit(main())
