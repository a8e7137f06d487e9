"""The KeyMetadata of CreateKey, DescribeKey and ReplicateKey (AWS KMS API Reference)."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Protocol

from moto_cks.kms.keys.states import PENDING_REPLICA_DELETION, KeyState
from moto_cks.kms.specs import ALGORITHMS, Spec


class Described(Protocol):
    """What there is to say of a key of any kind."""

    id: str
    arn: str
    account_id: str
    creation_date: float
    deletion_date: datetime | None
    description: str
    key_manager: str
    key_usage: str
    multi_region: bool
    origin: str
    waiting_days: int | None

    @property
    def multi_region_configuration(self) -> dict[str, Any]:
        """MultiRegionConfiguration of a multi-Region key."""

    @property
    def key_state(self) -> str:
        """KeyState."""

    @property
    def spec(self) -> Spec:
        """The key spec."""


def algorithms(key: Described) -> dict[str, list[str]]:
    """The algorithms of a key, under the name that those of its usage have."""
    return {ALGORITHMS[key.key_usage]: list(key.spec.algorithms.get(key.key_usage, ()))}


def key_metadata(key: Described) -> dict[str, Any]:
    """What all keys tell; a kind of key adds to it."""
    state = key.key_state
    metadata: dict[str, Any] = {
        "AWSAccountId": key.account_id,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.creation_date,
        "Enabled": state == KeyState.ENABLED.value,
        "Description": key.description,
        "KeyUsage": key.key_usage,
        "KeyState": state,
        "Origin": key.origin,
        "KeyManager": key.key_manager,
        **key.spec.names,
        "MultiRegion": bool(key.multi_region),
        **algorithms(key),
    }
    if key.multi_region:
        metadata["MultiRegionConfiguration"] = key.multi_region_configuration
    if state == KeyState.PENDING_DELETION.value and key.deletion_date is not None:
        # moto's dates are naive.
        metadata["DeletionDate"] = key.deletion_date.replace(tzinfo=timezone.utc).timestamp()
    elif state == PENDING_REPLICA_DELETION:
        metadata["PendingDeletionWindowInDays"] = key.waiting_days
    return metadata
