"""What an HSM says when it refuses a command."""

from __future__ import annotations

import copy
import pickle

import pytest

from moto_cks.hsm import HsmError, LoginRefused, ReturnCode

SAID = {
    "AUTHENTICATION_FAILED": "RET_USER_LOGIN_FAILURE",
    "USER_LOCKED_OUT": "The user is locked after too many failed logins",
    "USER_LOGGED_IN": "The user is logged in",
    "USER_NOT_FOUND": "user isn't initialized or user with this name doesn't exist",
    "USER_EXISTS": "A user of this type and name exists",
    "USER_OWNS_KEYS": "The user owns keys",
    "SECOND_FACTOR_REQUIRED": "The user logs in with a second factor",
    "INVALID_PASSWORD": "A password is 7 to 32 characters long",
    "INVALID_USER_NAME": "A user name is 1 to 31 letters, digits and underscores long",
    "INVALID_USER_TYPE": "Invalid User Type.",
    "NOT_LOGGED_IN": "Nobody is logged in",
    "NOT_PERMITTED": "A user of this type may not do that",
    "NOT_INITIALIZED": "The cluster is not initialized",
    "KEY_NOT_FOUND": "Invalid object handle is passed to this operation",
    "KEY_NOT_OWNED": "Key Access is denied",
    "KEY_FUNCTION_NOT_PERMITTED": "An attribute of the key forbids it",
    "KEY_ID_EXISTS": "A key with this ID exists",
    "ATTRIBUTE_NOT_FOUND": "The key has no such attribute",
    "ATTRIBUTE_FIXED": "The attribute cannot be set to that",
    "POLICY_VIOLATED": "This operation violates the current configured/FIPS policies",
    "DATA_INVALID": "The data does not authenticate",
    "BUSY": "HSM is already busy generating the keys(or random bytes) for another request.",
    "NO_HSM": "Server in cluster is unavailable",
    "QUORUM_NEEDED": "Quorum approval is required for this operation",
    "NO_QUORUM_SET": "The quorum value of the service is 1",
    "QUORUM_TOKEN_EXISTS": "There is a quorum token of this user for the service",
    "INVALID_QUORUM_VALUE": "A quorum value is 1 to 8, and not more than there are officers",
    "SIGNATURE_INVALID": "The signature is not that of the key",
    "INVALID_TRUST_ANCHOR": "The trust anchor is no certificate chain that the HSM accepts",
    "TRUST_ANCHOR_EXISTS": "This trust anchor is registered",
    "TOO_MANY_TRUST_ANCHORS": "Two trust anchors are registered",
    "TRUST_ANCHOR_NOT_FOUND": "There is no such trust anchor",
    "NO_TRUST_ANCHOR": "No trust anchor is registered",
    "MTLS_NEEDED": "The connection is without mutual TLS",
    "LIMITED_WRITES": "The cluster is in limited-write mode",
    "KEYS_FULL": "The HSM has no room for another key",
    "USERS_FULL": "The HSM has no room for another user",
}


def test_an_error_says_in_words_why_a_command_is_refused() -> None:
    assert {code.name: str(HsmError(code)) for code in ReturnCode} == SAID


@pytest.mark.parametrize("code", ReturnCode)
def test_an_error_goes_to_other_processes_as_it_is(code: ReturnCode) -> None:
    error = HsmError(code)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(other), other.code, str(other)) == (HsmError, code, code.value)


def test_c5_8_a_refused_login_goes_there_with_what_each_hsm_answered() -> None:
    answers = {
        "hsm-1": None,
        "hsm-2": ReturnCode.USER_LOCKED_OUT,
        "hsm-3": ReturnCode.AUTHENTICATION_FAILED,
    }
    error = LoginRefused(answers)
    for other in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert isinstance(other, LoginRefused)
        assert (other.code, other.answers) == (ReturnCode.USER_LOCKED_OUT, answers)
        assert str(other) == "The user is locked after too many failed logins"
