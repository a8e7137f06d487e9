"""The connection of a custom key store: its states, and what leads from one to the next.

The tables follow ConnectCustomKeyStore and DisconnectCustomKeyStore in the AWS KMS API Reference,
and "How to fix a connection failure" in the Developer Guide. What a connection attempt looks at is
the business of each kind of key store; this module only knows that it ends with an error code or
without.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from moto_cks.enums import StrEnum
from moto_cks.kms.exceptions import CustomKeyStoreInvalidStateException
from moto_cks.world.journal import Kind, note
from moto_cks.world.lifecycle import LifeCycle, Steps, Table


class ConnectionState(StrEnum):
    """ConnectionState of DescribeCustomKeyStores."""

    CONNECTED = "CONNECTED"
    CONNECTING = "CONNECTING"
    FAILED = "FAILED"
    DISCONNECTED = "DISCONNECTED"
    DISCONNECTING = "DISCONNECTING"


class ConnectionErrorCode(StrEnum):
    """ConnectionErrorCode of DescribeCustomKeyStores.

    It has no members here: beside the common codes, each kind of key store has its own.
    """


class CommonErrorCode(ConnectionErrorCode):
    """The codes of every kind of key store, which can also come without a cause."""

    INTERNAL_ERROR = "INTERNAL_ERROR"
    NETWORK_ERRORS = "NETWORK_ERRORS"


_S = ConnectionState

CONNECT, DISCONNECT = "ConnectCustomKeyStore", "DisconnectCustomKeyStore"

ALLOWED: Steps[ConnectionState] = {
    _S.DISCONNECTED: {CONNECT: _S.CONNECTING},
    _S.CONNECTING: {CONNECT: _S.CONNECTING, DISCONNECT: _S.DISCONNECTING},
    _S.CONNECTED: {CONNECT: _S.CONNECTED, DISCONNECT: _S.DISCONNECTING},
    _S.FAILED: {DISCONNECT: _S.DISCONNECTING},
    _S.DISCONNECTING: {},
}
"""Which state each operation leads to; in a state that does not have it, it is refused."""

SUCCESS, FAILURE = "the attempt succeeds", "the attempt fails"
TORN_DOWN = "the connection is torn down"

ENDINGS: Steps[ConnectionState] = {
    _S.CONNECTING: {SUCCESS: _S.CONNECTED, FAILURE: _S.FAILED},
    _S.DISCONNECTING: {TORN_DOWN: _S.DISCONNECTED},
}
"""The states that end by themselves, and how."""

TABLE = Table("cks::connection", _S.DISCONNECTED, ALLOWED, ENDINGS)

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
        self._error_code: ConnectionErrorCode | None = None
        self.number = 0
        self._life = LifeCycle(
            TABLE,
            {_S.CONNECTING: self._end_connecting, _S.DISCONNECTING: self._end_disconnecting},
            key_store_id,
        )

    @property
    def state(self) -> ConnectionState:
        """The state now."""
        return self._life.status

    @property
    def since(self) -> datetime:
        """When that state began."""
        return self._life.since

    @property
    def until(self) -> datetime | None:
        """When that state will be over, where it ends by itself and a time says when."""
        return self._life.due

    @property
    def error_code(self) -> ConnectionErrorCode | None:
        """Why the last attempt failed; only in the state FAILED."""
        return self._error_code if self.state is _S.FAILED else None

    @property
    def connected(self) -> bool:
        """Whether the state is CONNECTED."""
        return self.state is _S.CONNECTED

    def described(self) -> None:
        """Count a description, for state transitions that progress with those."""
        self._life.advance()

    def connect(self) -> None:
        """Begin to connect.

        Where the state is CONNECTING or CONNECTED, nothing changes.

        Raises:
            CustomKeyStoreInvalidStateException: the state is FAILED or DISCONNECTING.
        """
        self._step(CONNECT)

    def disconnect(self) -> None:
        """Begin to disconnect.

        Raises:
            CustomKeyStoreInvalidStateException: the state is DISCONNECTED or DISCONNECTING.
        """
        self._step(DISCONNECT)

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

    def _step(self, operation: str) -> None:
        if not self._life.allows(operation):
            raise self.invalid_state()
        self._life.step(operation)

    def _end_connecting(self) -> str:
        steps = self._life.own_changes
        error_code = self._attempt()
        if self._life.own_changes != steps:
            return FAILURE  # of no consequence: somebody has disconnected while KMS waited
        self._error_code = error_code
        if self._error_code is not None:
            note(Kind.STATE, self._key_store_id, f"cannot connect: {self._error_code.value}")
            return FAILURE
        self.number += 1
        return SUCCESS

    def _end_disconnecting(self) -> str:
        self._tear_down()
        return TORN_DOWN
