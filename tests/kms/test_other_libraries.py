"""Other people's code agrees with what KMS computes (G9): cryptography, and the command openssl."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from moto_cks.kms.specs import SPECS
from tests.aws import error_of

from . import can_make

TEXT = b"what is signed, encrypted and authenticated"
SHA = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
CURVES = {
    "ECC_NIST_P256": ("ECDSA_SHA_256", ec.SECP256R1()),
    "ECC_NIST_P384": ("ECDSA_SHA_384", ec.SECP384R1()),
    "ECC_NIST_P521": ("ECDSA_SHA_512", ec.SECP521R1()),
    "ECC_SECG_P256K1": ("ECDSA_SHA_256", ec.SECP256K1()),
}


def new(kms: Any, spec: str, usage: str) -> tuple[str, bytes]:
    """A new key, and its public key."""
    if not can_make(spec):
        pytest.skip("cryptography or botocore is too old for it")
    key_id = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    return key_id, kms.get_public_key(KeyId=key_id)["PublicKey"]


def loaded(public: bytes) -> Any:
    return serialization.load_der_public_key(public)


def der(public: Any) -> bytes:
    data: bytes = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return data


# cryptography ------------------------------------------------------------------------------------


def test_g9_cryptography_verifies_rsa_signatures(kms: Any) -> None:
    key_id, public = new(kms, "RSA_2048", "SIGN_VERIFY")
    key = loaded(public)
    assert isinstance(key, rsa.RSAPublicKey)
    assert (key.key_size, key.public_numbers().e) == (2048, 65537)
    for bits, used in SHA.items():
        # "Salt length: the length of the digest", which no other length passes for.
        for name, scheme in (
            ("PSS", padding.PSS(padding.MGF1(used), used.digest_size)),
            ("PKCS1_V1_5", padding.PKCS1v15()),
        ):
            call = {"KeyId": key_id, "SigningAlgorithm": f"RSASSA_{name}_SHA_{bits}"}
            key.verify(kms.sign(**call, Message=TEXT)["Signature"], TEXT, scheme, used)
            digest = hashlib.new(f"sha{bits}", TEXT).digest()
            signature = kms.sign(**call, Message=digest, MessageType="DIGEST")["Signature"]
            key.verify(signature, TEXT, scheme, used)
            key.verify(signature, digest, scheme, Prehashed(used))
            with pytest.raises(InvalidSignature):
                key.verify(signature, b"other", scheme, used)


@pytest.mark.parametrize("spec", CURVES)
def test_g9_cryptography_verifies_ecdsa_signatures(kms: Any, spec: str) -> None:
    algorithm, curve = CURVES[spec]
    key_id, public = new(kms, spec, "SIGN_VERIFY")
    key, used = loaded(public), SHA[int(algorithm[-3:])]
    assert key.curve.name == curve.name
    call = {"KeyId": key_id, "SigningAlgorithm": algorithm}
    key.verify(kms.sign(**call, Message=TEXT)["Signature"], TEXT, ec.ECDSA(used))
    digest = hashlib.new(f"sha{algorithm[-3:]}", TEXT).digest()
    signature = kms.sign(**call, Message=digest, MessageType="DIGEST")["Signature"]
    key.verify(signature, TEXT, ec.ECDSA(used))


def test_g9_cryptography_verifies_ed25519_signatures(kms: Any) -> None:
    key_id, public = new(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    call = {"KeyId": key_id, "SigningAlgorithm": "ED25519_SHA_512", "Message": TEXT}
    key = loaded(public)
    assert isinstance(key, Ed25519PublicKey)
    key.verify(kms.sign(**call)["Signature"], TEXT)


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_g9_cryptography_verifies_ml_dsa_signatures(kms: Any, spec: str) -> None:
    key_id, public = new(kms, spec, "SIGN_VERIFY")
    key = loaded(public)
    call = {"KeyId": key_id, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    key.verify(kms.sign(**call, Message=TEXT)["Signature"], TEXT)
    # FIPS 204, section 6.2: mu is a hash of the hash of the public key and of the message.
    hashed = hashlib.shake_256(key.public_bytes_raw()).digest(64)
    mu = hashlib.shake_256(hashed + b"\0\0" + TEXT).digest(64)
    signature = kms.sign(**call, Message=mu, MessageType="EXTERNAL_MU")["Signature"]
    key.verify(signature, TEXT)
    kms.verify(**call, Message=TEXT, Signature=signature)


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072"])
@pytest.mark.parametrize("bits", [1, 256])
def test_g9_kms_decrypts_what_cryptography_encrypts(kms: Any, spec: str, bits: int) -> None:
    key_id, public = new(kms, spec, "ENCRYPT_DECRYPT")
    used: Any = hashes.SHA1() if bits == 1 else SHA[bits]
    ciphertext = loaded(public).encrypt(TEXT, padding.OAEP(padding.MGF1(used), used, None))
    call = {"KeyId": key_id, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{bits}"}
    opened = kms.decrypt(CiphertextBlob=ciphertext, **call)
    assert opened["Plaintext"] == TEXT
    assert "KeyMaterialId" not in opened
    other = {**call, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{257 - bits}"}
    assert error_of(kms.decrypt, CiphertextBlob=ciphertext, **other)[0] == (
        "InvalidCiphertextException"
    )


@pytest.mark.parametrize("spec", list(CURVES)[:3])
def test_g9_cryptography_derives_the_same_secret(kms: Any, spec: str) -> None:
    key_id, public = new(kms, spec, "KEY_AGREEMENT")
    mine = ec.generate_private_key(CURVES[spec][1])
    derived = kms.derive_shared_secret(
        KeyId=key_id, KeyAgreementAlgorithm="ECDH", PublicKey=der(mine.public_key())
    )
    assert derived["SharedSecret"] == mine.exchange(ec.ECDH(), loaded(public))


@pytest.mark.parametrize("spec", ["ML_KEM_768", "ML_KEM_1024"])
def test_y26_kms_decapsulates_what_cryptography_encapsulates(kms: Any, spec: str) -> None:
    key_id, public = new(kms, spec, "ENCAPSULATE_DECAPSULATE")
    secret, ciphertext = loaded(public).encapsulate()
    told = kms.decapsulate(
        KeyId=key_id, SharedSecretCiphertextBlob=ciphertext, EncapsulationAlgorithm="ML_KEM"
    )
    assert told["SharedSecret"] == secret


@pytest.mark.parametrize("spec", [name for name, spec in SPECS.items() if not spec.symmetric])
def test_g9_cryptography_reads_data_key_pairs(kms: Any, spec: str) -> None:
    known = kms.meta.service_model.shape_for("DataKeyPairSpec").enum
    if spec not in known or not can_make(spec):
        pytest.skip("there is no such data key pair")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    context = {"EncryptionContext": {"of": "what"}}
    pair = kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec=spec, **context)
    private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    assert der(private.public_key()) == pair["PublicKey"]
    assert pair["KeyPairSpec"] == spec
    opened = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], **context)
    assert opened["Plaintext"] == pair["PrivateKeyPlaintext"]
    hidden = kms.generate_data_key_pair_without_plaintext(KeyId=key_id, KeyPairSpec=spec)
    assert "PrivateKeyPlaintext" not in hidden
    opened = kms.decrypt(CiphertextBlob=hidden["PrivateKeyCiphertextBlob"])
    private = serialization.load_der_private_key(opened["Plaintext"], None)
    assert der(private.public_key()) == hidden["PublicKey"] != pair["PublicKey"]


# openssl -----------------------------------------------------------------------------------------

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the command openssl is not installed"
)


class OpenSsl:
    """The command, in a folder of files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> str:
        path = self._folder / name
        path.write_bytes(content)
        return str(path)

    def run(self, *arguments: str, **options: Any) -> bytes:
        command = ["openssl", *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, cwd=self._folder, **options
        ).stdout


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    return OpenSsl(tmp_path)


