"""Pools of processes that end by themselves."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool


@contextmanager
def pool_of(method: str, processes: int) -> Iterator[Pool]:
    """A pool whose processes end when there is nothing left to do.

    A pool that is a context manager terminates them. Where a process has a handler of SIGTERM, as
    with coverage, the signal is lost if it comes just before the process waits for its next task;
    and then the pool waits for ever.
    """
    pool = multiprocessing.get_context(method).Pool(processes)
    try:
        yield pool
    except BaseException:
        pool.terminate()
        raise
    pool.close()
    pool.join()
