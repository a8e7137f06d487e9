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
from moto_cks.kms.pages import Catalogue, Pageable, page_of
from moto_cks.kms.request import KmsRequest, checked

AWS_KMS = "AWS_KMS"
"""The origin that a key has unless CreateKey is told otherwise."""

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
        key.described()
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
