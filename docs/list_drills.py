"""Writes the drills into drills.md from their head comments; see there.

The package has to be importable.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moto_cks.failures.shapes import TROUBLESHOOTING
from moto_cks.failures.table import FAILURES

FOLDER = Path(__file__).parent.parent / "examples" / "drills"
PAGE = Path(__file__).parent / "drills.md"
MARK = "<!-- from here on written by docs/list_drills.py -->\n"
DRILLED = (TROUBLESHOOTING, "hsm1-to-hsm2-migration")
"""The pages whose sections have drills."""
HEAD = re.compile(r"Drill: (?P<what>.+)\n\nAWS's page: (?P<section>.+)\n(?P<url>https://\S+)\n")


@dataclass(frozen=True)
class Drill:
    """A drill, as its head comment says.

    Attributes:
        file: its name.
        what: what has happened.
        section: the title of the section of AWS's page.
        url: the URL of the section.
    """

    file: str
    what: str
    section: str
    url: str


def drills() -> Iterator[Drill]:
    """All drills.

    Raises:
        ValueError: a file does not say what it rehearses.
    """
    for path in sorted(FOLDER.glob("*.py")):
        head = HEAD.match(ast.get_docstring(ast.parse(path.read_text())) or "")
        if head is None:
            raise ValueError(f"{path.name} begins with no head comment of a drill")
        yield Drill(path.name, **head.groupdict())


def sections() -> dict[str, list[str]]:
    """The URLs of the sections of AWS's pages in the table of failures; the failures of each."""
    found: dict[str, list[str]] = {}
    for failure in FAILURES.values():
        if failure.document in DRILLED:
            found.setdefault(failure.page, []).append(failure.name)
    return found


def rows() -> Iterator[str]:
    """A row for each drill, in the order of the table."""
    order = list(sections())
    yield "| drill | what has happened | section of AWS's page | its failures in the table |"
    yield "|---|---|---|---|"
    for drill in sorted(drills(), key=lambda drill: order.index(drill.url)):
        names = ", ".join(f"[{name}](failures.md#{name})" for name in sections()[drill.url])
        what = drill.what[0].upper() + drill.what[1:]
        yield f"| `{drill.file}` | {what} | [{drill.section}]({drill.url}) | {names} |"


def written(text: str) -> str:
    """The page with the drills as they are."""
    head, mark, _ = text.partition(MARK)
    return head + mark + "\n" + "\n".join(rows()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
