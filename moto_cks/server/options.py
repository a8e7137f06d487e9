"""The options that the server and the proxy share: who may use ``/moto-api``."""

from __future__ import annotations

import argparse

from moto_cks.server.guard import Guard

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


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End with a message where the port, a host or an origin is none."""
    if arguments.port not in PORTS:
        parser.error(f"A port is a number from {PORTS[0]} to {PORTS[-1]}, not {arguments.port}.")
    try:
        Guard([*filter(None, [arguments.host]), *arguments.allow_host], arguments.allow_origin)
    except ValueError as error:
        parser.error(str(error))
