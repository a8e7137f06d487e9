"""Key policies: which are taken, whom they would lock out, and whom they deny something.

AWS KMS Developer Guide: "Key policies in AWS KMS"; AWS KMS API Reference: "PutKeyPolicy"; AWS
Identity and Access Management User Guide: "Grammar of the IAM JSON policy language".

Conditions are not evaluated: what is allowed on a condition counts as allowed, what is denied on
one does not count as denied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from moto_cks.account import principals
from moto_cks.account.callers import Caller
from moto_cks.kms.exceptions import (
    AccessDeniedException,
    LimitExceededException,
    MalformedPolicyDocumentException,
)

POLICY_NAME = "default"
"""The only one that a key policy can have."""

MOST_BYTES = 32 * 1024
"""A quota: "Key policy document size"."""

PUT_KEY_POLICY = "kms:PutKeyPolicy"
EVERYBODY = "*"

NO_JSON = "The key policy is not a valid JSON document."
NO_GRAMMAR = "The key policy does not keep to the grammar of policies: {}"
NO_PRINCIPAL = "Policy contains a statement with no principal."
INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
DENIED = (
    "User: {user} is not authorized to perform: {action} on resource: {resource} with an explicit "
    "deny in a resource-based policy"
)

# Tuples, since what is looked for may be anything.
_VERSIONS = ("2008-10-17", "2012-10-17")
_EFFECTS = ("Allow", "Deny")
_SERVICE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Statement:
    """A statement of a key policy.

    Attributes:
        denies: whether its effect is Deny.
        conditional: whether it has a condition.
        principals: whom it names: the kind (``AWS``, ``Service``, ``Federated``) and the name.
        all_others: whether it is about all but these (NotPrincipal).
        actions: matches the actions that it is about, in small letters.
        resources: matches the ARNs that it is about.
    """

    denies: bool
    conditional: bool
    principals: tuple[tuple[str, str], ...]
    all_others: bool
    actions: re.Pattern[str]
    resources: re.Pattern[str]

    def is_about(self, names: frozenset[str], action: str, resource: str) -> bool:
        """Whether it is about what somebody wants to do.

        Args:
            names: by which names somebody can be meant.
            action: such as ``kms:PutKeyPolicy``.
            resource: the key ARN.
        """
        named = any(kind == "AWS" and name in names for kind, name in self.principals)
        return (
            named != self.all_others
            and self.actions.fullmatch(action.lower()) is not None
            and self.resources.fullmatch(resource) is not None
        )


@dataclass(frozen=True)
class KeyPolicy:
    """A key policy that keeps to the grammar.

    Attributes:
        statements: its statements.
    """

    statements: tuple[Statement, ...]

    def allows(self, names: frozenset[str], action: str, resource: str) -> bool:
        """Whether it lets somebody do something; see :meth:`Statement.is_about`."""
        about = [one for one in self.statements if one.is_about(names, action, resource)]
        allowed = any(not one.denies for one in about)
        return allowed and not any(one.denies and not one.conditional for one in about)

    def denies(self, names: frozenset[str], action: str, resource: str) -> bool:
        """Whether it denies somebody something; see :meth:`Statement.is_about`."""
        return any(
            one.denies and not one.conditional and one.is_about(names, action, resource)
            for one in self.statements
        )

    @classmethod
    def parse(cls, text: str) -> KeyPolicy:
        """Read a key policy.

        Raises:
            MalformedPolicyDocumentException: it does not keep to the grammar.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise MalformedPolicyDocumentException(NO_JSON) from None
        if not isinstance(document, dict):
            raise _not_grammatical("it is no object")
        if unknown := sorted(document.keys() - {"Id", "Statement", "Version"}):
            raise _not_grammatical(f"unknown element {unknown[0]}")
        if document.get("Version", "2008-10-17") not in _VERSIONS:
            raise _not_grammatical("unknown version")
        statements = document.get("Statement")
        if isinstance(statements, dict):
            statements = [statements]
        if not isinstance(statements, list) or not statements:
            raise _not_grammatical("it has no statements")
        return cls(tuple(map(_statement, statements)))


@lru_cache(maxsize=256)
def policy_of(text: str) -> KeyPolicy | None:
    """The policy that a key has; ``None`` where moto has given it something else."""
    try:
        return KeyPolicy.parse(text)
    except MalformedPolicyDocumentException:
        return None


def names_of(caller: Caller) -> frozenset[str]:
    """The names by which a key policy can mean a caller."""
    identity = caller.identity
    account, arn = identity["accountId"], identity["arn"]
    names = {EVERYBODY, account, f"arn:{arn.split(':')[1]}:iam::{account}:root", arn}
    names.add(identity["principalId"])
    if issuer := identity.get("sessionContext", {}).get("sessionIssuer"):
        names |= {issuer["arn"], issuer["principalId"]}
    return frozenset(names)


