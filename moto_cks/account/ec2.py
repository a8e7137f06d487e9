"""How this package comes to moto's EC2: without what takes long and no cluster needs."""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from moto.core.base_backend import backend_lock

from moto_cks.world.backends import existing
from moto_cks.world.botocore_session import shared_with_moto
from moto_cks.world.lock import WORLD

if TYPE_CHECKING:
    from moto.core.base_backend import BackendDict
    from moto.ec2.models import EC2Backend

_KNOWN = "_known_to_be_reset"
_DEPENDING = "moto_cks.account.dependencies"


def ec2_backend(account_id: str, region: str) -> EC2Backend:
    """moto's EC2 of an account and Region, which is made here if there is none yet.

    While the mock is on, its images come late (see :mod:`moto_cks.account.late_images`), and it
    tells what AWS would not have deleted (:mod:`moto_cks.account.dependencies`).

    Raises:
        KeyError: there is no such Region.
    """
    found = existing(all_backends(), account_id, region)
    if found is None or _KNOWN not in vars(found):
        # Locked in the order in which every call locks: the world, then moto's backends.
        with WORLD, backend_lock:
            # Also where there is one: while moto resets, some services make EC2 anew, which moto
            # then does not know it has.
            found = all_backends()[account_id][region]
        vars(found)[_KNOWN] = True
    return found


@functools.cache
def all_backends() -> BackendDict[EC2Backend]:
    """moto's EC2 of all accounts and Regions."""
    # Imported late, for it takes longer than all the rest.
    with shared_with_moto(), _no_garbage():
        from moto.ec2.models import ec2_backends  # noqa: PLC0415

        return ec2_backends


def release() -> None:
    """Leave moto's EC2 as moto would have made it."""
    if _DEPENDING not in sys.modules:
        return
    from moto_cks.account.dependencies import DependingEc2  # noqa: PLC0415 - as all_backends

    for account in all_backends().values():
        for backend in account.values():
            if isinstance(backend, DependingEc2):
                backend.release()


@contextmanager
def _no_garbage() -> Iterator[None]:
    """While tables are loaded, which Python would look through for garbage again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
