"""The operations that manage keys; what belongs to keys has modules of its own."""

from __future__ import annotations

import json

from moto.kms.models import Key

from moto_cks.kms.keys.creation import requested_key
from moto_cks.kms.keys.policies import can_deny, check_not_denied
from moto_cks.kms.pages import page_of
from moto_cks.kms.policy_operations import PolicyOperations
from moto_cks.kms.request import NO_CONTENT, checked

AWS_KMS = "AWS_KMS"
"""The origin that a key has unless CreateKey is told otherwise."""


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
        key.described()
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


def _key_entry(key: Key) -> dict[str, str]:
    return {"KeyArn": key.arn, "KeyId": key.id}
