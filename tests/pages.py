"""The pages of the documentation, and the code on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^```(?P<language>python|console|hcl)(?: title=\"(?P<file>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page.

    Attributes:
        page: the page.
        number: its place on it.
        language: python, console or hcl.
        file: the name of the file that it is, where the page names it.
        text: what it says.
    """

    page: Path
    number: int
    language: str
    file: str | None
    text: str

    @property
    def name(self) -> str:
        """What the block is called in the output of pytest."""
        return f"{self.page.relative_to(ROOT).as_posix().removeprefix('docs/')}-{self.number}"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for number, found in enumerate(BLOCK.finditer(page.read_text()), start=1):
            yield Block(page, number, found["language"], found["file"], found["text"])


BLOCKS = list(blocks())
