"""Which connection errors can be injected, and what brings about the others."""

from __future__ import annotations

from moto_cks.kms.keystores.cloudhsm.connection_errors import CloudHsmErrorCode
from moto_cks.kms.keystores.connection import CommonErrorCode


def check_code(code: str) -> None:
    """Check that a connection error has no cause.

    Raises:
        ValueError: it has one, of which the message names the failure that brings it about; or
            there is no such error.
    """
    without = list(CommonErrorCode)
    if code in without:
        return
    possible = " or ".join(without)
    if code not in list(CloudHsmErrorCode):
        raise ValueError(f"A connection error without a cause is {possible}, not {code!r}.")
    # Each of these codes is the name of the failure that ends in it, in another spelling.
    failure = code.lower().replace("_", "-")
    raise ValueError(
        f'{code} has a cause, which cks.failures["{failure}"] brings about; without one come '
        f"{possible}."
    )
