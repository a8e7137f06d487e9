"""The certificate of a proxy, which expires and is renewed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from moto_cks.xks_proxy.certificates import (
    MAX_CN,
    Authority,
    Issued,
    Subject,
    loaded,
    self_signed,
)
from moto_cks.xks_proxy.names import listed
from moto_cks.xks_proxy.tls import check_shown
from moto_cks.xks_proxy.values import (
    checked,
    checked_flag,
    checked_kind,
    checked_number,
    checked_text,
)

DAYS = 90
"""How long a certificate is valid by default."""

SELF, UNKNOWN = "self", "unknown"
"""Issuers that nobody trusts: the certificate itself, and an authority that nobody knows."""


def _checked_issuer(authority: Any) -> Authority:
    if not callable(getattr(authority, "issue", None)):  # that of a server has no class of ours
        raise ValueError(f"An issuer is an Authority, not {authority!r}.")
    return cast(Authority, authority)


class ServerCertificate:
    """The certificate that a proxy shows.

    Args:
        host: whom it is for.
        authority: what issues it.
        clock: the time, from which its dates are counted.

    Attributes:
        authority: what issues it; whoever trusts the proxy trusts ``authority.certificate``.
        issued: the certificate itself.
    """

    authority: Authority = checked(_checked_issuer)
    issued: Issued = checked(checked_kind(Issued, "A certificate is one that was issued or loaded"))

    def __init__(self, host: str, authority: Authority, clock: Callable[[], datetime]) -> None:
        self.authority = authority
        self._host = host
        self._clock = clock
        self.renew()

    def __repr__(self) -> str:
        return f"<ServerCertificate of {self._host}, expires {self.expires:%Y-%m-%d}>"

    @property
    def pem(self) -> str:
        """What is shown: the certificate, and those between it and the root, PEM."""
        return self.issued.chain

    @property
    def expires(self) -> datetime:
        """When it expires, by the proxy's clock."""
        return self.issued.expires

    def renew(
        self,
        *,
        days: float = DAYS,
        starts: float = 0,
        cn: str | None = None,
        san: Sequence[str] | None = None,
        issuer: Authority | str | None = None,
        chain: bool = True,
    ) -> None:
        """Get another certificate, and show it from now on; connections that are open end.

        Args:
            days: after how many days it expires; less than 0 for one that has expired.
            starts: in how many days it becomes valid.
            cn: the common name of its subject; by default the host.
            san: its subject alternative names; by default the host, or ``cn``.
            issuer: ``"self"``, ``"unknown"`` or an authority; by default the proxy's.
            chain: whether the intermediate certificate is shown, too.

        Raises:
            ValueError: there is no such issuer, the common name is too long, or the days are none
                of the calendar.
        """
        name = self._host if cn is None else checked_text(cn, "A common name")
        checked_flag(chain, "Whether the intermediate certificate is shown")
        default = name if cn is not None or len(name) <= MAX_CN else None
        names = listed(name if san is None else san)
        subject = Subject(default, names, *self._dates(days, starts))
        issued = self._issue(subject, issuer)
        self.issued = issued if chain else issued._replace(intermediates="")

    def load(self, chain: str, key: str) -> None:
        """Show a certificate that comes from elsewhere.

        Args:
            chain: PEM, the certificate first, then those between it and a root.
            key: PEM, not encrypted.

        Raises:
            ValueError: they cannot be read, do not belong together, or OpenSSL cannot show them.
        """
        issued = loaded(chain, key)
        check_shown(issued.chain, issued.key)
        self.issued = issued

    def _issue(self, subject: Subject, issuer: Authority | str | None) -> Issued:
        if isinstance(issuer, Authority):
            return issuer.issue(subject)
        if issuer is None:
            return self.authority.issue(subject)
        if issuer == UNKNOWN:
            return Authority("Unknown CA").issue(subject)
        if issuer == SELF:
            return self_signed(subject)
        raise ValueError(f"An issuer is an Authority, {SELF!r} or {UNKNOWN!r}, not {issuer!r}.")

    def _dates(self, days: float, starts: float) -> tuple[datetime, datetime]:
        # X.509 has no fractions of a second.
        now = self._clock().replace(microsecond=0)
        after, before = checked_number(days, "Days"), checked_number(starts, "Days")
        try:
            ends, begins = now + timedelta(days=after), now + timedelta(days=before)
        except (OverflowError, ValueError):
            raise ValueError(f"There is no day {days} or {starts} from now.") from None
        if ends > begins:
            return begins, ends
        if starts:
            raise ValueError("A certificate expires after the day on which it becomes valid.")
        return ends - timedelta(days=DAYS), ends  # it was valid once
