"""What requests can ask of an external key store: the rules that need no look at the world.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html,
API_UpdateCustomKeyStore.html and API_CreateKey.html. The forms of the values are in the service
model, by which requests have been checked before.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from moto_cks.enums import StrEnum
from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import UnsupportedOperationException
from moto_cks.kms.keystores.base import NEW_NAME, Request
from moto_cks.kms.keystores.connection import ConnectionState
from moto_cks.kms.keystores.types import KEY_STORE_TYPES, KeyStoreType
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT

CONNECTIVITY = "XksProxyConnectivity"
ENDPOINT = "XksProxyUriEndpoint"
PATH = "XksProxyUriPath"
CREDENTIAL = "XksProxyAuthenticationCredential"
SERVICE = "XksProxyVpcEndpointServiceName"
OWNER = "XksProxyVpcEndpointServiceOwner"

PARAMETERS = ("Xks",)
"""How the parameters of Create- and UpdateCustomKeyStore begin that no other kind takes."""


class Connectivity(StrEnum):
    """XksProxyConnectivity."""

    PUBLIC_ENDPOINT = "PUBLIC_ENDPOINT"
    VPC_ENDPOINT_SERVICE = "VPC_ENDPOINT_SERVICE"


_PUBLIC, _VPC = Connectivity.PUBLIC_ENDPOINT.value, Connectivity.VPC_ENDPOINT_SERVICE.value

REQUIRED = (CONNECTIVITY, ENDPOINT, PATH, CREDENTIAL)
"""What CreateCustomKeyStore needs, whatever the connectivity."""

REQUIRED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType({_PUBLIC: (), _VPC: (SERVICE,)})
"""What it needs besides."""

FOREIGN: Mapping[str, tuple[str, ...]] = MappingProxyType({_PUBLIC: (SERVICE, OWNER), _VPC: ()})
"""The parameters that do not go with a connectivity."""

REQUIRED_TO_CHANGE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {_PUBLIC: (ENDPOINT,), _VPC: (ENDPOINT, SERVICE)}
)
"""What UpdateCustomKeyStore needs to give a key store another connectivity."""

_ANY_BUT_CHANGING = frozenset({ConnectionState.CONNECTED, ConnectionState.DISCONNECTED})
_DISCONNECTED = frozenset({ConnectionState.DISCONNECTED})

CHANGES: Mapping[str, frozenset[ConnectionState]] = MappingProxyType(
    {
        # Of these three the Developer Guide says "any connection state", and
        # CustomKeyStoreInvalidStateException that CONNECTED lets nothing but the name change.
        NEW_NAME: _ANY_BUT_CHANGING,
        CREDENTIAL: _ANY_BUT_CHANGING,
        PATH: _ANY_BUT_CHANGING,
        CONNECTIVITY: _DISCONNECTED,
        ENDPOINT: _DISCONNECTED,
        SERVICE: _DISCONNECTED,
        OWNER: _DISCONNECTED,
    }
)
"""What UpdateCustomKeyStore can change, and in which connection states."""

KEYS: Mapping[str, object] = MappingProxyType(
    {
        "KeySpec": SYMMETRIC_DEFAULT,
        "CustomerMasterKeySpec": SYMMETRIC_DEFAULT,
        "KeyUsage": ENCRYPT_DECRYPT,
        "MultiRegion": False,
    }
)
"""The parameters of CreateKey of which only the default is possible."""

ORIGIN = KeyStoreType.EXTERNAL_KEY_STORE.value
KEY_ID = "XksKeyId"


def check_creation(request: Request) -> None:
    """Check that a CreateCustomKeyStore has what it needs, and nothing that does not go with it.

    Raises:
        ValidationException
    """
    _require(request, REQUIRED)
    connectivity = request[CONNECTIVITY]
    _require(request, REQUIRED_BY[connectivity])
    _refuse_foreign(request, connectivity)


def check_change(request: Request, connectivity: str) -> None:
    """Check that an UpdateCustomKeyStore has what it needs, and nothing that does not go with it.

    Args:
        request: the request.
        connectivity: what the key store has now.

    Raises:
        ValidationException
    """
    wanted = request.get(CONNECTIVITY) or connectivity
    if wanted != connectivity:
        _require(request, REQUIRED_TO_CHANGE[wanted])
    _refuse_foreign(request, wanted)


def check_new_key(request: Request) -> None:
    """Check that a CreateKey asks for a key that an external key store can have.

    Raises:
        ValidationException: it is for a key store of another kind, has an external key of another
            origin, or does not name one.
        UnsupportedOperationException: there can be no such key.
    """
    origin, wrong = (
        request.get("Origin"),
        f"Origin must be {ORIGIN} for a KMS key in an external key store.",
    )
    if origin != ORIGIN and (origin in KEY_STORE_TYPES or request.get(KEY_ID) is not None):
        raise ValidationException(wrong)
    if origin != ORIGIN:
        raise UnsupportedOperationException(wrong)
    _require(request, (KEY_ID,))
    for name, supported in KEYS.items():
        if (request.get(name) or supported) != supported:
            raise UnsupportedOperationException(
                f"{name} must be {supported} for a KMS key in an external key store."
            )


def _require(request: Request, names: tuple[str, ...]) -> None:
    missing = [name for name in names if request.get(name) is None]
    if missing:
        # How AWS shows a value that is missing; of a secret it shows nothing.
        name = missing[0]
        subject = "Value" if name == CREDENTIAL else "Value null"
        raise ValidationException(
            f"1 validation error detected: {subject} at '{name[:1].lower()}{name[1:]}' failed to "
            "satisfy constraint: Member must not be null"
        )


def _refuse_foreign(request: Request, connectivity: str) -> None:
    given = [name for name in FOREIGN[connectivity] if request.get(name)]
    if given:
        raise ValidationException(
            f"{', '.join(given)}: not valid for an XksProxyConnectivity of {connectivity}."
        )
