"""Draws the life cycles in states.md from their tables; see there.

The package has to be importable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moto_cks.cloudhsmv2 import backups, cluster_states, hsms
from moto_cks.kms.keys import multi_region, rotation
from moto_cks.kms.keystores import connection
from moto_cks.world.lifecycle import Table

PAGE = Path(__file__).parent / "states.md"
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
# What stands between the name of a model, which the page does not show, and the end of the block.
DIAGRAM = re.compile(r"^<!-- (\w+::\w+) -->\n```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)


def lines(table: Table[Any]) -> Iterator[str]:
    """The diagram of a life cycle in Mermaid's language."""
    yield "stateDiagram-v2"
    yield f"    [*] --> {table.first.value}"
    for state in table.allowed:
        causes: dict[Any, list[str]] = {}
        for row in (table.allowed[state], table.endings.get(state, {})):
            for cause, following in row.items():
                causes.setdefault(following, []).append(cause)
        for following, named in causes.items():
            yield f"    {state.value} --> {following.value}: {', '.join(named)}"
        if not causes:
            yield f"    {state.value} --> [*]"


def drawn(page: str) -> str:
    """The page with the diagram of each life cycle that it has a place for."""

    def diagram(place: re.Match[str]) -> str:
        model = place[1]
        return "\n".join([f"<!-- {model} -->", "```mermaid", *lines(TABLES[model]), "```"])

    return DIAGRAM.sub(diagram, page)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
