"""A custom key store, and what each kind of them says for itself.

Kinds differ in what they ask of a request, in how they connect, and in what they do with key
material; the attributes and abstract methods of :class:`KeyStore` are all that there is to a kind.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

from moto.core.common_models import BaseModel
from moto.kms.exceptions import InvalidCiphertextException

from moto_cks import faults
from moto_cks.kms.findings import Finding, Reason
from moto_cks.kms.keystores.connection import (
    CommonErrorCode,
    Connection,
    ConnectionErrorCode,
    ConnectionState,
)
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.kms.metering import Meter
from moto_cks.world import clock, ids

Request: TypeAlias = Mapping[str, Any]
"""The body of a request that keeps to the service model; a null in it is an absent member."""

Unwrap: TypeAlias = "Callable[[bytes], bytes | None]"
"""Opens with KMS's own material; it may be called without the lock of the world."""

NEW_NAME = "NewCustomKeyStoreName"
"""The one parameter of UpdateCustomKeyStore that all kinds take."""


class MaterialNotFoundError(Exception):
    """The key store is there, but the key material is not in it any more.

    The KMS key then reads Unavailable until the key store connects again. A kind of key store whose
    keys stay as they are raises KMSInvalidStateException instead.
    """


class KeyStore(BaseModel):
    """A custom key store of one account and Region.

    Attributes:
        key_store_type: CustomKeyStoreType, which is also the origin of its keys.
        parameters: how the names begin of those parameters of CreateCustomKeyStore and
            UpdateCustomKeyStore that only this kind takes.
        changes: the parameters of UpdateCustomKeyStore, each with the connection states in which
            it can change.
        keeps_own_material: whether KMS has material of its own for each key, besides that in the
            key store.
        throttle_metric: the metric of CloudWatch that counts its throttled requests, if it has one.
        custom_key_store_id: its ID.
        name: CustomKeyStoreName.
        creation_date: in seconds since the epoch.
        connection: its connection state machine.
        key_ids: the IDs of its KMS keys, including those that are pending deletion.
        use_data: the additionalEventData of its use; one object for all records of that.
        meter: counts for CloudWatch; ``None`` while it is being created.
    """

    key_store_type: ClassVar[KeyStoreType]
    parameters: ClassVar[tuple[str, ...]]
    changes: ClassVar[Mapping[str, frozenset[ConnectionState]]]
    keeps_own_material: ClassVar[bool]
    throttle_metric: ClassVar[str] = ""

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
        self.meter: Meter | None = None

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

    # CreateCustomKeyStore --------------------------------------------------------------------

    @staticmethod
    @abstractmethod
    def check_creation(request: Request) -> None:
        """Refuse a CreateCustomKeyStore for what it says, whatever there is in the world.

        Raises:
            ValidationException
        """

    @abstractmethod
    def is_creation_again(self, request: Request) -> bool:
        """Whether a CreateCustomKeyStore with its name is the one that made it: a retry."""

    @classmethod
    @abstractmethod
    def create(
        cls, account_id: str, region: str, request: Request, others: Iterable[KeyStore]
    ) -> KeyStore:
        """Make the key store that a CreateCustomKeyStore asks for.

        Args:
            account_id: in which account.
            region: in which Region.
            request: what :meth:`check_creation` has let pass; the name is free.
            others: the key stores of that account and Region, of all kinds.

        Raises:
            KmsException: what is to back it cannot. Then nothing has changed.
        """

    # UpdateCustomKeyStore --------------------------------------------------------------------

    def require_state_for(self, request: Request) -> None:
        """Refuse an UpdateCustomKeyStore that the connection state does not allow.

        One that changes nothing needs a state in which the name could change.

        Raises:
            CustomKeyStoreInvalidStateException
        """
        given = [name for name in self.changes if request.get(name) is not None]
        allowed = self.changes[NEW_NAME].intersection(*(self.changes[name] for name in given))
        self.connection.require(allowed)

    @abstractmethod
    def check_change(self, request: Request) -> None:
        """Refuse an UpdateCustomKeyStore for what it says, whatever there is in the world.

        Raises:
            ValidationException
        """

    @abstractmethod
    def change(self, request: Request) -> None:
        """Make the changes that an UpdateCustomKeyStore asks for, all of them or none.

        The name is not among them: the registry changes it afterwards.

        Raises:
            KmsException: what is to back the key store cannot. Then nothing has changed.
        """

    # The connection --------------------------------------------------------------------------

    def connect(self) -> None:
        """Begin to connect (ConnectCustomKeyStore)."""
        if self.connection.state is ConnectionState.DISCONNECTED:
            self.check_before_connecting()
        self.connection.connect()

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

    @staticmethod
    @abstractmethod
    def check_new_key(request: Request) -> None:
        """Refuse a CreateKey that does not ask for a key such as this kind can hold.

        Raises:
            UnsupportedOperationException: no key store of this kind can hold such a key.
            ValidationException: the parameters are for another kind.
        """

    @abstractmethod
    def check_before_creating_key(self, request: Request) -> None:
        """Refuse a CreateKey whose key could not be given key material now.

        Raises:
            CustomKeyStoreInvalidStateException: the key store is not connected.
            KmsException: what the kind finds in the world.
        """

    @abstractmethod
    def create_key_material(self, key_arn: str, request: Request) -> Any:
        """Make the key material for a new KMS key, or take that which CreateKey names.

        Returns:
            How the key store names it: the *backing key* of the other methods.
        """

    @abstractmethod
    def key_metadata(self, backing_key: Any) -> dict[str, Any]:
        """What DescribeKey adds for a key of this key store, besides CustomKeyStoreId."""

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

    def decrypt_wrapped(
        self, backing_key: Any, sealed: bytes, authenticated_data: bytes, unwrap: Unwrap
    ) -> bytes:
        """Decrypt what KMS has encrypted with its own material before :meth:`encrypt` did.

        Args:
            backing_key: the backing key.
            sealed: what encrypt returned.
            authenticated_data: what was authenticated with it.
            unwrap: opens with KMS's own material; ``None`` where that does not open it.

        Raises:
            MaterialNotFoundError, KMSInvalidStateException, InvalidCiphertextException: as for
                decrypt.
        """
        opened = unwrap(self.decrypt(backing_key, sealed, authenticated_data))
        if opened is None:
            raise InvalidCiphertextException
        return opened

    @abstractmethod
    def random(self, number_of_bytes: int) -> bytes:
        """Random bytes (GenerateRandom).

        Raises:
            UnsupportedOperationException: this kind of key store has none.
            CustomKeyStoreInvalidStateException: it is not connected.
        """

    def discard_key_material(self, key_arn: str) -> None:
        """Leave no key material of a KMS key that was not created after all.

        Args:
            key_arn: what :meth:`create_key_material` was given.
        """

    @abstractmethod
    def delete_key_material(self, backing_key: Any) -> bool | None:
        """Make one attempt to delete key material whose KMS key is deleted.

        Returns:
            Whether none of it is left; ``None`` where it is not for KMS to delete it.
        """

    def forget_key(self, key_id: str, backing_key: Any) -> None:
        """Have one KMS key less: it is deleted."""
        self.key_ids.discard(key_id)

    # What stands in the way, asked without changing anything ---------------------------------
    # Each foresees what the method of a similar name would come upon: all of it, in order.

    @property
    def surroundings(self) -> dict[str, Any]:
        """What the commands that mend something need to know of the key store."""
        return {
            "store": self.custom_key_store_id,
            "name": self.name,
            "connection_state": self.connection_state,
        }

    @property
    def foresees(self) -> bool:
        """Whether it can tell what an attempt to connect would come upon."""
        return False

    @staticmethod
    def cause_of(code: str) -> str:
        """What is told of a failed attempt to connect, by its ConnectionErrorCode.

        It is the name of the documented failure, unless a kind has another one.
        """
        return code.lower().replace("_", "-")

    @property
    def failure_facts(self) -> dict[str, Any]:
        """What there is to tell of the last attempt to connect, which has failed."""
        return {}

    def obstacles_to_use(self) -> Iterator[Reason]:
        """What keeps keys from being used while the key store is connected."""
        return iter(())

    def obstacles_to_creating_key(self) -> Iterator[Reason]:
        """What keeps keys from being created while it is connected."""
        return iter(())

    def obstacles_before_connecting(self) -> Iterator[Reason]:
        """What an attempt to connect is refused for at once."""
        return iter(())

    def obstacles_to_connecting(self) -> Iterator[Reason]:
        """What makes an attempt to connect fail."""
        return iter(())

    def leftovers(self) -> Iterator[Reason]:
        """What was left behind that should be seen to, though it is in nobody's way."""
        return iter(())

    def missing_material(self, backing_key: Any) -> Finding | None:
        """Whether key material is gone from what backs the key store, and what is known of it.

        The KMS key is not marked. ``None`` also where nobody can tell.
        """
        return None

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
