"""The report of a run: what was done, and what was found."""

from __future__ import annotations

import importlib.metadata
import platform
from collections import Counter
from dataclasses import dataclass, field

ROWS = (
    ("Random histories, each compared with the model after every step", "histories"),
    ("Steps of histories", "steps"),
    ("Requests in histories", "requests in histories"),
    ("What KMS asked external key store proxies for them", "questions to proxies"),
    ("Requests made up from botocore's models, as botocore sends them", "requests, botocore"),
    ("… as other clients send them", "requests, other clients"),
    ("… over HTTP, to moto-cks-server", "requests, over HTTP"),
    ("… of these, done", "requests that were done"),
    ("… of these, refused", "requests that were refused"),
    ("Threads", "threads"),
    ("Requests of threads", "requests of threads"),
)
FINDINGS = (
    ("**Disagreements** between the model and what was answered", "disagreements"),
    ("**Undocumented answers**", "undocumented answers"),
    ("**Lost things**: calls, keys, ciphertexts, records", "lost things"),
)
VERSIONS = ("moto", "botocore", "cryptography", "hypothesis")


@dataclass
class Report:
    """A run.

    Attributes:
        minutes: how long it took.
        processes: how many processes played.
        seed: what it began with.
        done: what was done, counted.
        found: what was found, with how it is brought about again.
    """

    minutes: float
    processes: int
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    found: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> list[tuple[str, str]]:
        """The rows of the report."""
        kinds = Counter(kind for kind, _ in self.found)
        versions = [f"{name} {importlib.metadata.version(name)}" for name in VERSIONS]
        return [
            ("Time", f"{self.minutes:.0f} minutes, in {_counted(self.processes, 'process')}"),
            ("Processor time, in minutes", f"{self.done['processor minutes']:,}"),
            ("Seed", str(self.seed)),
            ("With", ", ".join([f"Python {platform.python_version()}", *versions])),
            *((text, f"{self.done[name]:,}") for text, name in ROWS),
            *((text, f"{kinds[name]:,}") for text, name in FINDINGS),
        ]

    def text(self) -> str:
        """For a terminal."""
        rows = [(name.replace("**", ""), value) for name, value in self.lines()]
        width = max(len(name) for name, _ in rows)
        found = "".join(f"\n{kind}:\n{story}" for kind, story in self.found)
        return "\n".join(f"{name:{width}}  {value}" for name, value in rows) + "\n" + found

    def markdown(self) -> str:
        """The table of the documentation."""
        return "\n".join(["| | |", "|---|---|", *(f"| {n} | {v} |" for n, v in self.lines())])


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}es"


BEGIN, END = "<!-- python -m tests.proof -->", "<!-- end -->"


def write(text: str, table: str, mark: str = BEGIN) -> str:
    """A page with another table behind a mark, up to the END.

    Raises:
        ValueError: the page has no such marks.
    """
    head, begin, rest = text.partition(mark)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no {mark} with an {END} after it.")
    return f"{head}{mark}\n\n{table}\n\n{END}{tail}"
