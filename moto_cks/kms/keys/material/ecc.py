"""Key pairs of elliptic curves in Weierstrass form: ECDSA (FIPS 186-5) and ECDH (SP 800-56A)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from moto_cks.kms.keys.material.base import Agreeing, Signing, WrongInputError
from moto_cks.kms.keys.material.der import load_private, load_public
from moto_cks.kms.keys.material.key_pair import HeldKeyPair
from moto_cks.kms.specs import MessageType, Spec

CURVES: dict[str, ec.EllipticCurve] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}

HASHES: dict[str, hashes.HashAlgorithm] = {
    "ECDSA_SHA_256": hashes.SHA256(),
    "ECDSA_SHA_384": hashes.SHA384(),
    "ECDSA_SHA_512": hashes.SHA512(),
}


def _ecdsa(algorithm: str, message_type: str) -> ec.ECDSA:
    used = HASHES[algorithm]
    return ec.ECDSA(Prehashed(used) if message_type == MessageType.DIGEST.value else used)


class EccKeyPair(HeldKeyPair, Signing, Agreeing):
    """A key pair of one of the curves."""

    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls, spec: Spec) -> EccKeyPair:
        """New material."""
        return cls(spec, ec.generate_private_key(CURVES[spec.name]))

    @classmethod
    def load(cls, spec: Spec, data: bytes) -> EccKeyPair:
        """The material of a private key, PKCS #8."""
        key = load_private(data, ec.EllipticCurvePrivateKey)
        if key.curve.name != CURVES[spec.name].name:
            raise WrongInputError("another curve")
        return cls(spec, key)

    def sign(self, message: bytes, algorithm: str, message_type: str) -> bytes:
        """Sign; the signature is DER, as in RFC 3279."""
        return self._key.sign(message, _ecdsa(algorithm, message_type))

    def verify(self, message: bytes, signature: bytes, algorithm: str, message_type: str) -> bool:
        """Whether a signature is one of the message."""
        try:
            self._key.public_key().verify(signature, message, _ecdsa(algorithm, message_type))
        except InvalidSignature:
            return False
        return True

    def derive(self, public_key: bytes) -> bytes:
        """The x coordinate of the shared point."""
        other = load_public(public_key, ec.EllipticCurvePublicKey)
        if other.curve.name != self._key.curve.name:
            raise WrongInputError("another curve")
        secret: bytes = self._key.exchange(ec.ECDH(), other)
        return secret
