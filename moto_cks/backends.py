"""Finding a backend of moto, which every call does several times.

moto's own look-up takes a lock and goes through all services in use, each time.
"""

from __future__ import annotations

from typing import TypeVar

from moto.core.base_backend import BackendDict, BaseBackend

Backend = TypeVar("Backend", bound=BaseBackend)


def backend_of(backends: BackendDict[Backend], account_id: str, region: str) -> Backend:
    """The backend of a service in an account and Region; moto makes it where there is none yet."""
    found = existing(backends, account_id, region)
    return backends[account_id][region] if found is None else found


def existing(backends: BackendDict[Backend], account_id: str, region: str) -> Backend | None:
    """The backend of a service in an account and Region, if it has been used."""
    account = dict.get(backends, account_id)
    return None if account is None else dict.get(account, region)
