"""The operations on the rotation of key material."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto_cks.kms.keys.imported_material import ImportedKey
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.pages import Catalogue, page_of
from moto_cks.kms.request import NO_CONTENT, KmsRequest, checked

ALL_KEY_MATERIAL = "ALL_KEY_MATERIAL"
"""IncludeKeyMaterial; by default only what rotations have made current is listed."""


class RotationOperations(KmsRequest):
    """Requests to rotate keys, and their answers."""

    @checked
    def enable_key_rotation(self) -> str:
        """EnableKeyRotation."""
        self.key.schedule.enable(self.json_body.get("RotationPeriodInDays"))
        return NO_CONTENT

    @checked
    def disable_key_rotation(self) -> str:
        """DisableKeyRotation."""
        self.key.schedule.disable()
        return NO_CONTENT

    @checked
    def get_key_rotation_status(self) -> str:
        """GetKeyRotationStatus; of keys that cannot be rotated, too."""
        key = self.key
        answer: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": key.key_rotation_status}
        schedule = key.schedule
        if key.key_rotation_status and schedule.next is not None:
            answer["RotationPeriodInDays"] = schedule.period
            answer["NextRotationDate"] = schedule.next.timestamp()
        schedule.described()
        begun = schedule.begun
        if begun is not None:
            answer["OnDemandRotationStartDate"] = begun.timestamp()
        return json.dumps(answer)

    @checked
    def rotate_key_on_demand(self) -> str:
        """RotateKeyOnDemand; KMS rotates the key after it has answered."""
        key = self.key
        if isinstance(key, ImportedKey):
            key.require_next_material()
        key.schedule.begin()
        return json.dumps({"KeyId": key.arn})

    @checked
    def list_key_rotations(self) -> str:
        """ListKeyRotations."""
        body, key = self.json_body, self.key
        everything = body.get("IncludeKeyMaterial") == ALL_KEY_MATERIAL
        entries = Catalogue(_entries(key, everything))
        return json.dumps(page_of("Rotations", entries, body, dict, 100, key.id))


def _entries(key: KmsKey, everything: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries by their KeyMaterialIds; the first, and what is pending, where it is all."""
    for entry in key.described_versions():
        if everything or "RotationDate" in entry:
            yield entry["KeyMaterialId"], entry
