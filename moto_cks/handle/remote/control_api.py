"""The other side of the control API: what speaks to a server that runs.

The remote handle and the console scripts use it. It needs nothing but the standard library.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

BASE_PATH = "/moto-api/cks"
ADDRESS_NOT_FREE = "ADDRESS_NOT_FREE"
"""The code of the refusal where an external key store proxy cannot listen."""

TIMEOUT = 60
"""Seconds to wait for an answer."""

Query = Mapping[str, "str | Sequence[str]"]


class ServerError(Exception):
    """The server refused a request.

    Attributes:
        status: the HTTP status.
        message: what it says.
        code: what it calls the reason, where it does.
        operation: the AWS operation that failed, where one did.
        missing: what is missing for what was asked, where something is.
        refusal: the message and the HTTP status of AWS's refusal, to the letter, where it is one.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        operation: str | None = None,
        missing: Sequence[str] | None = None,
        refusal: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.operation = operation
        self.missing = missing
        self.refusal = refusal

    def __reduce__(self) -> tuple[Any, ...]:
        details = self.code, self.operation, self.missing, self.refusal
        return type(self), (self.status, self.message, *details)


class NoServerError(ConnectionError):
    """Nothing that speaks the control API answers at the endpoint."""


class ControlApi:
    """Speaks to the control API of one server.

    Args:
        endpoint: its URL, as ``http://127.0.0.1:5000``.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        # The server is addressed, not a proxy on the way to it.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self.endpoint.startswith("https:"):
            context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def __repr__(self) -> str:
        return f"<ControlApi of {self.endpoint}>"

    def get(self, *path: str, query: Query | None = None) -> Any:
        """GET; see :meth:`request`."""
        return self.request("GET", path, query=query)

    def post(self, *path: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST; see :meth:`request`."""
        return self.request("POST", path, body=body or {})

    def put(self, *path: str, body: Mapping[str, Any]) -> Any:
        """PUT; see :meth:`request`."""
        return self.request("PUT", path, body=body)

    def delete(self, *path: str, query: Query | None = None) -> Any:
        """DELETE; see :meth:`request`."""
        return self.request("DELETE", path, query=query)

    def request(
        self,
        method: str,
        path: Sequence[str],
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask the server.

        Args:
            method: the HTTP method.
            path: the segments of the path below :data:`BASE_PATH`.
            query: the parameters of the query.
            body: what is sent as JSON.

        Returns:
            The JSON of the answer; ``None`` where it has none.

        Raises:
            ServerError: the server refuses.
            NoServerError: there is none, or one of another kind.
        """
        url = "/".join([self.endpoint + BASE_PATH, *(quote(part, safe="") for part in path)])
        if query:
            url += "?" + urllib.parse.urlencode(query, doseq=True)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return self._read(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error.code, error.read()) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise NoServerError(f"Cannot reach {self.endpoint}: {reason}") from None

    def _refusal(self, status: int, content: bytes) -> ServerError:
        body = self._read(content)
        if not isinstance(body, dict) or not isinstance(body.get("message"), str):
            raise self._stranger()
        details = (body.get(name) for name in ("code", "operation", "missing", "refusal"))
        return ServerError(status, body["message"], *details)

    def _read(self, content: bytes) -> Any:
        try:
            return json.loads(content) if content else None
        except ValueError:
            raise self._stranger() from None

    def _stranger(self) -> NoServerError:
        return NoServerError(f"{self.endpoint} answers, but it is no server of moto_cks.")
