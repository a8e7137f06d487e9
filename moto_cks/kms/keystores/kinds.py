"""The kinds of custom key stores: which there are, and which of them a request is for."""

from __future__ import annotations

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keystores.base import KeyStore, Request
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.external.store import ExternalKeyStore
from moto_cks.kms.keystores.types import KeyStoreType

DEFAULT = KeyStoreType.AWS_CLOUDHSM
"""The kind of a request that names none."""

KINDS: dict[KeyStoreType, type[KeyStore]] = {
    KeyStoreType.AWS_CLOUDHSM: CloudHsmKeyStore,
    KeyStoreType.EXTERNAL_KEY_STORE: ExternalKeyStore,
}
"""The kinds by their types, of which there are no others."""


def kind_of(request: Request) -> type[KeyStore]:
    """The kind that a CreateCustomKeyStore asks for."""
    return KINDS[KeyStoreType(request.get("CustomKeyStoreType") or DEFAULT)]


def refuse_foreign_parameters(kind: type[KeyStore], request: Request) -> None:
    """Refuse a Create- or UpdateCustomKeyStore with parameters for another type of key store.

    Raises:
        ValidationException
    """
    for other, its in KINDS.items():
        given = sorted(n for n in request if n.startswith(its.parameters) and request[n])
        if other is not kind.key_store_type and given:
            raise ValidationException(
                f"{', '.join(given)}: valid only for a custom key store with a CustomKeyStoreType "
                f"of {other.value}."
            )
