"""Authorization rules over the metadata of requests ("Authorization" of the specification).

A rule that denies decides; where there are rules that allow, one of them has to match. Without
rules everything is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any

from moto_cks.xks_proxy.lock import LOCK
from moto_cks.xks_proxy.values import checked, checked_flag, checked_text

FIELDS: Mapping[str, str] = {
    "principal": "awsPrincipalArn",
    "operation": "kmsOperation",
    "key_arn": "kmsKeyArn",
    "service": "kmsViaService",
}
"""Which member of ``requestMetadata`` a condition is about."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: it matches where all of its conditions do. In each, ``*`` stands for anything.

    Attributes:
        allows: whether it allows or denies.
        principal: of awsPrincipalArn.
        operation: of kmsOperation.
        key_arn: of kmsKeyArn.
        service: of kmsViaService.
        external_key: of the external key ID.
    """

    allows: bool
    principal: str | None = None
    operation: str | None = None
    key_arn: str | None = None
    service: str | None = None
    external_key: str | None = None

    def __str__(self) -> str:
        said = [
            f"{each.name}={value}"
            for each in fields(self)[1:]
            if (value := getattr(self, each.name)) is not None
        ]
        return f"{'allow' if self.allows else 'deny'} {' '.join(said) or 'everything'}"

    def matches(self, metadata: Mapping[str, Any], external_key: str | None) -> bool:
        """Whether it is about a request."""
        return _fits(self.external_key, external_key) and all(
            _fits(getattr(self, name), metadata.get(member)) for name, member in FIELDS.items()
        )


def _fits(pattern: str | None, value: Any) -> bool:
    if pattern is None:
        return True
    return isinstance(value, str) and _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


class Authorization:
    """The rules of a path prefix.

    Attributes:
        apply_to_health_checks: whether they hold for GetHealthStatus, too, which the specification
            forbids.
    """

    apply_to_health_checks: bool = checked(
        partial(checked_flag, what="Whether rules hold for health checks")
    )

    def __init__(self) -> None:
        self.apply_to_health_checks = False
        self._rules: list[Rule] = []

    def __repr__(self) -> str:
        return f"<Authorization {[str(rule) for rule in self._rules]}>"

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they were made."""
        return tuple(self._rules)

    def allow(self, **conditions: str) -> Rule:
        """Add a rule that allows.

        Args:
            **conditions: ``principal``, ``operation``, ``key_arn``, ``service``, ``external_key``.

        Raises:
            ValueError: there is no such condition, or it is no string.
        """
        return self._add(True, conditions)

    def deny(self, **conditions: str) -> Rule:
        """Add a rule that denies; otherwise as :meth:`allow`."""
        return self._add(False, conditions)

    def remove(self, rule: Rule) -> None:
        """Take a rule back.

        Raises:
            ValueError: it is none of these.
        """
        with LOCK:
            if rule not in self._rules:
                raise ValueError(f"There is no rule {str(rule)!r}.")
            self._rules.remove(rule)

    def clear(self) -> None:
        """Take all rules back."""
        with LOCK:
            self._rules.clear()

    def refusal(self, metadata: Mapping[str, Any], external_key: str | None) -> str | None:
        """Which rule denies a request, in words; ``None`` where it is allowed."""
        allowing = [rule for rule in self._rules if rule.allows]
        for rule in self._rules:
            if not rule.allows and rule.matches(metadata, external_key):
                return str(rule)
        if allowing and not any(rule.matches(metadata, external_key) for rule in allowing):
            return "no rule allows it"
        return None

    def _add(self, allows: bool, conditions: Mapping[str, str]) -> Rule:
        known = [each.name for each in fields(Rule)[1:]]
        for name, value in conditions.items():
            if name not in known:
                raise ValueError(f"{name!r} is no condition; there are {', '.join(known)}.")
            checked_text(value, f"The condition {name!r}")
        rule = Rule(allows, **conditions)
        with LOCK:
            self._rules.append(rule)
        return rule
