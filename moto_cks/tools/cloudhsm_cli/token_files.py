"""The token files of quorum authentication: JSON, to which officers add their signatures.

See "User management with quorum authentication enabled" and "Set up quorum authentication for AWS
CloudHSM admins using CloudHSM CLI" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from moto_cks.hsm.quorum import Approval
from moto_cks.tools.cloudhsm_cli.answers import CliError

VERSION = "2.0"
SERVICE_NAMES: Mapping[str, str] = {
    "user": "user-management",
    "quorum": "quorum-management",
    "cluster": "cluster-management",
}
"""What the token file calls a service; only the first is documented."""

UNREADABLE = "Quorum token file is not valid"


def unsigned(service: str, token: Approval) -> str:
    """A token file that waits for signatures.

    Args:
        service: the service.
        token: the data of the tokens of all HSMs.
    """
    return _text(
        {
            "version": VERSION,
            "service": SERVICE_NAMES[service],
            "approval_data": _encoded(token.data),
            "token": _encoded(token.digest),
            "signatures": [],
        }
    )


def unsigned_registration(token: Approval) -> str:
    """The file of a token whose signature shows that somebody has a private key."""
    data, digest = _encoded(token.data), _encoded(token.digest)
    one = {"approval_data": data, "unsigned": digest, "signed": ""}
    return _text({"version": VERSION, "tokens": [one]})


def read_signed(text: str) -> Approval:
    """What officers have signed.

    Raises:
        CliError: it is no token file.
    """
    file = _object(text)
    try:
        signatures = tuple(
            (str(each["username"]), b64decode(each["signature"], validate=True))
            for each in file["signatures"]
        )
        return Approval(b64decode(file["approval_data"], validate=True), signatures)
    except (KeyError, TypeError, ValueError):
        raise CliError(UNREADABLE) from None


def read_registration(text: str) -> Approval:
    """What somebody has signed to register a key.

    Raises:
        CliError: it is no token file.
    """
    file = _object(text)
    try:
        (one,) = file["tokens"]
        signature = b64decode(one["signed"], validate=True)
        return Approval(b64decode(one["approval_data"], validate=True), (("", signature),))
    except (KeyError, TypeError, ValueError):
        raise CliError(UNREADABLE) from None


def _object(text: str) -> dict[str, Any]:
    try:
        file = json.loads(text)
    except ValueError:
        raise CliError(UNREADABLE) from None
    if not isinstance(file, dict):
        raise CliError(UNREADABLE)
    return file


def _encoded(data: bytes) -> str:
    return b64encode(data).decode()


def _text(file: Mapping[str, Any]) -> str:
    return json.dumps(file, indent=2) + "\n"
