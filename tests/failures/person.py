"""Somebody at a terminal, who types the commands of a repair."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import jmespath

from moto_cks import Cks
from moto_cks.failures.instructions import Command, Instruction, Tool
from moto_cks.failures.placeholders import fill, placeholders
from moto_cks.failures.steps import QUORUM_SIGNATURES, TOKEN_FILE
from moto_cks.tools.client_tls import CERTIFICATE_VARIABLE, KEY_VARIABLE
from tests.certificates import Identity
from tests.failures.aws_cli import AwsCli, Client


class Person:
    """Types commands, and keeps the tools open from one step to the next.

    Args:
        world: the handle.
        client: makes a client of a service.
        cluster: the ID of the cluster that the tools work on now.
        values: what the person knows: passwords.
        files: the person's files.
        sign: has other people sign the file of a quorum token.
        client_of_tools: what cloudhsm-cli connects with, where it is configured with a certificate.

    Attributes:
        typed: what was typed, in order.
    """

    def __init__(
        self,
        world: Cks,
        client: Client,
        cluster: Callable[[], str],
        values: Mapping[str, str],
        files: Mapping[str, str],
        sign: Callable[[str], str],
        client_of_tools: Identity | None = None,
    ) -> None:
        self._client = client_of_tools
        self._files = dict(files)
        self._sign = sign
        self._aws = AwsCli(client, files)
        self._cluster = cluster
        self._values = dict(values)
        self._start: dict[Tool, Callable[[str], Any]] = {
            Tool.CLOUDHSM_MGMT_UTIL: world.cloudhsm_mgmt_util,
            Tool.KEY_MGMT_UTIL: world.key_mgmt_util,
            Tool.CLOUDHSM_CLI: world.cloudhsm_cli,
        }
        self._open: dict[Tool, Any] = {}
        self.typed: list[str] = []

    def is_at(self, tool: Tool) -> bool:
        """Whether the person has a tool open."""
        return tool in self._open

    def follow(self, instruction: Instruction, *, with_older_tools: bool) -> None:
        """Type what a step says."""
        commands = instruction.commands
        if with_older_tools and instruction.with_older_tools:
            commands = instruction.with_older_tools
        for command in commands:
            self._type(command)
        if instruction.name == QUORUM_SIGNATURES.name:
            self._files[TOKEN_FILE] = self._sign(self._files[TOKEN_FILE])

    def _type(self, command: Command) -> None:
        line = fill(command.line, self._values)
        answers = [fill(answer, self._values) for answer in command.answers]
        for text in (line, *answers):
            assert not placeholders(text), text
        self.typed.append(line)
        if command.tool is Tool.AWS:
            answer = self._aws.run(line)
            if command.gives is not None:
                name, query = command.gives
                value = jmespath.search(query, answer)
                assert isinstance(value, str), (line, answer)
                self._values[name] = value
            return
        self._type_at_tool(command.tool, line, answers)

    def _type_at_tool(self, tool: Tool, line: str, answers: list[str]) -> None:
        if tool not in self._open:
            with configured(self._client):
                started = self._open[tool] = self._start[tool](self._cluster())
            started.save, started.load = self._files.__setitem__, self._files.__getitem__
        session = self._open[tool]
        output = session.run(line, *answers)
        assert not any(sign in output for sign in REFUSED), (line, output)
        if session.closed:
            del self._open[tool]


@contextmanager
def configured(client: Identity | None) -> Iterator[None]:
    """A context in which cloudhsm-cli starts with a client certificate."""
    if client is None:
        yield
        return
    with TemporaryDirectory() as folder:
        variables = {}
        for name, text in ((CERTIFICATE_VARIABLE, client.chain), (KEY_VARIABLE, client.key_pem)):
            path = Path(folder) / name
            path.write_text(text)
            variables[name] = str(path)
        with patch.dict(os.environ, variables):
            yield


REFUSED = (
    "failed:",
    "failed on server",
    "HSM Error",
    "Usage:",
    "returned: 0x3",
    '"error_code": 1',
)
"""What tools print where something goes wrong."""
