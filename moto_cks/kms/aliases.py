"""The aliases of an account and Region, those of the AWS managed keys among them.

AWS KMS Developer Guide: "Aliases in AWS KMS"; AWS KMS API Reference: "CreateAlias".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from moto.kms.exceptions import NotFoundException
from moto.kms.models import Alias, KmsBackend, kms_backends
from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import (
    AlreadyExistsException,
    LimitExceededException,
    NotAuthorizedException,
)
from moto_cks.kms.keys import names
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.keys.managed import SERVICES
from moto_cks.kms.pages import Catalogue
from moto_cks.world import clock

PREFIX = "alias/"
RESERVED = "alias/aws/"

MOST_OF_A_KEY = 50
"""A quota: "Aliases per KMS key"."""

WRONG_PREFIX = (
    f'Alias must start with the prefix "{PREFIX}". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)
OF_AWS = f"The prefix {RESERVED} is reserved for AWS managed keys."
OF_AN_ALIAS = "Aliases must refer to keys. Not aliases"
OTHER_USAGE = (
    "Alias {alias} cannot be changed from a CMK with key usage {old} to a CMK with key usage "
    "{new}. The key usage of the current CMK and the new CMK must be the same."
)
OTHER_TYPE = (
    "Alias {alias} cannot be changed from a CMK with key spec {old} to a CMK with key spec {new}. "
    "The type of the current CMK and the new CMK must be the same."
)
TOO_MANY = "The KMS key {key} has {number} aliases already."

MANAGED_FROM = 1 << 62
"""The number in the list of the first alias that stands for a key that nobody has used yet."""


class KmsAlias(Alias):
    """An alias of a KMS key.

    Attributes:
        creation_date: when it was created, in seconds since the epoch.
        last_updated_date: when it was given its key, likewise.
    """

    def __init__(self, account_id: str, region: str, name: str, key: KmsKey) -> None:
        super().__init__(account_id, region, name, key)
        self.creation_date = self.last_updated_date = clock.timestamp()

    @classmethod
    def take_over(cls, alias: Alias) -> KmsAlias:
        """Make one of this class of an alias that moto has made, which notes no date."""
        if not isinstance(alias, cls):
            alias.__class__ = cls
            assert isinstance(alias, cls)
            alias.creation_date = alias.last_updated_date = clock.timestamp()
        return alias

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete it with its CloudFormation stack, unless it went with its key."""
        backend = kms_backends[account_id][region_name]
        if backend.alias_exists(self.alias_name):
            backend.delete_alias(self.alias_name)

    def to_dict(self) -> dict[str, str | float]:
        """The alias as ListAliases shows it."""
        return {
            "AliasArn": self.alias_arn,
            "AliasName": self.alias_name,
            "CreationDate": self.creation_date,
            "LastUpdatedDate": self.last_updated_date,
            "TargetKeyId": self.target_key_id,
        }


class ManagedAlias(NamedTuple):
    """An alias that AWS keeps for a service."""

    alias_name: str
    alias_arn: str
    target_key_id: str

    def to_dict(self) -> dict[str, str | float]:
        """The alias as ListAliases shows it."""
        return {
            "AliasArn": self.alias_arn,
            "AliasName": self.alias_name,
            "TargetKeyId": self.target_key_id,
        }


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
        existing: Catalogue[KmsAlias],
        home: str,
        known: Catalogue[KmsAlias],
        key_id: str | None = None,
    ) -> None:
        self._existing = existing
        self._managed = [
            ManagedAlias(name, home + name, target)
            for name, target in RESERVED_ALIASE_TARGET_KEY_IDS.items()
            if name not in known and key_id in (None, target)
        ]

    def following(self, number: int, count: int) -> list[tuple[int, KmsAlias | ManagedAlias]]:
        """The aliases behind one, as :meth:`Catalogue.following`."""
        found: list[tuple[int, KmsAlias | ManagedAlias]] = []
        if number < MANAGED_FROM:
            found += self._existing.following(number, count)
        first = max(number + 1 - MANAGED_FROM, 0)
        managed = self._managed[first : first + count - len(found)]
        return found + [(MANAGED_FROM + first + place, a) for place, a in enumerate(managed)]


