"""External keys in another process."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from moto_cks.handle.remote.xks.resource import ProxyResource
from moto_cks.xks_proxy.keys import AES_256, ExternalKey
from moto_cks.xks_proxy.names import listed
from moto_cks.xks_proxy.protocol import DECRYPT, ENCRYPT

Prefix = dict[str, str]
"""Which path prefix of a proxy is meant, as a query; empty for the first one."""


def prefix_in(shown: Mapping[str, Any], which: Prefix) -> dict[str, Any]:
    """A path prefix of a proxy as it is shown.

    Raises:
        KeyError: there is none.
    """
    for prefix in shown["prefixes"]:
        if prefix["path_prefix"] == which["path_prefix"] if which else prefix["main"]:
            return dict(prefix)
    raise KeyError(f"There is no path prefix {which['path_prefix']!r}.")


class RemoteKey:
    """An external key; see :class:`moto_cks.xks_proxy.keys.ExternalKey`.

    Args:
        proxy: of which proxy.
        which: under which path prefix.
        name: by which ID it is found.
        key_id: the ID that it was made with.
    """

    __slots__ = ("_name", "_proxy", "_which", "id")

    def __init__(self, proxy: ProxyResource, which: Prefix, name: str, key_id: str) -> None:
        self.id = key_id
        self._proxy = proxy
        self._which = which
        self._name = name

    def __repr__(self) -> str:
        state = "enabled" if self.enabled else "disabled"
        return f"<ExternalKey {self.id!r} {self.spec} {state}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteKey) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, ...]:
        return self._proxy.host, *self._which.values(), self.id

    def _ask(self, method: str, *path: str, body: dict[str, Any] | None = None) -> Any:
        return self._proxy.ask(method, "keys", self._name, *path, query=self._which, body=body)

    @property
    def enabled(self) -> bool:
        return bool(self._ask("GET")["enabled"])

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._ask("PUT", body={"enabled": enabled})

    @property
    def spec(self) -> str:
        return str(self._ask("GET")["spec"])

    @spec.setter
    def spec(self, spec: str) -> None:
        self._ask("PUT", body={"spec": spec})

    @property
    def usage(self) -> tuple[str, ...]:
        return tuple(self._ask("GET")["usage"])

    @usage.setter
    def usage(self, usage: Iterable[str]) -> None:
        self._ask("PUT", body={"usage": [*listed(usage)]})

    @property
    def versions(self) -> tuple[int, ...]:
        return tuple(self._ask("GET")["versions"])

    @property
    def computes(self) -> bool:
        return bool(self._ask("GET")["computes"])

    def enable(self) -> None:
        self.enabled = True

    def disable(self) -> None:
        self.enabled = False

    def delete(self) -> None:
        try:
            self._ask("DELETE")
        except KeyError:
            raise ValueError(f"The external key {self.id!r} has been deleted.") from None

    def rotate(self) -> int:
        return int(self._ask("POST", "rotate")["version"])

    def forget_version(self, version: int) -> None:
        self._ask("DELETE", "versions", str(version))

    def reassign(self) -> None:
        self._ask("POST", "reassign")


class RemoteKeys(Mapping[str, ExternalKey]):
    """The external keys of a path prefix; see :class:`moto_cks.xks_proxy.keys.ExternalKeys`."""

    def __init__(self, proxy: ProxyResource, which: Prefix) -> None:
        self._proxy = proxy
        self._which = which

    def __repr__(self) -> str:
        return f"<ExternalKeys {list(self)}>"

    def _ids(self) -> dict[str, str]:
        """The ID with which each key was made, by the IDs by which they are found."""
        shown = prefix_in(self._proxy.shown(), self._which)
        return {key["name"]: key["id"] for key in shown["keys"]}

    def __getitem__(self, key_id: str) -> ExternalKey:
        return self._key(key_id, self._ids()[key_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids())

    def __len__(self) -> int:
        return len(self._ids())

    def create(
        self,
        key_id: str | None = None,
        *,
        spec: str = AES_256,
        usage: Iterable[str] = (ENCRYPT, DECRYPT),
        material: bytes | None = None,
    ) -> ExternalKey:
        body: dict[str, Any] = {"spec": spec, "usage": [*listed(usage)]}
        if key_id is not None:
            body["id"] = key_id
        if material is not None:
            body["material"] = base64.b64encode(material).decode()
        made = self._proxy.ask("POST", "keys", query=self._which, body=body)
        return self._key(made["name"], made["id"])

    def alias(self, new: str, of: str) -> ExternalKey:
        known = self._ids()
        if of not in known:
            raise ValueError(f"There is no external key {of!r}; there are {list(known)}.")
        body = {"new": new}
        self._proxy.ask("POST", "keys", of, "aliases", query=self._which, body=body)
        return self._key(of, known[of])

    def _key(self, name: str, key_id: str) -> ExternalKey:
        return cast(ExternalKey, RemoteKey(self._proxy, self._which, name, key_id))
