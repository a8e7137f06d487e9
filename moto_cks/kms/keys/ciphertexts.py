"""The ciphertext of a key in a custom key store.

AWS does not document the format. This one has what is documented of it: it names the KMS key, it is
bound to that key and not to the key material (F10), and it authenticates the encryption context.
The name stands where moto puts it, so a ciphertext of either kind tells its key in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

from moto.kms.utils import KEY_ID_LEN


def key_id_of(blob: bytes) -> str | None:
    """The ID of the KMS key that made a ciphertext; ``None`` where the blob is no ciphertext."""
    try:
        return blob[:KEY_ID_LEN].decode("ascii") if len(blob) > KEY_ID_LEN else None
    except UnicodeDecodeError:
        return None


def pack(key_id: str, sealed: bytes) -> bytes:
    """Name the key of what an HSM has sealed."""
    return key_id.encode("ascii") + sealed


def unpack(blob: bytes) -> bytes:
    """What an HSM has sealed."""
    return blob[KEY_ID_LEN:]


def authenticated_data(key_arn: str, context: Mapping[str, str]) -> bytes:
    """What is authenticated with a ciphertext: the KMS key and the encryption context.

    Every part is preceded by its length, so no two contexts give the same bytes.
    """
    parts = [key_arn]
    for name in sorted(context):
        parts += (name, context[name])
    # JSON can spell half of a surrogate pair, which UTF-8 proper cannot.
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
