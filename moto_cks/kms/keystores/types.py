"""The types of custom key stores."""

from __future__ import annotations

from enum import Enum


class KeyStoreType(str, Enum):
    """CustomKeyStoreType of a key store, and Origin of the KMS keys in it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html
    """

    AWS_CLOUDHSM = "AWS_CLOUDHSM"
    EXTERNAL_KEY_STORE = "EXTERNAL_KEY_STORE"


KEY_STORE_TYPES = tuple(member.value for member in KeyStoreType)
