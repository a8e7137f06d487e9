"""What a CiphertextBlob holds of an external key: every field of the proxy's answer.

AWS does not document the layout.
"""

from __future__ import annotations

from moto_cks.kms.keystores.external.protocol import (
    LONGEST_METADATA,
    TAG_LENGTH,
    VECTOR_LENGTHS,
    Sealed,
)

NO_METADATA = 255
"""In the place of the length of metadata that there is none of, not even empty one."""

_HEAD = 2


def pack(sealed: Sealed) -> bytes:
    """The bytes of what was sealed."""
    length = NO_METADATA if sealed.metadata is None else len(sealed.metadata)
    head = bytes([len(sealed.vector), length])
    return head + sealed.vector + sealed.tag + (sealed.metadata or b"") + sealed.ciphertext


def unpack(blob: bytes) -> Sealed | None:
    """What was sealed; ``None`` where the bytes are not such as :func:`pack` makes."""
    if len(blob) < _HEAD or blob[0] not in VECTOR_LENGTHS:
        return None
    length = 0 if blob[1] == NO_METADATA else blob[1]
    vector_end = _HEAD + blob[0]
    tag_end = vector_end + TAG_LENGTH
    metadata_end = tag_end + length
    if length > LONGEST_METADATA or len(blob) <= metadata_end:
        return None
    return Sealed(
        blob[metadata_end:],
        blob[_HEAD:vector_end],
        blob[vector_end:tag_end],
        None if blob[1] == NO_METADATA else blob[tag_end:metadata_end],
    )
