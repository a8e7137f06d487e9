"""Ways to external key store proxies outside of the simulated world."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto_cks.handle.cks import LOCAL
from moto_cks.world.lock import WORLD

if TYPE_CHECKING:
    from moto_cks.kms.keystores.external.routes import TcpRoute


def list_xks_routes() -> dict[str, Any]:
    """The ways that there are."""
    from moto_cks.handle import routing  # noqa: PLC0415 - with the first

    with WORLD:
        return {
            "routes": [
                _show(host, route, route is routing.standing_route(host))
                for host, route in routing.known_routes().items()
            ]
        }


def route_xks(ca: str | None = None, allow_remote: bool = False, **where: Any) -> dict[str, Any]:
    """Have KMS send what it says to an endpoint to a proxy outside."""
    from moto_cks.handle import routing  # noqa: PLC0415 - with the first

    if ca is not None and routing.PEM not in ca:  # no path: clients name no files of this machine
        raise ValueError("The CAs are certificates in PEM.")
    if allow_remote and not routing.remote_allowed():
        raise ValueError(
            "This server sends nothing to other machines; --xks-allow-remote has it do so."
        )
    route = LOCAL.route_xks(ca=ca, allow_remote=allow_remote, **where)
    return {
        "endpoint": route.endpoint,
        "to": route.to,
        "tls": where.get("tls", True),
        "standing": False,
    }


def end_xks_route(host: str, to: str | None = None) -> None:
    """Have a way no longer."""
    from moto_cks.handle import routing  # noqa: PLC0415 - with the first

    with WORLD:
        route = routing.known_routes().get(host.lower())
        if route is None or to not in (None, route.name):
            raise KeyError(f"There is no route for {host}.")
        if route is routing.standing_route(host):
            raise RuntimeError(f"The server was started with the route for {host}.")
        routing.end_route(host)


def show_xks_client_ca() -> dict[str, Any]:
    """Whom a proxy has to trust to know KMS by its certificate."""
    return {"certificate": LOCAL.xks_client_ca()}


def _show(host: str, route: TcpRoute, standing: bool) -> dict[str, Any]:
    return {
        "endpoint": f"https://{host}",
        "to": route.name,
        "tls": route.tls,
        "standing": standing,
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_xks_routes": list_xks_routes,
    "route_xks": route_xks,
    "end_xks_route": end_xks_route,
    "show_xks_client_ca": show_xks_client_ca,
}
