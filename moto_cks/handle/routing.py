"""Ways to external key store proxies outside of the simulated world, in this process.

Loaded with the first of them.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from moto_cks.handle.presence import Presence
from moto_cks.handle.protocols.external import XksRoute
from moto_cks.handle.protocols.snapshots import AnyPath
from moto_cks.kms.keystores.external.routes import (
    TcpRoute,
    anywhere,
    host_of,
    outside,
    refusal_to_send,
    routes,
    standing,
)
from moto_cks.world.lock import WORLD
from moto_cks.xks_proxy.names import HOST

_ENDPOINT = re.compile(rf"https://(?=.{{1,120}}\Z){HOST.pattern}")
_ADDRESS = re.compile(r"([0-9.]{7,15}):([0-9]{1,5})")
_SCHEMES = {"https": True, "http": False}
"""How an address can begin that a server is started with, and whether there is TLS then."""
PEM = "-----BEGIN CERTIFICATE-----"
"""What a certificate in PEM begins with."""
NOBODY_TRUSTED = "Without TLS there is no certificate, and nobody to be trusted."


class LocalXksRoute(XksRoute):
    """A way in this process; see :class:`moto_cks.handle.protocols.external.XksRoute`."""

    def __init__(self, endpoint: str, to: str) -> None:
        super().__init__(endpoint, to)
        self._world = Presence(f"The route to {endpoint}")

    def end(self) -> None:
        host = host_of(self.endpoint)
        with WORLD:
            if self._world.over:
                return  # it has ended with its world
            route = routes().by_host.get(host)
            if isinstance(route, TcpRoute) and route.name == self.to:
                routes().remove(host)


def make_route(
    endpoint: str, to: str, ca: AnyPath | None, *, tls: bool, allow_remote: bool
) -> LocalXksRoute:
    """Make a way to a proxy; see :meth:`moto_cks.Cks.route_xks`.

    Raises:
        ValueError, OSError
    """
    host = _host(endpoint)
    address = _address(to, tls, allow_remote)
    trusted = () if ca is None else (_certificates(ca),)
    if ca is not None and not tls:
        raise ValueError(NOBODY_TRUSTED)
    with WORLD:
        route = TcpRoute(address, trusted, tls=tls)
        if allow_remote and not routes().leads_to(host):
            outside.add(address[0])
        routes().add(host, route)
        return LocalXksRoute(endpoint, route.name)


def known_routes() -> Mapping[str, TcpRoute]:
    """The ways to proxies outside of the simulated world, by the names of hosts in lower case."""
    found = {**routes().by_host, **standing}
    return {host: route for host, route in found.items() if isinstance(route, TcpRoute)}


def end_route(host: str) -> None:
    """Have a way of this world no longer."""
    routes().remove(host)


# Of a server --------------------------------------------------------------------------------------


class StandingRoutes:
    """The ways that a server is started with: they last as long as it runs.

    Args:
        addresses: where each leads, by the names of hosts: ``127.0.0.1:8443``, or without TLS
            ``http://127.0.0.1:8080``.
        cas: certificates of CAs to be trusted on all of them that have TLS: PEM, or files with it.
        allow_remote: whether these may be addresses of other machines, and those for which the
            control API is asked, too.

    Raises:
        ValueError: there is no such host or address, or a file has no certificates; or there are
            CAs, and TLS nowhere.
        OSError: a file cannot be read.
    """

    def __init__(
        self, addresses: Mapping[str, str], cas: Sequence[AnyPath] = (), *, allow_remote: bool
    ) -> None:
        trusted = tuple(map(_certificates, cas))
        self.allow_remote = allow_remote
        self._routes = {
            _host(f"https://{host}"): _standing(to, trusted, allow_remote)
            for host, to in addresses.items()
        }
        if trusted and self._routes and not any(route.tls for route in self._routes.values()):
            raise ValueError(NOBODY_TRUSTED)

    def begin(self) -> None:
        """Have them.

        Raises:
            ValueError: there is a way to one of the hosts already.
        """
        with WORLD:
            for host in self._routes:
                if host in standing:
                    raise ValueError(f"There is a way to {host} already.")
            standing.update(self._routes)
            if self.allow_remote:
                anywhere.append(self)

    def end(self) -> None:
        """Have them no longer."""
        with WORLD:
            for host, route in self._routes.items():
                if standing.get(host) is route:
                    del standing[host]
            if self in anywhere:
                anywhere.remove(self)


def remote_allowed() -> bool:
    """Whether a server in this process may send something to other machines."""
    return bool(anywhere)


def standing_route(host: str) -> TcpRoute | None:
    """The way to a host that a server was started with."""
    return standing.get(host.lower())


def _standing(to: str, trusted: tuple[str, ...], allow_remote: bool) -> TcpRoute:
    """A way by the address, which says in the words of a URL whether there is TLS.

    Raises:
        ValueError: it is none.
    """
    scheme, said, address = to.rpartition("://")
    tls = _SCHEMES.get(scheme) if said else True
    if tls is None:
        raise ValueError(f"A proxy is spoken to by {' or '.join(_SCHEMES)}, not by {scheme!r}.")
    return TcpRoute(_address(address, tls, allow_remote), trusted if tls else (), tls=tls)


def _host(endpoint: str) -> str:
    """The name of a host, as names are compared.

    Raises:
        ValueError: the endpoint is none.
    """
    if not isinstance(endpoint, str) or not _ENDPOINT.fullmatch(endpoint):
        raise ValueError(
            f"An endpoint is as https://xks.example.com, without port and path, not {endpoint!r}."
        )
    return host_of(endpoint)


def _address(to: str, tls: bool, allow_remote: bool) -> tuple[str, int]:
    """An IPv4 address and a port.

    Raises:
        ValueError: it is none, or one to which nothing is sent.
    """
    found = _ADDRESS.fullmatch(to) if isinstance(to, str) else None
    try:
        address = IPv4Address(found[1] if found else "")
    except AddressValueError:
        found = None
    if found is None or not 0 < int(found[2]) < 2**16:
        plain = isinstance(to, str) and to.startswith("http://")
        hint = " Without TLS it is with tls=False." if plain else ""
        raise ValueError(f"An address is as 127.0.0.1:8443, IPv4 and a port, not {to!r}.{hint}")
    refused = refusal_to_send(str(address), tls, allow_remote)
    if refused is not None:
        raise ValueError(refused)
    return str(address), int(found[2])


def _certificates(ca: AnyPath) -> str:
    """Certificates in PEM.

    Raises:
        ValueError: they are none.
        OSError: the file cannot be read.
    """
    given = isinstance(ca, str) and PEM in ca
    text = str(ca) if given else Path(ca).read_text("ascii", errors="replace")
    # What is written between them may be in any language; ``ssl`` takes ASCII only.
    text = text.encode("ascii", "replace").decode()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        raise ValueError("The CAs are certificates in PEM, or a file with such.") from None
    return text
