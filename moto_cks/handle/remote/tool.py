"""A tool that runs in a server."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from moto_cks.handle.remote.control_api import ControlApi, ServerError
from moto_cks.tools.client_sdk import TOOLS, version_in
from moto_cks.tools.client_tls import client_certificate
from moto_cks.tools.files import files_named, words_of
from moto_cks.tools.turns import Question, RunningTool, Turn, load_locally, save_locally


class RemoteTool(RunningTool):
    """A tool that a server runs; what is said to it is described in its base.

    Args:
        api: the control API of the server.
        tool: the name of the executable.
        cluster_id: the cluster; by default the only one that the server has.

    Attributes:
        cluster_id: the cluster that it works on.

    Raises:
        Exception: what the control API raises.
    """

    def __init__(self, api: ControlApi, tool: str, cluster_id: str | None = None) -> None:
        body: dict[str, Any] = {"tool": tool}
        if cluster_id is not None:
            body["cluster_id"] = cluster_id
        version = version_in(os.environ) if tool in TOOLS else None
        if version is not None:
            body["client_sdk"] = version
        if tool not in TOOLS:
            certificate = client_certificate(os.environ, load_locally)
            body |= {"client_certificate": certificate} if certificate else {}
        started = api.post("tools", body=body)
        self.save = save_locally
        self.load = load_locally
        self.closed = started["closed"]
        self.cluster_id: str = started["cluster_id"]
        self._api = api
        self._name = tool
        self._path = ("tools", str(started["id"]))
        self._greeting: str = started["greeting"]
        self._prompt: str = started["prompt"]

    def __repr__(self) -> str:
        return f"<{self.name} on {self.cluster_id}>"

    @property
    def name(self) -> str:
        return self._name

    @property
    def greeting(self) -> str:
        return self._greeting

    @property
    def prompt(self) -> str:
        return self._prompt

    def begin(self, command: str) -> Turn:
        self._give_files(words_of(command))
        return self._turn({"command": command})

    def begin_single(
        self, words: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Turn:
        self._give_files(words)
        return self._turn(
            {"single": {"words": list(words), "environment": dict(environment or {})}}
        )

    def answer(self, text: str) -> Turn:
        return self._turn({"answer": text})

    def abandon(self) -> None:
        if not self.closed:
            self._turn({"abandon": True})

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        try:
            self._api.delete(*self._path)
        except (KeyError, RuntimeError):
            return  # a reset of moto has ended it
        except ServerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def _give_files(self, words: Sequence[str]) -> None:
        """Give the server the files that a command names; what cannot be read it says itself."""
        for path in () if self.closed else files_named(words):
            try:
                text = self.load(path)
            except (OSError, ValueError):
                continue
            self._api.post(*self._path, "files", body={"path": path, "text": text})

    def _turn(self, body: Mapping[str, Any]) -> Turn:
        if self.closed:
            raise RuntimeError(f"This session of {self.name} is closed.")
        reply = self._api.post(*self._path, body=body)
        for file in reply["files"]:
            self.save(file["path"], file["text"])
        self._prompt = reply["prompt"]
        self.closed = reply["closed"]
        asked = reply["question"]
        question = None if asked is None else Question(asked["text"], asked["hidden"])
        return Turn(reply["output"], question, reply["status"])
