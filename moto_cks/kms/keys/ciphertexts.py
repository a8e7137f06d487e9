"""The ciphertexts of symmetric encryption keys.

AWS does not document the format. This one has what is documented of it: it names the KMS key and
the version of its key material; it is bound to that KMS key and not to the key material (F10), and
it authenticates the encryption context. Related multi-Region keys are one key in this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

VERSION = b"\x01"
"""What every ciphertext begins with."""

_MARK = VERSION[0]


class Ciphertext(NamedTuple):
    """A ciphertext, taken apart.

    Attributes:
        key_id: the ID of the KMS key that made it.
        material_id: its KeyMaterialId; empty where the key material is in a key store.
        sealed: what the key material, or the HSM, has sealed.
    """

    key_id: str
    material_id: str
    sealed: bytes


def pack(key_id: str, sealed: bytes, material_id: str = "") -> bytes:
    """A ciphertext of its parts."""
    named, version = key_id.encode("ascii"), bytes.fromhex(material_id)
    return VERSION + bytes([len(named)]) + named + bytes([len(version)]) + version + sealed


def parse(blob: bytes) -> Ciphertext | None:
    """Take a ciphertext apart; ``None`` where the blob is none."""
    if len(blob) < 2 or blob[0] != _MARK:
        return None
    end = 2 + blob[1]
    if len(blob) <= end:
        return None
    body = end + 1 + blob[end]
    if len(blob) < body:
        return None
    try:
        key_id = blob[2:end].decode("ascii")
    except UnicodeDecodeError:
        return None
    return Ciphertext(key_id, blob[end + 1 : body].hex(), blob[body:])


def authenticated_data(binding: str, context: Mapping[str, str]) -> bytes:
    """What is authenticated with a ciphertext: the KMS key and the encryption context.

    Every part is preceded by its length, so no two contexts give the same bytes.
    """
    parts = [binding]
    for name in sorted(context):
        parts += (name, context[name])
    # JSON can spell half of a surrogate pair, which UTF-8 proper cannot.
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
