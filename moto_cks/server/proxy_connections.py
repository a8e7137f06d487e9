"""The connections to moto's proxy, which are received as those to the server are.

A client that wants HTTPS asks for a tunnel (CONNECT: RFC 9110, section 9.3.6). The proxy is its
other end: it shows a certificate that moto makes, and is asked in there as it is outside.
"""

from __future__ import annotations

import socket
import ssl
import sys
import traceback
from http import HTTPStatus
from typing import Any

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_proxy.certificate_creator import CertificateCreator

from moto_cks.server import errors
from moto_cks.server.errors import RefusedError
from moto_cks.server.guard import Refusal
from moto_cks.server.http import PATIENCE, AwsConnection, HttpServer
from moto_cks.server.incoming import HOST, MALFORMED_TARGET, Incoming
from moto_cks.server.own_api import answer_to_refused, why_refused
from moto_cks.server.proxy_requests import GuardedHandler
from moto_cks.server.running import Running

ESTABLISHED = b"HTTP/1.1 200 Connection Established\r\n\r\n"
"""The tunnel is there."""


class ProxyConnection(AwsConnection):
    """A connection to the proxy: a request, or one for a tunnel and one in there."""

    def communicate(self) -> bool:
        """Answer a request, or begin a tunnel; gives whether the connection goes on."""
        if not self._greeted:
            return False  # a client that was too slow to shake hands
        self.socket.settimeout(PATIENCE)
        try:
            return self._communicate()
        except OSError:
            return False  # the client has gone, or takes nothing
        except Exception:
            traceback.print_exc(file=sys.stderr)
            self._refuse(why_refused(RefusedError(errors.INTERNAL_FAILURE)))
            return False

    def _communicate(self) -> bool:
        try:
            handler: GuardedHandler = self.server.handler(self.socket, self.rfile)
            if handler.command == "CONNECT":
                self._check_tunnel(handler.path)
        except RefusedError as refused:
            self._refuse(why_refused(refused))
            return False
        except TimeoutError:
            said = "The request did not come in time."
            self._refuse(Refusal(said, HTTPStatus.REQUEST_TIMEOUT))
            return False
        if handler.command == "CONNECT":
            return self._connect(handler)
        self.refused = not self.rfile.over  # what is still being sent has to be taken
        self.socket.sendall(handler.answer)
        return False

    def _refuse(self, refusal: Refusal) -> None:
        body, headers = answer_to_refused(refusal)
        lines = [
            f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}",
            *(f"{name}: {value}" for name, value in headers),
        ]
        self.refused = True
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def _check_tunnel(self, to: str) -> None:
        """There can be a tunnel.

        Raises:
            RefusedError: there cannot.
        """
        host, _, port = to.rpartition(":")
        if isinstance(self.socket, ssl.SSLSocket):
            raise RefusedError(errors.of_status(400, "There is no tunnel in a tunnel."))
        if not host or not HOST.fullmatch(to.encode()) or not port.isdigit():
            raise RefusedError(MALFORMED_TARGET)
        if self.rfile.said_behind:  # TLS would never see it, and wait
            said = "Nothing is said in a tunnel before it is there."
            raise RefusedError(errors.of_status(400, said))

    def _connect(self, handler: GuardedHandler) -> bool:
        """Begin a tunnel; gives whether it is one that ends here."""
        host, _, port = handler.path.rpartition(":")
        if host in moto_api_backend.proxy_hosts_to_passthrough:
            handler.wfile = socket.SocketIO(self.socket, "w")  # type: ignore[assignment]
            handler.connect_relay((host, int(port)))
            return False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(
            CertificateCreator().create(handler.path), CertificateCreator.certkey
        )
        self.socket.sendall(ESTABLISHED)
        self._begin_tls(context)
        return True

    def _begin_tls(self, context: ssl.SSLContext) -> None:
        # Hands are shaken while the reception waits for the client, and by no thread of its own.
        tls: Any = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.socket = tls
        self.rfile = Incoming(tls.recv, tls.pending)
        self._greeted = False


class ProxyHttpServer(HttpServer):
    """Has the requests to the proxy answered by a handler of moto's.

    Args:
        address: host and port; port 0 is any that is free.
        handler: what answers one.
    """

    ConnectionClass = ProxyConnection

    def __init__(self, address: tuple[str, int], handler: type[GuardedHandler]) -> None:
        super().__init__(address, None)
        self.handler = handler


class ProxyServer:
    """What moto's proxy starts in the place of its ``ThreadingHTTPServer``.

    Args:
        address: host and port; port 0 is any that is free.
        handler: what answers a request.

    Raises:
        OSError: the address is not free.
    """

    def __init__(self, address: tuple[str, int], handler: type[GuardedHandler]) -> None:
        self._running = Running(ProxyHttpServer(address, handler), "moto-cks-proxy")

    @property
    def socket(self) -> socket.socket:
        """The one that listens."""
        return self._running.socket

    def serve_forever(self) -> None:
        """Wait for what ends it: an exception, as moto's handler of signals raises it."""
        try:
            self._running.wait()
        finally:
            self._running.stop()
