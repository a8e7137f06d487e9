"""What there is in the simulated world, each beside what the model has of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from moto_cks import XksProxy
from tests.aws import client
from tests.proof.cluster_stores import ClusterStore
from tests.proof.external_stores import ExternalStore
from tests.proof.hardware import Cluster, Content
from tests.proof.proxies import Proxy
from tests.proof.stores import Key, Store


@dataclass
class Home:
    """An account in a Region."""

    account_id: str
    region: str

    def client(self, service: str) -> Any:
        return client(service, self.region, self.account_id)


class Named:
    """What a failing example shows by its name, and not by what it holds."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(repr=False, eq=False)
class RealCluster(Named):
    number: int
    home: Home
    id: str
    model: Cluster

    def __repr__(self) -> str:
        return f"clusters[{self.number}]"


@dataclass(repr=False, eq=False)
class RealProxy(Named):
    """A proxy.

    Attributes:
        read: how many entries of its log have been compared.
        causes: what takes back each cause that is in effect.
        secrets: of its credentials, valid ones or not.
    """

    number: int
    handle: XksProxy
    model: Proxy
    read: int = 0
    causes: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"proxies[{self.number}]"


@dataclass(repr=False, eq=False)
class RealStore(Named):
    number: int
    home: Home
    id: str
    name: str
    model: Store

    def __repr__(self) -> str:
        return f"stores[{self.number}]"


@dataclass(repr=False, eq=False)
class RealClusterStore(RealStore):
    model: ClusterStore
    untouched: bool = True


@dataclass(repr=False, eq=False)
class RealExternalStore(RealStore):
    model: ExternalStore


@dataclass(repr=False, eq=False)
class RealKey(Named):
    number: int
    store: RealStore
    model: Key

    def __repr__(self) -> str:
        return f"keys[{self.number}]"


@dataclass(repr=False, eq=False)
class Backup(Named):
    number: int
    cluster: RealCluster
    id: str
    content: Content

    def __repr__(self) -> str:
        return f"backups[{self.number}]"
