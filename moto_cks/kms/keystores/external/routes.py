"""How KMS gets to the proxies of this world: nothing is contacted that was not made known."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address
from typing import Protocol
from urllib.parse import urlsplit

from moto.core.base_backend import BaseBackend

from moto_cks.kms.keystores.external.carriers import (
    Carrier,
    MemoryCarrier,
    TcpCarrier,
)
from moto_cks.world.backends import WorldState
from moto_cks.world.complaints import warn
from moto_cks.world.lock import TAKEN
from moto_cks.xks_proxy.carriers import Endpoint
from moto_cks.xks_proxy.lock import come_after
from moto_cks.xks_proxy.memory import MemoryEndpoint
from moto_cks.xks_proxy.proxy import XksProxy

come_after(*TAKEN)

outside: set[str] = set()
"""The IP addresses of other machines to which somebody in this process lets KMS send."""

anywhere: list[object] = []
"""Who in this process lets KMS send to any machine."""


class RouteWarning(UserWarning):
    """A world that was restored has a way that nobody in this process has allowed."""


class Route(Protocol):
    """A way to a proxy.

    Attributes:
        embedded: whether the proxy is part of the simulated world: KMS asks it with the lock of the
            world, and the simulated clock dates signatures and certificates.
        trusted: the CAs that KMS trusts beside its own, PEM.
        tls: whether there is TLS.
    """

    embedded: bool
    trusted: tuple[str, ...]
    tls: bool

    def connect(self, seconds: float) -> Carrier:
        """Connect.

        Raises:
            TimeoutError: nobody answers in so many seconds.
            OSError: nobody is there.
        """


class EmbeddedRoute:
    """The way to a proxy of the simulated world."""

    embedded = True
    tls = True

    def __init__(self, endpoint: Endpoint, trusted: tuple[str, ...] = ()) -> None:
        self.endpoint = endpoint
        self.trusted = trusted

    def connect(self, seconds: float) -> Carrier:
        return MemoryCarrier(self.endpoint.connect(), seconds)


class TcpRoute:
    """The way to a proxy outside of it."""

    embedded = False

    def __init__(
        self, address: tuple[str, int], trusted: tuple[str, ...] = (), *, tls: bool = True
    ) -> None:
        self.address = address
        self.trusted = trusted
        self.tls = tls

    @property
    def name(self) -> str:
        """The address in one word."""
        return f"{self.address[0]}:{self.address[1]}"

    def connect(self, seconds: float) -> Carrier:
        return TcpCarrier(self.address, seconds)

    def refused(self) -> str | None:
        """Why nothing is sent there, by what somebody in this process has allowed; if so."""
        allowed = bool(anywhere) or self.address[0] in outside
        return refusal_to_send(self.address[0], self.tls, allowed)


class Routes(BaseBackend):
    """The ways that there are.

    A backend, so that moto's reset forgets them.

    Attributes:
        by_host: each by the name of the host, in lower case.
        proxies: the proxies that are part of this world, likewise.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.by_host: dict[str, Route] = {}
        self.proxies: dict[str, XksProxy] = {}

    def leads_to(self, host: str) -> bool:
        """Whether there is a way to a host."""
        return host.lower() in self.by_host or host.lower() in standing

    def add(self, host: str, route: Route) -> None:
        """Have a way to a host.

        Raises:
            ValueError: there is one already.
        """
        if self.leads_to(host):
            raise ValueError(f"There is a way to {host} already.")
        self.by_host[host.lower()] = route

    def add_proxy(self, proxy: XksProxy) -> None:
        """Have a proxy, which KMS reaches by the name of its host.

        Raises:
            ValueError: there is a way to that host already.
        """
        self.add(proxy.host, EmbeddedRoute(MemoryEndpoint(proxy)))
        self.proxies[proxy.host.lower()] = proxy

    def remove(self, host: str) -> None:
        """Have the way, and the proxy if there is one, no longer."""
        self.by_host.pop(host.lower(), None)
        proxy = self.proxies.pop(host.lower(), None)
        if proxy is not None:
            proxy.close()

    def move_in(self) -> None:
        """Have no proxy of a world that was restored listen, nor the ways that nobody has allowed.

        What is in a file is not what somebody in this process has said.
        """
        self.hang_up()  # a proxy that was stopped would listen again where it did
        left_out = {
            host: (route, refused)
            for host, route in self.by_host.items()
            if isinstance(route, TcpRoute) and (refused := route.refused()) is not None
        }
        for host in left_out:
            del self.by_host[host]
        for host, (route, refused) in left_out.items():
            warn(f"The route for {host} to {route.name} is left out. {refused}", RouteWarning)

    def hang_up(self) -> None:
        """Have no proxy listen on TCP any more."""
        for proxy in self.proxies.values():
            proxy.close()

    def reset(self) -> None:
        """Have nothing, and nobody who listens."""
        self.hang_up()
        super().reset()


routes = WorldState(Routes)
"""The ways in this world."""

standing: dict[str, TcpRoute] = {}
"""The ways with which a server was started, by the names of hosts in lower case.

No reset forgets them, and no saved world has them. They come before those of the world.
"""


def refusal_to_send(ip_address: str, tls: bool, allowed: bool) -> str | None:
    """Why nothing is sent to an address, if nothing is.

    Args:
        ip_address: IPv4.
        tls: whether there is TLS.
        allowed: whether it may be another machine's.
    """
    try:
        address = IPv4Address(ip_address)
    except AddressValueError:
        return f"{ip_address!r} is no IPv4 address."
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return f"Nothing is sent to {address}: no proxy is there."
    if not address.is_loopback and not allowed:
        return f"{address} is not on this machine; allow_remote=True sends to it."
    if not address.is_loopback and not tls:
        return "Without TLS, nothing is sent to another machine."
    return None


@lru_cache(maxsize=256)
def host_of(endpoint: str) -> str:
    """The name of the host of an XksProxyUriEndpoint, as names are compared."""
    return urlsplit(endpoint).netloc.lower()


def route_to(endpoint: str) -> Route | None:
    """The way to the proxy of an XksProxyUriEndpoint; there is none to any other host."""
    host = host_of(endpoint)
    return standing.get(host) or routes().by_host.get(host)
