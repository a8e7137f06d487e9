"""The console script ``moto-cks-xks-proxy``: an external key store proxy on a port.

It loads neither boto3 nor moto.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from moto_cks.executables.version import version
from moto_cks.world.ending import told_to_end

if TYPE_CHECKING:
    from moto_cks.xks_proxy.proxy import XksProxy

SCRIPT = "moto-cks-xks-proxy"
DEFAULT_PORT = 8443
PORTS = range(65536)
"""TCP ports; 0 is any that is free."""

HOST = "localhost"
"""The name in the certificate that it makes for itself."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the proxy until SIGTERM or SIGINT.

    Returns:
        The exit status.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    _check(parser, options)
    with tempfile.TemporaryDirectory(prefix=f"{SCRIPT}-") as folder:
        try:
            _run(options, Path(folder))
        except (OSError, ValueError) as error:
            print(f"{SCRIPT}: {error}", file=sys.stderr)
            return 1
        except ModuleNotFoundError as missing:
            print(
                f"{SCRIPT}: {missing.name} is missing: pip install 'moto_cks[server]'",
                file=sys.stderr,
            )
            return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        SCRIPT,
        description=(
            "An external key store proxy, as AWS KMS calls it. The first line that is printed is "
            "its address. Keys live as long as it runs."
        ),
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=version(SCRIPT))
    parser.add_argument("--config", metavar="FILE", help="path prefix, credentials and keys, JSON")
    parser.add_argument(
        "--host", default="127.0.0.1", help="IP address on which to listen (%(default)s)"
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="TCP port, 0 for any (%(default)s)"
    )
    parser.add_argument("--cert", metavar="FILE", help="its certificate, and the chain to it, PEM")
    parser.add_argument("--key", metavar="FILE", help="the certificate's private key, PEM")
    parser.add_argument("--no-tls", action="store_true", help="plain HTTP")
    parser.add_argument(
        "--client-ca", metavar="FILE", help="ask clients for a certificate of this CA, PEM"
    )
    return parser


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.port not in PORTS:
        parser.error(f"A port is a number from {PORTS[0]} to {PORTS[-1]}, not {options.port}.")
    if bool(options.cert) != bool(options.key):
        parser.error("--cert and --key belong together.")
    if options.no_tls and (options.cert or options.client_ca):
        parser.error("Without TLS there are no certificates.")


def _run(options: argparse.Namespace, folder: Path) -> None:
    with told_to_end() as wait, (folder / "log.jsonl").open("w", encoding="utf-8") as log:
        proxy = _proxy(options)
        proxy.log.listener = lambda entry: print(entry.to_json(), file=log, flush=True)
        host, port = proxy.serve(options.port, address=options.host)
        scheme = "http" if options.no_tls else "https"
        print(f"{scheme}://{host}:{port}{proxy.path}", flush=True)
        for line in _files(proxy, options, folder):
            print(line, flush=True)
        wait()
        proxy.close()
        proxy.log.listener = None


def _proxy(options: argparse.Namespace) -> XksProxy:
    from moto_cks.xks_proxy.configuration import configured  # noqa: PLC0415 - after --version

    text = _read(options.config) if options.config else "{}"
    try:
        proxy = configured(text, HOST)
    except ValueError as error:
        raise ValueError(f"{options.config}: {error}") from None
    if options.no_tls:
        proxy.plain_http()
    elif options.cert:
        proxy.certificate.load(_read(options.cert), _read(options.key))
    else:
        proxy.certificate.renew(san=[HOST, "127.0.0.1", options.host])
    if options.client_ca:
        proxy.require_client_certificate(ca=_read(options.client_ca))
    return proxy


def _files(proxy: XksProxy, options: argparse.Namespace, folder: Path) -> list[str]:
    """Write what clients need; gives the lines that say where it is."""
    lines = []
    if not options.no_tls and not options.cert:
        ca = folder / "ca.pem"
        ca.write_text(proxy.certificate.authority.certificate)
        lines.append(f"CA: {ca}")
    configuration = folder / "configuration.json"
    configuration.touch(mode=0o600)  # it has a secret
    configuration.write_text(proxy.configuration_file())
    lines.append(f"Configuration file for the console: {configuration}")
    lines.append(f"Log: {folder / 'log.jsonl'}")
    return lines


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not text in UTF-8.") from None


if __name__ == "__main__":
    sys.exit(main())
