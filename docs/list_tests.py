"""Writes the tests of each behaviour into behaviours.md; see there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = Path(__file__).parent / "behaviours.md"
ROW = re.compile(r"^\| ([A-Z]\d+(?:\.\d+)?) \| (.*?) \|.*$", re.MULTILINE)
TEST = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)
# One test can prove several rows: test_p5_r2_...
ROWS_OF_TEST = re.compile(r"test((?:_[a-z]\d+(?:_\d+)?(?=_|$))+)")
PREFIX = re.compile(r"_([a-z]\d+)(?:_(\d+))?(?=_|$)")


def tests() -> Iterator[tuple[str, str, str]]:
    """Row, file and name of each test that is named after a row."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in TEST.findall(path.read_text()):
            named_after = ROWS_OF_TEST.match(name)
            for row, part in PREFIX.findall(named_after[1]) if named_after else ():
                yield (
                    f"{row.upper()}.{part}" if part else row.upper(),
                    str(path.relative_to(ROOT)),
                    name,
                )


def written(page: str) -> str:
    """The page with the tests of each row."""
    by_row: dict[str, dict[str, list[str]]] = {}
    for row, path, name in tests():
        by_row.setdefault(row, {}).setdefault(path, []).append(name)

    def with_tests(row: re.Match[str]) -> str:
        files = by_row.get(row[1], {})
        cell = "; ".join(
            f"{path}: " + ", ".join(f"`{name}`" for name in dict.fromkeys(names))
            for path, names in files.items()
        )
        return f"| {row[1]} | {row[2]} | {cell} |"

    return ROW.sub(with_tests, page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
