"""What has become of mutants, kept for the next run over the same package."""

from __future__ import annotations

import json
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.mutation.trials import KILLED, STUCK, Verdict


class Results:
    """Mutants that were noticed, and by which test.

    Those stay noticed as long as neither the package nor that test changes. The others are not
    kept: another test may notice them.

    Args:
        file: where they are kept; ``None`` if they are not.
        source: the digest of the package. What was found of another one does not count.
    """

    def __init__(self, file: Path | None, source: str) -> None:
        self._file = file
        self._source = source
        self._found: dict[str, dict[str, object]] = {}
        if file is not None and file.exists():
            kept = json.loads(file.read_text())
            if kept["source"] == source:
                self._found = kept["noticed"]

    def of(self, mutant: Mutant, tests: list[str]) -> Verdict | None:
        """What is known of a mutant that certain tests are to notice; ``None`` if nothing is."""
        known = self._found.get(_name(mutant))
        if known is None:
            return None
        verdict = Verdict(str(known["outcome"]), str(known["by"]))
        return verdict if not verdict.by or verdict.by in tests else None

    def keep(self, mutant: Mutant, verdict: Verdict) -> None:
        """Write down what the tests made of a mutant."""
        if self._file is None or verdict.outcome not in (KILLED, STUCK):
            return
        self._found[_name(mutant)] = {"outcome": verdict.outcome, "by": verdict.by}
        kept = {"source": self._source, "noticed": self._found}
        self._file.write_text(json.dumps(kept, indent=1) + "\n")


def _name(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.line}:{mutant.column} {mutant.operator} {mutant.occurrence}"
