"""Writes the tests of each behaviour into behaviours.md; see there."""

from __future__ import annotations

import ast
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
# A table of cases can prove a row with each: "x17.1 credential rotated": …
ROW_OF_CASE = re.compile(r"([a-z]\d+\.\d+)(?= |$)")


def tests() -> Iterator[tuple[str, str, str]]:
    """Row, file and name of each test that is named after a row."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text()
        for row, name in cases(text):
            yield row, str(path.relative_to(ROOT)), name
        for name in TEST.findall(text):
            named_after = ROWS_OF_TEST.match(name)
            for row, part in PREFIX.findall(named_after[1]) if named_after else ():
                yield (
                    f"{row.upper()}.{part}" if part else row.upper(),
                    str(path.relative_to(ROOT)),
                    name,
                )


def cases(text: str) -> Iterator[tuple[str, str]]:
    """Row and test of each case whose name in a table of a module begins with a row."""
    if not re.search(r'^    "[a-z]\d+\.\d+', text, re.MULTILINE):
        return
    tables: dict[str, list[str]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            # Lists that are made of a table have its cases, too.
            named = list(_rows_of(node.value)) + [
                row for name in _names_in(node.value) for row in tables.get(name, [])
            ]
            tables[ast.unparse(target)] = list(dict.fromkeys(named))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                for row in (row for name in _names_in(decorator) for row in tables.get(name, [])):
                    yield row.upper(), f"{node.name}[{row}]"


def _rows_of(value: ast.expr) -> Iterator[str]:
    for key in value.keys if isinstance(value, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            row = ROW_OF_CASE.match(key.value)
            if row is not None:
                yield row[1]


def _names_in(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


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
