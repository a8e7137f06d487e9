"""The HSMs' command line tools: sessions that clients keep by their IDs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from moto_cks.control.models import OpenTool, sessions
from moto_cks.control.operations.clusters import cluster_ids
from moto_cks.handle.cks import LOCAL
from moto_cks.tools.session import ToolSession
from moto_cks.tools.turns import Turn
from moto_cks.world.lock import WORLD

TOOLS: dict[str, Callable[[str], ToolSession]] = {
    "cloudhsm_mgmt_util": LOCAL.cloudhsm_mgmt_util,
    "key_mgmt_util": LOCAL.key_mgmt_util,
    "cloudhsm-cli": LOCAL.cloudhsm_cli,
}
"""What starts each tool on a cluster."""


def list_tools() -> dict[str, Any]:
    """The tools that are running."""
    with WORLD:
        return {"tools": [_show(tool_id, tool) for tool_id, tool in sessions().tools.items()]}


def start_tool(
    tool: str,
    cluster_id: str | None = None,
    client_sdk: str | None = None,
    client_certificate: str | None = None,
) -> dict[str, Any]:
    """Start a tool, in the words of a version of Client SDK 3 or in those that the server has."""
    with WORLD:
        chosen = _the_only_cluster() if cluster_id is None else LOCAL.cluster(cluster_id).id
        started = OpenTool(chosen, TOOLS[tool](chosen))
        started.session.save = started.keep_file
        started.session.load = started.find_file
        if client_sdk is not None:
            started.session.speak_as(client_sdk)
        if client_certificate is not None:
            started.session.connect_with(client_certificate)
        tool_id = f"tool-{uuid.uuid4().hex}"
        if not started.session.closed:  # as a tool is that finds no HSM
            sessions().tools[tool_id] = started
        return {**_show(tool_id, started), "tool": tool}


def _the_only_cluster() -> str:
    known = cluster_ids()
    if not known:
        raise KeyError("There is no cluster.")
    if len(known) > 1:
        raise ValueError(f"Say which cluster: {', '.join(known)}.")
    return known[0]


def continue_tool(
    tool_id: str,
    command: str | None = None,
    answer: str | None = None,
    abandon: bool = False,
    single: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give a tool a command, its own command line or an answer, or abandon the command."""
    with WORLD:
        tool = _open(tool_id)
        session = tool.session
        turn = _take_turn(session, command, answer, abandon, single)
        if session.closed:
            del sessions().tools[tool_id]
        return {
            "output": turn.output,
            "question": None if turn.question is None else asdict(turn.question),
            "status": turn.status,
            "files": tool.take_files(),
            **_state(session),
        }


def _take_turn(
    session: ToolSession,
    command: str | None,
    answer: str | None,
    abandon: bool,
    single: Mapping[str, Any] | None,
) -> Turn:
    if command is not None:
        return session.begin(command)
    if single is not None:
        return session.begin_single(single["words"], single.get("environment"))
    if answer is not None:
        return session.answer(answer)
    assert abandon  # it is exactly one of the four
    session.abandon()
    return Turn("")


def give_file(tool_id: str, path: str, text: str) -> None:
    """Give a tool a file to read, until it has ended."""
    with WORLD:
        _open(tool_id).given[path] = text


def end_tool(tool_id: str) -> None:
    with WORLD:
        _open(tool_id).session.close()
        del sessions().tools[tool_id]


def _open(tool_id: str) -> OpenTool:
    tool = sessions().tools.get(tool_id)
    if tool is None:
        raise KeyError(f"There is no tool {tool_id}")
    return tool


def _show(tool_id: str, tool: OpenTool) -> dict[str, Any]:
    return {
        "id": tool_id,
        "tool": tool.session.name,
        "cluster_id": tool.cluster_id,
        "greeting": tool.session.greeting,
        **_state(tool.session),
    }


def _state(session: ToolSession) -> dict[str, Any]:
    return {"prompt": session.prompt, "closed": session.closed}


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_tools": list_tools,
    "start_tool": start_tool,
    "continue_tool": continue_tool,
    "end_tool": end_tool,
    "give_file": give_file,
}
