"""The grants of an account and Region, by what they are looked for."""

from __future__ import annotations

from moto.kms.models import Grant

from moto_cks.kms.pages import Catalogue


class GrantIndex:
    """Finds grants by their tokens and by their retiring principals."""

    def __init__(self) -> None:
        self._by_token: dict[str, Grant] = {}
        self._retirable: dict[str, Catalogue[Grant]] = {}

    def add(self, grant: Grant) -> None:
        """Take a grant in."""
        self._by_token[grant.token] = grant
        if grant.retiring_principal:
            self._retirable.setdefault(grant.retiring_principal, Catalogue())[grant.id] = grant

    def remove(self, grant: Grant | None) -> None:
        """Forget a grant, if there was one."""
        if grant is None:
            return
        self._by_token.pop(grant.token, None)
        if grant.retiring_principal in self._retirable:
            self._retirable[grant.retiring_principal].pop(grant.id, None)

    def by_token(self, token: str) -> Grant | None:
        """The grant of a grant token."""
        return self._by_token.get(token)

    def retirable_by(self, principal: str) -> Catalogue[Grant]:
        """The grants that a principal can retire."""
        return self._retirable.get(principal) or Catalogue()
