"""The certificates of mutual TLS between clients and HSMs: trust anchors, and who they vouch for.

See "Set up mutual TLS between client and AWS CloudHSM" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from moto_cks.hsm.certificates import issued
from moto_cks.hsm.errors import HsmError, ReturnCode

MAX_CHAIN_LENGTH = 6980
"""The length of a certificate chain, in bytes of PEM."""

CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
RSA_SIZES = (2048, 3072, 4096)


def checked_trust_anchor(pem: str) -> str:
    """A trust anchor: a self-signed certificate, or a chain from an intermediate one to it.

    Args:
        pem: the certificate or the chain.

    Returns:
        It without what does not belong to it.

    Raises:
        HsmError: INVALID_TRUST_ANCHOR.
    """
    chain = _chain(pem)
    if (
        not chain
        or len(pem.encode()) > MAX_CHAIN_LENGTH
        or not all(issued(lower, upper) for lower, upper in pairwise(chain))
        or not issued(chain[-1], chain[-1])
        or not all(map(_has_accepted_key, chain))
    ):
        raise HsmError(ReturnCode.INVALID_TRUST_ANCHOR)
    return "".join(
        certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in chain
    )


def _has_accepted_key(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in RSA_SIZES
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES)


def vouches(trust_anchor: str, certificate: str) -> bool:
    """Whether a trust anchor vouches for a client.

    Args:
        trust_anchor: a trust anchor, PEM.
        certificate: the client's certificate, and those above it, PEM.
    """
    anchor = _chain(trust_anchor)[0]
    chain = _chain(certificate)
    for place, below in enumerate(chain):
        if issued(below, anchor) and (place or below != anchor):
            return True
        if place + 1 == len(chain) or not issued(below, chain[place + 1]):
            return False
    return False


def _chain(pem: str) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return ()
