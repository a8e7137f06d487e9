"""The example pages of the AWS CLI, where it is installed, and the outputs that they document."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVICES = ("kms", "cloudhsmv2")


@dataclass(frozen=True)
class Page:
    """One example of a page.

    Args:
        service: of which service.
        command: what the page is about: the operation's name in the CLI.
        number: which example of the page, from 1.
        output: the answer that is documented; None where there is none, or text only.
    """

    service: str
    command: str
    number: int
    output: dict[str, Any] | None

    @property
    def id(self) -> str:
        return f"{self.command}-{self.number}"


def folder() -> Path | None:
    """Where the pages are: in this environment, or in that of a command ``aws``."""
    found = importlib.util.find_spec("awscli")
    if found is not None and found.origin is not None:
        return Path(found.origin).parent / "examples"
    for directory in os.get_exec_path():  # the first may be a shim, which lies elsewhere
        environment = Path(directory, "aws").resolve().parent.parent
        for examples in environment.glob("lib/python3*/site-packages/awscli/examples"):
            return examples
    return None


def blocks(text: str) -> Iterator[str]:
    """The indented blocks of a page, in order, without their indentation."""
    lines: list[str] = []
    for line in [*text.splitlines(), "."]:
        if line.startswith("  "):
            lines.append(line.strip())
        elif line.strip() and lines:
            yield "\n".join(lines).strip()
            lines = []


TOKEN = re.compile(r'"[^"\n]*"|[{}\[\]]|:(?=[\s"{\[])|[^\s,{}\[\]"]+')


def parsed(block: str) -> Any:
    """A block of JSON as documentation has it: commas and quotation marks may be missing."""
    tokens = iter(TOKEN.findall(block))

    def value(token: str) -> Any:
        if token == "{":
            members: dict[str, Any] = {}
            while (name := next(tokens)) != "}":
                if name != "...":
                    assert next(tokens) == ":", f"{name} has no value:\n{block}"
                    members[name.strip('"')] = value(next(tokens))
            return members
        if token == "[":
            return [value(entry) for entry in iter(lambda: next(tokens), "]") if entry != "..."]
        return token.strip('"')

    return value(next(tokens))


def documented(text: str, service: str, command: str) -> dict[str, Any] | None:
    """What an example says that its command answers."""
    outputs_json = False
    for block in blocks(text):
        if "aws " in block:
            ours = re.search(rf"aws {service} {command}(?![\w-])", block) is not None
            outputs_json = ours and "--output text" not in block
        elif outputs_json and block.startswith("{"):
            return dict(parsed(block))
    return None


def pages() -> list[Page]:
    """All examples of all pages; none where the AWS CLI is not installed."""
    found = folder()
    if found is None:
        return []
    return [
        Page(service, path.stem, number, documented(text, service, path.stem))
        for service in SERVICES
        for path in sorted((found / service).glob("*.rst"))
        for number, text in enumerate(
            re.split(r"(?m)^\*\*(?!NOTE)[^\n]+\*\*", path.read_text(encoding="utf-8"))[1:], 1
        )
    ]
