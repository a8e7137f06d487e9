"""KMS keys whose ID and key material somebody knows beforehand.

On AWS nobody does. Fixtures do: a ciphertext in a file is of one key, and stays so in every world.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MATERIAL_LENGTH = 32
"""Bytes of an AES-256 key."""

MULTI_REGION = "mrk-"

KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
"""A UUID, or the ID of a multi-Region key."""


@dataclass(frozen=True)
class Birth:
    """What is known of a key before it is created.

    Attributes:
        key_id: its ID; ``None`` for any.
        material: its key material; ``None`` for any.

    Raises:
        ValueError: the ID is none of a KMS key, or the key material is no AES-256 key.
        TypeError: one is of another type.
    """

    key_id: str | None = None
    material: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.key_id is not None and not isinstance(self.key_id, str):
            raise TypeError(f"A key ID is a string, not {type(self.key_id).__name__!r}.")
        if self.key_id is not None and not KEY_ID.fullmatch(self.key_id):
            raise ValueError(
                f"{self.key_id!r} is no key ID: that is a UUID in lower case, or mrk- and 32 "
                "hexadecimal digits."
            )
        if self.material is not None and not isinstance(self.material, bytes):
            raise TypeError(f"Key material is bytes, not {type(self.material).__name__!r}.")
        if self.material is not None and len(self.material) != MATERIAL_LENGTH:
            raise ValueError(
                f"Key material is an AES-256 key of {MATERIAL_LENGTH} bytes, not of "
                f"{len(self.material)}."
            )

    @property
    def multi_region(self) -> bool:
        """Whether the ID is that of a multi-Region key."""
        return self.key_id is not None and self.key_id.startswith(MULTI_REGION)


_coming = threading.local()


@contextmanager
def coming(birth: Birth) -> Iterator[None]:
    """A context in which the key that this thread creates is born so."""
    _coming.birth = birth
    try:
        yield
    finally:
        _coming.birth = None


def birth_now() -> Birth | None:
    """What is known of the key that is being created."""
    return getattr(_coming, "birth", None)


def material_now() -> bytes | None:
    """Its key material, where that is known."""
    birth = birth_now()
    return None if birth is None else birth.material
