"""The operations that manage keys, and what belongs to them: aliases, grants, tags, policies."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from moto.kms.exceptions import NotFoundException
from moto.kms.models import Grant, Key
from moto.kms.policy_validator import validate_policy

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.aliases import AliasList, alias_entry
from moto_cks.kms.keys.creation import requested_key
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.pages import Catalogue, Pageable, page_of
from moto_cks.kms.request import KmsRequest, checked, not_implemented

AWS_KMS = "AWS_KMS"
"""The origin that a key has unless CreateKey is told otherwise."""

DELETION_WINDOW = range(7, 31)
"""PendingWindowInDays."""

RETIRING = ("RetiringPrincipal", "RetiringServicePrincipal")
"""The parameters of ListRetirableGrants of which it takes one; older service models have only the
first."""

NO_GRANT = "Either GrantToken, or both KeyId and GrantId, must be specified."


class ManagementOperations(KmsRequest):
    """Requests to manage keys, and their answers."""

    # Keys ------------------------------------------------------------------------------------

    @checked
    def create_key(self) -> str:
        """CreateKey."""
        body = self.json_body
        store = self.key_stores.of_new_key(body)
        if store is not None:
            return json.dumps(self.kms_backend.create_key_in_store(store, body).to_dict())
        new = requested_key(body)
        key = self.kms_backend.create_key(
            body.get("Policy"),
            new.usage,
            new.spec.name,
            body.get("Description") or "",
            body.get("Tags"),
            bool(body.get("MultiRegion")),
            body.get("Origin") or AWS_KMS,
        )
        return json.dumps(key.to_dict())

    @checked
    def describe_key(self) -> str:
        """DescribeKey."""
        key = self.key
        if _may_deny(key.policy):
            validate_policy(key, "kms:DescribeKey")
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
        page = page_of("Keys", self.kms_backend.keys, self.json_body, _key_entry, 100)
        return json.dumps({"NextMarker": None, **page})  # as moto, whose tests rest on it

    def _page(
        self, name: str, entries: Pageable[Any], show: Callable[[Any], Any], default: int
    ) -> str:
        return json.dumps(page_of(name, entries, self.json_body, show, default))

    @checked
    def update_key_description(self) -> str:
        """UpdateKeyDescription."""
        return super().update_key_description()

    @checked
    def enable_key(self) -> str:
        """EnableKey."""
        return super().enable_key()

    @checked
    def disable_key(self) -> str:
        """DisableKey."""
        return super().disable_key()

    @checked
    def schedule_key_deletion(self) -> str:
        """ScheduleKeyDeletion."""
        days = self.json_body.get("PendingWindowInDays", DELETION_WINDOW[-1])
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
        answer = self._with_key_arn(super().schedule_key_deletion())
        answer.update(KeyState="PendingDeletion", PendingWindowInDays=days)
        return json.dumps(answer)

    @checked
    def cancel_key_deletion(self) -> str:
        """CancelKeyDeletion."""
        return json.dumps(self._with_key_arn(super().cancel_key_deletion()))

    def _with_key_arn(self, answer: str) -> dict[str, Any]:
        # KeyId is the key ARN; moto repeats what it was given, and its tests rest on that.
        body: dict[str, Any] = json.loads(answer)
        if isinstance(self.key, CustomKeyStoreKey):
            body["KeyId"] = self.key.arn
        return body

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
        """RotateKeyOnDemand, which takes no alias."""
        self._validate_cmk_id(self.json_body["KeyId"])
        return super().rotate_key_on_demand()

    @checked
    def list_key_rotations(self) -> str:
        """ListKeyRotations, which takes no alias."""
        self._validate_cmk_id(self.json_body["KeyId"])
        return super().list_key_rotations()

    @checked
    def replicate_key(self) -> str:
        """ReplicateKey."""
        return super().replicate_key()

    @checked
    def update_primary_region(self) -> str:
        """UpdatePrimaryRegion."""
        raise not_implemented(self.operation)

    # Key policies and tags -------------------------------------------------------------------

    @checked
    def get_key_policy(self) -> str:
        """GetKeyPolicy."""
        return super().get_key_policy()

    @checked
    def put_key_policy(self) -> str:
        """PutKeyPolicy."""
        return super().put_key_policy()

    @checked
    def list_key_policies(self) -> str:
        """ListKeyPolicies."""
        return super().list_key_policies()

    @checked
    def tag_resource(self) -> str:
        """TagResource."""
        return super().tag_resource()

    @checked
    def untag_resource(self) -> str:
        """UntagResource."""
        return super().untag_resource()

    @checked
    def list_resource_tags(self) -> str:
        """ListResourceTags."""
        tags = self.kms_backend.list_resource_tags(self.key.id)["Tags"]
        return self._page("Tags", Catalogue((tag["TagKey"], tag) for tag in tags), dict, 50)

    # Aliases ---------------------------------------------------------------------------------

    @checked
    def create_alias(self) -> str:
        """CreateAlias."""
        return super().create_alias()

    @checked
    def update_alias(self) -> str:
        """UpdateAlias."""
        return super().update_alias()

    @checked
    def delete_alias(self) -> str:
        """DeleteAlias."""
        return super().delete_alias()

    @checked
    def list_aliases(self) -> str:
        """ListAliases, of all keys or of one."""
        backend = self.kms_backend
        home = f"arn:{backend.partition}:kms:{backend.region_name}:{backend.account_id}:"
        key = self.requested[0].named
        aliases = (
            AliasList(backend.aliases, home, backend.aliases)
            if key is None
            else AliasList(key.aliases, home, backend.aliases, key.id)  # type: ignore[arg-type]
        )
        return self._page("Aliases", aliases, alias_entry, 50)

    # Grants ----------------------------------------------------------------------------------

    @checked
    def create_grant(self) -> str:
        """CreateGrant."""
        self.end_dry_run()
        return super().create_grant()

    @checked
    def list_grants(self) -> str:
        """ListGrants, all of a key or one."""
        grants, grant_id = self.key.grants, self.json_body.get("GrantId")
        if grant_id is not None:
            grants = Catalogue([(grant_id, grants[grant_id])] if grant_id in grants else [])
        return self._grants(grants)  # type: ignore[arg-type] # a Catalogue, of every key

    @checked
    def list_retirable_grants(self) -> str:
        """ListRetirableGrants."""
        given = [self.json_body.get(name) for name in RETIRING]
        principals = [principal for principal in given if principal is not None]
        if len(principals) != 1:
            raise ValidationException(f"Specify either {' or '.join(RETIRING)}, but not both.")
        return self._grants(self.kms_backend.grants.retirable_by(principals[0]))

    def _grants(self, grants: Catalogue[Grant]) -> str:
        page = page_of("Grants", grants, self.json_body, Grant.to_json, 50)
        return json.dumps({**page, "GrantCount": len(grants)})

    @checked
    def revoke_grant(self) -> str:
        """RevokeGrant."""
        if self.json_body.get("DryRun"):
            grant_id = self.json_body["GrantId"]
            if grant_id not in self.key.grants:
                raise NotFoundException(f"Grant ID {grant_id} not found")
        self.end_dry_run()
        return super().revoke_grant()

    @checked
    def retire_grant(self) -> str:
        """RetireGrant: a grant token, or a grant ID and the ARN of its key."""
        body = self.json_body
        if body.get("GrantToken") is None and None in (body.get("KeyId"), body.get("GrantId")):
            raise ValidationException(NO_GRANT)
        self.end_dry_run()
        return super().retire_grant()


@lru_cache(maxsize=256)
def _may_deny(policy: str | None) -> bool:
    """Whether a key policy can have moto refuse anything; most are the same, and cannot."""
    return policy is not None and ("deny" in policy.lower() or "\\u" in policy)


def _key_entry(key: Key) -> dict[str, str]:
    return {"KeyArn": key.arn, "KeyId": key.id}
