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

KEY_SIZE = 2048
# Fixed dates: a certificate of the simulated hardware must not depend on the simulated clock.
NOT_BEFORE = datetime.datetime(2015, 1, 1)
NOT_AFTER = datetime.datetime(2065, 1, 1)


class CertificateError(ValueError):
    """A certificate cannot be used to claim a cluster."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates of a cluster, each in PEM.

    Attributes:
        csr: what the customer has to sign.
        hsm: issued by the HSM hardware for the same key.
        aws_hardware: AWS's certificate for the hardware.
        manufacturer_hardware: the manufacturer's certificate for the hardware.
        cluster: the CSR signed by the customer; empty until the cluster is claimed.
        trust_anchor: the customer's own certificate; empty until the cluster is claimed.
    """

    csr: str = field(repr=False)
    hsm: str = field(repr=False)
    aws_hardware: str = field(repr=False)
    manufacturer_hardware: str = field(repr=False)
    cluster: str = field(default="", repr=False)
    trust_anchor: str = field(default="", repr=False)

    @property
    def claimed(self) -> bool:
        """Whether a customer has signed the CSR."""
        return bool(self.cluster)

    @classmethod
    def manufacture(cls, hsm_id: str) -> Certificates:
        """What the first HSM of a cluster makes."""
        key = _new_key()
        subject = _hsm_name(f"{hsm_id}:PARTN:1")
        hardware = _hardware()
        csr = x509.CertificateSigningRequestBuilder().subject_name(subject)
        return cls(
            csr=_pem(csr.sign(key, hashes.SHA256())),
            hsm=_pem(_certificate(subject, key.public_key(), hardware.subject, hardware.key)),
            aws_hardware=hardware.aws_certificate,
            manufacturer_hardware=hardware.manufacturer_certificate,
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
        if not _issued(anchor, anchor):
            raise CertificateError("The trust anchor must be self-signed.")
        csr = x509.load_pem_x509_csr(self.csr.encode())
        if _public_bytes(certificate) != _public_bytes(csr):
            raise CertificateError("The signed certificate was not made from the cluster CSR.")
        if certificate.subject != csr.subject:
            raise CertificateError("The subject of the signed certificate is not the CSR's.")
        if not _issued(certificate, anchor):
            raise CertificateError("The trust anchor did not sign the signed certificate.")
        return replace(self, cluster=_pem(certificate), trust_anchor=_pem(anchor))

    def is_anchored_by(self, trust_anchor: str) -> bool:
        """Whether a PEM certificate is the trust anchor that the cluster was claimed with."""
        try:
            return self.claimed and _pem(_parse(trust_anchor, "trust anchor")) == self.trust_anchor
        except CertificateError:
            return False


def sign_csr(csr: str) -> tuple[str, str]:
    """Sign a cluster CSR with a new customer CA, as ``openssl`` does in the user guide.

    Returns:
        The signed certificate and the CA's self-signed certificate (the trust anchor), in PEM.
    """
    request = x509.load_pem_x509_csr(csr.encode())
    ca_key = _new_key()
    ca = _name(CN="customerCA")
    trust_anchor = _certificate(ca, ca_key.public_key(), ca, ca_key, ca=True)
    signed = _certificate(request.subject, request.public_key(), ca, ca_key)  # type: ignore[arg-type]
    return _pem(signed), _pem(trust_anchor)


class _Hardware(NamedTuple):
    key: rsa.RSAPrivateKey
    subject: x509.Name
    aws_certificate: str
    manufacturer_certificate: str


@functools.cache
def _hardware() -> _Hardware:
    # Made once a process: every simulated HSM is a partition of the same hardware.
    key = _new_key()
    subject = _hsm_name("3.0A0101-ICM000001")
    aws, manufacturer = (
        _pem(_certificate(subject, key.public_key(), issuer, _new_key(), ca=True))
        for issuer in (
            _name(O="Amazon", CN="AWS CloudHSM Root G1"),
            _name(C="US", O="Cavium, Inc.", CN="localca.liquidsecurity.cavium.com"),
        )
    )
    return _Hardware(key, subject, aws, manufacturer)


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)


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


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
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
