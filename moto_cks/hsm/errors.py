"""What an HSM answers when it refuses a command."""

from __future__ import annotations

from enum import Enum


class ReturnCode(Enum):
    """The reasons for which an HSM refuses a command; the value says it in words."""

    AUTHENTICATION_FAILED = "RET_USER_LOGIN_FAILURE"
    USER_LOCKED_OUT = "The user is locked after too many failed logins"
    USER_LOGGED_IN = "The user is logged in"
    USER_NOT_FOUND = "user isn't initialized or user with this name doesn't exist"
    USER_EXISTS = "A user of this type and name exists"
    USER_OWNS_KEYS = "The user owns keys"
    SECOND_FACTOR_REQUIRED = "The user logs in with a second factor"
    INVALID_PASSWORD = "A password is 7 to 32 characters long"
    INVALID_USER_NAME = "A user name is 1 to 31 letters, digits and underscores long"
    INVALID_USER_TYPE = "Invalid User Type."
    NOT_LOGGED_IN = "Nobody is logged in"
    NOT_PERMITTED = "A user of this type may not do that"
    NOT_INITIALIZED = "The cluster is not initialized"
    KEY_NOT_FOUND = "Invalid object handle is passed to this operation"
    KEY_NOT_OWNED = "Key Access is denied"
    KEY_FUNCTION_NOT_PERMITTED = "An attribute of the key forbids it"
    KEY_ID_EXISTS = "A key with this ID exists"
    ATTRIBUTE_NOT_FOUND = "The key has no such attribute"
    ATTRIBUTE_FIXED = "The attribute cannot be set to that"
    POLICY_VIOLATED = "This operation violates the current configured/FIPS policies"
    DATA_INVALID = "The data does not authenticate"
    NO_HSM = "Server in cluster is unavailable"
    LIMITED_WRITES = "The cluster is in limited-write mode"
    KEYS_FULL = "The HSM has no room for another key"
    USERS_FULL = "The HSM has no room for another user"


class HsmError(Exception):
    """An HSM refused a command.

    Attributes:
        code: why it did. No message of an HSM contains a password or key material.
    """

    def __init__(self, code: ReturnCode) -> None:
        super().__init__(code.value)
        self.code = code
