"""Requests with a wrong value in one place, as no SDK would send them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import requests

from tests.aws import REGION

WRONG: list[Any] = [
    *(None, True, 1, 1.5, -1, 0.5, 10**30, "", "x", "\ud800", "eA", "eA=="),
    *([], [None], ["x"], [1.5], [[]], [{}], {}, {"a": None}, {"a": 1.5}, {"": "x"}),
    {"a": {"b": []}},
]
RAW = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "nul", "[1", '"\\ud800"', '"\\u0000"']
"""Values that Python does not write, or that are no JSON."""


def blob(value: bytes) -> str:
    return base64.b64encode(value).decode()


def valid(shape: Any, known: dict[str, Any], name: str = "") -> Any:
    """A value as an SDK would send it."""
    if name in known:
        return known[name]
    if shape.type_name == "structure":
        return {member: valid(inner, known, member) for member, inner in shape.members.items()}
    if shape.type_name == "list":
        return [valid(shape.member, known, name.removesuffix("s"))]
    if shape.type_name == "map":
        return {"name": "value"}
    if shape.type_name == "string":
        return shape.metadata.get("enum", ["something"])[0]
    return {"blob": blob(b"bytes"), "boolean": False}.get(
        shape.type_name, shape.metadata.get("min", 1)
    )


def places(shape: Any, value: Any) -> Iterator[tuple[Any, ...]]:
    """Where values are in a request, as paths."""
    for name, member in shape.members.items():
        yield (name,)
        inner = value[name]
        if member.type_name == "structure":
            yield from ((name, *rest) for rest in places(member, inner))
        elif member.type_name == "list" and member.member.type_name == "structure":
            yield from ((name, 0, *rest) for rest in places(member.member, inner[0]))


def put(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    """A copy of a request with another value in one place."""
    copied = json.loads(json.dumps(value))
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    return copied


def bodies(shape: Any, request: Any) -> Iterator[bytes]:
    """A request with every wrong value in every place."""
    for path in places(shape, request):
        yield from (json.dumps(put(request, path, wrong)).encode() for wrong in WRONG)
        marked = json.dumps(put(request, path, "@@@"))
        yield from (marked.replace('"@@@"', raw).encode() for raw in RAW)


TARGETS = {"kms": ("kms", "TrentService"), "cloudhsmv2": ("cloudhsmv2", "BaldrApiService")}
"""The host name of each service, and what the targets of its requests begin with."""


def send(service: str, operation: str, body: bytes) -> tuple[int, str]:
    """Send a request in this process; the status and the body of the answer."""
    host, prefix = TARGETS[service]
    answer = requests.post(
        f"https://{host}.{REGION}.amazonaws.com/",
        data=body,
        headers={"X-Amz-Target": f"{prefix}.{operation}"},
    )
    return answer.status_code, answer.text
