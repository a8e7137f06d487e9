"""RSA key pairs: RSAES-OAEP, RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC 8017)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from moto_cks.kms.keys.material.base import Encrypting, Signing, WrongInputError
from moto_cks.kms.keys.material.der import load_private
from moto_cks.kms.keys.material.key_pair import HeldKeyPair
from moto_cks.kms.specs import MessageType, Spec

HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA_1": hashes.SHA1(),  # nosec B303 # KMS has RSAES_OAEP_SHA_1
    "SHA_256": hashes.SHA256(),
    "SHA_384": hashes.SHA384(),
    "SHA_512": hashes.SHA512(),
}


def _hash(algorithm: str) -> hashes.HashAlgorithm:
    """The hash function that the name of an algorithm ends with."""
    return HASHES[algorithm[algorithm.index("SHA_") :]]


def _oaep(algorithm: str) -> padding.OAEP:
    used = _hash(algorithm)
    return padding.OAEP(padding.MGF1(used), used, label=None)


def _padding(algorithm: str) -> padding.AsymmetricPadding:
    """That of a signature; the salt of PSS is as long as the hash, as AWS documents it."""
    if algorithm.startswith("RSASSA_PSS"):
        used = _hash(algorithm)
        return padding.PSS(padding.MGF1(used), used.digest_size)
    return padding.PKCS1v15()


def _hashing(algorithm: str, message_type: str) -> Prehashed | hashes.HashAlgorithm:
    used = _hash(algorithm)
    return Prehashed(used) if message_type == MessageType.DIGEST.value else used


class RsaKeyPair(HeldKeyPair, Encrypting, Signing):
    """A key pair with the public exponent 65537."""

    _key: rsa.RSAPrivateKey

    @classmethod
    def generate(cls, spec: Spec) -> RsaKeyPair:
        """New material, which takes its time."""
        return cls(spec, rsa.generate_private_key(public_exponent=65537, key_size=spec.size))

    @classmethod
    def load(cls, spec: Spec, data: bytes) -> RsaKeyPair:
        """The material of a private key, PKCS #8."""
        key = load_private(data, rsa.RSAPrivateKey)
        if key.key_size != spec.size:
            raise WrongInputError("another size")
        return cls(spec, key)

    def encrypt(self, plaintext: bytes, algorithm: str) -> bytes:
        """Encrypt."""
        try:
            return self._key.public_key().encrypt(plaintext, _oaep(algorithm))
        except ValueError:
            raise WrongInputError("too long") from None

    def decrypt(self, ciphertext: bytes, algorithm: str) -> bytes:
        """Decrypt."""
        try:
            return self._key.decrypt(ciphertext, _oaep(algorithm))
        except ValueError:
            raise WrongInputError("not encrypted to this key") from None

    def sign(self, message: bytes, algorithm: str, message_type: str) -> bytes:
        """Sign."""
        return self._key.sign(message, _padding(algorithm), _hashing(algorithm, message_type))

    def verify(self, message: bytes, signature: bytes, algorithm: str, message_type: str) -> bool:
        """Whether a signature is that of the message."""
        hashing = _hashing(algorithm, message_type)
        try:
            self._key.public_key().verify(signature, message, _padding(algorithm), hashing)
        except InvalidSignature:
            return False
        return True
