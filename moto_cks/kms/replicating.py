"""The operations on multi-Region keys."""

from __future__ import annotations

import json
from typing import Any

from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keys.states import KeyState
from moto_cks.kms.request import NO_CONTENT, KmsRequest, checked


class MultiRegionOperations(KmsRequest):
    """Requests to replicate keys, and their answers."""

    @checked
    def replicate_key(self) -> str:
        """ReplicateKey."""
        body = self.json_body
        region = self._region("ReplicaRegion")
        policy, tags = body.get("Policy"), body.get("Tags")
        author = None if policy is None else self.policy_author
        replica = self.kms_backend.replicate_key(
            self.key.id, region, policy, body.get("Description") or "", tags, author
        )
        creating = {"KeyState": KeyState.CREATING.value, "Enabled": False}
        metadata: dict[str, Any] = {**replica.to_dict()["KeyMetadata"], **creating}
        metadata.pop("CurrentKeyMaterialId", None)
        answer = {"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy}
        return json.dumps({**answer, "ReplicaTags": tags} if tags else answer)

    @checked
    def update_primary_region(self) -> str:
        """UpdatePrimaryRegion."""
        self.kms_backend.update_primary_region(self.key, self._region("PrimaryRegion"))
        return NO_CONTENT

    def _region(self, parameter: str) -> str:
        """A Region that a request names, which has to be of the partition of the key.

        Raises:
            ValidationException
        """
        region: str = self.json_body[parameter]
        known = region in kms_backends[self.current_account].regions
        if not known or get_partition(region) != self.kms_backend.partition:
            raise ValidationException(f"{parameter} {region} is not a Region of KMS.")
        return region
