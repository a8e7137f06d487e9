"""The options that the server and the proxy share.

Who may use ``/moto-api``, and which external key store proxies outside of the world there are.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from moto_cks.server.guard import Guard

if TYPE_CHECKING:
    from moto_cks.handle.routing import StandingRoutes

PORTS = range(65536)
"""TCP ports; 0 is any that is free."""


def add_guarding(parser: argparse.ArgumentParser) -> None:
    """Add the options that say who may use ``/moto-api``."""
    parser.add_argument(
        "--allow-host",
        metavar="HOST",
        action="append",
        default=[],
        help="answer /moto-api under this name or address, too; can be repeated",
    )
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="let web pages of this origin use /moto-api; can be repeated",
    )


def add_routing(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which external key store proxies KMS reaches."""
    parser.add_argument(
        "--xks-route",
        metavar="HOST=[http://]ADDRESS:PORT",
        action="append",
        default=[],
        help="send what KMS says to the external key store proxy https://HOST to this IPv4 "
        "address; with http:// without TLS, on this machine only; can be repeated",
    )
    parser.add_argument(
        "--xks-ca",
        metavar="FILE",
        action="append",
        default=[],
        help="trust the CAs in this file, PEM, on all of these routes with TLS; can be repeated",
    )
    parser.add_argument(
        "--xks-allow-remote",
        action="store_true",
        help="let routes lead to other machines, also those that the control API is asked for",
    )


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End with a message where the port, a host or an origin is none."""
    if arguments.port not in PORTS:
        parser.error(f"A port is a number from {PORTS[0]} to {PORTS[-1]}, not {arguments.port}.")
    try:
        Guard([*filter(None, [arguments.host]), *arguments.allow_host], arguments.allow_origin)
    except ValueError as error:
        parser.error(str(error))


def routes_of(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace
) -> StandingRoutes | None:
    """The routes that are asked for; ends with a message where one cannot be."""
    if arguments.xks_ca and not arguments.xks_route:
        parser.error("--xks-ca is for --xks-route.")
    if not (arguments.xks_route or arguments.xks_allow_remote):
        return None
    from moto_cks.handle.routing import StandingRoutes  # noqa: PLC0415 - with the first

    addresses: dict[str, str] = {}
    for each in arguments.xks_route:
        host, _, to = each.partition("=")
        if not to:
            parser.error(f"A route is as xks.example.com=127.0.0.1:8443, not {each!r}.")
        if host.lower() in addresses:
            parser.error(f"There are two routes to {host}.")
        addresses[host.lower()] = to
    try:
        return StandingRoutes(addresses, arguments.xks_ca, allow_remote=arguments.xks_allow_remote)
    except (OSError, ValueError) as error:
        message = str(error).replace("allow_remote=True", "--xks-allow-remote")
        parser.error(message)
