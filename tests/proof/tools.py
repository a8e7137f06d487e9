"""What people do to kmsuser and to key material, with the HSMs' own tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ADMIN = "adminPswd1"


def talk(tool: Any, command: str, password: str = "") -> str:
    """Carry out a command: say yes, give the password, go on where a server refuses."""
    turn = tool.begin(command)
    shown = turn.output
    while turn.question is not None:
        asked = turn.question.text
        turn = tool.answer(
            "y" if "y/n" in asked else "I" if asked.startswith("Retry") else password
        )
        shown += turn.output
    return shown


@contextmanager
def officer(world: Any, cluster_id: str, server: int | None) -> Iterator[Any]:
    """cloudhsm_mgmt_util with a crypto officer logged in, on all servers or on one."""
    with world.cloudhsm_mgmt_util(cluster_id) as tool:
        assert "success" in talk(tool, f"loginHSM CO admin {ADMIN}")
        if server is not None:
            talk(tool, f"server {server}")
        yield tool


@contextmanager
def admin(world: Any, cluster_id: str) -> Iterator[Any]:
    """cloudhsm-cli with an admin logged in."""
    with world.cloudhsm_cli(cluster_id) as tool:
        assert '"error_code": 0' in talk(tool, "login --username admin --role admin", ADMIN)
        yield tool


def kmsuser(world: Any, cluster_id: str, password: str) -> tuple[Any, bool]:
    """key_mgmt_util, and whether kmsuser is logged in with it."""
    tool = world.key_mgmt_util(cluster_id)
    shown = talk(tool, f"loginHSM -u CU -s kmsuser -p {password}")
    return tool, "returned: 0x00" in shown
