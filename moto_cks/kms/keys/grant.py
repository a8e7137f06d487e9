"""A grant: what can be granted of a key, and to whom.

AWS KMS Developer Guide: "Grants in AWS KMS"; AWS KMS API Reference: "CreateGrant".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.kms.models import Grant
from moto.moto_api._internal import mock_random

from moto_cks.account import principals
from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import InvalidArnException
from moto_cks.kms.keys.abilities import ABILITIES, ANY_KEY
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.world import clock

MOST_PAIRS = 8
MOST_LETTERS = 384
"""How many pairs an encryption context in a constraint can have, and how long a value can be."""

CONTEXTS = ("EncryptionContextEquals", "EncryptionContextSubset")
"""The constraints of which a grant can have one."""

ONLY_GRANTS = "Grants must not contain only the CreateGrant operation."
TOO_MANY_CONSTRAINTS = "More than one constraint supplied"
WRONG_OPERATION = "The operation {operation} is not supported on the KMS key {key}."
NO_CONTEXT = "The KMS key {key} does not support encryption context constraints."
LARGE_CONTEXT = (
    f"An encryption context constraint can have {MOST_PAIRS} pairs, and values of {MOST_LETTERS} "
    "characters."
)
ONE_GRANTEE = "Specify either GranteePrincipal or GranteeServicePrincipal, but not both."
ONE_RETIREE = "Specify either RetiringPrincipal or RetiringServicePrincipal, but not both."
FOR_A_SERVICE = (
    "A grant to a service principal requires a SourceArn constraint and a retiring principal."
)
NO_PRINCIPAL = "ARN does not refer to a valid principal: {}"

_TOKEN_LENGTH = 64


@dataclass(frozen=True)
class GrantRequest:
    """What a CreateGrant asks for, and by what a retry is known.

    Attributes:
        operations: GrantOperations.
        grantee: GranteePrincipal.
        grantee_service: GranteeServicePrincipal.
        retiree: RetiringPrincipal.
        retiree_service: RetiringServicePrincipal.
        constraints: Constraints; empty without any.
        name: Name.
    """

    operations: tuple[str, ...]
    grantee: str | None
    grantee_service: str | None
    retiree: str | None
    retiree_service: str | None
    constraints: Mapping[str, Any]
    name: str | None

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> GrantRequest:
        """What the body of a request asks for, which keeps to the service model."""
        constraints = body.get("Constraints") or {}
        return cls(
            tuple(dict.fromkeys(body["Operations"])),
            body.get("GranteePrincipal"),
            body.get("GranteeServicePrincipal"),
            body.get("RetiringPrincipal"),
            body.get("RetiringServicePrincipal"),
            {name: value for name, value in constraints.items() if value is not None},
            body.get("Name"),
        )

    def check(self, key: KmsKey) -> None:
        """Refuse a grant that a key cannot have.

        Raises:
            ValidationException
            InvalidArnException: a principal has not the form of one.
        """
        if (self.grantee is None) == (self.grantee_service is None):
            raise ValidationException(ONE_GRANTEE)
        if self.retiree is not None and self.retiree_service is not None:
            raise ValidationException(ONE_RETIREE)
        for principal in (self.grantee, self.retiree):
            if principal is not None and not principals.can_be_principal(principal, key.region):
                raise InvalidArnException(NO_PRINCIPAL.format(principal))
        if set(self.operations) == {"CreateGrant"}:
            raise ValidationException(ONLY_GRANTS)
        for operation in self.operations:
            if not _can_do(key, operation):
                raise ValidationException(WRONG_OPERATION.format(operation=operation, key=key.arn))
        self._check_constraints(key)
        retired_by = self.retiree or self.retiree_service
        if self.grantee_service and not (retired_by and self.constraints.get("SourceArn")):
            raise ValidationException(FOR_A_SERVICE)

    def _check_constraints(self, key: KmsKey) -> None:
        contexts = [self.constraints[name] for name in CONTEXTS if name in self.constraints]
        if len(contexts) > 1:
            raise ValidationException(TOO_MANY_CONSTRAINTS)
        for context in contexts:
            if not key.spec.encrypts_data_keys:
                raise ValidationException(NO_CONTEXT.format(key=key.arn))
            if len(context) > MOST_PAIRS or any(map(_is_long, context.values())):
                raise ValidationException(LARGE_CONTEXT)


def _is_long(value: str | None) -> bool:
    return value is not None and len(value) > MOST_LETTERS


def _can_do(key: KmsKey, operation: str) -> bool:
    """Whether a key can do an operation that grants can permit; some, every key can."""
    ability = ABILITIES.get(operation.removesuffix("From").removesuffix("To"), ANY_KEY)
    return (
        ability.usage in (None, key.key_usage)
        and (key.spec.encrypts_data_keys or not operation.startswith("GenerateDataKey"))
        and all(requirement(key) is None for requirement in ability.requirements)
    )


class KmsGrant(Grant):
    """A grant of a KMS key.

    Attributes:
        key_arn: the ARN of the key.
        issuing_account: the account under which it was issued.
        creation_date: when it was created, in seconds since the epoch.
        request: what was asked for.
        tokens: the grant tokens that name it.
    """

    key_arn: str
    issuing_account: str
    creation_date: float
    request: GrantRequest
    tokens: list[str]

    def __init__(self, key: KmsKey, request: GrantRequest) -> None:
        self.id = f"{mock_random.getrandbits(256):064x}"
        self.key_id = key.id
        self.name = request.name or ""
        self.grantee_principal = request.grantee or ""
        self.retiring_principal = request.retiree or ""
        self.operations = list(request.operations)
        self.constraints = dict(request.constraints)
        self.tokens = []
        self._settle(key, request)

    def _settle(self, key: KmsKey, request: GrantRequest) -> None:
        self.key_arn, self.request = key.arn, request
        self.issuing_account = f"{key.arn.split(':kms:')[0]}:iam::{key.account_id}:root"
        self.creation_date = clock.timestamp()

    @classmethod
    def take_over(cls, grant: Grant, key: KmsKey) -> KmsGrant:
        """Make one of this class of a grant that moto has made."""
        if not isinstance(grant, cls):
            request = GrantRequest(
                tuple(grant.operations or ()),
                grant.grantee_principal,
                None,
                grant.retiring_principal,
                None,
                grant.constraints or {},
                grant.name,
            )
            grant.__class__ = cls
            assert isinstance(grant, cls)
            grant.tokens = [grant.token]
            grant._settle(key, request)
        return grant

    def new_token(self) -> str:
        """A grant token; every CreateGrant answers another one."""
        self.token = base64.b64encode(mock_random.randbytes(_TOKEN_LENGTH)).decode()
        self.tokens.append(self.token)
        return self.token

    def to_json(self) -> dict[str, Any]:
        """The grant as ListGrants shows it."""
        members = {
            "KeyId": self.key_arn,
            "GrantId": self.id,
            "Name": self.name or "",
            "CreationDate": self.creation_date,
            "GranteePrincipal": self.request.grantee,
            "GranteeServicePrincipal": self.request.grantee_service,
            "RetiringPrincipal": self.request.retiree,
            "RetiringServicePrincipal": self.request.retiree_service,
            "IssuingAccount": self.issuing_account,
            "Operations": list(self.request.operations),
            "Constraints": dict(self.request.constraints) or None,
        }
        return {name: value for name, value in members.items() if value is not None}


def is_token(text: str) -> bool:
    """Whether a text has the form of a grant token."""
    try:
        return len(base64.b64decode(text, validate=True)) == _TOKEN_LENGTH
    except ValueError:  # of which that of base64 is one
        return False
