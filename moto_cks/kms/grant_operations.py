"""The operations on grants."""

from __future__ import annotations

import json

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keys.grant import ONE_GRANTEE, ONE_RETIREE, GrantRequest, KmsGrant
from moto_cks.kms.pages import Catalogue, page_of
from moto_cks.kms.request import NO_CONTENT, KmsRequest, checked

NO_GRANT = "Either GrantToken, or both KeyId and GrantId, must be specified."


class GrantOperations(KmsRequest):
    """Requests on grants, and their answers."""

    @checked
    def create_grant(self) -> str:
        """CreateGrant; what is granted already is granted by another token."""
        request = GrantRequest.from_body(self.json_body)
        if self.json_body.get("DryRun"):
            request.check(self.key)
            self.end_dry_run()
        grant = self.kms_backend.issue_grant(self.key, request)
        return json.dumps({"GrantToken": grant.token, "GrantId": grant.id})

    @checked
    def list_grants(self) -> str:
        """ListGrants, all of a key or those that a filter lets through."""
        body, key = self.json_body, self.key
        grants: Catalogue[KmsGrant] = key.grants  # type: ignore[assignment] # of every key
        grantee = self._either("GranteePrincipal", "GranteeServicePrincipal", ONE_GRANTEE)
        if grantee is not None:
            grants = self.kms_backend.grants.granted_to(key.id, grantee)
        grant_id = body.get("GrantId")
        if grant_id is not None:
            grants = Catalogue([(grant_id, grants[grant_id])] if grant_id in grants else [])
        return self._grants(grants, f"{key.id}:{grantee}:{grant_id}")

    @checked
    def list_retirable_grants(self) -> str:
        """ListRetirableGrants."""
        retiree = self._either("RetiringPrincipal", "RetiringServicePrincipal", ONE_RETIREE)
        if retiree is None:
            raise ValidationException(ONE_RETIREE)
        return self._grants(self.kms_backend.grants.retirable_by(retiree), retiree)

    def _either(self, one: str, other: str, complaint: str) -> str | None:
        """One of two parameters; older service models have only the first."""
        given = [self.json_body.get(name) for name in (one, other)]
        if None not in given:
            raise ValidationException(complaint)
        return given[0] or given[1]

    def _grants(self, grants: Catalogue[KmsGrant], scope: str) -> str:
        return json.dumps(page_of("Grants", grants, self.json_body, KmsGrant.to_json, 50, scope))

    @checked
    def revoke_grant(self) -> str:
        """RevokeGrant."""
        grant = self.kms_backend.grant_of(self.key, self.json_body["GrantId"])
        self.end_dry_run()
        self.kms_backend.end_grant(grant)
        return NO_CONTENT

    @checked
    def retire_grant(self) -> str:
        """RetireGrant: a grant token, or a grant ID and the ARN of its key.

        Whose grant is gone already has nothing to retire; by its ID, there is none to be found.
        """
        body, backend = self.json_body, self.kms_backend
        token, grant_id = body.get("GrantToken"), body.get("GrantId")
        if token is None and None in (body.get("KeyId"), grant_id):
            raise ValidationException(NO_GRANT)
        if token is not None:
            backend.grants.check_tokens([token])
            grant = backend.grants.by_token(token)
        else:
            grant = backend.grant_of(self.key, str(grant_id))
        self.end_dry_run()
        if grant is not None:
            backend.end_grant(grant)
        return NO_CONTENT
