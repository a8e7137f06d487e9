"""The AWS CLI, as far as the steps of the repairs need it: a command becomes a call of boto3.

Options, shorthand syntax, ``file://``, ``fileb://`` and ``--query`` are read as the AWS CLI reads
them, by botocore's service models. Where the AWS CLI itself is installed, ``test_aws_cli.py`` holds
this against it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import jmespath
from botocore import xform_name

Client = Callable[[str], Any]

FLAGS = {"--ingress": ("Egress", False), "--egress": ("Egress", True)}
"""Options that the AWS CLI has in the place of a boolean member."""


class AwsCli:
    """Types ``aws …``.

    Args:
        client: makes a client of a service.
        files: the content of the files that commands name.
    """

    def __init__(self, client: Client, files: Mapping[str, str] | None = None) -> None:
        self._client = client
        self.files = files or {}

    def run(self, line: str) -> Any:
        """What a command answers, after its ``--query``."""
        service, operation, parameters, query = self.parse(line)
        answer = _written(getattr(self._client(service), operation)(**parameters))
        return answer if query is None else jmespath.search(query, answer)

    def parse(self, line: str) -> tuple[str, str, dict[str, Any], str | None]:
        """Service, method of the client, parameters and query of a command."""
        program, service, command, *words = shlex.split(line)
        assert program == "aws", line
        operation = command.replace("-", "_")
        client = self._client(service)
        name = client.meta.method_to_api_mapping[operation]
        shape = client.meta.service_model.operation_model(name).input_shape
        options = self._options(words)
        query = options.pop("--query", [None])[0]
        parameters = _rules(options)
        for option, values in options.items():
            if option in FLAGS:
                member, value = FLAGS[option]
                assert not values, line
                parameters[member] = value
                continue
            member = _member(shape, option)
            parameters[member] = self._value(shape.members[member], values)
        return service, operation, parameters, query

    @staticmethod
    def _options(words: list[str]) -> dict[str, list[str]]:
        options: dict[str, list[str]] = {}
        for word in words:
            if word.startswith("--"):
                options[word] = values = []
            else:
                values.append(word)
        return options

    def _value(self, shape: Any, values: list[str]) -> Any:
        if shape.type_name == "list" and shape.member.type_name in ("string", "integer"):
            return [self._value(shape.member, [value]) for value in values]
        if shape.type_name == "list":
            return [_shorthand(shape.member, value) for value in values]
        (value,) = values
        if shape.type_name in ("map", "structure"):
            return _shorthand(shape, value)
        if value.startswith("file://"):
            return self.files[value.removeprefix("file://")]
        if value.startswith("fileb://"):
            return self.files[value.removeprefix("fileb://")].encode()
        return _scalar(shape, value)


def _written(answer: Any) -> Any:
    """An answer as the AWS CLI writes it: times are text."""
    if isinstance(answer, dict):
        return {name: _written(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_written(value) for value in answer]
    return answer.isoformat() if isinstance(answer, datetime) else answer


def _member(shape: Any, option: str) -> str:
    (member,) = (name for name in shape.members if f"--{xform_name(name, '-')}" == option)
    return str(member)


def _rules(options: dict[str, list[str]]) -> dict[str, Any]:
    """The permission that --protocol, --port and --source-group describe."""
    if "--protocol" not in options:
        return {}
    (protocol,), (port,), (group,) = (
        options.pop(f"--{name}") for name in ("protocol", "port", "source-group")
    )
    first, last = port.split("-")
    rule = {
        "IpProtocol": protocol,
        "FromPort": int(first),
        "ToPort": int(last),
        "UserIdGroupPairs": [{"GroupId": group}],
    }
    return {"IpPermissions": [rule]}


def _scalar(shape: Any, value: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name == "blob":
        return value.encode()  # as version 1 of the AWS CLI has it; version 2 reads Base64
    assert shape.type_name == "string", shape
    return value


_PAIR = re.compile(r"(\w+)=(\[[^\]]*\]|[^,]*(?:,[^,=]+(?=,|$))*)(?:,|$)")


def _shorthand(shape: Any, text: str) -> Any:
    """``Name=value,Name=[{Name=value}]``, the shorthand syntax of the AWS CLI."""
    found: dict[str, Any] = {}
    for name, value in _PAIR.findall(text):
        inner = shape.value if shape.type_name == "map" else shape.members[name]
        if inner.type_name != "list":
            found[name] = _scalar(inner, value)
        elif value.startswith("["):
            found[name] = [
                _shorthand(inner.member, item) for item in re.findall(r"\{([^}]*)\}", value)
            ]
        else:
            found[name] = value.split(",")
    return found
