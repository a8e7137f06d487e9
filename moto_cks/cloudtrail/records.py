"""What the records of the operations hold, as tables.

AWS KMS Developer Guide: "Understanding AWS KMS log file entries" and the pages of its examples; AWS
CloudHSM User Guide: "Working with AWS CloudTrail and AWS CloudHSM".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

EVENT_SOURCES = {
    "kms": "kms.amazonaws.com",
    "cloudhsmv2": "cloudhsm.amazonaws.com",
    "cloudtrail": "cloudtrail.amazonaws.com",
}
"""The services whose calls are recorded, and their names in a record."""

_READ_ONLY = (
    "Decrypt",
    "DeriveSharedSecret",
    "Describe",
    "Encrypt",
    "Generate",
    "Get",
    "List",
    "Lookup",
    "ReEncrypt",
    "Sign",
    "Verify",
)


NO_REQUEST_PARAMETERS = frozenset({"GenerateRandom", "RetireGrant"})
"""Their requestParameters are null."""

HIDDEN_PARAMETERS = {
    "CreateCustomKeyStore": frozenset({"trustAnchorCertificate"}),
}
"""Parameters that the examples leave out, though they are no secret."""

RENAMED_PARAMETERS = {
    "CreateCustomKeyStore": {"cloudHsmClusterId": "clusterId"},
    "UpdateCustomKeyStore": {"cloudHsmClusterId": "clusterId"},
}
"""Parameters of another name in the record."""

DEFAULT_PARAMETERS: dict[str, dict[str, Any]] = {
    "CreateKey": {
        "bypassPolicyLockoutSafetyCheck": False,
        "description": "",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
    },
    "Decrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "Encrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "PutKeyPolicy": {"bypassPolicyLockoutSafetyCheck": False, "policyName": "default"},
    "ReEncrypt": {
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    },
    "ReplicateKey": {"bypassPolicyLockoutSafetyCheck": False, "description": ""},
    "ScheduleKeyDeletion": {"pendingWindowInDays": 30},
}
"""Parameters that are in the record where the request left them out."""

KMS_RESPONSES = frozenset(
    {
        "CancelKeyDeletion",
        "CreateCustomKeyStore",
        "CreateGrant",
        "CreateKey",
        "DeleteImportedKeyMaterial",
        "ImportKeyMaterial",
        "ReplicateKey",
        "RotateKeyOnDemand",
        "ScheduleKeyDeletion",
    }
)
"""The operations of KMS whose responseElements have members of their answers.

CloudHSM and CloudTrail have them for everything that is not read-only.
"""

KEY_ARN_RESPONSES = frozenset(
    {
        "CancelKeyDeletion",
        "CreateAlias",
        "CreateGrant",
        "DeleteAlias",
        "DeleteImportedKeyMaterial",
        "DeleteKey",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "ImportKeyMaterial",
        "PutKeyPolicy",
        "RevokeGrant",
        "ScheduleKeyDeletion",
        "SynchronizeMultiRegionKey",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
        "UpdatePrimaryRegion",
    }
)
"""Their responseElements have the key ARN as keyId, whatever they answer (since December 2022)."""

NO_RESPONSE_MEMBERS = {"CreateCluster": ("cluster", frozenset({"securityGroup", "tagList"}))}
"""Members of a member of responseElements that are left out."""

SERVICE_EVENT_DETAILS: dict[str, tuple[str, ...]] = {
    "DeleteExpiredKeyMaterial": ("keyMaterialId",),
    "RotateKey": ("rotationType", "keyOrigin", "previousKeyMaterialId", "currentKeyMaterialId"),
}
"""Events of KMS itself with serviceEventDetails, and what is in those beside the key ID."""

INTERNAL_CALLS = frozenset({"SynchronizeMultiRegionKey"})
"""What KMS does on its own, and what is recorded as if it had been called."""

TLS = {
    "tlsVersion": "TLSv1.3",
    "cipherSuite": "TLS_AES_128_GCM_SHA256",
    "clientProvidedHostHeader": "",
    "keyExchange": "X25519MLKEM768",
}
"""The tlsDetails of a client of today: no connection is made that could be asked."""


def is_read_only(operation: str) -> bool:
    """The ``readOnly`` of an operation: cryptographic operations are."""
    return operation.startswith(_READ_ONLY)


def has_response_elements(service: str, operation: str) -> bool:
    """Whether records of an operation that succeeded have responseElements."""
    return operation in KMS_RESPONSES if service == "kms" else not is_read_only(operation)


def request_parameters(operation: str, shown: dict[str, Any]) -> dict[str, Any] | None:
    """The ``requestParameters`` of a call with what may be shown of its parameters."""
    if operation in NO_REQUEST_PARAMETERS:
        return None
    hidden = HIDDEN_PARAMETERS.get(operation, frozenset())
    names = RENAMED_PARAMETERS.get(operation, {})
    parameters = {
        names.get(name, name): value for name, value in shown.items() if name not in hidden
    }
    if operation == "CreateKey":
        spec = shown.get("keySpec", shown.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT"))
        parameters.update(keySpec=spec, customerMasterKeySpec=spec)
    return {**DEFAULT_PARAMETERS.get(operation, {}), **parameters} or None


def response_elements(
    operation: str, shown: dict[str, Any], arns: Sequence[str]
) -> dict[str, Any] | None:
    """The ``responseElements`` of a call that succeeded, or of something that KMS did on its own.

    Args:
        operation: the operation.
        shown: what may be shown of its answer.
        arns: the ARNs of its keys and aliases.
    """
    elements = dict(shown)
    if operation in NO_RESPONSE_MEMBERS:
        member, left_out = NO_RESPONSE_MEMBERS[operation]
        inner = elements.get(member, {})
        elements[member] = {name: inner[name] for name in inner if name not in left_out}
    if operation in KEY_ARN_RESPONSES:
        keys = [arn for arn in arns if ":key/" in arn]
        if keys:
            elements["keyId"] = keys[0]
    return elements or None


def service_event_details(
    event_name: str, known: Mapping[str, str], arns: Sequence[str]
) -> dict[str, str] | None:
    """The ``serviceEventDetails`` of something that KMS did to a key on its own.

    Args:
        event_name: what it did.
        known: what there is to tell of it.
        arns: the ARN of the key.
    """
    names = SERVICE_EVENT_DETAILS.get(event_name)
    if names is None:
        return None
    details = {name: known[name] for name in names if name in known}
    return {**details, "keyId": arns[0].rpartition("/")[2]}


def tls_details(host: str) -> dict[str, str]:
    """The ``tlsDetails`` of a call.

    Args:
        host: the host name that the client has called.
    """
    return {**TLS, "clientProvidedHostHeader": host}
