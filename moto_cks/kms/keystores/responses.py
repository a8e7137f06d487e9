"""The six operations on custom key stores."""

from __future__ import annotations

import json
from typing import Any

from moto_cks.frontend.dispatch import WorldResponse
from moto_cks.frontend.validation import validator_for
from moto_cks.kms.keystores.external.requests import SERVICE
from moto_cks.kms.keystores.registry import KeyStoreRegistry


class KeyStoreOperations(WorldResponse):
    """Custom key store operations: requests in, answers out."""

    service = "kms"

    @property
    def key_stores(self) -> KeyStoreRegistry:
        """The key stores of the caller's account and Region."""
        raise NotImplementedError

    def _checked_body(self) -> dict[str, Any]:
        validator, operation = validator_for(self.service), self._get_action()
        body = self.json_body
        if body.get(SERVICE) == "":  # AWS takes it for none, though the model has no empty one
            body = {name: value for name, value in body.items() if name != SERVICE}
        validator.check(operation, body)
        return validator.read(operation, body)

    def look_again(self) -> None:
        """See whether the key store can still be created or changed.

        Raises:
            KmsException: see :meth:`KeyStoreRegistry.create`, :meth:`KeyStoreRegistry.update`.
        """
        look = {
            "CreateCustomKeyStore": self.key_stores.require_room,
            "UpdateCustomKeyStore": self.key_stores.changeable,
        }.get(self.operation)
        if look is not None:
            look(self._checked_body())

    def create_custom_key_store(self) -> str:
        """CreateCustomKeyStore."""
        return json.dumps({"CustomKeyStoreId": self.key_stores.create(self._checked_body())})

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
        self.key_stores.update(self._checked_body())
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
