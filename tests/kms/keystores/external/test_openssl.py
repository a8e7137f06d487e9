"""OpenSSL's own server in the place of a proxy: an opinion on TLS that is not this package's."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from moto_cks.kms.keystores.external import client
from moto_cks.xks_proxy.certificates import Authority
from moto_cks.xks_proxy.proxy import XksProxy
from tests.aws import error_of
from tests.kms.keystores.external import creation
from tests.kms.keystores.external.scripted import PATIENCE
from tests.kms.keystores.external.test_outcomes import ROWS

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")

TLS = ("XksProxyUriUnreachableException", ROWS["x46.14"].message)
NO_HTTP = ("XksProxyInvalidResponseException", ROWS["x46.18"].message)
"""It turns each line that it gets round: what comes back through TLS is no HTTP."""

OLD = ("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
OTHER_SUITE = ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256")
CERTIFICATES: dict[str, tuple[Callable[[XksProxy], Any], tuple[str, ...], tuple[str, str]]] = {
    "as it should be": (lambda p: None, (), NO_HTTP),
    "TLS 1.2": (lambda p: None, ("-tls1_2",), NO_HTTP),
    "TLS 1.3": (lambda p: None, ("-tls1_3",), NO_HTTP),
    "expired": (lambda p: p.certificate.renew(starts=-90, days=-1), (), TLS),
    "not yet valid": (lambda p: p.certificate.renew(starts=1), (), TLS),
    "another name": (
        lambda p: p.certificate.renew(cn="other.example.com", san=["other.example.com"]),
        (),
        TLS,
    ),
    "unknown CA": (lambda p: p.certificate.renew(issuer="unknown"), (), TLS),
    "self-signed": (lambda p: p.certificate.renew(issuer="self"), (), TLS),
    "no intermediate": (lambda p: p.certificate.renew(chain=False), (), TLS),
    "TLS 1.1": (lambda p: None, OLD, TLS),
    "another suite": (lambda p: None, OTHER_SUITE, TLS),
    "a client of another CA": (
        lambda p: None,
        ("-Verify", "1", "-verify_return_error", "-CAfile", "other.pem"),
        TLS,
    ),
}


@contextmanager
def listening(proxy: XksProxy, folder: Path, *options: str, say: str = "") -> Iterator[str]:
    """Have OpenSSL listen with the certificate of a proxy; gives its address.

    Args:
        proxy: of which the certificate is.
        folder: for files.
        options: of ``openssl s_server``.
        say: what is typed there as soon as somebody has connected.
    """
    issued = proxy.certificate.issued
    for name, text in {
        "cert.pem": issued.certificate,
        "chain.pem": issued.intermediates,
        "key.pem": issued.key,
        "other.pem": Authority("Other").certificate,
    }.items():
        (folder / name).write_text(text)
    chain = ("-cert_chain", "chain.pem") if issued.intermediates else ()
    command = ("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", *chain)
    with subprocess.Popen(
        [*command, "-key", "key.pem", *options],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(say)
            process.stdin.flush()
            for line in process.stdout:
                found = re.match(r"ACCEPT (127\.0\.0\.1:\d+)", line)
                if found:
                    break
            yield found[1] if found else ""
        finally:
            process.kill()


@pytest.mark.parametrize("name", CERTIFICATES)
def test_x46_14_x41_openssl_as_the_proxy(world: Any, kms: Any, tmp_path: Path, name: str) -> None:
    change, options, expected = CERTIFICATES[name]
    proxy = XksProxy("openssl.example.com")
    change(proxy)
    ca = proxy.certificate.authority.certificate
    with (
        patch.object(client, "SECONDS", PATIENCE),
        listening(proxy, tmp_path, "-rev", *options) as address,
        world.route_xks(proxy.endpoint, to=address, ca=ca),
    ):
        assert error_of(kms.create_custom_key_store, **creation(proxy)) == expected


def test_x47_a_server_that_renegotiates(world: Any, kms: Any, tmp_path: Path) -> None:
    """It is a row of the table, and comes in time; OpenSSL never answers what it is asked."""
    proxy = XksProxy("openssl.example.com")
    ca = proxy.certificate.authority.certificate
    with (
        patch.object(client, "SECONDS", 0.5),
        listening(proxy, tmp_path, "-tls1_2", say="r\nR\nr\n") as address,
        world.route_xks(proxy.endpoint, to=address, ca=ca),
    ):
        code, message = error_of(kms.create_custom_key_store, **creation(proxy))
    assert code in ("XksProxyUriUnreachableException", "XksProxyInvalidResponseException")
    assert message in {row.message for row in ROWS.values()}


def test_x42_the_alternative_name_of_kms(world: Any, kms: Any, tmp_path: Path) -> None:
    """It is the common name: many a library, as webpki of rustls, looks at nothing else."""
    proxy = XksProxy("openssl.example.com")
    issued = proxy.certificate.issued
    (tmp_path / "server.pem").write_text(issued.key + issued.chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=world.xks_client_ca())

    def shown() -> Any:
        connection, _ = listener.accept()
        with context.wrap_socket(connection, server_side=True) as channel:
            return channel.getpeercert()

    ca = proxy.certificate.authority.certificate
    with (
        patch.object(client, "SECONDS", PATIENCE),
        socket.create_server(("127.0.0.1", 0)) as listener,
        ThreadPoolExecutor(1) as pool,
    ):
        listener.settimeout(PATIENCE)
        waiting = pool.submit(shown)
        with world.route_xks(proxy.endpoint, to=f"127.0.0.1:{listener.getsockname()[1]}", ca=ca):
            error_of(kms.create_custom_key_store, **creation(proxy))
        certificate = waiting.result(PATIENCE)
    name = "cks.kms.us-east-1.amazonaws.com"
    assert certificate["subject"] == ((("commonName", name),),)
    assert certificate["subjectAltName"] == (("DNS", name),)