class AliasBackend(KmsBackend):
    """The aliases of KMS in an account and Region; moto looks through all keys, this looks up.

    Attributes:
        aliases: all aliases by name.
    """

    aliases: Catalogue[KmsAlias]

    @property
    def home(self) -> str:
        """How the ARNs of this account and Region begin."""
        return f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:"

    def alias_exists(self, alias_name: str) -> bool:
        """Whether there is an alias of that name."""
        return alias_name in self.aliases

    def get_key_id_from_alias(self, alias_name: str) -> str | None:
        """The ID of an alias's key; makes the AWS managed keys on first use, as moto does."""
        alias = self.aliases.get(alias_name)
        if alias is not None:
            return alias.target_key_id
        return self._generate_default_keys(alias_name) if alias_name in SERVICES else None

    def create_alias(self, target_key_id: str, alias_name: str) -> Alias:
        """CreateAlias; CloudFormation and the keys of AWS come here, too.

        Raises:
            AlreadyExistsException, LimitExceededException, ValidationException
            NotFoundException: there is no such key.
        """
        check_name(alias_name)
        target = self._target(target_key_id)
        if alias_name in self.aliases:
            raise AlreadyExistsException(
                f"An alias with the name {self.home}{alias_name} already exists"
            )
        if len(target.aliases) >= MOST_OF_A_KEY:
            raise LimitExceededException(TOO_MANY.format(key=target.arn, number=MOST_OF_A_KEY))
        alias = KmsAlias(  # type: ignore[abstract] # as moto's Alias is
            self.account_id, self.region_name, alias_name, target
        )
        self.aliases[alias_name] = target.aliases[alias_name] = alias
        return alias

    def update_alias(self, target_key_id: str, alias_name: str) -> Alias:
        """UpdateAlias.

        Raises:
            LimitExceededException, ValidationException
            NotFoundException: there is no such alias, or no such key.
        """
        alias, target = self._alias(alias_name), self._target(target_key_id)
        current = self.keys[alias.target_key_id]
        assert isinstance(current, KmsKey)  # all keys are
        _check_same_kind(alias_name, current, target)
        if target is not current and len(target.aliases) >= MOST_OF_A_KEY:
            raise LimitExceededException(TOO_MANY.format(key=target.arn, number=MOST_OF_A_KEY))
        current.aliases.pop(alias_name)
        alias.target_key_id, alias.last_updated_date = target.id, clock.timestamp()
        target.aliases[alias_name] = alias
        return alias

    def delete_alias(self, alias_name: str) -> None:
        """DeleteAlias.

        Raises:
            ValidationException
            NotFoundException: there is no such alias.
        """
        alias = self._alias(alias_name)
        del self.aliases[alias_name]
        self.keys[alias.target_key_id].aliases.pop(alias_name, None)

    def list_aliases(self, key_id: str | None = None) -> Iterable[Alias]:
        """ListAliases, of all keys or of one; for moto's other services."""
        if not key_id:
            return self.aliases.values()
        key = self.keys.get(key_id)
        return key.aliases.values() if key is not None else ()

    def _alias(self, alias_name: str) -> KmsAlias:
        check_name(alias_name)
        alias = self.aliases.get(alias_name)
        if alias is None:
            raise NotFoundException(f"Alias {self.home}{alias_name} is not found.")
        return alias

    def _target(self, key_id: str) -> KmsKey:
        if names.is_alias(key_id):
            raise ValidationException(OF_AN_ALIAS)
        key = self.keys.get(self.get_key_id(key_id))
        if key is None or (key_id.startswith("arn:") and key.arn != key_id):
            raise names.not_found(key_id, self.home, self.region_name, aliases=False)
        assert isinstance(key, KmsKey)  # all keys are
        return key


def check_name(alias_name: str) -> None:
    """Refuse a name that no alias can have; its form is in the service model.

    Raises:
        ValidationException
    """
    if not alias_name.startswith(PREFIX) or alias_name == PREFIX:
        raise ValidationException(WRONG_PREFIX)
    if ":" in alias_name:
        raise ValidationException(f"{alias_name} contains invalid characters for an alias")


def check_not_reserved(alias_name: str) -> None:
    """Refuse to change an alias that belongs to AWS.

    Raises:
        NotAuthorizedException
    """
    if alias_name.startswith(RESERVED):
        raise NotAuthorizedException(OF_AWS)


def _check_same_kind(alias_name: str, current: KmsKey, target: KmsKey) -> None:
    """Refuse to give an alias to a key that is used otherwise than its key.

    Raises:
        ValidationException
    """
    if current.key_usage != target.key_usage:
        usages = {"old": current.key_usage, "new": target.key_usage}
        raise ValidationException(OTHER_USAGE.format(alias=alias_name, **usages))
    if current.spec.symmetric != target.spec.symmetric:
        specs = {"old": current.spec.name, "new": target.spec.name}
        raise ValidationException(OTHER_TYPE.format(alias=alias_name, **specs))
