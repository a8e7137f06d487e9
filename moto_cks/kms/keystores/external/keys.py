"""What an external key store knows of the material of a KMS key."""

from __future__ import annotations

from typing import NamedTuple


class ExternalKey(NamedTuple):
    """How an external key store names what a KMS key uses.

    Attributes:
        id: XksKeyId.
        kms_key_arn: the KMS key.
    """

    id: str
    kms_key_arn: str
