"""The documented failures: one table, in the order of AWS's page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from moto_cks.failures import (
    connection_failures,
    deletion,
    failing,
    kmsuser,
    no_new_keys,
    policies,
    refused,
    unavailable,
)
from moto_cks.failures.shapes import Failure

_FAILED = {
    failure.name: failure
    for failure in (*connection_failures.FAILURES, kmsuser.INVALID_CREDENTIALS, *kmsuser.LOGINS)
}
_BY_CODE = (
    "cluster-not-found",
    "insufficient-cloudhsm-hsms",
    "insufficient-free-addresses-in-subnet",
    "internal-error",
    "invalid-credentials",
    "network-errors",
    "network-acl-denies",
    "subnet-not-found",
    "user-locked-out",
    "user-logged-in",
    "user-not-found",
)
"""The order of AWS's page, which is that of the error codes."""

_SECTIONS: Mapping[str, tuple[Failure, ...]] = {
    "Unavailable keys": unavailable.FAILURES,
    "Failing keys": (*failing.FAILURES, policies.MTLS_ENFORCED),
    "Connecting is refused at once": refused.FAILURES,
    "Connecting fails": tuple(_FAILED[name] for name in _BY_CODE),
    "The kmsuser password": (*kmsuser.PASSWORDS, policies.QUORUM_NEEDED),
    "Deletion": deletion.FAILURES,
    "No new keys": no_new_keys.FAILURES,
}

SECTIONS = MappingProxyType(_SECTIONS)
"""The failures by the sections of the table."""

FAILURES: Mapping[str, Failure] = MappingProxyType(
    {failure.name: failure for section in _SECTIONS.values() for failure in section}
)
"""The failures by name."""
