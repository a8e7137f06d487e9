"""The key spec and the key usage that a KMS key has unless CreateKey is told otherwise.

Keys in custom key stores have no others.
"""

from __future__ import annotations

from moto.kms.utils import KeySpec

SYMMETRIC_DEFAULT = KeySpec.SYMMETRIC_DEFAULT.value
ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
