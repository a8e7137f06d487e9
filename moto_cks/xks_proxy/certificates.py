"""Certificates, and the authorities that issue them.

An authority is a root and one intermediate, as those are that AWS KMS trusts. All keys are P-256.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from moto_cks.xks_proxy.values import checked_text

NOT_BEFORE = datetime(2015, 1, 1, tzinfo=timezone.utc)
NOT_AFTER = datetime(9999, 1, 1, tzinfo=timezone.utc)
"""Of authorities: they outlive every simulated clock."""

MAX_CN = 64
"""The most characters of a common name (RFC 5280)."""

_SERVER = ExtendedKeyUsageOID.SERVER_AUTH
_CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
_CURVE = ec.SECP256R1()


class Issued(NamedTuple):
    """A certificate with its key.

    Attributes:
        certificate: PEM.
        intermediates: the certificates between it and a root, PEM; may be empty.
        key: its private key, PEM.
        expires: when it does.
    """

    certificate: str
    intermediates: str
    key: str
    expires: datetime

    def __repr__(self) -> str:
        return f"<Issued, expires {self.expires:%Y-%m-%d}>"

    @property
    def chain(self) -> str:
        """The certificate, and those between it and a root, PEM."""
        return self.certificate + self.intermediates


class Subject(NamedTuple):
    """Who a certificate is for, and from when to when.

    Attributes:
        cn: the common name; ``None`` for a subject without one.
        san: the alternative names, DNS or IPv4 addresses; none leaves the extension away.
        not_before: from when on it is valid.
        not_after: until when.
    """

    cn: str | None
    san: Sequence[str] = ()
    not_before: datetime = NOT_BEFORE
    not_after: datetime = NOT_AFTER


class Authority:
    """A certificate authority.

    Args:
        name: of its root; by it people know what has issued a certificate.
    """

    def __init__(self, name: str = "moto_cks XKS Root CA") -> None:
        self.name = name
        root_key, key = (ec.generate_private_key(_CURVE) for _ in range(2))
        root, issuer = _name(name), _name(self._issuer)
        self._root = _pem(_of_authority(root, root_key, root, root_key))
        self._intermediate = _pem(_of_authority(issuer, key, root, root_key))
        self._key = _key_pem(key)

    def __repr__(self) -> str:
        return f"<Authority {self.name!r}>"

    @property
    def _issuer(self) -> str:
        return f"{self.name}, intermediate"

    @property
    def certificate(self) -> str:
        """The root's certificate, PEM: what is to be trusted."""
        return self._root

    def issue(self, subject: Subject, *, client: bool = False) -> Issued:
        """Issue a certificate, for a server or a client of TLS.

        Raises:
            ValueError: the subject's common name is too long.
        """
        key = ec.generate_private_key(_CURVE)
        certificate = _of(subject, key, _name(self._issuer), _load_key(self._key), client)
        return Issued(_pem(certificate), self._intermediate, _key_pem(key), subject.not_after)


def self_signed(subject: Subject) -> Issued:
    """A certificate of a server that vouches for itself.

    Raises:
        ValueError: the subject's common name is too long.
    """
    key = ec.generate_private_key(_CURVE)
    certificate = _of(subject, key, _name(subject.cn), key, False)
    return Issued(_pem(certificate), "", _key_pem(key), subject.not_after)


def loaded(chain: str, key: str) -> Issued:
    """A certificate and a key that come from elsewhere.

    Args:
        chain: PEM, the certificate first, then those between it and a root.
        key: PEM, not encrypted.

    Raises:
        ValueError: they cannot be read, or do not belong together.
    """
    try:
        first, *others = x509.load_pem_x509_certificates(chain.encode())
        private = serialization.load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, AttributeError):
        raise ValueError("A certificate and its private key, not encrypted, are PEM.") from None
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if first.public_key().public_bytes(*form) != private.public_key().public_bytes(*form):
        raise ValueError("The private key is not that of the certificate.")
    return Issued(_pem(first), "".join(map(_pem, others)), key, first.not_valid_after_utc)


def _of_authority(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    usage = x509.KeyUsage(**dict.fromkeys(_OTHER_USAGES, False), key_cert_sign=True, crl_sign=True)
    return (
        _builder(subject, key, issuer, issuer_key, NOT_BEFORE, NOT_AFTER)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


_OTHER_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "encipher_only", "decipher_only"),
)


def _of(
    subject: Subject,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    client: bool,
) -> x509.Certificate:
    name = _name(subject.cn)
    dates = subject.not_before, subject.not_after
    builder = (
        _builder(name, key, issuer, issuer_key, *dates)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_CLIENT if client else _SERVER]), critical=False)
    )
    if subject.san:
        names = x509.SubjectAlternativeName([_alternative(each) for each in subject.san])
        builder = builder.add_extension(names, critical=subject.cn is None)
    return builder.sign(issuer_key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(own, critical=False)
        .add_extension(signer, critical=False)
    )


def _name(cn: str | None) -> x509.Name:
    if cn is None:
        return x509.Name([])
    if not 1 <= len(checked_text(cn, "A common name")) <= MAX_CN:
        raise ValueError(f"A common name has 1 to {MAX_CN} characters, not {len(cn)}.")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])


def _alternative(name: str) -> x509.GeneralName:
    checked_text(name, "An alternative name")
    try:
        return x509.IPAddress(ipaddress.IPv4Address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _load_key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(
        serialization.Encoding.PEM, form, serialization.NoEncryption()
    ).decode()


def _show_the_clock() -> None:
    """Have ``cryptography`` see the real ``datetime`` class first.

    It keeps the class that it sees at its first certificate. If that is the one that freezegun
    puts there, every certificate that is made without freezegun fails.
    """
    Authority("clock")


_show_the_clock()
