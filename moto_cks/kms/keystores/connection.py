"""The connection of a custom key store: its states, and what each call makes of them.

The tables follow ConnectCustomKeyStore, DisconnectCustomKeyStore and "How to fix a connection
failure". What a connection attempt looks at is the business of each kind of key store; this module
only knows that it ends with an error code or without.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from moto_cks.kms.exceptions import CustomKeyStoreInvalidStateException
from moto_cks.world.journal import Kind, note
from moto_cks.world.lifecycle import LifeCycle


class ConnectionState(str, Enum):
    """ConnectionState of DescribeCustomKeyStores."""

    CONNECTED = "CONNECTED"
    CONNECTING = "CONNECTING"
    FAILED = "FAILED"
    DISCONNECTED = "DISCONNECTED"
    DISCONNECTING = "DISCONNECTING"


class ConnectionErrorCode(str, Enum):
    """ConnectionErrorCode of DescribeCustomKeyStores.

    It has no members here: beside the common codes, each kind of key store has its own.
    """


class CommonErrorCode(ConnectionErrorCode):
    """The codes of every kind of key store, which can also come without a cause."""

    INTERNAL_ERROR = "INTERNAL_ERROR"
    NETWORK_ERRORS = "NETWORK_ERRORS"


_S = ConnectionState

CONNECT = {
    _S.DISCONNECTED: _S.CONNECTING,
    _S.CONNECTED: _S.CONNECTED,
    _S.CONNECTING: _S.CONNECTING,
}
"""ConnectCustomKeyStore: the next state by state. It is refused in the states that are not here."""

DISCONNECT = {
    _S.CONNECTED: _S.DISCONNECTING,
    _S.CONNECTING: _S.DISCONNECTING,
    _S.FAILED: _S.DISCONNECTING,
}
"""DisconnectCustomKeyStore, likewise."""

DELETE = frozenset({_S.DISCONNECTED})
"""DeleteCustomKeyStore is possible in these states; what UpdateCustomKeyStore can change in which
state depends on the kind of key store."""

USE = frozenset({_S.CONNECTED})
"""CreateKey and GenerateRandom."""


class Connection:
    """The connection of one key store.

    Args:
        attempt: tries to connect; returns the error code of a failure.
        tear_down: undoes what a successful attempt has set up.
        key_store_id: the custom key store ID.

    Attributes:
        error_code: why the last attempt failed; only in the state FAILED.
        number: how many attempts have succeeded.
    """

    def __init__(
        self,
        attempt: Callable[[], ConnectionErrorCode | None],
        tear_down: Callable[[], None],
        key_store_id: str,
    ) -> None:
        self._attempt = attempt
        self._tear_down = tear_down
        self._key_store_id = key_store_id
        self.error_code: ConnectionErrorCode | None = None
        self.number = 0
        self._life = LifeCycle(
            "cks::connection",
            _S.DISCONNECTED.value,
            {
                _S.CONNECTING.value: self._end_connecting,
                _S.DISCONNECTING.value: self._end_disconnecting,
            },
            key_store_id,
        )

    @property
    def state(self) -> ConnectionState:
        """The state now."""
        return ConnectionState(self._life.status)

    @property
    def connected(self) -> bool:
        """Whether the state is CONNECTED."""
        return self._life.status == "CONNECTED"

    def described(self) -> None:
        """Count a description, for state transitions that progress with those."""
        self._life.advance()

    def connect(self) -> None:
        """Begin to connect.

        Raises:
            CustomKeyStoreInvalidStateException: the state is FAILED or DISCONNECTING.
        """
        self._enter(CONNECT)

    def disconnect(self) -> None:
        """Begin to disconnect.

        Raises:
            CustomKeyStoreInvalidStateException: the state is DISCONNECTED or DISCONNECTING.
        """
        self._enter(DISCONNECT)

    def require(self, states: frozenset[ConnectionState]) -> None:
        """Refuse what the state does not allow.

        Raises:
            CustomKeyStoreInvalidStateException: the state is not one of these.
        """
        if self.state not in states:
            raise self.invalid_state()

    def invalid_state(self) -> CustomKeyStoreInvalidStateException:
        """The exception that names the state."""
        return CustomKeyStoreInvalidStateException(
            "The request was rejected because of the ConnectionState of the custom key store: "
            f"{self.state.value}."
        )

    def _enter(self, table: dict[ConnectionState, ConnectionState]) -> None:
        state = self.state
        if state not in table:
            raise self.invalid_state()
        if table[state] is not state:
            self.error_code = None
            self._life.enter(table[state].value)

    def _end_connecting(self) -> str:
        self.error_code = self._attempt()
        if self.error_code is not None:
            note(Kind.STATE, self._key_store_id, f"cannot connect: {self.error_code.value}")
            return _S.FAILED.value
        self.number += 1
        return _S.CONNECTED.value

    def _end_disconnecting(self) -> str:
        self._tear_down()
        return _S.DISCONNECTED.value
