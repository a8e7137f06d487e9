"""The grants of an account and Region, by what they are looked for.

AWS KMS Developer Guide: "Grants in AWS KMS"; AWS KMS API Reference: "CreateGrant", "RetireGrant".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moto.kms.exceptions import NotFoundException
from moto.kms.models import Grant, KmsBackend

from moto_cks.kms.exceptions import InvalidGrantTokenException, LimitExceededException
from moto_cks.kms.keys.grant import GrantRequest, KmsGrant, is_token
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.pages import Catalogue

MOST_OF_A_KEY = 50_000
"""A quota: "Grants per KMS key"."""

TOO_MANY = "The KMS key {key} has {number} grants already."


class GrantIndex:
    """Finds grants by what they are looked for."""

    def __init__(self) -> None:
        self._by_token: dict[str, KmsGrant] = {}
        self._lists: dict[tuple[str, ...], Catalogue[KmsGrant]] = {}
        self._named: dict[tuple[str, str], list[KmsGrant]] = {}

    def add(self, grant: KmsGrant) -> None:
        """Take a grant in."""
        for token in grant.tokens:
            self._by_token[token] = grant
        for place in _places(grant):
            self._lists.setdefault(place, Catalogue())[grant.id] = grant
        if grant.request.name is not None:
            self._named.setdefault((grant.key_id, grant.request.name), []).append(grant)

    def remove(self, grant: KmsGrant | None) -> None:
        """Forget a grant, if there was one."""
        if grant is None:
            return
        for token in grant.tokens:
            self._by_token.pop(token, None)
        for place in _places(grant):
            entries = self._lists.get(place)
            if entries is not None:
                entries.pop(grant.id, None)
                if not entries:
                    del self._lists[place]
        if grant.request.name is not None:
            named = self._named.get((grant.key_id, grant.request.name), [])
            if grant in named:
                named.remove(grant)
            if not named:
                self._named.pop((grant.key_id, grant.request.name), None)

    def add_token(self, grant: KmsGrant) -> None:
        """Give a grant one more grant token."""
        self._by_token[grant.new_token()] = grant

    def same(self, key_id: str, request: GrantRequest) -> KmsGrant | None:
        """The grant of a key that the same request has made; only those with a name are known."""
        named = () if request.name is None else self._named.get((key_id, request.name), ())
        return next((grant for grant in named if grant.request == request), None)

    def by_token(self, token: str) -> KmsGrant | None:
        """The grant of a grant token."""
        return self._by_token.get(token)

    def check_tokens(self, tokens: Sequence[str]) -> None:
        """Refuse what is no grant token; that of a grant that is gone is one.

        Raises:
            InvalidGrantTokenException
        """
        for token in tokens:
            if token not in self._by_token and not is_token(token):
                raise InvalidGrantTokenException("The grant token is not valid.")

    def retirable_by(self, principal: str) -> Catalogue[KmsGrant]:
        """The grants that a principal, or a service principal, can retire."""
        return self._lists.get(("retiree", principal)) or Catalogue()

    def granted_to(self, key_id: str, principal: str) -> Catalogue[KmsGrant]:
        """The grants of a key to a principal, or to a service principal."""
        return self._lists.get(("grantee", key_id, principal)) or Catalogue()


def _places(grant: KmsGrant) -> list[tuple[str, ...]]:
    """The lists that a grant is in."""
    request = grant.request
    grantee = request.grantee or request.grantee_service
    retiree = request.retiree or request.retiree_service
    places: list[tuple[str, ...]] = []
    if grantee:
        places.append(("grantee", grant.key_id, grantee))
    if retiree:
        places.append(("retiree", retiree))
    return places


class GrantBackend(KmsBackend):
    """The grants of KMS in an account and Region; moto looks through all keys, this looks up.

    Attributes:
        grants: all grants.
    """

    grants: GrantIndex

    def issue_grant(self, key: KmsKey, request: GrantRequest) -> KmsGrant:
        """The grant of a CreateGrant, which may be there already; its newest token is another one.

        Raises:
            ValidationException, InvalidArnException, LimitExceededException
        """
        request.check(key)
        grant = self.grants.same(key.id, request)
        if grant is None:
            if len(key.grants) >= MOST_OF_A_KEY:
                raise LimitExceededException(TOO_MANY.format(key=key.arn, number=MOST_OF_A_KEY))
            grant = KmsGrant(key, request)
            key.grants[grant.id] = grant
            self.grants.add(grant)
        self.grants.add_token(grant)
        return grant

    def grant_of(self, key: KmsKey, grant_id: str) -> KmsGrant:
        """A grant of a key.

        Raises:
            NotFoundException: it has no such grant.
        """
        grant = key.grants.get(grant_id)
        if grant is None:
            raise NotFoundException(f"Grant ID {grant_id} not found")
        assert isinstance(grant, KmsGrant)  # all grants are
        return grant

    def end_grant(self, grant: KmsGrant) -> None:
        """End a grant: it is revoked or retired."""
        self.keys[grant.key_id].grants.pop(grant.id)
        self.grants.remove(grant)

    # As moto calls it -------------------------------------------------------------------------

    def create_grant(
        self,
        key_id: str,
        grantee_principal: str,
        operations: list[str],
        name: str,
        constraints: dict[str, Any],
        retiring_principal: str,
    ) -> tuple[str, str]:
        """CreateGrant; the grant ID and a grant token."""
        request = GrantRequest(
            tuple(operations), grantee_principal, None, retiring_principal, None, constraints, name
        )
        grant = self.issue_grant(self._key(key_id), request)
        return grant.id, grant.token

    def list_retirable_grants(self, retiring_principal: str) -> list[Grant]:
        """ListRetirableGrants."""
        return list(self.grants.retirable_by(retiring_principal).values())

    def revoke_grant(self, key_id: str, grant_id: str) -> None:
        """RevokeGrant."""
        self.end_grant(self.grant_of(self._key(key_id), grant_id))

    def retire_grant(self, key_id: str, grant_id: str, grant_token: str) -> None:
        """RetireGrant, by token or by key and ID."""
        if grant_token:
            self.grants.check_tokens([grant_token])
            grant = self.grants.by_token(grant_token)
            if grant is not None:
                self.end_grant(grant)
            return
        self.end_grant(self.grant_of(self._key(key_id), grant_id))

    def _key(self, key_id: str) -> KmsKey:
        key = self.keys[self.any_id_to_key_id(key_id)]
        assert isinstance(key, KmsKey)  # all keys are
        return key
