"""The key specs of KMS: one row for each, with all that follows from it.

AWS KMS Developer Guide, "Key spec reference"; the algorithms are in the order in which DescribeKey
lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from moto_cks.enums import StrEnum


class KeyUsage(StrEnum):
    """What a key is for (KeyUsage)."""

    ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
    SIGN_VERIFY = "SIGN_VERIFY"
    GENERATE_VERIFY_MAC = "GENERATE_VERIFY_MAC"
    KEY_AGREEMENT = "KEY_AGREEMENT"
    ENCAPSULATE_DECAPSULATE = "ENCAPSULATE_DECAPSULATE"


class Family(StrEnum):
    """What computes with a key."""

    SYMMETRIC = "symmetric"
    HMAC = "HMAC"
    RSA = "RSA"
    ECC = "ECC"
    EDWARDS = "Edwards curve"
    SM2 = "SM2"
    ML_DSA = "ML-DSA"
    ML_KEM = "ML-KEM"


SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
"""The key spec of symmetric encryption keys, and the name of their algorithm."""

ENCRYPT_DECRYPT = KeyUsage.ENCRYPT_DECRYPT.value


@dataclass(frozen=True)
class Spec:
    """A key spec.

    Attributes:
        name: KeySpec.
        family: what computes with keys of it.
        algorithms: by KeyUsage, what a key of that usage can do; it can have no other usage.
        size: of an RSA modulus in bits, of an HMAC key in bytes, else 0.
    """

    name: str
    family: Family
    algorithms: Mapping[str, tuple[str, ...]]
    size: int = 0

    @property
    def symmetric(self) -> bool:
        """Whether there is no public key."""
        return self.family in (Family.SYMMETRIC, Family.HMAC)

    @property
    def names(self) -> dict[str, str]:
        """The members that tell it; the older one is not there for the newer key specs."""
        newer = self.family in (Family.EDWARDS, Family.ML_DSA, Family.ML_KEM)
        older = {} if newer else {"CustomerMasterKeySpec": self.name}
        return {**older, "KeySpec": self.name}

    @property
    def encrypts_data_keys(self) -> bool:
        """Whether it is that of symmetric encryption keys, whose ciphertexts name their key."""
        return self.family is Family.SYMMETRIC


_RSA = {
    KeyUsage.ENCRYPT_DECRYPT.value: ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    KeyUsage.SIGN_VERIFY.value: (
        "RSASSA_PKCS1_V1_5_SHA_256",
        "RSASSA_PKCS1_V1_5_SHA_384",
        "RSASSA_PKCS1_V1_5_SHA_512",
        "RSASSA_PSS_SHA_256",
        "RSASSA_PSS_SHA_384",
        "RSASSA_PSS_SHA_512",
    ),
}
_ECDH = {KeyUsage.KEY_AGREEMENT.value: ("ECDH",)}
_ML_KEM = {KeyUsage.ENCAPSULATE_DECAPSULATE.value: ("ML_KEM",)}


def _signs(*algorithms: str) -> dict[str, tuple[str, ...]]:
    return {KeyUsage.SIGN_VERIFY.value: algorithms}


def _hmac(bits: int) -> Spec:
    algorithms = {KeyUsage.GENERATE_VERIFY_MAC.value: (f"HMAC_SHA_{bits}",)}
    return Spec(f"HMAC_{bits}", Family.HMAC, algorithms, bits // 8)


_ML_DSA = _signs("ML_DSA_SHAKE_256")

SPECS: Mapping[str, Spec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            Spec(SYMMETRIC_DEFAULT, Family.SYMMETRIC, {ENCRYPT_DECRYPT: (SYMMETRIC_DEFAULT,)}, 32),
            Spec("RSA_2048", Family.RSA, _RSA, 2048),
            Spec("RSA_3072", Family.RSA, _RSA, 3072),
            Spec("RSA_4096", Family.RSA, _RSA, 4096),
            Spec("ECC_NIST_P256", Family.ECC, _signs("ECDSA_SHA_256") | _ECDH),
            Spec("ECC_NIST_P384", Family.ECC, _signs("ECDSA_SHA_384") | _ECDH),
            Spec("ECC_NIST_P521", Family.ECC, _signs("ECDSA_SHA_512") | _ECDH),
            Spec("ECC_SECG_P256K1", Family.ECC, _signs("ECDSA_SHA_256")),
            Spec(
                "ECC_NIST_EDWARDS25519",
                Family.EDWARDS,
                _signs("ED25519_SHA_512", "ED25519_PH_SHA_512"),
            ),
            Spec(
                "SM2",
                Family.SM2,
                {ENCRYPT_DECRYPT: ("SM2PKE",)}
                | _signs("SM2DSA")
                | {KeyUsage.KEY_AGREEMENT.value: ("ECDH",)},
            ),
            _hmac(224),
            _hmac(256),
            _hmac(384),
            _hmac(512),
            Spec("ML_DSA_44", Family.ML_DSA, _ML_DSA),
            Spec("ML_DSA_65", Family.ML_DSA, _ML_DSA),
            Spec("ML_DSA_87", Family.ML_DSA, _ML_DSA),
            Spec("ML_KEM_512", Family.ML_KEM, _ML_KEM),
            Spec("ML_KEM_768", Family.ML_KEM, _ML_KEM),
            Spec("ML_KEM_1024", Family.ML_KEM, _ML_KEM),
        )
    }
)
"""KeySpec, and KeyPairSpec of data key pairs."""

ALGORITHMS: Mapping[str, str] = MappingProxyType(
    {
        KeyUsage.ENCRYPT_DECRYPT.value: "EncryptionAlgorithms",
        KeyUsage.SIGN_VERIFY.value: "SigningAlgorithms",
        KeyUsage.GENERATE_VERIFY_MAC.value: "MacAlgorithms",
        KeyUsage.KEY_AGREEMENT.value: "KeyAgreementAlgorithms",
        KeyUsage.ENCAPSULATE_DECAPSULATE.value: "EncapsulationAlgorithms",
    }
)
"""By KeyUsage, the member of KeyMetadata and of GetPublicKey's answer that lists the algorithms."""

