"""Which failures a test meets: what its markers and the options say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest

from moto_cks.failures.shapes import Failure, Need, Since
from moto_cks.failures.table import FAILURES
from moto_cks.handle.protocols.cks import HSM_TYPE, HsmTypeName

SEPARATOR = ":"
"""Between the name of a failure and that of a variant which is not the first."""


@dataclass(frozen=True)
class Wanted:
    """What the markers ``cks_failures`` of a test say.

    Attributes:
        names: names and globs; none are all.
        rows: only failures that rest on one of these behaviours.
        skip: names and globs of what is left out.
        irrecoverable: whether those are in that cannot be repaired.
        variants: whether all variants are, and not only the first of each.
        asked: what is asked for by name, whatever is left out in general.
    """

    names: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    irrecoverable: bool = False
    variants: bool = False
    asked: frozenset[str] = field(default_factory=frozenset)

    def of(self, case: str) -> bool:
        """Whether a failure, or variant of one, is wanted."""
        failure = FAILURES[case.partition(SEPARATOR)[0]]
        return (
            (not self.names or _matches(case, self.names))
            and not _matches(case, self.skip)
            and (not self.rows or failure.rests_on(self.rows))
            and (case in self.asked or self._in_general(failure, case))
        )

    def _in_general(self, failure: Failure, case: str) -> bool:
        """Whether it is among those that a test meets which does not ask for it by this name.

        What is deleted ends the test's key. A variant is the failure once more.
        """
        harmless = failure.since is not Since.AFTER_WAITING_PERIOD and (
            failure.recoverable or self.irrecoverable
        )
        return (harmless or failure.name in self.asked) and (case == failure.name or self.variants)


def hsm_type_for(case: str) -> HsmTypeName:
    """The type of HSMs on which a failure, or variant of one, can be brought about."""
    name, _, variant = case.partition(SEPARATOR)
    needs = FAILURES[name].case(variant or None).needs
    return "hsm1.medium" if Need.OLDER_HSM_TYPE in needs else HSM_TYPE


def chosen(markers: Sequence[pytest.Mark], globs: Sequence[str]) -> list[str]:
    """The failures that a test meets, in the order of the table.

    Args:
        markers: its markers ``cks_failures``, the closest first; that one has the last word.
        globs: what the options say.

    Returns:
        Names; those of variants that are not the first as ``user-locked-out:by-kms``.
    """
    told: dict[str, Any] = {}
    for marker in reversed(markers):
        told.update(_arguments(marker))
    options = _split(globs)
    asked = frozenset({*told.get("names", ()), *options})
    wanted = Wanted(**told, asked=asked)
    return [case for case in CASES if wanted.of(case) and (not options or _matches(case, options))]


def check_globs(globs: Sequence[str]) -> None:
    """Look whether there are such failures.

    Raises:
        pytest.UsageError: there are not.
    """
    for glob in _split(globs):
        if not any(_matches(case, (glob,)) for case in CASES):
            raise pytest.UsageError(f"--cks-failures: {_unknown(glob)}")


def case_of(failure: str, variant: str) -> str:
    """How a variant of a failure is called."""
    first = next(iter(FAILURES[failure].cases))
    return failure if variant == first else f"{failure}{SEPARATOR}{variant}"


CASES: tuple[str, ...] = tuple(
    case_of(name, variant) for name, failure in FAILURES.items() for variant in failure.cases
)
"""The failures and their variants."""


def _matches(case: str, globs: Iterable[str]) -> bool:
    """Whether a name or glob is that of a case; that of a failure is that of its variants, too."""
    name = case.partition(SEPARATOR)[0]
    return any(fnmatchcase(case, glob) or fnmatchcase(name, glob) for glob in globs)


def _split(globs: Sequence[str]) -> list[str]:
    return [one.strip() for glob in globs for one in glob.split(",") if one.strip()]


def _unknown(glob: str) -> str:
    return f"there is no documented failure {glob!r}. There are: {', '.join(FAILURES)}."


def _arguments(marker: pytest.Mark) -> dict[str, Any]:
    """What one marker says; what there is not is an error of the test's file."""
    takes = ("rows", "skip", "irrecoverable", "variants")
    unknown = sorted(marker.kwargs.keys() - set(takes))
    if unknown:
        _refuse(f"takes names, {', '.join(takes)}, and not {', '.join(unknown)}.")
    told = dict(marker.kwargs)
    for name in ("rows", "skip"):
        if isinstance(told.get(name), str):
            told[name] = (told[name],)
        if name in told:
            told[name] = tuple(told[name])
    if marker.args:
        told["names"] = tuple(marker.args)
    for glob in (*marker.args, *told.get("skip", ())):
        if not isinstance(glob, str) or not any(_matches(case, (glob,)) for case in CASES):
            _refuse(_unknown(str(glob)))
    for row in told.get("rows", ()):
        if not any(failure.rests_on((row,)) for failure in FAILURES.values()):
            _refuse(f"no documented failure rests on the behaviour {row!r}.")
    return told


def _refuse(message: str) -> None:
    pytest.fail(f"The marker cks_failures: {message}", pytrace=False)
