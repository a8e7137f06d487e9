"""What a proxy says in a TLS handshake, as data; and the contexts that are made of it."""

from __future__ import annotations

import ssl
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from moto_cks.xks_proxy.values import checked_text, one_of

VERSIONS: Mapping[str, ssl.TLSVersion] = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
"""The versions of TLS, the oldest first."""

DEFAULT_MINIMUM, DEFAULT_MAXIMUM = "TLSv1.2", "TLSv1.3"

SECURITY_LEVEL = "@SECLEVEL"
OF_OLD_VERSIONS = f":{SECURITY_LEVEL}=0"
"""What OpenSSL wants to read behind cipher suites before it speaks old versions."""

NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: dates of certificates do not matter."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """What a proxy says and wants, besides its certificate.

    Attributes:
        plain: whether it speaks no TLS at all.
        minimum: the oldest version that it speaks.
        maximum: the newest one.
        ciphers: its cipher suites, in OpenSSL's words; ``None`` for OpenSSL's own choice. Those of
            TLS 1.3 are always offered where that is spoken.
        client_ca: which root has to vouch for a client, PEM; ``None`` to ask for no certificate.
        client_name: the name that a client's certificate has to have; ``None`` for any.
    """

    plain: bool = False
    minimum: str = DEFAULT_MINIMUM
    maximum: str = DEFAULT_MAXIMUM
    ciphers: str | None = None
    client_ca: str | None = field(default=None, repr=False)
    client_name: str | None = None


def checked_version(version: str) -> str:
    """The name of a version.

    Raises:
        ValueError: there is none of it.
    """
    return one_of(version, VERSIONS, "version of TLS")


def check_versions(minimum: str, maximum: str) -> None:
    """Check which versions are to be spoken.

    Raises:
        ValueError: there is none between them.
    """
    order = list(VERSIONS)
    if order.index(minimum) > order.index(maximum):
        raise ValueError(f"There is nothing between {minimum} and {maximum}.")


def check_ciphers(ciphers: str) -> None:
    """Check a list of cipher suites.

    Raises:
        ValueError: OpenSSL knows none of them, or it says how strong certificates have to be.
    """
    if SECURITY_LEVEL in checked_text(ciphers, "A list of cipher suites"):
        raise ValueError(f"{SECURITY_LEVEL} is no cipher suite.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers(ciphers)
    except (ssl.SSLError, ValueError):
        raise ValueError(f"OpenSSL knows no cipher suite of {ciphers!r}.") from None


def checked_authority(certificate: str) -> str:
    """The certificate of a root, in ASCII: what is written around it may be in any language.

    Raises:
        ValueError: it is none in PEM.
    """
    try:
        text = certificate.encode("ascii", "replace").decode()
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError, AttributeError):
        raise ValueError("A certificate of an authority is PEM.") from None
    return text


def check_shown(chain: str, key: str) -> None:
    """Check a certificate with its key.

    Raises:
        ValueError: OpenSSL does not show it.
    """
    try:
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), chain, key)
    except ssl.SSLError as error:
        reason = error.reason or str(error)
        raise ValueError(f"OpenSSL does not show such a certificate: {reason}.") from None


@lru_cache(maxsize=64)
def server_context(settings: TlsSettings, chain: str, key: str, dates: bool) -> ssl.SSLContext:
    """The context of a server; for the same arguments it is the same one.

    Args:
        settings: what it says and wants.
        chain: its certificate and those between it and a root, PEM.
        key: its private key, PEM.
        dates: whether the dates of a client's certificate are looked at, by the machine's clock.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        # What speaks an old version here is to be refused by its clients.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = VERSIONS[settings.minimum]
        context.maximum_version = VERSIONS[settings.maximum]
    old = settings.minimum not in (DEFAULT_MINIMUM, DEFAULT_MAXIMUM)
    if old or settings.ciphers is not None:
        context.set_ciphers((settings.ciphers or "ALL") + (OF_OLD_VERSIONS if old else ""))
    context.num_tickets = 0  # nobody resumes a session, and they would be sent with each handshake
    _load(context, chain, key)
    if settings.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=settings.client_ca)
        # With a name for the other side, OpenSSL compares the client's certificate with it, and
        # refuses it by an alert, which nothing else in Python's ssl can send.
        context.check_hostname = settings.client_name is not None
        if not dates:
            context.verify_flags |= NO_CHECK_TIME
    return context


def _load(context: ssl.SSLContext, chain: str, key: str) -> None:
    # Python's ssl loads private keys from files only.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "server.pem")
        path.touch(mode=0o600)
        path.write_text(key + chain)
        context.load_cert_chain(path)
