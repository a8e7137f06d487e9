"""The console script ``moto-cks-proxy``: moto's proxy with custom key stores and CloudHSM.

What it answers is moto's; how it speaks HTTP, and who may use its own API, is as in the server.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from moto import proxy

from moto_cks.plugin import switch
from moto_cks.server.guard import Guard
from moto_cks.server.options import add_guarding, add_routing, check, routes_of
from moto_cks.server.proxy_connections import ProxyServer
from moto_cks.server.proxy_requests import GuardedHandler

OWN_HOST = "motoapi.amazonaws.com"
"""The name of moto's own API."""


def main(
    argv: Sequence[str] | None = None, *, options: argparse.ArgumentParser | None = None
) -> None:
    """Run the proxy until SIGTERM or SIGINT.

    Args:
        argv: the arguments: those of ``moto_proxy``, and who may use ``/moto-api``.
        options: more of them, which the console script sees to.
    """
    parser = _parser([] if options is None else [options])
    arguments = parser.parse_args(argv)
    check(parser, arguments)
    routes = routes_of(parser, arguments)
    hosts = [OWN_HOST, *filter(None, [arguments.host]), *arguments.allow_host]

    class Handler(GuardedHandler):
        guard = Guard(hosts, arguments.allow_origin)

    given = ["-H", arguments.host, "-p", str(arguments.port)]
    module: Any = proxy  # which says nothing of what it has imported
    originals = module.ProxyRequestHandler, module.ThreadingHTTPServer
    module.ProxyRequestHandler, module.ThreadingHTTPServer = Handler, ProxyServer
    switch.enter()
    if routes is not None:
        routes.begin()
    try:
        proxy.main([*given, "-v"] if arguments.verbose else given)
    except OSError as error:
        sys.exit(f"moto-cks-proxy: {error}")
    finally:
        if routes is not None:
            routes.end()
        switch.leave()
        module.ProxyRequestHandler, module.ThreadingHTTPServer = originals


def _parser(parents: Sequence[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moto-cks-proxy",
        description="moto's proxy with custom key stores and CloudHSM.",
        parents=parents,
    )
    port = int(os.environ.get("MOTO_PROXY_PORT") or 5005)
    parser.add_argument("-H", "--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("-p", "--port", type=int, default=port, help="TCP port (%(default)s)")
    parser.add_argument("-v", "--verbose", action="store_true", help="say all that is sent")
    add_guarding(parser)
    add_routing(parser)
    return parser
