"""How requests name keys, and what is said of a name that means none (row G4).

See "KeyId" in the AWS KMS API Reference. What is not recorded is a choice: an ARN of KMS that names
neither key nor alias, and an ARN that is none.
"""

from __future__ import annotations

import re

from moto.kms.exceptions import NotFoundException

_KEY_ID = re.compile(
    r"mrk-[0-9a-f]{32}|(mrk-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
"""The form of a key ID; multi-Region keys that moto has made have hyphens in theirs."""

_ARN = re.compile(r"arn:[^:]+:kms:([^:]+):[^:]*:(key/|alias/)(.+)", re.DOTALL)


def is_alias(name: str) -> bool:
    """Whether a name is that of an alias, or its ARN."""
    return name.startswith("alias/") or (name.startswith("arn:") and ":alias/" in name)


def not_found(name: str, home: str, region: str, *, aliases: bool) -> NotFoundException:
    """What is said of a name that means no key.

    Args:
        name: the name.
        home: how the ARNs of the account and Region begin.
        region: the Region.
        aliases: whether an alias could have been named.
    """
    if is_alias(name) and not aliases:
        return NotFoundException(f"Invalid keyId '{name}'")
    arn = name
    if not name.startswith("arn:"):
        if not is_alias(name) and not _KEY_ID.fullmatch(name):
            return NotFoundException(f"Invalid keyId '{name}'")
        arn = home + (name if is_alias(name) else f"key/{name}")
    match = _ARN.fullmatch(arn)
    if match is None:
        return NotFoundException(f"Invalid arn {arn}")
    if match[1] != region:
        return NotFoundException(f"Invalid arn {match[1]}")
    if match[2] == "alias/":
        return NotFoundException(f"Alias {arn} is not found.")
    if not _KEY_ID.fullmatch(match[3]):
        return NotFoundException(f"Invalid keyId '{match[3]}'")
    return NotFoundException(f"Key '{arn}' does not exist")
