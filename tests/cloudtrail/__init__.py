"""What the tests of CloudTrail share."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding


def last(world: Any, **filters: Any) -> dict[str, Any]:
    """The newest record."""
    record: dict[str, Any] = world.trail.events(**filters)[-1]
    return record


def import_material(
    kms: Any, key_id: str, material: bytes = bytes(range(32)), **more: Any
) -> bytes:
    """Import key material into a key; returns it as it was wrapped."""
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    key: Any = serialization.load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    wrapped = bytes(key.encrypt(material, oaep))
    kms.import_key_material(
        KeyId=key_id, ImportToken=parameters["ImportToken"], EncryptedKeyMaterial=wrapped, **more
    )
    return wrapped
