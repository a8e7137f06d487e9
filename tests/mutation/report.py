"""What a mutation run found, to be read and to be compared with another one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.mutation.mutants import Mutant
from tests.mutation.trials import KILLED, STUCK, SURVIVED, UNDECIDED, Verdict

MARK = "<!-- python -m tests.mutation -->"
"""Behind it a page has the report."""

EQUIVALENT = "equivalent"
TARGET = 0.97
"""Of what is not equivalent, so much has to be noticed."""


@dataclass(frozen=True)
class Tried:
    """A mutant and what became of it.

    Attributes:
        mutant: which.
        before: the lines that it takes away.
        after: the lines in their place.
        verdict: what the tests made of it.
        tests: how many were there to notice it.
        why: the reason if it is equivalent.
    """

    mutant: Mutant
    before: str
    after: str
    verdict: Verdict
    tests: int
    why: str = ""

    @property
    def outcome(self) -> str:
        """That of the verdict, or EQUIVALENT."""
        return EQUIVALENT if self.why else self.verdict.outcome


@dataclass
class Report:
    """A run.

    Attributes:
        total: how many mutants there are.
        wanted: how many were to be tried.
        seed: of the sample; ``None`` if it is none.
        tests: how many tests were chosen from.
        tried: those that were.
    """

    total: int
    wanted: int
    seed: int | None
    tests: int
    tried: list[Tried] = field(default_factory=list)

    @property
    def score(self) -> float:
        """The part that was noticed of what is not equivalent and was decided."""
        counted = Counter(each.outcome for each in self.tried)
        noticed = counted[KILLED] + counted[STUCK]
        return noticed / ((noticed + counted[SURVIVED]) or 1)

    def text(self) -> str:
        """The report."""
        counted = Counter(each.outcome for each in self.tried)
        sample = "all" if self.seed is None else f"a sample of {self.wanted:,}, seed {self.seed}"
        rows = [
            f"mutants     {len(self.tried):6,}  of {self.total:,} ({sample}), {self.tests:,} tests",
            f"killed      {counted[KILLED] + counted[STUCK]:6,}  {counted[STUCK]:,} of them stuck",
            f"survived    {counted[SURVIVED]:6,}",
            f"undecided   {counted[UNDECIDED]:6,}",
            f"equivalent  {counted[EQUIVALENT]:6,}",
            f"noticed     {self.score:6.1%}  of what is not equivalent; {TARGET:.0%} are wanted",
        ]
        return "\n".join(
            [
                *rows,
                *self._those(SURVIVED, "Survived"),
                *self._those(UNDECIDED, "Undecided"),
                *self._those(EQUIVALENT, "Equivalent"),
                "",
            ]
        )

    def markdown(self) -> str:
        """The report, for a page."""
        return f"```text\n{self.text().rstrip()}\n```"

    def _those(self, outcome: str, heading: str) -> list[str]:
        found = sorted(each.mutant for each in self.tried if each.outcome == outcome)
        by_mutant = {each.mutant: each for each in self.tried}
        shown = [_shown(by_mutant[each]) for each in found]
        return [f"\n== {heading}", *shown] if shown else []


def _shown(tried: Tried) -> str:
    mutant = tried.mutant
    number = f"{tried.tests:,} tests run it" if tried.tests else "no test runs it"
    lines = [
        f"{mutant.path}:{mutant.line} {mutant.operator}: {tried.why or number}",
        *(f"- {line}" for line in tried.before.splitlines()),
        *(f"+ {line}" for line in tried.after.splitlines()),
    ]
    return "\n".join(lines)
