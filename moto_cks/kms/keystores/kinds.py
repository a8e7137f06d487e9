"""The kinds of custom key stores: which there are, and which of them a request is for."""

from __future__ import annotations

from collections.abc import Mapping

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keystores.base import KeyStore, Request
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.types import KeyStoreType

DEFAULT = KeyStoreType.AWS_CLOUDHSM
"""The kind of a request that names none."""

KINDS: dict[KeyStoreType, type[KeyStore]] = {KeyStoreType.AWS_CLOUDHSM: CloudHsmKeyStore}
"""The kinds that are modelled."""

PARAMETERS: Mapping[KeyStoreType, tuple[str, ...]] = {
    KeyStoreType.AWS_CLOUDHSM: CloudHsmKeyStore.parameters,
    KeyStoreType.EXTERNAL_KEY_STORE: ("Xks",),
}
"""How the names begin of those parameters of Create- and UpdateCustomKeyStore that are for key
stores of one type only, modelled or not."""


def kind_of(request: Request) -> type[KeyStore]:
    """The kind that a CreateCustomKeyStore asks for.

    Raises:
        NotImplementedError: it is not modelled.
    """
    kind = KINDS.get(KeyStoreType(request.get("CustomKeyStoreType") or DEFAULT))
    if kind is None:
        raise NotImplementedError(
            "The create_custom_key_store action has not been implemented for XKS"
        )
    return kind


def refuse_foreign_parameters(kind: type[KeyStore], request: Request) -> None:
    """Refuse a Create- or UpdateCustomKeyStore with parameters for another type of key store.

    Raises:
        ValidationException
    """
    for other, beginnings in PARAMETERS.items():
        given = sorted(name for name in request if name.startswith(beginnings) and request[name])
        if other is not kind.key_store_type and given:
            raise ValidationException(
                f"{', '.join(given)}: valid only for a custom key store with a CustomKeyStoreType "
                f"of {other.value}."
            )
