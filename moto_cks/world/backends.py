"""moto's backends: how they are found, and what is kept in them of the simulated world.

Every call looks several of them up; moto's own look-up takes a lock and goes through all services
in use, each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Generic, TypeVar

from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.settings import enable_iso_regions

Backend = TypeVar("Backend", bound=BaseBackend)


def backend_of(backends: BackendDict[Backend], account_id: str, region: str) -> Backend:
    """The backend of a service in an account and Region; moto makes it where there is none yet."""
    found = existing(backends, account_id, region)
    return backends[account_id][region] if found is None else found


def existing(backends: BackendDict[Backend], account_id: str, region: str) -> Backend | None:
    """The backend of a service in an account and Region, if it has been used."""
    account = dict.get(backends, account_id)
    return None if account is None else dict.get(account, region)


_OWN = frozenset({"_additional_regions", "_id", "_use_boto3_regions", "backend", "service_name"})


def common_state(backends: BackendDict[Any]) -> dict[str, dict[Any, Any]]:
    """What the accounts of a service have in common: S3 knows there whose each bucket is."""
    return {
        name: value
        for name, value in vars(backends).items()
        if name not in _OWN and isinstance(value, dict)
    }


def set_class(backends: BackendDict[Any], backend_class: type[BaseBackend]) -> None:
    """Say which class the backends of a service will be of; those that exist stay as they are."""
    backends.backend = backend_class
    for account in backends.values():
        account.backend = backend_class


def instances_of(backends: BackendDict[Any]) -> Iterator[Any]:
    """The backends of a service in all accounts and Regions that have been used."""
    return (backend for account in backends.values() for backend in account.values())


class WorldState(Generic[Backend]):
    """Something that there is one of in the whole world, and that moto's reset forgets.

    Args:
        kind: its class; a backend, because those are what moto resets.

    Attributes:
        backends: where moto finds it.
        all_backends: those of all kinds.
    """

    all_backends: ClassVar[list[BackendDict[Any]]] = []

    def __init__(self, kind: type[Backend]) -> None:
        self.backends = BackendDict(
            kind, "cks", use_boto3_regions=False, additional_regions=["aws"]
        )
        self.all_backends.append(self.backends)

    def __call__(self) -> Backend:
        """What there is of it since the last reset."""
        account = dict.get(self.backends, DEFAULT_ACCOUNT_ID)  # a call asks a dozen times
        found = None if account is None else dict.get(account, "aws")
        return self._made() if found is None else found

    def _made(self) -> Backend:
        account = self.backends[DEFAULT_ACCOUNT_ID]
        with backend_lock:
            # moto makes the account before it notes so; interrupted in between, it never would.
            if not any(each is self.backends for each in BackendDict._instances):  # type: ignore[misc]
                BackendDict._instances.append(self.backends)  # type: ignore[misc]
        return account["aws"]


class WorldBackend(BaseBackend):
    """A moto backend whose URLs are put together once, and not for every request."""

    _url_cache: ClassVar[dict[tuple[type, bool], dict[str, Any]]] = {}

    @property
    def urls(self) -> dict[str, Any]:
        """The URLs and their handlers."""
        key = (type(self), enable_iso_regions())
        if key not in self._url_cache:
            self._url_cache[key] = super().urls
        return self._url_cache[key]
