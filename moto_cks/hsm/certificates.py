"""The identity of a cluster: real X.509.

The first HSM of a cluster makes a key pair and a certificate signing request. Two chains vouch
for it: the manufacturer's and AWS's hardware certificates sign the HSM certificate, and the
customer signs the CSR, which gives the cluster certificate. See "Verify the identity and
authenticity of your cluster's HSM" and "Initialize the cluster" in the CloudHSM User Guide.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from moto_cks.hsm.key_pool import KeySource, new_key

# Fixed dates: a certificate of the simulated hardware must not depend on the simulated clock.
NOT_BEFORE = datetime.datetime(2015, 1, 1)
NOT_AFTER = datetime.datetime(2065, 1, 1)


class CertificateError(ValueError):
    """A certificate cannot be used to claim a cluster."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates of a cluster, each in PEM.

    Those of the hardware are made when somebody looks: only a cluster that nobody has claimed yet
    shows them.

    Attributes:
        csr: what the customer has to sign.
        cluster: the CSR signed by the customer; empty until the cluster is claimed.
        trust_anchor: the customer's own certificate; empty until the cluster is claimed.
    """

    csr: str = field(repr=False)
    _vouched: _Vouched = field(repr=False, compare=False)
    cluster: str = field(default="", repr=False)
    trust_anchor: str = field(default="", repr=False)

    @property
    def claimed(self) -> bool:
        """Whether a customer has signed the CSR."""
        return bool(self.cluster)

    @property
    def hsm(self) -> str:
        """Issued by the HSM hardware for the key of the CSR."""
        return self._vouched.certificate

    @property
    def aws_hardware(self) -> str:
        """AWS's certificate for the hardware."""
        return _hardware().aws_certificate

    @property
    def manufacturer_hardware(self) -> str:
        """The manufacturer's certificate for the hardware."""
        return _hardware().manufacturer_certificate

    @classmethod
    def manufacture(cls, hsm_id: str, make_key: KeySource = new_key) -> Certificates:
        """What the first HSM of a cluster makes.

        Args:
            hsm_id: its ID, which is in the subject.
            make_key: where it has its key from.
        """
        key = make_key()
        name = f"{hsm_id}:PARTN:1"
        csr = x509.CertificateSigningRequestBuilder().subject_name(_hsm_name(name))
        return cls(
            csr=_pem(csr.sign(key, hashes.SHA256())), _vouched=_Vouched(name, key.public_key())
        )

    def claimed_by(self, signed_certificate: str, trust_anchor: str) -> Certificates:
        """Check and take the customer's certificates.

        Raises:
            CertificateError: either is not a PEM certificate; the trust anchor is not a
                self-signed RSA certificate; the signed certificate is not this CSR's or not
                signed by the trust anchor.
        """
        certificate = _parse(signed_certificate, "signed certificate")
        anchor = _parse(trust_anchor, "trust anchor")
        if not isinstance(anchor.public_key(), rsa.RSAPublicKey):
            raise CertificateError("The trust anchor must have an RSA key.")
        if not issued(anchor, anchor):
            raise CertificateError("The trust anchor must be self-signed.")
        csr = x509.load_pem_x509_csr(self.csr.encode())
        if _public_bytes(certificate) != _public_bytes(csr):
            raise CertificateError("The signed certificate was not made from the cluster CSR.")
        if certificate.subject != csr.subject:
            raise CertificateError("The subject of the signed certificate is not the CSR's.")
        if not issued(certificate, anchor):
            raise CertificateError("The trust anchor did not sign the signed certificate.")
        return replace(self, cluster=_pem(certificate), trust_anchor=_pem(anchor))

    def is_anchored_by(self, trust_anchor: str) -> bool:
        """Whether a PEM certificate is the trust anchor that the cluster was claimed with."""
        try:
            return self.claimed and _pem(_parse(trust_anchor, "trust anchor")) == self.trust_anchor
        except CertificateError:
            return False


def sign_csr(csr: str, make_key: KeySource = new_key) -> tuple[str, str]:
    """Sign a cluster CSR with a new customer CA, as ``openssl`` does in the user guide.

    Args:
        csr: PEM.
        make_key: where the CA has its key from.

    Returns:
        The signed certificate and the CA's self-signed certificate (the trust anchor), in PEM.
    """
    request = x509.load_pem_x509_csr(csr.encode())
    ca_key = make_key()
    ca = _name(CN="customerCA")
    trust_anchor = _certificate(ca, ca_key.public_key(), ca, ca_key, ca=True)
    signed = _certificate(request.subject, request.public_key(), ca, ca_key)  # type: ignore[arg-type]
    return _pem(signed), _pem(trust_anchor)


class _Vouched:
    """What the hardware vouches for: the name and the key of the first HSM of a cluster."""

    def __init__(self, name: str, key: rsa.RSAPublicKey) -> None:
        self._name = name
        self._key = key

    @functools.cached_property
    def certificate(self) -> str:
        """The HSM certificate: the same one however often somebody looks, and whenever."""
        hardware = _hardware()
        subject = _hsm_name(self._name)
        return _pem(_certificate(subject, self._key, hardware.subject, hardware.key))


class _Hardware(NamedTuple):
    key: rsa.RSAPrivateKey
    subject: x509.Name
    aws_certificate: str
    manufacturer_certificate: str


@functools.cache
def _hardware() -> _Hardware:
    # Made once a process: every simulated HSM is a partition of the same hardware.
    key = new_key()
    # One key for both issuers: their own certificates are nowhere to be seen.
    issuer_key = new_key()
    subject = _hsm_name("3.0A0101-ICM000001")
    aws, manufacturer = (
        _pem(_certificate(subject, key.public_key(), issuer, issuer_key, ca=True))
        for issuer in (
            _name(O="Amazon", CN="AWS CloudHSM Root G1"),
            _name(C="US", O="Cavium, Inc.", CN="localca.liquidsecurity.cavium.com"),
        )
    )
    return _Hardware(key, subject, aws, manufacturer)


_NAME_PARTS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "L": NameOID.LOCALITY_NAME,
    "CN": NameOID.COMMON_NAME,
}


def _name(**parts: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(_NAME_PARTS[key], parts[key]) for key in parts])


def _hsm_name(identifier: str) -> x509.Name:
    # The subject that "Initialize the cluster" shows for a cluster CSR.
    common_name = f"HSM:{identifier}, for FIPS mode"
    return _name(C="US", ST="CA", O="Cavium", OU="N3FIPS", L="SanJose", CN=common_name)


def _certificate(
    subject: x509.Name,
    public_key: rsa.RSAPublicKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    *,
    ca: bool = False,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def _parse(pem: str, what: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise CertificateError(f"The {what} is not a certificate in PEM format.") from None


def _pem(item: x509.Certificate | x509.CertificateSigningRequest) -> str:
    return item.public_bytes(serialization.Encoding.PEM).decode()


def _public_bytes(item: x509.Certificate | x509.CertificateSigningRequest) -> bytes:
    return item.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether a certificate was signed by another one, or by itself."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _show_the_clock() -> None:
    """Have ``cryptography`` see the real ``datetime`` class first.

    It keeps the class that it sees at its first certificate. If that is the one that freezegun
    puts there, every certificate that is made without freezegun fails.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(CN="clock")
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOT_BEFORE, NOT_AFTER)
    builder.sign(key, hashes.SHA256())


_show_the_clock()
