"""TLS as KMS speaks it with a proxy: the same over every carrier, with no socket of its own.

AWS KMS External Key Store Proxy API Specification 1.0.3, "API content type".
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from moto_cks.kms.keystores.external.carriers import PIECE, Carrier
from moto_cks.kms.keystores.external.displays import Certificate
from moto_cks.kms.keystores.external.outcomes import CUT, MALFORMED, NO_TLS, ProxyError

SUITES_OF_TLS_1_2 = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384"
SUITES_OF_TLS_1_3 = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: OpenSSL looks at no dates; it knows the machine's clock only."""

_CN = "commonName"

MOST_RECEIVED = 1024 * 1024
"""No exchange takes so many bytes, whatever they are."""

MOST_AT_REST = 64 * 1024
"""So many bytes have come when there was nothing to say: more than a record, and no end to them."""

Result = TypeVar("Result")


@lru_cache(maxsize=64)
def context_of(trusted: tuple[str, ...], client: str, by_machine_time: bool) -> ssl.SSLContext:
    """How KMS connects.

    Args:
        trusted: the certificates of the CAs that it trusts, PEM.
        client: its own certificate with its key, PEM, for a proxy that asks; empty: it has none.
        by_machine_time: whether OpenSSL looks at the dates of certificates.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES_OF_TLS_1_2)
    # Only newer versions of Python can say which suites of TLS 1.3 are offered.
    if (set_ciphersuites := getattr(context, "set_ciphersuites", None)) is not None:
        set_ciphersuites(SUITES_OF_TLS_1_3)
    if not by_machine_time:
        context.verify_flags |= NO_CHECK_TIME
    context.load_verify_locations(cadata="\n".join(trusted))  # the last line may have no end
    if client:
        _show(context, client)
    return context


def _show(context: ssl.SSLContext, client: str) -> None:
    """Have a certificate to show; the module ``ssl`` takes it from a file only."""
    handle, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(client)
        context.load_cert_chain(name)
    finally:
        os.unlink(name)


class TlsConnection:
    """A connection to a proxy, through a carrier.

    Args:
        carrier: carries the records.
        context: how to connect.
        host: the name that the proxy's certificate must have.

    Attributes:
        certificate: the proxy's, after the handshake.
    """

    def __init__(self, carrier: Carrier, context: ssl.SSLContext, host: str) -> None:
        self._carrier = carrier
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._received = 0
        self.certificate: Certificate | None = None

    def shake_hands(self, now: datetime | None) -> None:
        """Shake hands.

        Args:
            now: the date by which the certificate must be valid; ``None``: OpenSSL has looked.

        Raises:
            ProxyError: there is no TLS connection.
            TimeoutError: the time is over.
        """
        try:
            self._do(self._tls.do_handshake)
        except ssl.SSLZeroReturnError:
            raise ProxyError(CUT) from None
        self._flush()
        shown = self._tls.getpeercert() or {}
        first, last = (
            ssl.cert_time_to_seconds(str(shown[name])) for name in ("notBefore", "notAfter")
        )
        if now is not None and not first <= now.timestamp() <= last:
            raise ProxyError(NO_TLS)
        self.certificate = Certificate(_common_name(shown), last)

    def ask(self, data: bytes) -> None:
        """Send a request.

        Raises:
            ProxyError: the connection is cut.
            TimeoutError: the time is over.
        """
        self._received = 0
        self._do(lambda: self._tls.write(data))
        self._flush()

    def receive(self) -> bytes:
        """What comes next; nothing where the proxy has ended the connection as one does.

        Raises:
            ProxyError, TimeoutError: as for :meth:`ask`; a TLS alert is no cut.
        """
        try:
            if self._nothing_here:
                self._take()
            return self._do(lambda: self._tls.read(PIECE))
        except ssl.SSLZeroReturnError:
            return b""

    def has_come(self) -> bool:
        """Whether something has come that nobody has asked for; nothing is waited for.

        Raises:
            ProxyError: the proxy has ended the connection, by an alert or without.
        """
        come = 0
        while come <= MOST_AT_REST and (data := self._carrier.look()) is not None:
            if not data:
                self._incoming.write_eof()
                break
            self._incoming.write(data)
            come += len(data)
        if self._nothing_here:
            return False
        try:
            return bool(self._tls.read(1))
        except ssl.SSLWantReadError:
            return come > MOST_AT_REST
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise ProxyError(CUT) from None
        except ssl.SSLError:
            raise ProxyError(NO_TLS) from None

    @property
    def _nothing_here(self) -> bool:
        """Whether nothing could be read: asking OpenSSL would cost an exception."""
        return not (self._incoming.pending or self._incoming.eof or self._tls.pending())

    def close(self) -> None:
        """Be done with it; what the proxy says to that does not matter."""
        self._carrier.close()

    def _do(self, step: Callable[[], Result]) -> Result:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                self._take()
            except ssl.SSLZeroReturnError:
                raise
            except ssl.SSLEOFError:
                raise ProxyError(CUT) from None
            except ssl.SSLError:
                self._flush()  # with the alert that says why
                raise ProxyError(NO_TLS) from None

    def _flush(self) -> None:
        if self._outgoing.pending:
            try:
                self._carrier.send(self._outgoing.read())
            except TimeoutError:
                raise
            except OSError:
                pass  # what has come before the end may say why; the next look finds the end

    def _take(self) -> None:
        try:
            data = self._carrier.receive()
        except TimeoutError:
            raise
        except OSError:
            data = b""
        if not data:
            self._incoming.write_eof()
            return
        self._received += len(data)
        if self._received > MOST_RECEIVED:
            raise ProxyError(MALFORMED)
        self._incoming.write(data)


def _common_name(certificate: Mapping[str, Any]) -> str | None:
    """That of the subject of a certificate."""
    names = [value for part in certificate["subject"] for name, value in part if name == _CN]
    return names[0] if names else None
