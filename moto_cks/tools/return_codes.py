"""What the tools of Client SDK 3 say of an HSM's answer: a number and a text.

The numbers come from the AWS CloudHSM User Guide: ``Error2String``, ``deleteKey`` and
``genECCKeyPair`` in key_mgmt_util, "Interpreting HSM audit logs" and "HSM throttling"; that of a
user who does not exist from what people have met (awsdocs/aws-cloudhsm-user-guide issue 20). Where
there is none, the number is one of this simulation, above all of those of the HSM.
"""

from __future__ import annotations

from dataclasses import dataclass

from moto_cks.hsm import ReturnCode


@dataclass(frozen=True)
class Result:
    """An HSM's answer as the tools print it.

    Attributes:
        number: the return code.
        text: its text.
    """

    number: int
    text: str


SUCCESS = Result(0, "HSM Return: SUCCESS")

DOCUMENTED_NUMBERS = {
    ReturnCode.USER_NOT_FOUND: 0xCE,
    ReturnCode.AUTHENTICATION_FAILED: 0xA3,
    ReturnCode.KEY_NOT_FOUND: 0xA8,
    ReturnCode.POLICY_VIOLATED: 0xB3,
    ReturnCode.BUSY: 0xBB,
    ReturnCode.KEY_NOT_OWNED: 0xC6,
    ReturnCode.INVALID_USER_TYPE: 0xDB,
    ReturnCode.NO_HSM: 0x30000085,
}

TEXTS = {
    ReturnCode.USER_NOT_FOUND: "This user doesn't exist",
    ReturnCode.USER_EXISTS: "This user is already created",
    ReturnCode.INVALID_PASSWORD: "min pswd len 7 and max pswd len 32",
    ReturnCode.INVALID_USER_NAME: "Invalid input data/params",
    ReturnCode.NOT_LOGGED_IN: "No user is logged in to do this operation",
    ReturnCode.NOT_PERMITTED: "The current logged in user is not authorized to do this operation",
}
"""What the tools print, where Python code is told more. docs/tools.md says where each was seen."""

FIRST_NUMBER_OF_OUR_OWN = 0x1000


def _result(place: int, code: ReturnCode) -> Result:
    number = DOCUMENTED_NUMBERS.get(code, FIRST_NUMBER_OF_OUR_OWN + place)
    who = "HSM CLUSTER ERROR" if code is ReturnCode.NO_HSM else "HSM Error"
    return Result(number, f"{who}: {TEXTS.get(code, code.value)}")


RESULTS = {code: _result(place, code) for place, code in enumerate(ReturnCode)}
"""What is printed of each refusal."""

OUTDATED = (Result(0x9D, "HSM Error: user isn't initialized or user with this name doesn't exist"),)
"""What HSMs of 2018 answered, which the page on audit logs still shows."""

INVALID_INPUT = RESULTS[ReturnCode.INVALID_USER_NAME].text
"""What an HSM says of names and users that do not do."""

LOGGED_IN_USER = "HSM Error: Deletion or Changing password of a logged in User is denied"
"""What an HSM says where a user is to be deleted or given a password, and is logged in."""
