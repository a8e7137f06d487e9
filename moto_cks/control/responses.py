"""Answers requests to the control API."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from moto.core.common_types import TYPE_RESPONSE
from moto.core.request import Request, normalize_request

from moto_cks.control import console
from moto_cks.control.operations import OPERATIONS
from moto_cks.control.operations.xks_causes import ListeningError
from moto_cks.control.specification import RequestError, routes
from moto_cks.failures.errors import UnmetNeedError
from moto_cks.handle.remote.control_api import ADDRESS_NOT_FREE
from moto_cks.hsm import HsmError

BASE_PATH = "/moto-api/cks"
MAX_BODY = 1024 * 1024
"""The longest body, in bytes, of an operation that does not say otherwise (x-max-bytes)."""


def answer(request: Request, full_url: str, headers: Any) -> TYPE_RESPONSE:
    """Answer a request, as moto's handlers do."""
    request = normalize_request(request)  # the proxy of moto before 5.2.4 has one of botocore's
    if request.method == "OPTIONS":  # a browser asks whether it may ask
        return 204, {}, ""
    path = request.path.removeprefix(BASE_PATH)
    if console.belongs(path) and request.method in ("GET", "HEAD"):
        return console.page(path)
    try:
        operation, in_path = routes().find(request.method, path)
        query = {name: request.args.getlist(name) for name in request.args}
        body = _body(request, operation.max_bytes or MAX_BODY)
        arguments = operation.arguments(in_path, query, body)
        result = OPERATIONS[operation.name](**arguments)
    except Exception as error:
        return _refusal(error)
    return _reply(operation.success, result)


def _body(request: Request, most: int) -> bytes:
    length = request.content_length or 0
    if length <= most:
        # Not request.data: that leaves out what the client calls a form.
        body = request.get_data(parse_form_data=False)
        length = len(body)
    if length > most:
        raise RequestError(413, f"A body has at most {most:,} bytes.", {"Connection": "close"})
    return body


def _reply(status: int, result: Any, headers: dict[str, str] | None = None) -> TYPE_RESPONSE:
    if result is None:
        return status, dict(headers or {}), ""
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(result)


# What the handle raises, and how HTTP says it; the first that fits.
_REFUSALS: tuple[tuple[type[Exception], Callable[[Any], tuple[int, dict[str, Any]]]], ...] = (
    (HsmError, lambda error: (409, {"message": str(error), "code": error.code.name})),
    (
        ClientError,
        lambda error: (
            422,
            {
                "message": error.response["Error"]["Message"],
                "code": error.response["Error"]["Code"],
                "operation": error.operation_name,
                "refusal": {
                    "message": error.response["Error"]["Message"],
                    "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
                },
            },
        ),
    ),
    # A client of this process finds it wrong before it is asked of AWS.
    (ParamValidationError, lambda error: (400, {"message": str(error)})),
    (ListeningError, lambda error: (409, {"message": str(error), "code": ADDRESS_NOT_FREE})),
    (
        UnmetNeedError,
        lambda error: (409, {"message": str(error), "missing": list(error.missing)}),
    ),
    (KeyError, lambda error: (404, {"message": error.args[0]})),
    (RuntimeError, lambda error: (409, {"message": str(error)})),
    (ValueError, lambda error: (400, {"message": str(error)})),
)


def _refusal(error: Exception) -> TYPE_RESPONSE:
    if isinstance(error, RequestError):
        return _reply(error.status, {"message": error.message}, error.headers)
    for kind, tell in _REFUSALS:
        if isinstance(error, kind):
            status, body = tell(error)
            return _reply(status, {**body, "message": _sentence(body["message"])})
    traceback.print_exception(error, file=sys.stderr)
    return _reply(500, {"message": "The server has failed; on its stderr it says why."})


def _sentence(message: str) -> str:
    return message if message.endswith((".", "!", "?")) else f"{message}."
