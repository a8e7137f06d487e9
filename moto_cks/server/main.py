"""The console script ``moto-cks-server``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import generate_adhoc_ssl_pair

from moto_cks.control import console
from moto_cks.control.responses import BASE_PATH
from moto_cks.server.options import add_guarding, add_routing, check, routes_of
from moto_cks.server.threaded import ThreadedCksServer
from moto_cks.snapshots.errors import SnapshotError
from moto_cks.world.ending import told_to_end

if TYPE_CHECKING:
    from moto_cks.handle.routing import StandingRoutes


def main(
    argv: Sequence[str] | None = None, *, options: argparse.ArgumentParser | None = None
) -> int:
    """Run the server until SIGTERM or SIGINT.

    Args:
        argv: the arguments, which are those of ``moto_server``.
        options: more of them, which the console script sees to.

    Returns:
        The exit status.
    """
    parser = _parser([] if options is None else [options])
    arguments = parser.parse_args(argv)
    _check(parser, arguments)
    routes = routes_of(parser, arguments)
    try:
        server = _start(arguments, routes)
    except SnapshotError as error:
        print(f"moto-cks-server: {arguments.state}: {error}", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(f"moto-cks-server: {error}", file=sys.stderr)
        return 1
    host, port = server.get_host_and_port()
    os.environ.setdefault("MOTO_PORT", str(port))  # where moto's Lambdas look for AWS
    with told_to_end() as wait:
        scheme = "https" if arguments.ssl or arguments.ssl_cert else "http"
        address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        print(f"Running on {address}", flush=True)
        print(f"Console: {address}{BASE_PATH}{console.PATH}", flush=True)
        wait()
    server.stop()
    return 0


def _parser(parents: Sequence[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moto-cks-server",
        description="moto's server with custom key stores and CloudHSM.",
        parents=parents,
    )
    port = int(os.environ.get("MOTO_PORT") or 5000)
    parser.add_argument("-H", "--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("-p", "--port", type=int, default=port, help="TCP port (%(default)s)")
    parser.add_argument("-s", "--ssl", action="store_true", help="HTTPS, own certificate")
    parser.add_argument("-c", "--ssl-cert", help="HTTPS with the certificate in this file, PEM")
    parser.add_argument("-k", "--ssl-key", help="file of its private key, PEM")
    parser.add_argument("--state", metavar="FILE", help="keep the world in this file")
    add_guarding(parser)
    add_routing(parser)
    parser.add_argument("-r", "--reload", action="store_true", help="not supported")
    return parser


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.reload:
        parser.error("--reload is not supported; start the server again.")
    if bool(arguments.ssl_cert) != bool(arguments.ssl_key):
        parser.error("--ssl-cert and --ssl-key belong together.")
    check(parser, arguments)


def _start(arguments: argparse.Namespace, routes: StandingRoutes | None) -> ThreadedCksServer:
    if not arguments.ssl_cert and arguments.ssl:
        with tempfile.TemporaryDirectory() as folder:
            return _listen(arguments, routes, _write_certificate(Path(folder)))
    given = (arguments.ssl_cert, arguments.ssl_key) if arguments.ssl_cert else None
    return _listen(arguments, routes, given)


def _listen(
    arguments: argparse.Namespace, routes: StandingRoutes | None, tls: tuple[str, str] | None
) -> ThreadedCksServer:
    server = ThreadedCksServer(
        arguments.host,
        arguments.port,
        tls=tls,
        state=arguments.state,
        allow_hosts=arguments.allow_host,
        allow_origins=arguments.allow_origin,
        xks_routes=routes,
    )
    server.start()
    return server


def _write_certificate(folder: Path) -> tuple[str, str]:
    """Write the certificate that moto's server would make for itself."""
    certificate, key = generate_adhoc_ssl_pair()
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    return str(files[0]), str(files[1])


if __name__ == "__main__":
    sys.exit(main())
