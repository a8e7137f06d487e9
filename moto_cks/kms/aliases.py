"""The aliases of an account and Region, those of the AWS managed keys among them."""

from __future__ import annotations

from typing import NamedTuple

from moto.kms.models import Alias
from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS

from moto_cks.kms.pages import Catalogue

MANAGED_FROM = 1 << 62
"""The number in the list of the first alias that stands for a key that nobody has used yet."""


class ManagedAlias(NamedTuple):
    """An alias that AWS keeps for a service."""

    alias_name: str
    alias_arn: str
    target_key_id: str


class AliasList:
    """The aliases that ListAliases shows: the existing ones, then those that AWS keeps.

    Args:
        existing: the existing aliases, of all keys or of one.
        home: the ARN of an alias without its name.
        known: the names of all existing aliases.
        key_id: whose aliases; by default of all keys.
    """

    def __init__(
        self,
        existing: Catalogue[Alias],
        home: str,
        known: Catalogue[Alias],
        key_id: str | None = None,
    ) -> None:
        self._existing = existing
        self._managed = [
            ManagedAlias(name, home + name, target)
            for name, target in RESERVED_ALIASE_TARGET_KEY_IDS.items()
            if name not in known and key_id in (None, target)
        ]

    def following(self, number: int, count: int) -> list[tuple[int, Alias | ManagedAlias]]:
        """The aliases behind one, as :meth:`Catalogue.following`."""
        found: list[tuple[int, Alias | ManagedAlias]] = []
        if number < MANAGED_FROM:
            found += self._existing.following(number, count)
        first = max(number + 1 - MANAGED_FROM, 0)
        managed = self._managed[first : first + count - len(found)]
        return found + [(MANAGED_FROM + first + place, a) for place, a in enumerate(managed)]


def alias_entry(alias: Alias | ManagedAlias) -> dict[str, str]:
    """An alias as ListAliases shows it."""
    return {
        "AliasArn": alias.alias_arn,
        "AliasName": alias.alias_name,
        "TargetKeyId": alias.target_key_id,
    }
