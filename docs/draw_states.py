"""Draws the life cycles from their tables into states/; see states.md.

The package has to be importable, and Graphviz (``dot``) be there. The pictures keep what they were
drawn from, so whether they are up to date can be told without Graphviz.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moto_cks.cloudhsmv2 import backups, cluster_states, hsms
from moto_cks.kms.keys import multi_region, rotation
from moto_cks.kms.keystores import connection
from moto_cks.world.lifecycle import Table

FOLDER = Path(__file__).parent / "states"
TABLES = {
    table.model: table
    for table in (
        connection.TABLE,
        multi_region.TABLE,
        rotation.TABLE,
        cluster_states.TABLE,
        hsms.TABLE,
        backups.TABLE,
    )
}
STYLE = """    bgcolor="white"
    node [shape=box style="rounded,filled" fillcolor="#eef1fb" fontname="sans-serif" fontsize=11]
    edge [fontname="sans-serif" fontsize=10]
    begin [shape=circle style=filled fillcolor=black label="" width=0.15]"""
END = '    end [shape=doublecircle style=filled fillcolor=black label="" width=0.1]'
SOURCE = re.compile(r"<!-- drawn from:\n(.*?)-->", re.DOTALL)


def lines(table: Table[Any]) -> Iterator[str]:
    """The diagram of a life cycle in Graphviz's language."""
    yield "digraph states {"
    yield STYLE
    yield f"    begin -> {table.first.value}"
    for state in table.allowed:
        causes: dict[Any, list[str]] = {}
        for row in (table.allowed[state], table.endings.get(state, {})):
            for cause, following in row.items():
                causes.setdefault(following, []).append(cause)
        for following, named in causes.items():
            label = "\\l".join(named) + "\\l"
            yield f'    {state.value} -> {following.value} [label="{label}"]'
        if not causes:
            yield END
            yield f"    {state.value} -> end"
    yield "}"


def source(table: Table[Any]) -> str:
    """What the picture of a life cycle is drawn from."""
    return "\n".join(lines(table)) + "\n"


def file_of(model: str) -> Path:
    """Where the picture of a life cycle is."""
    return FOLDER / f"{model.replace('::', '-')}.svg"


def source_in(picture: str) -> str:
    """What a picture was drawn from."""
    found = SOURCE.search(picture)
    return found[1].replace("- >", "->") if found else ""


def drawn(text: str) -> str:
    """The picture, which keeps what it was drawn from."""
    picture = subprocess.run(
        ["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=True
    ).stdout
    # A comment of XML must not have two hyphens in a row, so it has none before a ">" either.
    kept = text.replace("->", "- >")
    _, tag, rest = re.sub(r"<!--.*?-->\n?", "", picture, flags=re.DOTALL).partition("<svg ")
    return f"<!-- drawn from:\n{kept}-->\n{tag}{rest}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for model, table in TABLES.items():
        file_of(model).write_text(drawn(source(table)))
