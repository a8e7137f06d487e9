"""KMS keys that are deleted: what there is to say to who asks why they cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keystores.base import KeyStore

NOT_FOUND = "NotFoundException"


@dataclass(frozen=True)
class Deletion:
    """That the waiting period of a key is over.

    Attributes:
        arn: the key ARN.
        since: since when, an aware datetime in UTC.
        key_store: the key store that it was in, which may be deleted since; ``None`` for none.
        backing_key: by which the key store knew its key material.
        material_deleted: whether the key store has deleted that; ``None`` where it leaves it alone.
    """

    arn: str
    since: datetime
    key_store: KeyStore | None = None
    backing_key: Any = None
    material_deleted: bool | None = None

    @property
    def key_id(self) -> str:
        """The key ID."""
        return self.arn.rpartition("/")[2]

    def reason(self) -> Reason:
        """Why the key cannot be used."""
        cause, facts = "ordinary-key-deleted", {}
        if self.key_store is not None and self.material_deleted is not None:
            cause = "key-deleted"
            facts = {"handle": self.backing_key, "material_deleted": self.material_deleted}
        return Reason(Finding(cause, facts, self.since), NOT_FOUND, When.NOW)
