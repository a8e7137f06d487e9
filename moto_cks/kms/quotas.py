"""The request quotas of an account in a Region, as they are unless somebody has had them raised.

AWS KMS Developer Guide: "Request quotas". Those of key stores are no part of it: they are theirs
alone (``cks.faults.throttle``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from moto_cks.kms.keys.abilities import USES
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.operations import OPERATIONS, About
from moto_cks.kms.specs import Family


class Quota(NamedTuple):
    """A request quota.

    Attributes:
        name: what has it: an operation, or the operations that share it.
        rate: requests a second.
    """

    name: str
    rate: float


MOST_REGIONS = 10_000
SYMMETRIC: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "us-east-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-northeast-1",
                "eu-central-1",
                "eu-west-2",
            ),
            20_000,
        ),
        **dict.fromkeys(("us-east-1", "us-west-2", "eu-west-1"), 100_000),
    }
)
"""Cryptographic operations with symmetric keys, where it is not as in most Regions."""

ASYMMETRIC = 1_000
"""Cryptographic operations with RSA keys, and likewise with keys on elliptic curves."""

_CURVES = frozenset({Family.ECC, Family.EDWARDS, Family.SM2})

KEY_PAIRS: Mapping[str, float] = MappingProxyType(
    {
        "ECC_NIST_P256": 100,
        "ECC_NIST_P384": 100,
        "ECC_NIST_P521": 100,
        "ECC_SECG_P256K1": 100,
        "SM2": 25,
        "RSA_2048": 1,
        "RSA_3072": 0.5,
        "RSA_4096": 0.1,
    }
)
"""Data key pairs, by KeyPairSpec."""

RATES: Mapping[str, float] = MappingProxyType(
    {
        "CreateGrant": 50,
        "DeleteAlias": 15,
        "DescribeKey": 2_000,
        "EnableKeyRotation": 15,
        "GetKeyPolicy": 1_000,
        "GetKeyRotationStatus": 1_000,
        "GetParametersForImport": 0.25,
        "GetPublicKey": 2_000,
        "ListAliases": 500,
        "ListGrants": 100,
        "ListKeyPolicies": 100,
        "ListKeyRotations": 100,
        "ListKeys": 500,
        "ListResourceTags": 2_000,
        "ListRetirableGrants": 100,
        "PutKeyPolicy": 15,
        "RetireGrant": 30,
        "RevokeGrant": 30,
        "ScheduleKeyDeletion": 15,
        "TagResource": 10,
    }
)
"""The operations that have more than most, or less."""

MOST_OPERATIONS = 5
"""What each other operation that is not cryptographic has."""


def quota_of(
    operation: str, region: str, keys: Iterable[KmsKey | None], request: Mapping[str, Any]
) -> Quota:
    """The quota towards which a request counts.

    Args:
        operation: the operation.
        region: where it is asked for.
        keys: the keys that it uses.
        request: its parameters, which may be anything.
    """
    pair = request.get("KeyPairSpec")
    if operation.startswith("GenerateDataKeyPair") and isinstance(pair, str) and pair in KEY_PAIRS:
        return Quota(f"data key pairs of {pair}", KEY_PAIRS[pair])
    if operation not in USES and OPERATIONS[operation].about is not About.RANDOM:
        return Quota(operation, RATES.get(operation, MOST_OPERATIONS))
    families = {key.spec.family for key in keys if key is not None}
    if Family.RSA in families:
        return Quota("cryptographic operations (RSA)", ASYMMETRIC)
    if families & _CURVES:
        return Quota("cryptographic operations (ECC)", ASYMMETRIC)
    return Quota("cryptographic operations (symmetric)", SYMMETRIC.get(region, MOST_REGIONS))
