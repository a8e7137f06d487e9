"""A tool that runs in a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from moto_cks.handle.remote.control_api import ControlApi, ServerError
from moto_cks.tools.session import Question, Script, ToolSession, Turn, save_locally


class RemoteToolSession(ToolSession):
    """A tool that a server runs; see :class:`moto_cks.tools.session.ToolSession`.

    Args:
        client: the control API of the server.
        tool: the name of the executable.
        cluster_id: the cluster; by default the only one that the server has.

    Raises:
        Exception: what the client raises.
    """

    def __init__(
        self,
        client: ControlApi,
        tool: str,
        cluster_id: str | None = None,
    ) -> None:
        body: dict[str, Any] = {"tool": tool}
        if cluster_id is not None:
            body["cluster_id"] = cluster_id
        started = client.post("tools", body=body)
        self.name = tool  # type: ignore[misc]
        self.closed = started["closed"]
        self.save = save_locally
        self.cluster_id: str = started["cluster_id"]
        self._client = client
        self._path = ("tools", str(started["id"]))
        self._greeting: str = started["greeting"]
        self._prompt: str = started["prompt"]

    def __repr__(self) -> str:
        return f"<{self.name} on {self.cluster_id}>"

    @property
    def greeting(self) -> str:
        """What it prints when it starts."""
        return self._greeting

    @property
    def prompt(self) -> str:
        """What stands before the next command."""
        return self._prompt

    def begin(self, command: str) -> Turn:
        """Give a command."""
        return self._turn({"command": command})

    def begin_single(
        self, words: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Turn:
        """Give what stands on the tool's own command line."""
        return self._turn(
            {"single": {"words": list(words), "environment": dict(environment or {})}}
        )

    def answer(self, text: str) -> Turn:
        """Answer the question of the turn before."""
        return self._turn({"answer": text})

    def abandon(self) -> None:
        """Give no answer; the command does no more."""
        if not self.closed:
            self._turn({"abandon": True})

    def close(self) -> None:
        """End the tool, and with it its logins; a second time does nothing."""
        if not self.closed:
            self.closed = True
            self.log_out()

    def log_out(self) -> None:
        """End the logins of this session, which ends it."""
        try:
            self._client.delete(*self._path)
        except KeyError:
            return  # a reset of moto has ended it
        except ServerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def execute(self, line: str) -> Script:
        """Carry out one command; that is the server's part."""
        raise NotImplementedError("The commands are carried out in the server.")

    def _turn(self, body: Mapping[str, Any]) -> Turn:
        if self.closed:
            raise RuntimeError(f"This session of {self.name} is closed.")
        reply = self._client.post(*self._path, body=body)
        for file in reply["files"]:
            self.save(file["path"], file["text"])
        self._prompt = reply["prompt"]
        self.closed = reply["closed"]
        asked = reply["question"]
        question = None if asked is None else Question(asked["text"], asked["hidden"])
        return Turn(reply["output"], question, reply["status"])
