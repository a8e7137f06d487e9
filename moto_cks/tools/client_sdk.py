"""Whose words the two tools of Client SDK 3 use: one switch for all that a version has changed.

AWS's page "Troubleshooting a custom key store" and most pages of the AWS CloudHSM User Guide show
cloudhsm_mgmt_util and key_mgmt_util of before version 3.2, and that is the default. Public
transcripts and scripts of later versions show other words in some places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto

VARIABLE = "MOTO_CKS_CLIENT_SDK"
"""The environment variable that says which version it is, as ``3.1`` or ``3.4.4``."""

TOOLS = ("cloudhsm_mgmt_util", "key_mgmt_util")
"""The tools of Client SDK 3; to others the variable says nothing."""

VERSION = re.compile(r"3\.(\d+)(\.\d+)?")
FIRST_OF_THE_LATER = 2


class Wording(Enum):
    """The words of a version."""

    UNTIL_3_1 = auto()
    SINCE_3_2 = auto()


def wording_of(version: str) -> Wording:
    """The words of a version of Client SDK 3, as ``3.1`` or ``3.4.4``.

    Raises:
        ValueError: it is no version of Client SDK 3.
    """
    found = VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"{version!r} is no version of Client SDK 3, such as 3.1 or 3.4.4.")
    return Wording.SINCE_3_2 if int(found[1]) >= FIRST_OF_THE_LATER else Wording.UNTIL_3_1


def version_in(environment: Mapping[str, str]) -> str | None:
    """The version that the environment names, if it names one."""
    return environment.get(VARIABLE) or None


def wording_in(environment: Mapping[str, str]) -> Wording:
    """The words that the environment asks for.

    Raises:
        ValueError: what it names is no version of Client SDK 3.
    """
    version = version_in(environment)
    return Wording.UNTIL_3_1 if version is None else wording_of(version)
