"""The way of a request to moto's own API and to the control API.

It leads past the guard, and bodies have a limit.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from moto_cks.control.responses import BASE_PATH
from moto_cks.control.specification import routes
from moto_cks.server.bodies import read_body
from moto_cks.server.errors import RefusedError
from moto_cks.server.guard import Guard, Refusal

MAX_BODY = 64 * 1024 * 1024
"""The longest body, in bytes, that moto's own API takes: a recording. The control API says itself
how much its operations take."""

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Any], Iterable[bytes]]


def answer(
    guard: Guard, moto: Application, environ: Environ, start_response: Any
) -> Iterable[bytes]:
    """Answer a request, or refuse it."""
    refusal = guard.refusal(environ)
    if refusal is not None:
        return _refuse(refusal, start_response)
    allowed = allowing(environ) if guard.is_allowed_origin(environ) else []
    if allowed and environ["REQUEST_METHOD"] == "OPTIONS":
        start_response("204 No Content", allowed)
        return []
    try:
        body = read_body(environ, _longest() if _controls(environ) else MAX_BODY)
    except RefusedError as refused:
        return _refuse(why_refused(refused), start_response, *allowed)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))

    def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
        # moto's server lets pages of all origins read everything.
        kept = [each for each in headers if not each[0].lower().startswith("access-control-")]
        return start_response(status, [*kept, *allowed], exc_info)

    return moto(environ, start)


def allowing(environ: Environ) -> Headers:
    """The headers by which a browser lets the page of another origin that asks read the answer."""
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    return [
        ("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"]),
        ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"),
        *([("Access-Control-Allow-Headers", asked)] if asked else []),
        ("Vary", "Origin"),
    ]


def _controls(environ: Environ) -> bool:
    """Whether a request is one to the control API, which looks at the lengths of bodies."""
    return str(environ["PATH_INFO"]).startswith(f"{BASE_PATH}/")


def _longest() -> int:
    return max(operation.max_bytes or 0 for operation in routes())


def why_refused(refused: RefusedError) -> Refusal:
    """The same in the words of this API, which has no exceptions of AWS."""
    return Refusal(refused.error.message, HTTPStatus(refused.error.status))


def answer_to_refused(refusal: Refusal) -> tuple[bytes, Headers]:
    """The body and the headers of the answer to a request that is refused."""
    body = json.dumps({"message": refusal.message}).encode()
    return body, [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        # What the client goes on to send is no next request.
        ("Connection", "close"),
        *([("Allow", "POST")] if refusal.status is HTTPStatus.METHOD_NOT_ALLOWED else []),
    ]


def _refuse(refusal: Refusal, start_response: Any, *more: tuple[str, str]) -> Iterable[bytes]:
    body, headers = answer_to_refused(refusal)
    start_response(f"{refusal.status.value} {refusal.status.phrase}", [*headers, *more])
    return [body]
