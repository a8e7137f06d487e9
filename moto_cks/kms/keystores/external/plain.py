"""No TLS: for a proxy on a loopback address that somebody says has none."""

from __future__ import annotations

from datetime import datetime

from moto_cks.kms.keystores.external.carriers import Carrier
from moto_cks.kms.keystores.external.displays import Certificate
from moto_cks.kms.keystores.external.outcomes import CUT, ProxyError


class PlainConnection:
    """A connection to a proxy, as :class:`moto_cks.kms.keystores.external.tls.TlsConnection` is.

    Args:
        carrier: carries the bytes.

    Attributes:
        certificate: there is none.
    """

    certificate: Certificate | None = None

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def shake_hands(self, now: datetime | None) -> None:
        """Nothing: whoever answers is taken for the proxy."""

    def ask(self, data: bytes) -> None:
        """Send a request.

        Raises:
            TimeoutError: the time is over.
        """
        try:
            self._carrier.send(data)
        except TimeoutError:
            raise
        except OSError:
            pass  # what has come before the end may be the answer

    def receive(self) -> bytes:
        """What comes next; nothing at the end.

        Raises:
            ProxyError: the connection is cut.
            TimeoutError: the time is over.
        """
        try:
            return self._carrier.receive()
        except TimeoutError:
            raise
        except OSError:
            raise ProxyError(CUT) from None

    def has_come(self) -> bool:
        """Whether something has come that nobody has asked for; nothing is waited for.

        Raises:
            ProxyError: the proxy has ended the connection.
        """
        data = self._carrier.look()
        if data == b"":
            raise ProxyError(CUT)
        return data is not None

    def close(self) -> None:
        """Be done with it."""
        self._carrier.close()
