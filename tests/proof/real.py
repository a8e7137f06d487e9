"""What there is in the simulated world, each beside what the model has of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

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


@dataclass(repr=False, eq=False)
class Named:
    """What a failing example shows by its name, and not by what it holds.

    Attributes:
        among: where the scene has it.
        number: which of them it is.
    """

    among: ClassVar[str]
    number: int

    def __repr__(self) -> str:
        return f"{self.among}[{self.number}]"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(repr=False, eq=False)
class RealCluster(Named):
    among = "clusters"
    home: Home
    id: str
    model: Cluster


@dataclass(repr=False, eq=False)
class RealProxy(Named):
    """A proxy.

    Attributes:
        read: how many entries of its log have been compared.
        causes: what takes back each cause that is in effect.
        secrets: of its credentials, valid ones or not.
    """

    among = "proxies"
    handle: XksProxy
    model: Proxy
    read: int = 0
    causes: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass(repr=False, eq=False)
class RealStore(Named):
    among = "stores"
    home: Home
    id: str
    name: str
    model: Store


@dataclass(repr=False, eq=False)
class RealClusterStore(RealStore):
    model: ClusterStore
    untouched: bool = True


@dataclass(repr=False, eq=False)
class RealExternalStore(RealStore):
    model: ExternalStore


@dataclass(repr=False, eq=False)
class RealKey(Named):
    among = "keys"
    store: RealStore
    model: Key


@dataclass(repr=False, eq=False)
class Backup(Named):
    among = "backups"
    cluster: RealCluster
    id: str
    content: Content
