"""The custom key stores of one account and Region, of whatever kind.

Find, name, page, quota and delete are the same for all; what a kind of key store says for itself is
asked of its class (:mod:`moto_cks.kms.keystores.kinds`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import (
    CustomKeyStoreHasCMKsException,
    CustomKeyStoreNameInUseException,
    CustomKeyStoreNotFoundException,
    InvalidMarkerException,
    LimitExceededException,
)
from moto_cks.kms.keystores.base import NEW_NAME, KeyStore, Request
from moto_cks.kms.keystores.connection import DELETE
from moto_cks.kms.keystores.kinds import DEFAULT, KINDS, kind_of, refuse_foreign_parameters
from moto_cks.kms.keystores.types import KEY_STORE_TYPES, KeyStoreType
from moto_cks.kms.metering import Meter

MAXIMUM_KEY_STORES = 10
DEFAULT_PAGE = 100


class KeyStoreRegistry:
    """The custom key stores of one account and Region.

    Args:
        account_id: the account.
        region: the Region.
        meter: counts there for CloudWatch.
    """

    def __init__(self, account_id: str, region: str, meter: Meter) -> None:
        self._account_id = account_id
        self._region = region
        self._meter = meter
        self._stores: dict[str, KeyStore] = {}
        # Of every key store that there ever was: a marker outlives the key store that it names.
        self._numbers: dict[str, int] = {}

    def __iter__(self) -> Iterator[KeyStore]:
        return iter(self._stores.values())

    def find(self, key_store_id: str) -> KeyStore | None:
        """A key store by ID, if there is one."""
        return self._stores.get(key_store_id)

    def get(self, key_store_id: str) -> KeyStore:
        """A key store by ID.

        Raises:
            CustomKeyStoreNotFoundException
        """
        try:
            return self._stores[key_store_id]
        except KeyError:
            raise CustomKeyStoreNotFoundException(
                f"The custom key store {key_store_id} was not found."
            ) from None

    def _by_name(self, name: str) -> KeyStore | None:
        return next((store for store in self if store.name == name), None)

    # CreateCustomKeyStore --------------------------------------------------------------------

    def create(self, request: Request) -> str:
        """Create a key store (CreateCustomKeyStore), or find the one that it was a retry for.

        What can be seen of the request comes first, then the name and the quota, and last what the
        kind of key store looks at.

        Returns:
            Its ID.

        Raises:
            ValidationException, CustomKeyStoreNameInUseException, LimitExceededException
            KmsException: see :meth:`KeyStore.create`.
        """
        kind = kind_of(request)
        refuse_foreign_parameters(kind, request)
        kind.check_creation(request)
        namesake = self._by_name(request["CustomKeyStoreName"])
        if isinstance(namesake, kind) and namesake.is_creation_again(request):
            return namesake.custom_key_store_id
        self.require_room(request)
        store = kind.create(self._account_id, self._region, request, self)
        store.meter = self._meter
        self._stores[store.custom_key_store_id] = store
        self._numbers[store.custom_key_store_id] = len(self._numbers)
        return store.custom_key_store_id

    def require_room(self, request: Request) -> None:
        """Refuse a CreateCustomKeyStore for the key stores that there are.

        Raises:
            CustomKeyStoreNameInUseException, LimitExceededException
        """
        if (namesake := self._by_name(request["CustomKeyStoreName"])) is not None:
            raise _name_in_use(namesake.name)
        if len(self._stores) >= MAXIMUM_KEY_STORES:
            raise LimitExceededException(
                f"The account has {MAXIMUM_KEY_STORES} custom key stores in this Region."
            )

    # DescribeCustomKeyStores -----------------------------------------------------------------

    def describe(
        self, key_store_id: str | None, name: str | None, limit: int | None, marker: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of DescribeCustomKeyStores.

        Returns:
            The entries, and the marker of the next page.

        Raises:
            ValidationException, CustomKeyStoreNotFoundException, InvalidMarkerException
        """
        if key_store_id is not None and name is not None:
            raise ValidationException(
                "Specify either CustomKeyStoreId or CustomKeyStoreName, but not both."
            )
        stores, following = self._page(self._selected(key_store_id, name), limit, marker)
        for store in stores:
            store.connection.described()
        return [store.describe() for store in stores], following

    def _selected(self, key_store_id: str | None, name: str | None) -> list[KeyStore]:
        if key_store_id is not None:
            return [self.get(key_store_id)]
        if name is None:
            return list(self)
        store = self._by_name(name)
        if store is None:
            raise CustomKeyStoreNotFoundException(f"The custom key store {name} was not found.")
        return [store]

    def _page(
        self, stores: list[KeyStore], limit: int | None, marker: str | None
    ) -> tuple[list[KeyStore], str | None]:
        if marker is not None:
            try:
                last = self._numbers[_decode_marker(marker)]
            except (KeyError, ValueError):  # of which those of base64 and of UTF-8 are two
                raise InvalidMarkerException("The marker is not valid.") from None
            stores = [s for s in stores if self._numbers[s.custom_key_store_id] > last]
        end = limit or DEFAULT_PAGE
        page = stores[:end]
        more = end < len(stores)
        return page, _encode_marker(page[-1].custom_key_store_id) if more else None

    # UpdateCustomKeyStore --------------------------------------------------------------------

    def update(self, request: Request) -> None:
        """Change a key store (UpdateCustomKeyStore); all of it or nothing.

        Raises:
            CustomKeyStoreNotFoundException, CustomKeyStoreInvalidStateException,
            ValidationException, CustomKeyStoreNameInUseException
            KmsException: see :meth:`KeyStore.change`.
        """
        store = self.changeable(request)
        store.change(request)
        if (name := request.get(NEW_NAME)) is not None:
            store.name = name

    def changeable(self, request: Request) -> KeyStore:
        """The key store of an UpdateCustomKeyStore, whose changes are possible now.

        Raises:
            CustomKeyStoreNotFoundException, CustomKeyStoreInvalidStateException,
            ValidationException, CustomKeyStoreNameInUseException
        """
        store = self.get(request["CustomKeyStoreId"])
        refuse_foreign_parameters(type(store), request)
        store.require_state_for(request)
        store.check_change(request)
        name = request.get(NEW_NAME)
        if name is not None and self._by_name(name) not in (None, store):
            raise _name_in_use(name)
        return store

    # DeleteCustomKeyStore --------------------------------------------------------------------

    def delete(self, key_store_id: str) -> None:
        """Delete a key store without keys (DeleteCustomKeyStore).

        Raises:
            CustomKeyStoreNotFoundException, CustomKeyStoreHasCMKsException,
            CustomKeyStoreInvalidStateException
        """
        store = self.get(key_store_id)
        store.connection.require(DELETE)
        if store.key_ids:
            raise CustomKeyStoreHasCMKsException(
                f"The custom key store {key_store_id} contains KMS keys."
            )
        del self._stores[key_store_id]

    # CreateKey -------------------------------------------------------------------------------

    def of_new_key(self, request: Request) -> KeyStore | None:
        """The key store that a CreateKey is for; ``None`` for an ordinary KMS key.

        What can be seen of the request comes before the search for the key store.

        Raises:
            ValidationException: the origin is a key store, and none is named; or as below.
            UnsupportedOperationException, ValidationException: see :meth:`KeyStore.check_new_key`.
            CustomKeyStoreNotFoundException: there is no such key store.
        """
        key_store_id, origin = request.get("CustomKeyStoreId"), request.get("Origin")
        if key_store_id is None:
            if origin in KEY_STORE_TYPES:
                raise ValidationException(f"CustomKeyStoreId is required for the origin {origin}.")
            return None
        store = self._stores.get(key_store_id)
        wanted = origin if origin in KEY_STORE_TYPES else DEFAULT
        kind = KINDS[KeyStoreType(wanted)] if store is None else type(store)
        kind.check_new_key(request)
        return self.get(key_store_id)


def _name_in_use(name: str) -> CustomKeyStoreNameInUseException:
    return CustomKeyStoreNameInUseException(f"The custom key store name {name} is already in use.")


def _encode_marker(key_store_id: str) -> str:
    return base64.b64encode(key_store_id.encode()).decode()


def _decode_marker(marker: str) -> str:
    return base64.b64decode(marker, validate=True).decode()
