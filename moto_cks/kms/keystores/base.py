"""A custom key store, whatever backs it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from moto.core.common_models import BaseModel

from moto_cks import faults
from moto_cks.kms.keystores.connection import (
    CommonErrorCode,
    Connection,
    ConnectionErrorCode,
    ConnectionState,
)
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.world import clock, ids


class MaterialNotFoundError(Exception):
    """The key store is there, but the key material is not in it any more."""


class KeyStore(BaseModel):
    """A custom key store of one account and Region.

    Subclasses say how it connects, and what it does with key material.

    Attributes:
        custom_key_store_id: its ID.
        name: CustomKeyStoreName.
        creation_date: in seconds since the epoch.
        connection: its connection state machine.
        key_ids: the IDs of its KMS keys, including those that are pending deletion.
        use_data: the additionalEventData of its use; one object for all records of that.
    """

    key_store_type: KeyStoreType
    connection: Connection

    def __init__(self, account_id: str, region: str, name: str) -> None:
        self.account_id = account_id
        self.region = region
        self.custom_key_store_id = ids.custom_key_store_id()
        self.name = name
        self.creation_date = clock.timestamp()
        self.connection = Connection(
            self._attempt_connection, self.tear_down_connection, self.custom_key_store_id
        )
        self.key_ids: set[str] = set()
        self.use_data = {"customKeyStoreId": self.custom_key_store_id}

    @property
    def connection_state(self) -> str:
        """ConnectionState, as DescribeCustomKeyStores shows it."""
        return self.connection.state.value

    @property
    def connected(self) -> bool:
        """Whether its keys can be used."""
        return self.connection.connected

    @property
    def connection_number(self) -> int:
        """Which connection this is; changes with every successful connection attempt."""
        return self.connection.number

    def connect(self) -> None:
        """Begin to connect (ConnectCustomKeyStore)."""
        if self.connection.state is ConnectionState.DISCONNECTED:
            self.check_before_connecting()
        self.connection.connect()

    def describe(self) -> dict[str, Any]:
        """The entry of DescribeCustomKeyStores."""
        entry: dict[str, Any] = {
            "CustomKeyStoreId": self.custom_key_store_id,
            "CustomKeyStoreName": self.name,
            "CustomKeyStoreType": self.key_store_type.value,
            "CreationDate": self.creation_date,
            "ConnectionState": self.connection_state,
        }
        if self.connection.error_code is not None:
            entry["ConnectionErrorCode"] = self.connection.error_code.value
        return entry

    # The connection --------------------------------------------------------------------------

    def _attempt_connection(self) -> ConnectionErrorCode | None:
        injected = faults.connection_error_of(self.custom_key_store_id)
        return self.attempt_connection() if injected is None else CommonErrorCode(injected)

    @abstractmethod
    def check_before_connecting(self) -> None:
        """Refuse at once what is easily seen to be wrong; the state stays DISCONNECTED."""

    @abstractmethod
    def attempt_connection(self) -> ConnectionErrorCode | None:
        """Connect; the error code of what went wrong, after which nothing is left behind."""

    @abstractmethod
    def tear_down_connection(self) -> None:
        """Give up what :meth:`attempt_connection` has set up."""

    # Keys ------------------------------------------------------------------------------------

    @abstractmethod
    def key_metadata(self) -> dict[str, Any]:
        """What DescribeKey adds for a key of this key store."""

    @abstractmethod
    def check_before_creating_key(self) -> None:
        """Refuse to create a key that could not be given key material.

        Raises:
            CustomKeyStoreInvalidStateException: the key store is not connected.
        """

    @abstractmethod
    def create_key_material(self, key_arn: str) -> Any:
        """Make the key material for a new KMS key; returns how the key store names it."""

    @abstractmethod
    def encrypt(self, backing_key: Any, plaintext: bytes, authenticated_data: bytes) -> bytes:
        """Encrypt.

        Raises:
            MaterialNotFoundError: the key material is gone.
            KMSInvalidStateException: the key store cannot be reached.
        """

    @abstractmethod
    def decrypt(self, backing_key: Any, sealed: bytes, authenticated_data: bytes) -> bytes:
        """Decrypt what :meth:`encrypt` returned.

        Raises:
            MaterialNotFoundError, KMSInvalidStateException: as for encrypt.
            InvalidCiphertextException: it does not authenticate.
        """

    @abstractmethod
    def random(self, number_of_bytes: int) -> bytes:
        """Random bytes (GenerateRandom).

        Raises:
            UnsupportedOperationException: this kind of key store has none.
        """

    @abstractmethod
    def delete_key_material(self, backing_key: Any) -> bool:
        """Make one attempt to delete key material whose KMS key is deleted.

        Returns:
            Whether none of it is left.
        """

    # What CloudTrail's records say of it -----------------------------------------------------
    # Each is an additionalEventData, or a part of one: JSON inside it is a string.

    @abstractmethod
    def trail_data(self) -> dict[str, str]:
        """What backs the key store, in the records of operations on it."""

    @abstractmethod
    def creation_data(self, key_arn: str, backing_key: Any) -> dict[str, str]:
        """Of CreateKey."""

    def key_use_data(self, key_arn: str, backing_key: Any) -> dict[str, str]:
        """Of a cryptographic operation with one of its keys."""
        return self.use_data

    @abstractmethod
    def material_data(self, key_arn: str, backing_key: Any) -> dict[str, str]:
        """Of ScheduleKeyDeletion: where the material of the key is."""

    @abstractmethod
    def deletion_data(self, key_arn: str, backing_key: Any, deleted: bool | None) -> dict[str, str]:
        """Of DeleteKey: where the material was, and what came of the attempt to delete it.

        Args:
            key_arn: the ARN of the KMS key.
            backing_key: how the key store names the material.
            deleted: what :meth:`delete_key_material` has answered.
        """
