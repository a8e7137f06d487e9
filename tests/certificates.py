"""Certificates of clients, and of who vouches for them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOT_BEFORE, NOT_AFTER = datetime.datetime(2020, 1, 1), datetime.datetime(2060, 1, 1)


@dataclass
class Identity:
    """A name with a private key and a certificate.

    Attributes:
        name: the common name.
        issuer: who has signed the certificate; by default it itself.
        key: the private key.
    """

    name: str
    issuer: Identity | None = None
    key: Any = None

    def __post_init__(self) -> None:
        self.key = self.key or ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def certificate(self) -> x509.Certificate:
        signer = self.issuer or self
        return (
            x509.CertificateBuilder()
            .subject_name(_name(self.name))
            .issuer_name(_name(signer.name))
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOT_BEFORE)
            .not_valid_after(NOT_AFTER)
            .sign(signer.key, hashes.SHA256())
        )

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def chain(self) -> str:
        """The certificate and those above it, as ``cat ssl-client.crt root.crt`` joins them."""
        return self.pem + (self.issuer.chain if self.issuer is not None else "")

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(  # type: ignore[no-any-return]
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
