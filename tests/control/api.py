"""A client of the control API that holds every answer against the OpenAPI document."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from moto_cks.control.specification import document, validator


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any


@dataclass
class Api:
    """The control API of a server on this machine.

    Attributes:
        seen: the operations that have succeeded.
    """

    port: int
    seen: set[str] = field(default_factory=set)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: dict[str, Any] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Ask, and check the answer against the document."""
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        target = f"/moto-api/cks{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, target, content)
            response = connection.getresponse()
            received = response.read()
        finally:
            connection.close()
        answer = Answer(response.status, json.loads(received) if received else None)
        self._check(method, path, answer, response.headers.get_content_type())
        return answer

    def _check(self, method: str, path: str, answer: Answer, content_type: str) -> None:
        if answer.body is not None:
            assert content_type == "application/json"
        operation = operation_of(method, path)
        if operation is None:
            assert answer.status in (404, 405)
            validator({"$ref": "#/components/schemas/Error"}).validate(answer.body)
            return
        responses = operation["responses"]
        assert str(answer.status) in responses, answer
        content = responses[str(answer.status)].get("content")
        if content is None:
            assert answer.body is None
        else:
            validator(content["application/json"]["schema"]).validate(answer.body)
        if answer.status < 300:
            self.seen.add(operation["operationId"])

    def refused(self, status: int, method: str, path: str, *args: Any, **kwargs: Any) -> str:
        """What a request is told that must fail."""
        answer = self(method, path, *args, **kwargs)
        assert answer.status == status, answer
        message: str = answer.body["message"]
        assert re.fullmatch(r"\S.*[.!?]", message, re.DOTALL), f"no sentence: {message}"
        return message


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """What the document says of a request."""
    for template, operations in document()["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in operations:
            return operations[method.lower()]  # type: ignore[no-any-return]
    return None
