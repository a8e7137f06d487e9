"""What requests can ask of an AWS CloudHSM key store: the rules that need no look at the world.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html,
API_UpdateCustomKeyStore.html and API_CreateKey.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import UnsupportedOperationException
from moto_cks.kms.keystores.base import NEW_NAME, Request
from moto_cks.kms.keystores.connection import ConnectionState
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT

CLUSTER_ID = "CloudHsmClusterId"
TRUST_ANCHOR = "TrustAnchorCertificate"
PASSWORD = "KeyStorePassword"

PARAMETERS = (CLUSTER_ID, PASSWORD, TRUST_ANCHOR)
"""The parameters of Create- and UpdateCustomKeyStore that no other kind of key store takes."""

REQUIRED: Mapping[str, str] = MappingProxyType(
    {
        CLUSTER_ID: "Value null at 'cloudHsmClusterId'",
        TRUST_ANCHOR: "Value null at 'trustAnchorCertificate'",
        PASSWORD: "Value at 'keyStorePassword'",
    }
)
"""What CreateCustomKeyStore needs, in order, and how AWS names it where it is missing: of a secret
no value is shown, not even that there is none."""

REGIONS_WITHOUT = frozenset({"ap-southeast-4", "eu-south-2", "cn-north-1", "cn-northwest-1"})
"""The Regions in which there are no AWS CloudHSM key stores. See "Regions" in
https://docs.aws.amazon.com/kms/latest/developerguide/keystore-cloudhsm.html"""

_ANY_BUT_CHANGING = frozenset({ConnectionState.CONNECTED, ConnectionState.DISCONNECTED})
_DISCONNECTED = frozenset({ConnectionState.DISCONNECTED})

CHANGES: Mapping[str, frozenset[ConnectionState]] = MappingProxyType(
    {
        NEW_NAME: _ANY_BUT_CHANGING,
        CLUSTER_ID: _DISCONNECTED,
        PASSWORD: _DISCONNECTED,
    }
)
"""What UpdateCustomKeyStore can change, and in which connection states."""

KEYS: Mapping[str, object] = MappingProxyType(
    {
        "Origin": KeyStoreType.AWS_CLOUDHSM.value,
        "KeySpec": SYMMETRIC_DEFAULT,
        "CustomerMasterKeySpec": SYMMETRIC_DEFAULT,
        "KeyUsage": ENCRYPT_DECRYPT,
        "MultiRegion": False,
    }
)
"""The parameters of CreateKey of which only one value is possible; all but the origin have it by
default."""

_PASSWORD_FORM = re.compile(r"[a-zA-Z0-9]{7,32}")


def check_creation(request: Request) -> None:
    """Check that a CreateCustomKeyStore has what it needs.

    Raises:
        ValidationException
    """
    for name, subject in REQUIRED.items():
        if request.get(name) is None:
            raise _violation(subject, "Member must not be null")
    check_password(request)


def check_region(region: str) -> None:
    """Check that there are such key stores in a Region.

    Raises:
        ValidationException
    """
    if region in REGIONS_WITHOUT:
        raise ValidationException(
            f"AWS CloudHSM key stores are not available in the Region {region}."
        )


def check_password(request: Request) -> None:
    """Check the form of KeyStorePassword, where there is one.

    Raises:
        ValidationException
    """
    password = request.get(PASSWORD)
    if password is not None and not _PASSWORD_FORM.fullmatch(password):
        raise _violation(
            REQUIRED[PASSWORD],
            f"Member must satisfy regular expression pattern: ^{_PASSWORD_FORM.pattern}$",
        )


def check_new_key(request: Request) -> None:
    """Check that a CreateKey asks for a key that a cluster's HSMs can hold.

    Raises:
        ValidationException: it is for a key of an external key manager.
        UnsupportedOperationException: there can be no such key.
    """
    if "XksKeyId" in request:
        raise ValidationException("XksKeyId is not valid for a key in an AWS CloudHSM key store.")
    if request.get("Origin") == KeyStoreType.EXTERNAL_KEY_STORE:
        raise ValidationException(
            "The origin EXTERNAL_KEY_STORE is not valid for a key in an AWS CloudHSM key store."
        )
    for name, supported in KEYS.items():
        default = None if name == "Origin" else supported
        if (request.get(name) or default) != supported:
            raise UnsupportedOperationException(
                f"{name} must be {supported} for a KMS key in an AWS CloudHSM key store."
            )


def _violation(subject: str, constraint: str) -> ValidationException:
    return ValidationException(
        f"1 validation error detected: {subject} failed to satisfy constraint: {constraint}"
    )
