"""The external key manager behind a proxy in another process."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any, cast, overload

from moto_cks.handle.remote.xks.resource import ProxyResource
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.instances import Instance, Instances


class RemoteKeyManager:
    """An external key manager; see :class:`moto_cks.xks_proxy.manager.KeyManager`."""

    __slots__ = ("_proxy",)

    def __init__(self, proxy: ProxyResource) -> None:
        self._proxy = proxy

    def __repr__(self) -> str:
        return f"<KeyManager {self.instances!r}>"

    def _shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._proxy.shown()["key_manager"]
        return shown

    def _set(self, **settings: Any) -> None:
        self._proxy.ask("PUT", "key-manager", body=settings)

    @property
    def instances(self) -> Instances:
        return cast(Instances, RemoteInstances(self._proxy))

    @property
    def timeout(self) -> float:
        return float(self._shown()["timeout"])

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._set(timeout=seconds)

    @property
    def vector_size(self) -> int:
        return int(self._shown()["vector_size"])

    @vector_size.setter
    def vector_size(self, size: int) -> None:
        self._set(vector_size=size)

    @property
    def metadata(self) -> bytes | None:
        metadata = self._shown()["metadata"]
        return None if metadata is None else base64.b64decode(metadata)

    @metadata.setter
    def metadata(self, metadata: bytes | None) -> None:
        self._set(metadata=None if metadata is None else base64.b64encode(metadata).decode())

    def cache_health_checks(self, seconds: float) -> Cause:
        return self._proxy.cause("cache_health_checks", seconds=seconds)


class RemoteInstance:
    """An instance of it; see :class:`moto_cks.xks_proxy.instances.Instance`."""

    __slots__ = ("_number", "_proxy", "id", "model")

    def __init__(self, proxy: ProxyResource, number: int, shown: dict[str, Any]) -> None:
        self.id: str = shown["id"]
        self.model: str = shown["model"]
        self._proxy = proxy
        self._number = number

    def __repr__(self) -> str:
        return f"<Instance {self.id!r} {self.health}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteInstance) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, int]:
        return self._proxy.host, self._number

    def _shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._proxy.shown()["instances"][self._number]
        return shown

    @property
    def health(self) -> str:
        return str(self._shown()["health"])

    @health.setter
    def health(self, health: str) -> None:
        self._proxy.ask("PUT", "instances", str(self._number), body={"health": health})

    @property
    def is_reachable(self) -> bool:
        return bool(self._shown()["is_reachable"])

    @property
    def delay(self) -> float:
        return float(self._shown()["delay"])

    @property
    def seen_health(self) -> str:
        return str(self._shown()["seen_health"])

    def unreachable(self) -> Cause:
        return self._proxy.cause("unreachable", instance=self._number)

    def reachable(self) -> None:
        self._proxy.ask("POST", "instances", str(self._number), "reachable")

    def slow(self, seconds: float) -> Cause:
        return self._proxy.cause("slow", instance=self._number, seconds=seconds)


class RemoteInstances(Sequence[Instance]):
    """Its instances; see :class:`moto_cks.xks_proxy.instances.Instances`."""

    def __init__(self, proxy: ProxyResource) -> None:
        self._proxy = proxy

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> list[Instance]:
        shown = self._proxy.shown()["instances"]
        return [self._of(number, each) for number, each in enumerate(shown)]

    def _of(self, number: int, shown: dict[str, Any]) -> Instance:
        return cast(Instance, RemoteInstance(self._proxy, number, shown))

    @overload
    def __getitem__(self, index: int) -> Instance: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Instance]: ...
    def __getitem__(self, index: int | slice) -> Instance | Sequence[Instance]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Instance]:
        return iter(self._all())

    def add(self, instance_id: str) -> Instance:
        self._proxy.ask("POST", "instances", body={"id": instance_id})
        return next(each for each in self if each.id == instance_id)
