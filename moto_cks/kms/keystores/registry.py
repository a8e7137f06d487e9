"""The custom key stores of one account and Region: create, find, describe, update, delete."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from moto_cks.account.network import KMS_ROLE, Network
from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import (
    CustomKeyStoreHasCMKsException,
    CustomKeyStoreNameInUseException,
    CustomKeyStoreNotFoundException,
    InvalidMarkerException,
    LimitExceededException,
)
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.cloudhsm import checks as cluster_checks
from moto_cks.kms.keystores.cloudhsm.exceptions import (
    CloudHsmClusterInUseException,
    CloudHsmClusterNotFoundException,
    CloudHsmClusterNotRelatedException,
    IncorrectTrustAnchorException,
)
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore, find_cluster
from moto_cks.kms.keystores.connection import RENAME, UPDATE, ConnectionState

MAXIMUM_KEY_STORES = 10
DEFAULT_PAGE = 100

PASSWORD = re.compile(r"[a-zA-Z0-9]{7,32}")
INVALID_PASSWORD = (
    "1 validation error detected: Value at 'keyStorePassword' failed to satisfy constraint: "
    f"Member must satisfy regular expression pattern: ^{PASSWORD.pattern}$"
)
MISSING = "1 validation error detected: {value} at '{name}' failed to satisfy constraint: " + (
    "Member must not be null"
)


class KeyStoreRegistry:
    """The custom key stores of one account and Region."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region
        self._stores: dict[str, KeyStore] = {}
        # Of every key store that there ever was: a marker outlives the key store that it names.
        self._numbers: dict[str, int] = {}

    def __iter__(self) -> Iterator[KeyStore]:
        return iter(self._stores.values())

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

    def create_cloudhsm(
        self, name: str, cluster_id: str | None, trust_anchor: str | None, password: str | None
    ) -> str:
        """Create an AWS CloudHSM key store (CreateCustomKeyStore).

        The same request again, while the first key store is disconnected, is taken for a retry.

        Returns:
            Its ID.

        Raises:
            ValidationException, LimitExceededException, CustomKeyStoreNameInUseException,
            CloudHsmClusterNotFoundException, CloudHsmClusterInUseException,
            CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException,
            IncorrectTrustAnchorException
        """
        if cluster_id is None:
            raise ValidationException(MISSING.format(value="Value null", name="cloudHsmClusterId"))
        if trust_anchor is None:
            raise ValidationException(
                MISSING.format(value="Value null", name="trustAnchorCertificate")
            )
        if password is None:
            raise ValidationException(MISSING.format(value="Value", name="keyStorePassword"))
        _require_password(password)
        namesake = self._by_name(name)
        if namesake is not None:
            if _is_retry(namesake, name, cluster_id, trust_anchor, password):
                return namesake.custom_key_store_id
            raise CustomKeyStoreNameInUseException(
                f"The custom key store name {name} is already in use."
            )
        if len(self._stores) >= MAXIMUM_KEY_STORES:
            raise LimitExceededException(
                f"The account has {MAXIMUM_KEY_STORES} custom key stores in this Region."
            )
        store = self._new_cloudhsm(name, cluster_id, trust_anchor, password)
        self._stores[store.custom_key_store_id] = store
        self._numbers[store.custom_key_store_id] = len(self._numbers)
        return store.custom_key_store_id

    def _new_cloudhsm(
        self, name: str, cluster_id: str, trust_anchor: str, password: str
    ) -> CloudHsmKeyStore:
        network = Network(self._account_id, self._region)
        cluster = self._cluster(cluster_id)
        certificate = cluster_checks.certificate_of(cluster)
        for store in self:
            if isinstance(store, CloudHsmKeyStore) and (
                store.cluster_id == cluster_id
                or (certificate and store.cluster_certificate == certificate)
            ):
                raise CloudHsmClusterInUseException(
                    f"The CloudHSM cluster {cluster_id}, or one that shares a backup history with "
                    "it, is associated with a custom key store."
                )
        cluster_checks.require_all(cluster, network)
        certificates = cluster.certificates
        if certificates is None or not certificates.is_anchored_by(trust_anchor):
            raise IncorrectTrustAnchorException(
                "The trust anchor certificate is not the one with which the CloudHSM cluster "
                f"{cluster_id} was initialized."
            )
        network.ensure_service_linked_role(KMS_ROLE)
        return CloudHsmKeyStore(
            self._account_id, self._region, name, cluster, trust_anchor, password
        )

    def _cluster(self, cluster_id: str) -> Any:
        cluster = find_cluster(self._account_id, self._region, cluster_id)
        if cluster is None:
            raise CloudHsmClusterNotFoundException(
                f"The CloudHSM cluster {cluster_id} was not found."
            )
        return cluster

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
            last = self._numbers.get(_decode_marker(marker))
            if last is None:
                raise InvalidMarkerException("The marker is not valid.")
            stores = [s for s in stores if self._numbers[s.custom_key_store_id] > last]
        end = limit or DEFAULT_PAGE
        page = stores[:end]
        more = end < len(stores)
        return page, _encode_marker(page[-1].custom_key_store_id) if more else None

    # UpdateCustomKeyStore --------------------------------------------------------------------

    def update_cloudhsm(
        self,
        key_store_id: str,
        name: str | None,
        password: str | None,
        cluster_id: str | None,
    ) -> None:
        """Change a key store (UpdateCustomKeyStore); all of it or nothing.

        Raises:
            CustomKeyStoreNotFoundException, CustomKeyStoreInvalidStateException,
            ValidationException, CustomKeyStoreNameInUseException,
            CloudHsmClusterNotFoundException, CloudHsmClusterNotRelatedException,
            CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException
        """
        store = self.get(key_store_id)
        if not isinstance(store, CloudHsmKeyStore):
            raise NotImplementedError("Only AWS CloudHSM key stores can be updated")
        only_name = password is None and cluster_id is None
        store.connection.require(RENAME if only_name else UPDATE)
        if password is not None:
            _require_password(password)
        if name is not None and self._by_name(name) not in (None, store):
            raise CustomKeyStoreNameInUseException(
                f"The custom key store name {name} is already in use."
            )
        if cluster_id is not None:
            self._require_related(store, cluster_id)
            store.cluster_id = cluster_id
        if name is not None:
            store.name = name
        if password is not None:
            store.set_password(password)

    def _require_related(self, store: CloudHsmKeyStore, cluster_id: str) -> None:
        cluster = self._cluster(cluster_id)
        if cluster_checks.certificate_of(cluster) != store.cluster_certificate:
            raise CloudHsmClusterNotRelatedException(
                f"The CloudHSM cluster {cluster_id} has a different cluster certificate than the "
                "cluster of the custom key store."
            )
        cluster_checks.require_all(cluster, Network(self._account_id, self._region))

    # DeleteCustomKeyStore --------------------------------------------------------------------

    def delete(self, key_store_id: str) -> None:
        """Delete a key store without keys (DeleteCustomKeyStore); its cluster stays.

        Raises:
            CustomKeyStoreNotFoundException, CustomKeyStoreHasCMKsException,
            CustomKeyStoreInvalidStateException
        """
        store = self.get(key_store_id)
        store.connection.require(UPDATE)
        if store.key_ids:
            raise CustomKeyStoreHasCMKsException(
                f"The custom key store {key_store_id} contains KMS keys."
            )
        del self._stores[key_store_id]


def _require_password(password: str) -> None:
    if not PASSWORD.fullmatch(password):
        raise ValidationException(INVALID_PASSWORD)


def _is_retry(
    store: KeyStore, name: str, cluster_id: str, trust_anchor: str, password: str
) -> bool:
    return (
        isinstance(store, CloudHsmKeyStore)
        and store.connection.state is ConnectionState.DISCONNECTED
        and store.same_request(name, cluster_id, trust_anchor, password)
    )


def _encode_marker(key_store_id: str) -> str:
    return base64.b64encode(key_store_id.encode()).decode()


def _decode_marker(marker: str) -> str:
    try:
        return base64.b64decode(marker, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise InvalidMarkerException("The marker is not valid.") from None
