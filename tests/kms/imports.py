"""What the owner of key material does to import it, with cryptography alone."""

from __future__ import annotations

import os
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

MATERIAL = bytes(range(32))
OTHER = bytes(range(32, 64))
FOREVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
NEW = {**FOREVER, "ImportType": "NEW_KEY_MATERIAL"}
EXISTING = {**FOREVER, "ImportType": "EXISTING_KEY_MATERIAL"}


def _oaep(algorithm: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(algorithm), algorithm, label=None)


SCHEMES = {
    "RSAES_OAEP_SHA_1": _oaep(hashes.SHA1()),
    "RSAES_OAEP_SHA_256": _oaep(hashes.SHA256()),
    "RSA_AES_KEY_WRAP_SHA_1": _oaep(hashes.SHA1()),
    "RSA_AES_KEY_WRAP_SHA_256": _oaep(hashes.SHA256()),
}


def wrap(material: bytes, parameters: dict[str, Any], algorithm: str) -> bytes:
    """Key material, wrapped for what GetParametersForImport has answered."""
    key: Any = serialization.load_der_public_key(parameters["PublicKey"])
    if algorithm.startswith("RSA_AES"):
        aes_key = os.urandom(32)
        wrapped: bytes = key.encrypt(aes_key, SCHEMES[algorithm])
        return wrapped + aes_key_wrap_with_padding(aes_key, material)
    encrypted: bytes = key.encrypt(material, SCHEMES[algorithm])
    return encrypted


def import_material(
    kms: Any,
    key_id: str,
    *,
    algorithm: str = "RSAES_OAEP_SHA_256",
    key_spec: str = "RSA_2048",
    material: bytes = MATERIAL,
    **more: Any,
) -> Any:
    """Import key material; by default, it does not expire."""
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=key_spec
    )
    return kms.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(material, parameters, algorithm),
        **(more or FOREVER),
    )