_OAEP_HASHES = {"RSAES_OAEP_SHA_1": 20, "RSAES_OAEP_SHA_256": 32}


def longest_plaintext(spec: Spec, algorithm: str) -> int | None:
    """How many bytes a key can encrypt at once; ``None``: as many as a request can bring.

    See "Encrypt" in the AWS KMS API Reference; RFC 8017, section 7.1.1.
    """
    if spec.family is not Family.RSA:
        return None
    return spec.size // 8 - 2 * _OAEP_HASHES[algorithm] - 2


class MessageType(StrEnum):
    """What the message of Sign and Verify is (MessageType)."""

    RAW = "RAW"
    DIGEST = "DIGEST"
    EXTERNAL_MU = "EXTERNAL_MU"


@dataclass(frozen=True)
class SigningAlgorithm:
    """What a signing algorithm takes.

    Attributes:
        message_types: the MessageTypes.
        digest_length: of a message that is no RAW one, in bytes.
    """

    message_types: frozenset[str]
    digest_length: int


_EITHER = frozenset({MessageType.RAW.value, MessageType.DIGEST.value})


def _hashing(*names: str) -> dict[str, SigningAlgorithm]:
    return {name: SigningAlgorithm(_EITHER, int(name[-3:]) // 8) for name in names}


SIGNING_ALGORITHMS: Mapping[str, SigningAlgorithm] = MappingProxyType(
    {
        **_hashing(*_RSA[KeyUsage.SIGN_VERIFY.value]),
        **_hashing("ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512"),
        "SM2DSA": SigningAlgorithm(_EITHER, 32),
        "ED25519_SHA_512": SigningAlgorithm(frozenset({MessageType.RAW.value}), 0),
        "ED25519_PH_SHA_512": SigningAlgorithm(frozenset({MessageType.DIGEST.value}), 64),
        "ML_DSA_SHAKE_256": SigningAlgorithm(
            frozenset({MessageType.RAW.value, MessageType.EXTERNAL_MU.value}), 64
        ),
    }
)
"""SigningAlgorithm."""
