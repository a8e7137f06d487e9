"""The resilience matrix in files: Markdown, HTML and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

import pytest
from tabulate import tabulate

from moto_cks import __version__
from moto_cks.pytest_plugin.matrix import Matrix, Result, failure_of


def as_markdown(matrix: Matrix) -> str:
    """A page in Markdown."""
    headers = [_cell(header) for header in matrix.headers]
    lines = [[_cell(cell) for cell in line] for line in matrix.lines(matrix.all_failures)]
    table = tabulate(lines, headers, tablefmt="github", disable_numparse=True)
    told = [f"- {_cell(sentence)}" for sentence in matrix.sentences()]
    return "\n".join(["# Resilience matrix", "", table, "", matrix.summary(), "", *told]) + "\n"


def _cell(text: str) -> str:
    """A text that is one cell of a table, and nothing else."""
    return escape(text, quote=False).replace("|", "\\|").replace("\n", " ")


def as_json(matrix: Matrix) -> str:
    """JSON."""
    return json.dumps({"version": __version__, **matrix.to_dict()}, indent=1) + "\n"


STYLE = """
:root { color-scheme: light dark; --line: #8886; --ok: #1a7f37; --bad: #cf222e; --dim: #888; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left;
  vertical-align: top }
thead th { position: sticky; top: 0; background: Canvas }
.ok { color: var(--ok) } .failed { color: var(--bad); font-weight: 600 }
.other { color: var(--dim) }
small { color: var(--dim); display: block } pre { white-space: pre-wrap; font-size: 13px }
summary { cursor: pointer }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Resilience matrix</title><style>{style}</style></head>
<body>
<h1>Resilience matrix</h1>
<p>What becomes of the tests when a documented failure of AWS KMS custom key stores happens in the
middle of them: in which phase they fail, before it, during it, at its documented repair, or
after it.</p>
<p><strong>{summary}</strong></p>
<table>
<thead><tr>{headers}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
<p><small>moto_cks {version}</small></p>
</body>
</html>
"""


def as_html(matrix: Matrix) -> str:
    """A page that needs nothing else, to be sent to somebody."""
    headers = "".join(
        f'<th scope="col" title="{escape(title)}">{escape(header)}</th>'
        for header, title in zip(matrix.headers, ["", "", *matrix.tests], strict=True)
    )
    return PAGE.format(
        style=STYLE,
        summary=escape(matrix.summary()),
        headers=headers,
        rows="\n".join(_row(matrix, case, line) for case, line in _lines(matrix)),
        version=escape(__version__),
    )


def _lines(matrix: Matrix) -> Iterable[tuple[str, list[str]]]:
    failures = matrix.all_failures
    return zip(failures, matrix.lines(failures), strict=True)


def _row(matrix: Matrix, case: str, line: list[str]) -> str:
    failure = failure_of(case)
    name = (
        f'<th scope="row"><a href="{escape(failure.page)}">{escape(case)}</a>'
        f"<small>{escape(failure.title)}</small></th>"
    )
    results = "".join(_result(matrix.result(case, test)) for test in matrix.tests)
    return f"<tr>{name}<td>{escape(line[1])}</td>{results}</tr>"


def _result(result: Result) -> str:
    kind = {"ok": "ok", "FAILED": "failed"}.get(result.outcome, "other")
    if not result.message:
        return f'<td class="{kind}">{escape(str(result))}</td>'
    details = "\n\n".join(filter(None, [result.message, result.wrong]))
    return (
        f'<td><details><summary class="{kind}">{escape(str(result))}</summary>'
        f"<pre>{escape(details)}</pre></details></td>"
    )


WRITERS: dict[str, Callable[[Matrix], str]] = {
    ".md": as_markdown,
    ".html": as_html,
    ".json": as_json,
}
"""What writes the matrix, by how the file's name ends."""


def check_names(files: Sequence[str]) -> None:
    """Look whether files have names from which it follows what to write.

    Raises:
        pytest.UsageError: they have not.
    """
    for file in files:
        if Path(file).suffix not in WRITERS:
            endings = ", ".join(WRITERS)
            raise pytest.UsageError(f"--cks-matrix: {file} ends with none of {endings}.")


def write(files: Sequence[str], rows: Iterable[str]) -> None:
    """Write the matrix.

    Args:
        files: their names; folders are made.
        rows: the rows, each as JSON.
    """
    matrix = Matrix.of(rows)
    for file in map(Path, files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(WRITERS[file.suffix](matrix), encoding="utf-8")
