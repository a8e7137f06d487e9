"""What a CiphertextBlob keeps of a proxy's answer (X31), and what KMS sees to be none (X36)."""

from __future__ import annotations

import pytest

from moto_cks.kms.keystores.external.blobs import pack, unpack
from moto_cks.kms.keystores.external.protocol import Sealed

VECTOR, TAG = bytes(range(12)), bytes(range(100, 116))


@pytest.mark.parametrize("vector", [VECTOR, VECTOR + b"abcd"])
@pytest.mark.parametrize("metadata", [None, b"", b"m", b"m" * 20])
def test_x31_every_field_is_kept(vector: bytes, metadata: bytes | None) -> None:
    sealed = Sealed(b"abc", vector, TAG, metadata)
    blob = pack(sealed)
    length = 255 if metadata is None else len(metadata)
    assert blob == bytes([len(vector), length]) + vector + TAG + (metadata or b"") + b"abc"
    assert unpack(blob) == sealed
    assert unpack(blob[:-2]) == sealed._replace(ciphertext=b"a")
    for end in range(len(blob) - 2):  # there is no ciphertext of no bytes
        assert unpack(blob[:end]) is None


@pytest.mark.parametrize("head", [b"\x0b\xff", b"\x0d\xff", b"\x0f\xff", b"\x11\xff", b"\x0c\x15"])
def test_x36_other_lengths(head: bytes) -> None:
    assert unpack(head + bytes(100)) is None
