"""What cloudhsm-cli answers: JSON with an error code and data."""

from __future__ import annotations

import json
from collections.abc import Mapping

from moto_cks.hsm import ReturnCode

FAILURE = 1
"""The error code and exit status of a command that could not be carried out."""


class CliError(Exception):
    """A command cannot be carried out; the message is what the tool answers."""


REFUSALS: Mapping[ReturnCode, str] = {
    ReturnCode.AUTHENTICATION_FAILED: "Incorrect authentication credentials.",
    ReturnCode.USER_LOCKED_OUT: "User is locked out",
    ReturnCode.USER_LOGGED_IN: "User is currently logged in",
    ReturnCode.USER_NOT_FOUND: "User does not exist",
    ReturnCode.USER_EXISTS: "User already exists",
    ReturnCode.USER_OWNS_KEYS: "User owns keys",
    ReturnCode.SECOND_FACTOR_REQUIRED: "User requires multi-factor authentication",
    ReturnCode.INVALID_PASSWORD: "Password must be between 7 and 32 characters long",
    ReturnCode.INVALID_USER_NAME: (
        "Username must be between 1 and 31 characters long and contain only letters, digits and "
        "underscores"
    ),
    ReturnCode.INVALID_USER_TYPE: "Invalid user role",
    ReturnCode.NOT_LOGGED_IN: "User is not logged in",
    ReturnCode.NOT_PERMITTED: "User does not have permission to perform this operation",
    ReturnCode.NOT_INITIALIZED: "Cluster is not initialized",
    ReturnCode.KEY_NOT_FOUND: "Key does not exist",
    ReturnCode.KEY_NOT_OWNED: "User does not own the key",
    ReturnCode.KEY_FUNCTION_NOT_PERMITTED: "Key attributes do not permit this operation",
    ReturnCode.KEY_ID_EXISTS: "Key with this id already exists",
    ReturnCode.ATTRIBUTE_NOT_FOUND: "Key does not have the attribute",
    ReturnCode.ATTRIBUTE_FIXED: "Attribute cannot be changed",
    ReturnCode.POLICY_VIOLATED: "Operation violates the policies of the cluster",
    ReturnCode.DATA_INVALID: "Invalid data",
    ReturnCode.BUSY: "Received error response code from Server. Response Code: 187",
    ReturnCode.NO_HSM: "Unable to connect to the cluster",
    ReturnCode.QUORUM_NEEDED: "Quorum approval is required for this operation",
    ReturnCode.NO_QUORUM_SET: "Quorum is not enabled for this service",
    ReturnCode.QUORUM_TOKEN_EXISTS: "Quorum token already exists for this service",
    ReturnCode.INVALID_QUORUM_VALUE: (
        "Quorum value must be between 1 and 8 and not exceed the number of admins"
    ),
    ReturnCode.SIGNATURE_INVALID: "Token signature is not valid",
    ReturnCode.INVALID_TRUST_ANCHOR: "Trust anchor is not valid",
    ReturnCode.TRUST_ANCHOR_EXISTS: "Trust anchor is already registered",
    ReturnCode.TOO_MANY_TRUST_ANCHORS: "Maximum number of trust anchors is registered",
    ReturnCode.TRUST_ANCHOR_NOT_FOUND: "Trust anchor does not exist",
    ReturnCode.NO_TRUST_ANCHOR: "No trust anchor is registered",
    ReturnCode.MTLS_NEEDED: "Operation requires a mutual TLS connection",
    ReturnCode.LIMITED_WRITES: "Cluster is in limited-write mode",
    ReturnCode.KEYS_FULL: "Maximum number of keys has been reached",
    ReturnCode.USERS_FULL: "Maximum number of users has been reached",
}
"""What the tool says where an HSM refuses.

Those of AUTHENTICATION_FAILED, BUSY and QUORUM_NEEDED are what Client SDK 5 says; the others are
not documented.
"""


def success(data: object) -> str:
    """The answer of a command that has been carried out."""
    return _answer(0, data)


def failure(message: str) -> str:
    """The answer of a command that could not be carried out."""
    return _answer(FAILURE, message)


def _answer(error_code: int, data: object) -> str:
    answer = {"error_code": error_code, "data": data}
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