def check_new_policy(
    text: str, account_id: str, region: str, author: Caller | None, resource: str
) -> None:
    """Refuse a key policy that KMS does not take.

    Args:
        text: the policy.
        account_id: the account of the key.
        region: its Region.
        author: who must not lock themselves out; ``None`` where nobody minds.
        resource: the ARN of the key, or one like that of a key that is going to be created.

    Raises:
        MalformedPolicyDocumentException, LimitExceededException
    """
    policy = policy_of(text) or KeyPolicy.parse(text)
    if len(text.encode()) > MOST_BYTES:
        raise LimitExceededException(f"The key policy is longer than {MOST_BYTES} bytes.")
    named = {pair for statement in policy.statements for pair in statement.principals}
    if not all(_is_principal(kind, name, account_id, region) for kind, name in named):
        raise MalformedPolicyDocumentException(INVALID_PRINCIPALS)
    if author is not None and not policy.allows(names_of(author), PUT_KEY_POLICY, resource):
        raise MalformedPolicyDocumentException(LOCKED_OUT)


def check_not_denied(text: str, caller: Caller, action: str, resource: str) -> None:
    """Refuse what a key policy denies explicitly.

    Raises:
        AccessDeniedException
    """
    policy = policy_of(text)
    if policy is not None and policy.denies(names_of(caller), action, resource):
        raise AccessDeniedException(
            DENIED.format(user=caller.identity["arn"], action=action, resource=resource)
        )


@lru_cache(maxsize=256)
def can_deny(text: str) -> bool:
    """Whether a key policy can deny anything; most are the same, and cannot."""
    policy = policy_of(text)
    return policy is not None and any(statement.denies for statement in policy.statements)


# Reading ------------------------------------------------------------------------------------------


def _not_grammatical(why: str) -> MalformedPolicyDocumentException:
    return MalformedPolicyDocumentException(NO_GRAMMAR.format(why))


_ELEMENTS = frozenset(
    {
        "Action",
        "Condition",
        "Effect",
        "NotAction",
        "NotPrincipal",
        "NotResource",
        "Principal",
        "Resource",
        "Sid",
    }
)


def _statement(statement: Any) -> Statement:
    if not isinstance(statement, dict):
        raise _not_grammatical("a statement is no object")
    if unknown := sorted(statement.keys() - _ELEMENTS):
        raise _not_grammatical(f"unknown element {unknown[0]}")
    if not isinstance(statement.get("Sid", ""), str):
        raise _not_grammatical("a Sid is no text")
    if statement.get("Effect") not in _EFFECTS:
        raise _not_grammatical("a statement has no effect")
    if not isinstance(statement.get("Condition", {}), dict):
        raise _not_grammatical("a condition is no object")
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise MalformedPolicyDocumentException(NO_PRINCIPAL)
    principal, all_others = _one_of(statement, "Principal")
    return Statement(
        statement["Effect"] == "Deny",
        bool(statement.get("Condition")),
        _principals(principal),
        all_others,
        _matching(statement, "Action", lower=True),
        _matching(statement, "Resource"),
    )


def _one_of(statement: Mapping[str, Any], name: str) -> tuple[Any, bool]:
    """An element, and whether it is the one that means all others."""
    negated = f"Not{name}"
    if (name in statement) == (negated in statement):
        raise _not_grammatical(f"a statement needs one of {name} and {negated}")
    return (statement[name], False) if name in statement else (statement[negated], True)


def _texts(value: Any, what: str) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _not_grammatical(f"{what} is no text")
    return texts


def _principals(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        value = {"AWS": value}
    if not isinstance(value, dict):
        raise _not_grammatical("a principal is no object")
    pairs = tuple(
        (kind, name) for kind, names in value.items() for name in _texts(names, "a principal")
    )
    if not pairs:
        raise MalformedPolicyDocumentException(NO_PRINCIPAL)
    return pairs


def _matching(
    statement: Mapping[str, Any], element: str, *, lower: bool = False
) -> re.Pattern[str]:
    """What matches the texts of an element, which have wildcards."""
    value, all_others = _one_of(statement, element)
    texts = _texts(value, element)
    if not texts:
        raise _not_grammatical(f"{element} is empty")
    patterns = [
        re.escape(re.sub(r"\*+", "*", text.lower() if lower else text))
        .replace(r"\*", ".*")
        .replace(r"\?", ".")
        for text in texts
    ]
    pattern = "|".join(patterns)
    return re.compile(f"(?!(?:{pattern})$).*" if all_others else pattern)


def _is_principal(kind: str, name: str, account_id: str, region: str) -> bool:
    if kind == "AWS":
        return name == EVERYBODY or principals.exists(name, region, account_id)
    return kind == "Federated" or (kind == "Service" and _SERVICE.fullmatch(name) is not None)
