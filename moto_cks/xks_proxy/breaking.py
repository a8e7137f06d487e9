"""The ways in which a proxy breaks. Each is set up, and taken back; none of them names an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from moto_cks.xks_proxy import latency
from moto_cks.xks_proxy.causes import AllInEffect, Cause, InEffect
from moto_cks.xks_proxy.defects import Defect, checked_defect, chosen
from moto_cks.xks_proxy.fronting import ReverseProxy
from moto_cks.xks_proxy.latency import HANDSHAKE, STEPS, Latency
from moto_cks.xks_proxy.names import checked_host, checked_host_header
from moto_cks.xks_proxy.protocol import APIS
from moto_cks.xks_proxy.tls import (
    DEFAULT_MAXIMUM,
    DEFAULT_MINIMUM,
    TlsSettings,
    check_ciphers,
    check_versions,
    checked_authority,
    checked_version,
)
from moto_cks.xks_proxy.values import (
    checked_flag,
    checked_number,
    checked_seconds,
    checked_text,
    one_of,
)

Suites: TypeAlias = "tuple[str, str, str | None]"
"""The oldest and the newest version of TLS, and the cipher suites."""

Clients: TypeAlias = "tuple[str | None, str | None]"
"""Which root has to vouch for a client, and the name that it has to have."""


class Breakable:
    """What of a proxy breaks.

    Args:
        clock: gives the time.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._skews: AllInEffect[timedelta] = AllInEffect()
        self._latencies: AllInEffect[Latency] = AllInEffect()
        self._defects: AllInEffect[str] = AllInEffect()
        self._unsupported: AllInEffect[str] = AllInEffect()
        self._front = InEffect(ReverseProxy())
        self._cuts = InEffect(False)
        self._plain = InEffect(False)
        self._suites: InEffect[Suites] = InEffect((DEFAULT_MINIMUM, DEFAULT_MAXIMUM, None))
        self._clients: InEffect[Clients] = InEffect((None, None))

    def now(self) -> datetime:
        """The time of the proxy's clock, which may be off, up to the ends of the calendar."""
        now, skew = self._clock(), self._skew
        try:
            return now + skew
        except OverflowError:
            end = datetime.min if skew < timedelta() else datetime.max
            return end.replace(tzinfo=now.tzinfo)

    @property
    def handshake_delay(self) -> float:
        """The seconds that a TLS handshake takes."""
        return latency.total(self._latencies.values, HANDSHAKE, None)

    @property
    def defects(self) -> tuple[str, ...]:
        """The names of the defects that it has."""
        return tuple(self._defects.values)

    @property
    def max_connections(self) -> int | None:
        """How many connections there can be at once; ``None`` for any number."""
        limits = [each.connections for each in self._chosen() if each.connections is not None]
        return min(limits, default=None)

    @property
    def handshake(self) -> TlsSettings:
        """What it says and wants in a TLS handshake."""
        plain, suites, clients = self.handshake_parts
        return TlsSettings(plain, *suites, *clients)

    @property
    def handshake_parts(self) -> tuple[bool, Suites, Clients]:
        """That, as it is set: whether there is no TLS, versions and suites, and clients."""
        return self._plain.value, self._suites.value, self._clients.value

    def clock_skew(self, seconds: float) -> Cause:
        """Have its clock go wrong by so many seconds; less than 0 for slow.

        More than five minutes are AuthenticationFailedException.

        Raises:
            ValueError: the clock cannot go so far.
        """
        step = checked_number(seconds, "Seconds")
        try:
            skew = timedelta(seconds=step)
            _ = self._clock() + self._skew + skew
        except (OverflowError, ValueError):
            raise ValueError(f"A clock cannot be {seconds} seconds off.") from None
        return self._skews.add(skew)

    def latency(self, seconds: float, *, api: str | None = None, key: str | None = None) -> Cause:
        """Take so many seconds longer: for all requests, for an API, for an external key.

        In memory the time is simulated; over TCP it is real.

        Args:
            seconds: how many. AWS KMS waits for a quarter of one.
            api: the name of an API, or ``"handshake"`` for the TLS handshake.
            key: an external key ID, whether or not there is such a key.

        Raises:
            ValueError: the seconds are no number from 0 on, or there is no such API; or a key
                is named for what is about none.
        """
        if api is not None:
            one_of(api, STEPS, "API")
        if key is not None:
            checked_text(key, "An external key ID")
        if key is not None and api is not None and not (api in APIS and APIS[api].of_key):
            raise ValueError(f"{api} is not about a key.")
        return self._latencies.add(Latency(checked_seconds(seconds), api, key))

    def defect(self, name: str) -> Cause:
        """Have a defect that people have met with proxies.

        Args:
            name: one of :data:`moto_cks.xks_proxy.defects.DEFECTS`.

        Raises:
            ValueError: there is none with this name.
        """
        return self._defects.add(checked_defect(name))

    def unsupported(self, api: str) -> Cause:
        """Leave an API out: UnsupportedOperationException.

        Raises:
            ValueError: there is no such API.
        """
        return self._unsupported.add(one_of(api, APIS, "API"))

    def reverse_proxy(self, *, host: str | None = None, bad_gateway: bool = False) -> Cause:
        """Put a reverse proxy in front.

        Args:
            host: what it makes of the Host header. Another one than was signed breaks the
                signature: AuthenticationFailedException.
            bad_gateway: whether it finds the proxy gone, and answers 502 in HTML.

        Raises:
            ValueError: that can be no Host header.
        """
        if host is not None:
            checked_host_header(host)
        checked_flag(bad_gateway, "Whether a reverse proxy finds the proxy gone")
        return self._front.set(ReverseProxy(host, bad_gateway))

    def cut_connections(self) -> Cause:
        """Cut each connection in the middle of an answer."""
        return self._cuts.set(True)

    def tls(
        self,
        *,
        minimum: str | None = None,
        maximum: str | None = None,
        ciphers: str | None = None,
    ) -> Cause:
        """Speak other versions of TLS, or other cipher suites.

        Connections that are open end. What is not given is as by default.

        Args:
            minimum: the oldest version, as in ``"TLSv1.2"``.
            maximum: the newest version. With ``ciphers`` it is TLS 1.2 by default: the suites of
                TLS 1.3 cannot be chosen.
            ciphers: cipher suites in OpenSSL's words, as in ``"ECDHE+AES128"``.

        Raises:
            ValueError: there is no such version or suite, or no version between the two.
        """
        default = DEFAULT_MAXIMUM if ciphers is None else "TLSv1.2"
        newest = default if maximum is None else checked_version(maximum)
        oldest = min(DEFAULT_MINIMUM, newest) if minimum is None else checked_version(minimum)
        check_versions(oldest, newest)
        if ciphers is not None:
            check_ciphers(ciphers)
        return self._suites.set((oldest, newest, ciphers))

    def plain_http(self) -> Cause:
        """Speak HTTP without TLS. Connections that are open end."""
        return self._plain.set(True)

    def require_client_certificate(self, *, ca: str, subject: str | None = None) -> Cause:
        """Ask clients for a certificate, and end the handshake where it is not the right one.

        Connections that are open end.

        Args:
            ca: the certificate of the root that has to have vouched for it, PEM.
            subject: the name that it has to be for: ``cks.kms.<region>.amazonaws.com`` is that
                of AWS KMS. By default any.

        Raises:
            ValueError: the certificate is none, or the name.
        """
        root = checked_authority(ca)
        if subject is not None:
            checked_host(subject)
        return self._clients.set((root, subject))

    @property
    def _skew(self) -> timedelta:
        return sum(self._skews.values, timedelta())

    def _chosen(self) -> list[Defect]:
        return chosen(self._defects.values)
