"""The operations that enable and disable keys, and have them deleted."""

from __future__ import annotations

import json
from typing import Any

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.request import NO_CONTENT, KmsRequest, checked

DELETION_WINDOW = range(7, 31)
"""PendingWindowInDays."""


class LifetimeOperations(KmsRequest):
    """Requests on the life of keys, and their answers."""

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
        days = self.json_body.get("PendingWindowInDays")
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
        key = self.key
        date = self.kms_backend.schedule_key_deletion(key.id, days)
        answer: dict[str, Any] = {"KeyId": key.arn}
        if date is not None:
            answer["DeletionDate"] = date
        answer.update(KeyState=key.kept_state, PendingWindowInDays=days)
        return json.dumps(answer)

    @checked
    def cancel_key_deletion(self) -> str:
        """CancelKeyDeletion."""
        key = self.key
        self.kms_backend.cancel_key_deletion(key.id)
        return json.dumps({"KeyId": key.arn})
