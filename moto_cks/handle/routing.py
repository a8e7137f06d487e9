"""Ways to external key store proxies outside of the simulated world, in this process.

Loaded with the first of them.
"""

from __future__ import annotations

import re
import ssl
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from moto_cks.handle.presence import Presence
from moto_cks.handle.protocols.external import XksRoute
from moto_cks.handle.protocols.snapshots import AnyPath
from moto_cks.kms.keystores.external.routes import TcpRoute, host_of, routes
from moto_cks.world.lock import WORLD

_ENDPOINT = re.compile(r"https://[a-zA-Z0-9.-]{1,120}")
_ADDRESS = re.compile(r"([0-9.]{7,15}):([0-9]{1,5})")
_PEM = "-----BEGIN CERTIFICATE-----"


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
    if not isinstance(endpoint, str) or not _ENDPOINT.fullmatch(endpoint):
        raise ValueError(
            f"An endpoint is as https://xks.example.com, without port and path, not {endpoint!r}."
        )
    address = _address(to, tls, allow_remote)
    trusted = () if ca is None else (_certificates(ca),)
    if ca is not None and not tls:
        raise ValueError("Without TLS there is no certificate, and nobody to be trusted.")
    with WORLD:
        route = TcpRoute(address, trusted, tls=tls)
        routes().add(host_of(endpoint), route)
        return LocalXksRoute(endpoint, route.name)


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
        raise ValueError(f"An address is as 127.0.0.1:8443, IPv4 and a port, not {to!r}.")
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise ValueError(f"Nothing is sent to {address}: no proxy is there.")
    if not address.is_loopback and not allow_remote:
        raise ValueError(f"{address} is not on this machine; allow_remote=True sends to it.")
    if not address.is_loopback and not tls:
        raise ValueError("Without TLS, nothing is sent to another machine.")
    return str(address), int(found[2])


def _certificates(ca: AnyPath) -> str:
    """Certificates in PEM.

    Raises:
        ValueError: they are none.
        OSError: the file cannot be read.
    """
    given = isinstance(ca, str) and _PEM in ca
    text = str(ca) if given else Path(ca).read_text(errors="replace")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        raise ValueError("The CAs are certificates in PEM, or a file with such.") from None
    return text
