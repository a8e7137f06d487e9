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

_LATE_IMAGES = "moto_cks.account.late_images"


def ec2_backend(account_id: str, region: str) -> EC2Backend:
    """moto's EC2 of an account and Region.

    Where there is none yet, it is made here, and its images come late (see
    :mod:`moto_cks.account.late_images`); one that moto has made is taken as it is.

    Raises:
        KeyError: there is no such Region.
    """
    found = existing(all_backends(), account_id, region)
    return _new_backend(account_id, region) if found is None else found


@functools.cache
def all_backends() -> BackendDict[EC2Backend]:
    """moto's EC2 of all accounts and Regions."""
    # Imported late, for it takes longer than all the rest.
    with shared_with_moto(), _no_garbage():
        from moto.ec2.models import ec2_backends  # noqa: PLC0415

        return ec2_backends


def _new_backend(account_id: str, region: str) -> EC2Backend:
    from moto_cks.account.late_images import with_late_images  # noqa: PLC0415 - late, as above

    # Locked in the order in which every call locks: the world, then moto's backends.
    with WORLD, backend_lock:
        account = all_backends()[account_id]
        backend_class = account.backend
        account.backend = with_late_images(backend_class)
        try:
            return account[region]
        finally:
            account.backend = backend_class


def release() -> None:
    """Leave moto's EC2 as moto would have made it."""
    if _LATE_IMAGES not in sys.modules:
        return
    from moto_cks.account.late_images import LateImages  # noqa: PLC0415 - late, as in all_backends

    for account in all_backends().values():
        for backend in account.values():
            if isinstance(backend, LateImages):
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
