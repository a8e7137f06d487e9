"""Which keys CreateKey can make (AWS KMS API Reference, "CreateKey")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keys.materials import require_available
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SPECS, SYMMETRIC_DEFAULT, Spec

BOTH_SPECS = (
    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
    "CustomerMasterKeySpec is deprecated."
)
NO_USAGE = (
    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
)


class NewKey(NamedTuple):
    """What a CreateKey asks for."""

    spec: Spec
    usage: str


def requested_key(request: Mapping[str, Any]) -> NewKey:
    """What kind of key a CreateKey without a key store asks for.

    Args:
        request: its body, which keeps to the service model.

    Raises:
        ValidationException: there is no such key.
        UnsupportedOperationException: there is none here.
    """
    given, older = request.get("KeySpec"), request.get("CustomerMasterKeySpec")
    if given is not None and older is not None:
        raise ValidationException(BOTH_SPECS)
    if request.get("XksKeyId") is not None:
        raise ValidationException("XksKeyId is valid only for the origin EXTERNAL_KEY_STORE.")
    spec = SPECS[given or older or SYMMETRIC_DEFAULT]
    usage = request.get("KeyUsage")
    if usage is None:
        if not spec.encrypts_data_keys:
            raise ValidationException(NO_USAGE)
        usage = ENCRYPT_DECRYPT
    if usage not in spec.algorithms:
        raise ValidationException(f"KeyUsage {usage} is not compatible with KeySpec {spec.name}")
    require_available(spec)
    return NewKey(spec, usage)
