"""The types of custom key stores."""

from __future__ import annotations

from moto_cks.enums import StrEnum


class KeyStoreType(StrEnum):
    """CustomKeyStoreType of a key store, and Origin of the KMS keys in it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html
    """

    AWS_CLOUDHSM = "AWS_CLOUDHSM"
    EXTERNAL_KEY_STORE = "EXTERNAL_KEY_STORE"


KEY_STORE_TYPES = tuple(member.value for member in KeyStoreType)
