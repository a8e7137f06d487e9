"""Key material of every key spec computes, and its bytes are the same material (row G9)."""

from __future__ import annotations

import copy
import hashlib
import hmac

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from moto_cks.kms.keys.material import edwards25519, families
from moto_cks.kms.keys.material.base import (
    Agreeing,
    Authenticating,
    Encapsulating,
    Encrypting,
    KeyPair,
    Material,
    Sealing,
    Signing,
    WrongInputError,
)
from moto_cks.kms.keys.material.der import load_private, load_public, private_bytes, public_bytes
from moto_cks.kms.keys.material.post_quantum import private_key_class
from moto_cks.kms.specs import SIGNING_ALGORITHMS, SPECS, KeyUsage, Spec, longest_plaintext

AVAILABLE = [spec for spec in SPECS.values() if families.available(spec)]
OLDEST = {
    *("SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096"),
    *("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"),
    *("ECC_NIST_EDWARDS25519", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"),
}
"""The key specs with which every version of cryptography can compute."""


@pytest.fixture(scope="module", params=AVAILABLE, ids=lambda spec: spec.name)
def material(request: pytest.FixtureRequest) -> Material:
    return families.generate(request.param)


def of(name: str) -> Material:
    return families.generate(SPECS[name])


def test_g9_what_can_be_had_of_each_version_of_cryptography() -> None:
    assert {spec.name for spec in AVAILABLE} >= OLDEST
    assert not families.available(SPECS["SM2"])


NEWER = {
    **{f"ML_DSA_{n}": ("mldsa", f"MLDSA{n}PrivateKey", "sign_mu") for n in (44, 65, 87)},
    **{f"ML_KEM_{n}": ("mlkem", f"MLKEM{n}PrivateKey", "decapsulate") for n in (512, 768, 1024)},
}
"""Where newer versions of cryptography have the others, and a method that has to be there."""


@pytest.mark.parametrize("name", NEWER)
def test_g9_a_key_spec_can_be_had_where_cryptography_has_it(name: str) -> None:
    module, kind, method = NEWER[name]
    found = pytest.importorskip(f"cryptography.hazmat.primitives.asymmetric.{module}")
    if not hasattr(getattr(found, kind, None), method):
        assert not families.available(SPECS[name])
        return
    try:
        key = getattr(found, kind).generate()
    except UnsupportedAlgorithm:
        assert not families.available(SPECS[name])
        return
    assert families.available(SPECS[name])
    mine = families.load(SPECS[name], private_bytes(key))
    assert isinstance(mine, KeyPair)
    assert mine.public_key() == public_bytes(key.public_key())


def test_g9_what_cryptography_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    assert private_key_class("ed25519", "Ed25519PrivateKey", "sign") is Ed25519PrivateKey
    for missing in (
        ("curve448", "Ed25519PrivateKey", "sign"),
        ("ed25519", "Ed448PrivateKey", "sign"),
        ("ed25519", "Ed25519PrivateKey", "sign_mu"),
    ):
        assert private_key_class(*missing) is None

    class Unsupported:
        @staticmethod
        def generate() -> None:
            raise UnsupportedAlgorithm("not by this backend")

    monkeypatch.setattr(ed25519, "Unsupported", Unsupported, raising=False)
    assert private_key_class("ed25519", "Unsupported", "generate") is None


def test_g9_the_bytes_are_the_material(material: Material) -> None:
    again = families.load(material.spec, material.to_bytes())
    assert again.to_bytes() == material.to_bytes()
    assert families.generate(material.spec).to_bytes() != material.to_bytes()


def test_g9_a_deep_copy_is_the_same_material(material: Material) -> None:
    copied = copy.deepcopy(material)
    assert copied is not material
    assert copied.spec is material.spec
    assert copied.to_bytes() == material.to_bytes()


def test_p7_no_repr_shows_material(material: Material) -> None:
    for text in (repr(material), str(material)):
        assert material.to_bytes().hex() not in text
        assert str(material.to_bytes()) not in text


def test_g7_what_is_no_material_of_the_spec_is_refused(material: Material) -> None:
    others = [b"", b"\0", bytes(31), bytes(1219)]
    specs = [spec for spec in AVAILABLE if spec.size < 2048 and spec is not material.spec]
    others += [families.generate(spec).to_bytes() for spec in specs]
    if material.spec.name == "RSA_3072":
        others.append(private_bytes(rsa.generate_private_key(65537, 2048)))
    same = {len(material.to_bytes())} if material.spec.symmetric else set()
    for data in others:
        if len(data) in same:
            continue  # to symmetric keys, bytes are bytes
        with pytest.raises(WrongInputError):
            families.load(material.spec, data)


EC_KEY, UNKNOWN_KEY = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d020f")
P256, UNKNOWN_CURVE = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f")
"""Object identifiers, as they stand in DER."""


def test_g7_g9_keys_that_nobody_can_read_are_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    encrypted = key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    private, public = private_bytes(key), public_bytes(key.public_key())
    assert load_private(private, ec.EllipticCurvePrivateKey)
    assert load_public(public, ec.EllipticCurvePublicKey)
    for data in (
        encrypted,
        private.replace(EC_KEY, UNKNOWN_KEY),
        private.replace(P256, UNKNOWN_CURVE),
        private[:-1],
        public,
    ):
        with pytest.raises(WrongInputError):
            load_private(data, ec.EllipticCurvePrivateKey)
    for data in (
        public.replace(EC_KEY, UNKNOWN_KEY),
        public.replace(P256, UNKNOWN_CURVE),
        public[:-1],
        private,
    ):
        with pytest.raises(WrongInputError):
            load_public(data, ec.EllipticCurvePublicKey)


# Signatures --------------------------------------------------------------------------------------

SIGNATURES = [
    (spec.name, algorithm, message_type)
    for spec in AVAILABLE
    for algorithm in spec.algorithms.get(KeyUsage.SIGN_VERIFY.value, ())
    for message_type in sorted(SIGNING_ALGORITHMS[algorithm].message_types)
]


@pytest.fixture(scope="module")
def pairs() -> dict[str, Material]:
    return {spec.name: families.generate(spec) for spec in AVAILABLE}


@pytest.mark.parametrize(("name", "algorithm", "message_type"), SIGNATURES)
def test_g9_signatures(
    pairs: dict[str, Material], name: str, algorithm: str, message_type: str
) -> None:
    pair = pairs[name]
    assert isinstance(pair, Signing)
    message = b"m" * (SIGNING_ALGORITHMS[algorithm].digest_length or 33)
    signature = pair.sign(message, algorithm, message_type)
    assert pair.verify(message, signature, algorithm, message_type) is True
    for position in (0, len(signature) // 2, len(signature) - 1):
        changed = bytearray(signature)
        changed[position] ^= 1
        assert pair.verify(message, bytes(changed), algorithm, message_type) is False
    for wrong in (b"", b"s", signature[:-1], signature + b"\0", bytes(len(signature))):
        assert pair.verify(message, wrong, algorithm, message_type) is False
    assert pair.verify(message[:-1] + b"n", signature, algorithm, message_type) is False


NO_POINT = 2
"""A number that is the y of no point of the curve."""


def test_g9_ed25519ph_is_that_of_rfc_8032() -> None:
    """Section 7.3."""
    seed = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    signature = bytes.fromhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()
    assert edwards25519.sign(key, b"abc") == signature
    assert edwards25519.verify(public, b"abc", signature) is True
    for data, message, of_it in (
        (public, b"abd", signature),
        (public, hashlib.sha512(b"abc").digest(), signature),
        (public, b"abc", signature[:-1]),
        (b"\xff" * 32, b"abc", signature),
        (NO_POINT.to_bytes(32, "little"), b"abc", signature),
    ):
        assert edwards25519.verify(data, message, of_it) is False
    malleable = (int.from_bytes(signature[32:], "little") + edwards25519.ORDER).to_bytes(
        32, "little"
    )
    assert edwards25519.verify(public, b"abc", signature[:32] + malleable) is False


def test_g9_ed25519_numbers_are_below_their_modulus() -> None:
    """RFC 8032, section 5.1.7: neither coordinates nor responses are reduced."""

    def bytes_of(number: int) -> bytes:
        return number.to_bytes(32, "little")

    def verifies(public: int, response: int, message: bytes = b"m") -> bool:
        signature = bytes_of(1) + bytes_of(response)  # 1 is the neutral element
        return edwards25519.verify(bytes_of(public), message, signature)

    assert verifies(1, 0)
    assert not verifies(1, edwards25519.ORDER)
    assert not verifies(edwards25519.P + 1, 0)
    assert not verifies(1 | 1 << 255, 0)  # the neutral element has no other sign
    # 0 is a point of order 4, which vanishes for every fourth challenge.
    messages = [bytes([number]) for number in range(16)]
    assert any(verifies(0, 0, message) for message in messages)
    assert not any(verifies(edwards25519.P, 0, message) for message in messages)


def test_g9_a_point_of_ed25519_and_its_negative_are_two() -> None:
    seed, neutral = bytes(32), (1).to_bytes(32, "little")
    expanded = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    secret = (expanded & (1 << 254) - 8 | 1 << 254) % edwards25519.ORDER
    point = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    negative = point[:-1] + bytes([point[-1] ^ 0x80])
    response = secret.to_bytes(32, "little")
    assert edwards25519.verify(neutral, b"m", point + response)
    assert not edwards25519.verify(neutral, b"m", negative + response)


@given(message=st.binary(max_size=100), other=st.binary(max_size=100))
@settings(max_examples=20)
def test_g9_ed25519ph_signs_one_message(message: bytes, other: bytes) -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    signature = edwards25519.sign(key, message)
    assert edwards25519.verify(public, other, signature) == (message == other)


# Secrets -----------------------------------------------------------------------------------------


def test_g9_sealed_is_what_belongs_to_it() -> None:
    key = of("SYMMETRIC_DEFAULT")
    assert isinstance(key, Sealing)
    sealed = key.seal(b"text", b"data")
    assert key.open(sealed, b"data") == b"text"
    nonce, ciphertext = sealed[:12], sealed[12:]  # "AWS KMS cryptographic details"
    assert AESGCM(key.to_bytes()).decrypt(nonce, ciphertext, b"data") == b"text"
    assert key.open(key.seal(b"", b"data"), b"data") == b""
    other = of("SYMMETRIC_DEFAULT")
    assert isinstance(other, Sealing)
    for opener, blob, data in (
        (key, sealed, b"other"),
        (other, sealed, b"data"),
        (key, sealed[:-1], b"data"),
        (key, sealed[:27], b"data"),
        (key, b"", b"data"),
    ):
        with pytest.raises(WrongInputError):
            opener.open(blob, data)


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_g9_macs(bits: int) -> None:
    key = of(f"HMAC_{bits}")
    assert isinstance(key, Authenticating)
    assert len(key.to_bytes()) == len(key.mac(b"text")) == bits // 8
    assert key.mac(b"text") == key.mac(b"text") != key.mac(b"other")
    assert key.mac(b"text") == hmac.digest(key.to_bytes(), b"text", f"sha{bits}")


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_g9_rsa_encrypts_as_much_as_the_page_says(algorithm: str) -> None:
    key = of("RSA_2048")
    assert isinstance(key, Encrypting)
    limit = longest_plaintext(key.spec, algorithm)
    assert limit is not None
    ciphertext = key.encrypt(bytes(limit), algorithm)
    assert key.decrypt(ciphertext, algorithm) == bytes(limit)
    with pytest.raises(WrongInputError):
        key.encrypt(bytes(limit + 1), algorithm)
    for wrong in (b"", ciphertext[:-1], bytes(256), b"\xff" * 256):
        with pytest.raises(WrongInputError):
            key.decrypt(wrong, algorithm)


@pytest.mark.parametrize("name", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_g9_both_sides_derive_the_same_secret(name: str) -> None:
    one, other = of(name), of(name)
    assert isinstance(one, Agreeing)
    assert isinstance(other, Agreeing)
    assert one.derive(other.public_key()) == other.derive(one.public_key())
    foreign = ec.generate_private_key(ec.SECP256K1()).public_key()
    rsa_key = rsa.generate_private_key(65537, 2048).public_key()
    for wrong in (b"", b"key", public_bytes(foreign), public_bytes(rsa_key), one.to_bytes()):
        with pytest.raises(WrongInputError):
            one.derive(wrong)


def _kems() -> list[Spec]:
    return [s for s in AVAILABLE if KeyUsage.ENCAPSULATE_DECAPSULATE.value in s.algorithms]


@pytest.mark.parametrize("spec", _kems(), ids=lambda spec: spec.name)
def test_y26_a_changed_ciphertext_gives_another_secret(spec: Spec) -> None:
    pair, other = families.generate(spec), families.generate(spec)
    assert isinstance(pair, Encapsulating)
    assert isinstance(other, Encapsulating)
    secret, ciphertext = pair.encapsulate()
    changed = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
    assert pair.decapsulate(ciphertext) == secret
    rejected = {pair.decapsulate(changed), other.decapsulate(ciphertext)}
    assert secret not in rejected
    assert {len(found) for found in rejected} == {32}
    assert pair.decapsulate(changed) in rejected  # the same each time
    for wrong in (b"", ciphertext[:-1], ciphertext + b"\0"):
        with pytest.raises(WrongInputError):
            pair.decapsulate(wrong)


def test_g9_a_public_key_tells_its_spec(pairs: dict[str, Material]) -> None:
    public = {name: pair.public_key() for name, pair in pairs.items() if isinstance(pair, KeyPair)}
    assert len(set(public.values())) == len(public)
    assert not {name for name in public if SPECS[name].symmetric}
