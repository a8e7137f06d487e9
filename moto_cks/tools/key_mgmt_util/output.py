"""How key_mgmt_util prints return codes, of a command and of each node."""

from __future__ import annotations

from collections.abc import Mapping

from moto_cks.tools.return_codes import Result

INDENT = " " * 8


def returned(call: str, result: Result, indent: str = INDENT) -> str:
    """What a function of the client library returned."""
    return f"{indent}{call} returned: 0x{result.number:02x} : {result.text}\n"


def cluster_status(nodes: Mapping[int, Result], indent: str = INDENT) -> str:
    """What each node returned, by its number."""
    lines = "".join(
        f"{indent}Node id {number} and err state 0x{result.number:08x} : {result.text}\n"
        for number, result in nodes.items()
    )
    return f"{indent}Cluster Error Status\n{lines}"
