"""External key stores and their proxies in another process.

Loaded with the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from moto_cks.handle.protocols.external import XksRoute
from moto_cks.handle.protocols.key_store import ExternalKeyStore
from moto_cks.handle.protocols.snapshots import AnyPath
from moto_cks.handle.remote.wire import Wire, given
from moto_cks.handle.remote.xks.proxy import RemoteXksProxy
from moto_cks.xks_proxy.names import listed
from moto_cks.xks_proxy.proxy import XksProxy

PEM = "-----BEGIN CERTIFICATE-----"
"""What a certificate in PEM begins with."""


def proxy_at(wire: Wire, host: str) -> XksProxy:
    """The handle on a proxy.

    Raises:
        KeyError: there is none of that host.
    """
    shown = wire.get("xks-proxies", host)
    return cast(XksProxy, RemoteXksProxy(wire, shown["host"]))


class RemoteProxies(Mapping[str, XksProxy]):
    """The proxies of a server's world."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __getitem__(self, host: str) -> XksProxy:
        return proxy_at(self._wire, host)

    def __iter__(self) -> Iterator[str]:
        shown = self._wire.get("xks-proxies")["proxies"]
        return iter([proxy["host"] for proxy in shown])

    def __len__(self) -> int:
        return len(list(iter(self)))


def make_proxy(
    wire: Wire,
    host: str,
    path_prefix: str,
    region: str | None,
    keys: Iterable[str],
    instances: Sequence[str],
) -> XksProxy:
    """Make a proxy; see :meth:`moto_cks.Cks.xks_proxy`."""
    body = {
        "host": host,
        "path_prefix": path_prefix,
        "region": region,
        "keys": [*listed(keys)],
        "instances": [*listed(instances)],
    }
    made = wire.post("xks-proxies", body=body)
    return cast(XksProxy, RemoteXksProxy(wire, made["host"]))


class RemoteExternalKeyStore(ExternalKeyStore):
    """An external key store; see :class:`moto_cks.ExternalKeyStore`."""

    def __init__(self, wire: Wire, shown: Mapping[str, Any]) -> None:
        super().__init__(shown["id"], shown["name"], shown["account_id"], shown["region"])
        self._wire = wire.of_this_world(f"Key store {self.id}")
        self._seen_host: str = shown["xks_proxy"]["host"]

    def require_world(self) -> None:
        self._wire.require_world()

    @property
    def proxy(self) -> XksProxy:
        self._look()
        return proxy_at(self._wire, self._seen_host)

    def _look(self) -> None:
        """See what there is of it now."""
        with suppress(KeyError):  # it is deleted
            shown = self._wire.get("key-stores", self.id)
            self._seen_name, self._seen_host = shown["name"], shown["xks_proxy"]["host"]

    def create_key(self, xks_key_id: str | None = None, **parameters: Any) -> str:
        body = given(XksKeyId=xks_key_id) | parameters
        return str(self._wire.post("key-stores", self.id, "keys", body=body)["key_id"])


def build(wire: Wire, proxy: XksProxy | None, **parameters: Any) -> RemoteExternalKeyStore:
    """Build an external key store; see :meth:`moto_cks.Cks.create_external_key_store`.

    Raises:
        ValueError: among others, the proxy is none of that world.
    """
    body = dict(parameters)
    if proxy is not None:
        body["proxy"] = _known_host(proxy)
    return RemoteExternalKeyStore(wire, wire.post("external-key-stores", body=body))


def _known_host(proxy: XksProxy) -> str:
    if not issubclass(type(proxy), RemoteXksProxy):
        raise ValueError(f"{proxy!r} is no proxy that cks.xks_proxy has made in this world.")
    cast(RemoteXksProxy, proxy).require_world()
    return proxy.host


def handle_on(wire: Wire, key_store_id: str) -> RemoteExternalKeyStore:
    """The handle on an external key store that exists.

    Raises:
        KeyError: there is no such key store, or it is none of these.
    """
    shown = wire.get("key-stores", key_store_id)
    if shown["xks_proxy"] is None:
        raise KeyError(f"{key_store_id} is no external key store.")
    return RemoteExternalKeyStore(wire, shown)


class RemoteXksRoute(XksRoute):
    """A way that a server has; see :class:`moto_cks.handle.protocols.external.XksRoute`."""

    def __init__(self, wire: Wire, endpoint: str, to: str) -> None:
        super().__init__(endpoint, to)
        self._wire = wire.of_this_world(f"The route to {endpoint}")

    def end(self) -> None:
        host = self.endpoint.removeprefix("https://")
        with suppress(KeyError, RuntimeError):  # it has ended before, or with its world
            self._wire.delete("xks-routes", host, query={"to": self.to})


def make_route(
    wire: Wire, endpoint: str, to: str, ca: AnyPath | None, *, tls: bool, allow_remote: bool
) -> RemoteXksRoute:
    """Make a way to a proxy of one's own; see :meth:`moto_cks.Cks.route_xks`.

    The addresses are those of the machine of the server, and a file is one of this process.

    Raises:
        ValueError, OSError
    """
    body = {"endpoint": endpoint, "to": to, "tls": tls, "allow_remote": allow_remote}
    if ca is not None:
        has_it = isinstance(ca, str) and PEM in ca
        body["ca"] = str(ca) if has_it else Path(ca).read_text(errors="replace")
    made = wire.post("xks-routes", body=body)
    return RemoteXksRoute(wire, made["endpoint"], made["to"])