@needs_openssl
@pytest.mark.parametrize(
    ("spec", "algorithm", "digest", "options"),
    [
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_384", "sha384", ()),
        (
            "RSA_2048",
            "RSASSA_PSS_SHA_256",
            "sha256",
            ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"),
        ),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "sha256", ()),
        ("ECC_NIST_P521", "ECDSA_SHA_512", "sha512", ()),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256", "sha256", ()),
    ],
)
def test_g9_openssl_verifies(
    kms: Any, openssl: OpenSsl, spec: str, algorithm: str, digest: str, options: tuple[str, ...]
) -> None:
    key_id, public = new(kms, spec, "SIGN_VERIFY")
    signature = kms.sign(KeyId=key_id, SigningAlgorithm=algorithm, Message=TEXT)["Signature"]
    files = openssl.put("public.der", public), openssl.put("signature", signature)
    text = openssl.put("text", TEXT)
    said = openssl.run(
        *("dgst", f"-{digest}", "-verify", files[0], "-keyform", "DER"),
        *("-signature", files[1], *options, text),
    )
    assert said.strip() == b"Verified OK"


@needs_openssl
def test_g9_openssl_verifies_ed25519(kms: Any, openssl: OpenSsl) -> None:
    key_id, public = new(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    signed = kms.sign(KeyId=key_id, SigningAlgorithm="ED25519_SHA_512", Message=TEXT)
    files = openssl.put("public.der", public), openssl.put("signature", signed["Signature"])
    said = openssl.run(
        *("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", files[0]),
        *("-sigfile", files[1], "-in", openssl.put("text", TEXT)),
    )
    assert b"Success" in said


@needs_openssl
@pytest.mark.parametrize("bits", [1, 256])
def test_g9_kms_decrypts_what_openssl_encrypts(kms: Any, openssl: OpenSsl, bits: int) -> None:
    key_id, public = new(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    ciphertext = openssl.run(
        *("pkeyutl", "-encrypt", "-pubin", "-keyform", "DER"),
        *("-inkey", openssl.put("public.der", public), "-in", openssl.put("text", TEXT)),
        *("-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", f"rsa_oaep_md:sha{bits}"),
        *("-pkeyopt", f"rsa_mgf1_md:sha{bits}"),
    )
    opened = kms.decrypt(
        KeyId=key_id, CiphertextBlob=ciphertext, EncryptionAlgorithm=f"RSAES_OAEP_SHA_{bits}"
    )
    assert opened["Plaintext"] == TEXT


@needs_openssl
def test_g9_openssl_derives_the_same_secret(kms: Any, openssl: OpenSsl) -> None:
    key_id, public = new(kms, "ECC_NIST_P384", "KEY_AGREEMENT")
    openssl.run("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "mine.pem")
    mine = openssl.run("pkey", "-in", "mine.pem", "-pubout", "-outform", "DER")
    derived = kms.derive_shared_secret(KeyId=key_id, KeyAgreementAlgorithm="ECDH", PublicKey=mine)
    secret = openssl.run(
        *("pkeyutl", "-derive", "-inkey", "mine.pem", "-peerform", "DER"),
        *("-peerkey", openssl.put("public.der", public)),
    )
    assert derived["SharedSecret"] == secret


@needs_openssl
def test_g9_kms_verifies_what_openssl_signs(kms: Any, openssl: OpenSsl) -> None:
    """With the private key of a data key pair, which KMS never has in a KMS key."""
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    pair = kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec="ECC_NIST_P256")
    private = openssl.put("private.der", pair["PrivateKeyPlaintext"])
    text = openssl.put("text", TEXT)
    signature = openssl.run("dgst", "-sha256", "-sign", private, "-keyform", "DER", text)
    loaded(pair["PublicKey"]).verify(signature, TEXT, ec.ECDSA(hashes.SHA256()))


# What is imported, others know -------------------------------------------------------------------


def imported(kms: Any, spec: str, usage: str, material: bytes) -> str:
    """A key with key material that was made elsewhere."""
    key_id = kms.create_key(KeySpec=spec, KeyUsage=usage, Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    given = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSA_AES_KEY_WRAP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    from cryptography.hazmat.primitives.keywrap import (  # noqa: PLC0415
        aes_key_wrap_with_padding,
    )

    sha = hashes.SHA256()
    once = bytes(range(32))
    wrapped = loaded(given["PublicKey"]).encrypt(once, padding.OAEP(padding.MGF1(sha), sha, None))
    kms.import_key_material(
        KeyId=key_id,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=wrapped + aes_key_wrap_with_padding(once, material),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    return str(key_id)


def pkcs8(key: Any) -> bytes:
    data: bytes = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return data


@pytest.mark.parametrize("spec", CURVES)
def test_g7_kms_verifies_what_the_owner_of_the_key_signs(kms: Any, spec: str) -> None:
    algorithm, curve = CURVES[spec]
    mine = ec.generate_private_key(curve)
    key_id = imported(kms, spec, "SIGN_VERIFY", pkcs8(mine))
    assert kms.get_public_key(KeyId=key_id)["PublicKey"] == der(mine.public_key())
    call = {"KeyId": key_id, "SigningAlgorithm": algorithm, "Message": TEXT}
    used = ec.ECDSA(SHA[int(algorithm[-3:])])
    assert kms.verify(**call, Signature=mine.sign(TEXT, used))["SignatureValid"]
    mine.public_key().verify(kms.sign(**call)["Signature"], TEXT, used)


def test_g7_kms_opens_what_was_encrypted_to_an_imported_rsa_key(kms: Any) -> None:
    mine = rsa.generate_private_key(65537, 2048)
    key_id = imported(kms, "RSA_2048", "ENCRYPT_DECRYPT", pkcs8(mine))
    sha = hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(sha), sha, None)
    call = {"KeyId": key_id, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    ciphertext = mine.public_key().encrypt(TEXT, oaep)
    assert kms.decrypt(**call, CiphertextBlob=ciphertext)["Plaintext"] == TEXT
    assert mine.decrypt(kms.encrypt(**call, Plaintext=TEXT)["CiphertextBlob"], oaep) == TEXT


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_g7_the_owner_of_an_imported_hmac_key_makes_the_same_codes(kms: Any, bits: int) -> None:
    mine = bytes(range(bits // 8))
    key_id = imported(kms, f"HMAC_{bits}", "GENERATE_VERIFY_MAC", mine)
    call = {"KeyId": key_id, "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": TEXT}
    assert kms.generate_mac(**call)["Mac"] == hmac.digest(mine, TEXT, f"sha{bits}")


@pytest.mark.parametrize(
    ("spec", "usage"), [("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")]
)
def test_g7_material_of_another_kind_is_refused(kms: Any, spec: str, usage: str) -> None:
    wrong = pkcs8(ec.generate_private_key(ec.SECP384R1()))
    code, _ = error_of(imported, kms=kms, spec=spec, usage=usage, material=wrong)
    assert code == "IncorrectKeyMaterialException"
