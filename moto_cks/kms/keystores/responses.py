"""The six operations on custom key stores."""

from __future__ import annotations

import json
from typing import Any

from moto_cks.frontend.dispatch import WorldResponse
from moto_cks.frontend.validation import ValidationException, validator_for
from moto_cks.kms.keystores.registry import KeyStoreRegistry
from moto_cks.kms.keystores.types import KeyStoreType

EXTERNAL_KEY_STORE = KeyStoreType.EXTERNAL_KEY_STORE.value


class KeyStoreOperations(WorldResponse):
    """Custom key store operations: requests in, answers out."""

    service = "kms"

    @property
    def key_stores(self) -> KeyStoreRegistry:
        """The key stores of the caller's account and Region."""
        raise NotImplementedError

    def _checked_body(self) -> dict[str, Any]:
        validator_for(self.service).check(self._get_action(), self.json_body)
        return self.json_body

    def create_custom_key_store(self) -> str:
        """CreateCustomKeyStore."""
        body = self._checked_body()
        if body.get("CustomKeyStoreType") == EXTERNAL_KEY_STORE:
            raise NotImplementedError(
                "The create_custom_key_store action has not been implemented for XKS"
            )
        _refuse_xks_parameters(body)
        key_store_id = self.key_stores.create_cloudhsm(
            name=body["CustomKeyStoreName"],
            cluster_id=body.get("CloudHsmClusterId"),
            trust_anchor=body.get("TrustAnchorCertificate"),
            password=body.get("KeyStorePassword"),
        )
        return json.dumps({"CustomKeyStoreId": key_store_id})

    def describe_custom_key_stores(self) -> str:
        """DescribeCustomKeyStores."""
        body = self._checked_body()
        entries, marker = self.key_stores.describe(
            key_store_id=body.get("CustomKeyStoreId"),
            name=body.get("CustomKeyStoreName"),
            limit=body.get("Limit"),
            marker=body.get("Marker"),
        )
        answer: dict[str, Any] = {"CustomKeyStores": entries, "Truncated": marker is not None}
        if marker is not None:
            answer["NextMarker"] = marker
        return json.dumps(answer)

    def update_custom_key_store(self) -> str:
        """UpdateCustomKeyStore."""
        body = self._checked_body()
        store_id = body["CustomKeyStoreId"]
        self.key_stores.get(store_id)
        _refuse_xks_parameters(body)
        self.key_stores.update_cloudhsm(
            store_id,
            name=body.get("NewCustomKeyStoreName"),
            password=body.get("KeyStorePassword"),
            cluster_id=body.get("CloudHsmClusterId"),
        )
        return "{}"

    def connect_custom_key_store(self) -> str:
        """ConnectCustomKeyStore."""
        self.key_stores.get(self._checked_body()["CustomKeyStoreId"]).connect()
        return "{}"

    def disconnect_custom_key_store(self) -> str:
        """DisconnectCustomKeyStore."""
        self.key_stores.get(self._checked_body()["CustomKeyStoreId"]).connection.disconnect()
        return "{}"

    def delete_custom_key_store(self) -> str:
        """DeleteCustomKeyStore."""
        self.key_stores.delete(self._checked_body()["CustomKeyStoreId"])
        return "{}"


def _refuse_xks_parameters(body: dict[str, Any]) -> None:
    given = sorted(name for name, value in body.items() if name.startswith("Xks") and value)
    if given:
        raise ValidationException(
            f"{', '.join(given)}: valid only for a custom key store with a CustomKeyStoreType of "
            f"{EXTERNAL_KEY_STORE}."
        )
