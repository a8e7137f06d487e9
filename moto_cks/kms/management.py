"""The operations that manage keys; what belongs to keys has modules of its own."""

from __future__ import annotations

import json

from moto.kms.models import Key

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keys.creation import requested_key
from moto_cks.kms.keys.policies import can_deny, check_not_denied
from moto_cks.kms.pages import Catalogue, page_of
from moto_cks.kms.policy_operations import PolicyOperations
from moto_cks.kms.request import NO_CONTENT, checked, not_implemented

AWS_KMS = "AWS_KMS"
"""The origin that a key has unless CreateKey is told otherwise."""

DELETION_WINDOW = range(7, 31)
"""PendingWindowInDays."""


class ManagementOperations(PolicyOperations):
    """Requests to manage keys, and their answers."""

    # Keys ------------------------------------------------------------------------------------

    @checked
    def create_key(self) -> str:
        """CreateKey."""
        body = self.json_body
        store = self.key_stores.of_new_key(body)
        author = None if body.get("Policy") is None else self.policy_author
        if store is not None:
            made = self.kms_backend.create_key_in_store(store, body, author)
            return json.dumps(made.to_dict())
        new = requested_key(body)
        key = self.kms_backend.create_key(
            body.get("Policy"),
            new.usage,
            new.spec.name,
            body.get("Description") or "",
            body.get("Tags"),
            bool(body.get("MultiRegion")),
            body.get("Origin") or AWS_KMS,
            author,
        )
        return json.dumps(key.to_dict())

    @checked
    def describe_key(self) -> str:
        """DescribeKey."""
        key = self.key
        if can_deny(key.policy):
            check_not_denied(key.policy, self.caller, "kms:DescribeKey", key.arn)
        return json.dumps(key.to_dict())

    @checked
    def get_key_last_usage(self) -> str:
        """GetKeyLastUsage; usage is tracked from the creation of a key on."""
        key = self.key
        return json.dumps(
            {
                "KeyId": key.arn,
                "KeyCreationDate": key.creation_date,
                "TrackingStartDate": key.creation_date,
                "KeyLastUsage": {} if key.last_usage is None else key.last_usage.to_dict(),
            }
        )

    @checked
    def list_keys(self) -> str:
        """ListKeys."""
        return json.dumps(page_of("Keys", self.kms_backend.keys, self.json_body, _key_entry, 100))

    @checked
    def update_key_description(self) -> str:
        """UpdateKeyDescription."""
        self.key.description = self.json_body["Description"]
        return NO_CONTENT

    @checked
    def enable_key(self) -> str:
        """EnableKey."""
        self.kms_backend.enable_key(self.key.id)
        return NO_CONTENT

    @checked
    def disable_key(self) -> str:
        """DisableKey."""
        self.kms_backend.disable_key(self.key.id)
        return NO_CONTENT

    @checked
    def schedule_key_deletion(self) -> str:
        """ScheduleKeyDeletion."""
        key, days = self.key, self.json_body.get("PendingWindowInDays")
        if days is None:
            days = DELETION_WINDOW[-1]
        if days not in DELETION_WINDOW:
            bound = (
                f"greater than or equal to {DELETION_WINDOW[0]}"
                if days < DELETION_WINDOW[0]
                else f"less than or equal to {DELETION_WINDOW[-1]}"
            )
            raise ValidationException(
                f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to "
                f"satisfy constraint: Member must have value {bound}"
            )
        date = self.kms_backend.schedule_key_deletion(key.id, days)
        return json.dumps(
            {
                "KeyId": key.arn,
                "DeletionDate": date,
                "KeyState": key.key_state,
                "PendingWindowInDays": days,
            }
        )

    @checked
    def cancel_key_deletion(self) -> str:
        """CancelKeyDeletion."""
        self.kms_backend.cancel_key_deletion(self.key.id)
        return json.dumps({"KeyId": self.key.arn})

    # Rotation, and multi-Region keys ---------------------------------------------------------

    @checked
    def enable_key_rotation(self) -> str:
        """EnableKeyRotation."""
        return super().enable_key_rotation()

    @checked
    def disable_key_rotation(self) -> str:
        """DisableKeyRotation."""
        return super().disable_key_rotation()

    @checked
    def get_key_rotation_status(self) -> str:
        """GetKeyRotationStatus."""
        return super().get_key_rotation_status()

    @checked
    def rotate_key_on_demand(self) -> str:
        """RotateKeyOnDemand."""
        return super().rotate_key_on_demand()

    @checked
    def list_key_rotations(self) -> str:
        """ListKeyRotations."""
        rotations = Catalogue((str(n), made) for n, made in enumerate(self.key.rotations))
        return json.dumps(page_of("Rotations", rotations, self.json_body, dict, 100, self.key.id))

    @checked
    def replicate_key(self) -> str:
        """ReplicateKey."""
        return super().replicate_key()

    @checked
    def update_primary_region(self) -> str:
        """UpdatePrimaryRegion."""
        raise not_implemented(self.operation)


def _key_entry(key: Key) -> dict[str, str]:
    return {"KeyArn": key.arn, "KeyId": key.id}
