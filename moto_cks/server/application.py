"""The WSGI application: moto's, with a short way to the services of this package.

KMS, CloudHSM and CloudTrail are answered by the same entry that moto's botocore stubber uses.
Everything else, moto's own API and the control API among it, goes the way of moto's server. Nothing
leaves here but an answer: what a service cannot handle ends as an error of AWS.
"""

from __future__ import annotations

import io
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError
from moto import settings
from moto.core.request import Request
from moto.moto_api import recorder
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException

from moto_cks.cloudhsmv2.responses import CksCloudHSMV2Response
from moto_cks.cloudtrail.responses import CksCloudTrailResponse
from moto_cks.frontend import behalf
from moto_cks.frontend.bodies import json_object
from moto_cks.frontend.dispatch import WorldResponse
from moto_cks.frontend.validation import SerializationException
from moto_cks.kms.responses import CksKmsResponse
from moto_cks.server import errors, own_api
from moto_cks.server.bodies import read_body, take_in
from moto_cks.server.errors import AwsError, RefusedError
from moto_cks.server.guard import Guard
from moto_cks.world.botocore_session import service_model

MAX_BODY = 1024 * 1024
"""The longest body of a request to one of the services here, in bytes."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Answer = tuple[int, dict[str, Any], "str | bytes"]

_SCOPE = re.compile(r"AWS4-\S+\s+(?:\S+\s+)*?Credential=[^/,\s]+/\d*/([\w-]+)/([\w-]+)")
_NOT_SENT = ("status", "content-type")  # moto's own note; and its spelling of what is set here
_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(frozen=True)
class Service:
    """A service that is answered the short way.

    Attributes:
        response: its response class.
        operations: what it can do, by AWS's names.
    """

    response: type[WorldResponse]
    operations: frozenset[str]


def _service(response: type[WorldResponse]) -> tuple[str, str, Service]:
    model = service_model(response.service)
    service = Service(response, frozenset(model.operation_names))
    return model.metadata["targetPrefix"], model.signing_name, service


_SERVICES = [
    _service(response)
    for response in (CksKmsResponse, CksCloudHSMV2Response, CksCloudTrailResponse)
]
_BY_TARGET = {target: service for target, _, service in _SERVICES}
_SIGNING_NAMES = frozenset(name for _, name, _ in _SERVICES)


class ServerRequest(Request):
    """A request that came over HTTP: the server adds the date to the answer."""

    from_wsgi_server = True


class Application:
    """moto's server as a WSGI application, with the short way in front.

    Args:
        guard: who may use moto's own API and the control API.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        try:
            if self._guard.guards(environ):
                return own_api.answer(self._guard, self._moto, environ, start_response)
            service = _service_of(environ)
            if service is None:
                take_in(environ)
                with behalf.answering(WsgiHeaders(environ)):
                    return self._moto(environ, start_response)  # type: ignore[no-any-return]
            status, headers, body = _answer(service, environ)
        except RefusedError as refused:
            return _refuse(refused.error, environ, start_response)
        except NotImplementedError as error:
            return _refuse(errors.not_implemented(str(error)), environ, start_response)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return _refuse(errors.INTERNAL_FAILURE, environ, start_response)
        # moto says what kind of JSON it is, or not, operation by operation
        return _send(
            status, {**headers, "Content-Type": errors.JSON_TYPE}, body, environ, start_response
        )


def _service_of(environ: Environ) -> Service | None:
    """The service of this package that a request is for.

    Raises:
        RefusedError: the signature is such that nobody can tell, moto's server least of all.
    """
    service = _BY_TARGET.get(environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[0])
    if service is not None:
        return service
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    if "AWS4" not in authorization:
        return None
    scope = _SCOPE.match(authorization)
    if scope is None:
        raise RefusedError(errors.INCOMPLETE_SIGNATURE)
    if scope[2] in _SIGNING_NAMES:  # it is for a service of this package, with a wrong target
        raise RefusedError(errors.UNKNOWN_OPERATION)
    return None


def _answer(service: Service, environ: Environ) -> Answer:
    """Answer a request to a service.

    Raises:
        RefusedError: the front end refuses it.
        NotImplementedError: moto does not know the operation.
    """
    _check(service, environ)
    content = read_body(environ, MAX_BODY)
    body = _read_json(content)
    if recorder._user_enabled:
        recorder._record_request(_whole_request(environ, content))
    environ["CONTENT_TYPE"] = errors.JSON_TYPE
    request = AWSPreparedRequest("POST", _url(environ), WsgiHeaders(environ), content, False)
    try:
        return service.response.answer(
            request, environ["HTTP_X_AMZ_TARGET"], body=body, dated=False
        )
    except ClientError as error:
        said = error.response["Error"]
        raise RefusedError(AwsError(400, said["Code"], said["Message"])) from None
    except HTTPException as error:
        return error.code or 400, dict(error.get_headers()), error.get_body()


_WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


class WsgiHeaders(Mapping[str, str]):
    """The headers of a request as a WSGI server has them."""

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        variable = name.upper().replace("-", "_")
        value: str = self._environ[variable if variable in _WITHOUT_PREFIX else f"HTTP_{variable}"]
        return value

    def __iter__(self) -> Iterator[str]:
        names = (name for name in self._environ if name.startswith("HTTP_"))
        return (name[5:].replace("_", "-").title() for name in names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _url(environ: Environ) -> str:
    host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
    return f"{environ['wsgi.url_scheme']}://{host}/"


def _whole_request(environ: Environ, content: bytes) -> ServerRequest:
    """A request as moto's recorder wants it."""
    return ServerRequest(
        {
            **environ,
            "QUERY_STRING": "",
            "wsgi.input": io.BytesIO(content),
            "CONTENT_LENGTH": str(len(content)),
        }
    )


def _check(service: Service, environ: Environ) -> None:
    operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if operation not in service.operations or environ["REQUEST_METHOD"] != "POST":
        raise RefusedError(errors.UNKNOWN_OPERATION)
    authorization = environ.get("HTTP_AUTHORIZATION")
    if authorization is None:
        raise RefusedError(errors.MISSING_TOKEN)
    if not _SCOPE.match(authorization):
        raise RefusedError(errors.INCOMPLETE_SIGNATURE)


def _read_json(content: bytes) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        RefusedError: it is none.
    """
    try:
        return json_object(content)
    except SerializationException as error:
        raise RefusedError(AwsError(400, errors.NOT_JSON.code, error.message)) from None


def _refuse(error: AwsError, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    content_type, body = errors.JSON_TYPE, error.json()
    if "HTTP_X_AMZ_TARGET" not in environ and "json" not in environ.get("CONTENT_TYPE", ""):
        content_type, body = errors.XML_TYPE, error.xml()
    headers = dict(error.headers(content_type))
    return _send(error.status, headers, body, environ, start_response, sys.exc_info())


def _send(
    status: int,
    headers: dict[str, Any],
    body: str | bytes,
    environ: Environ,
    start_response: StartResponse,
    exc_info: Any = None,
) -> Iterable[bytes]:
    content = body.encode() if isinstance(body, str) else body
    sent = [(name, str(value)) for name, value in headers.items() if name not in _NOT_SENT]
    sent.append(("Content-Length", str(len(content))))
    if "HTTP_ORIGIN" in environ and not settings.DISABLE_GLOBAL_CORS:
        # A script in a browser asks; moto's server lets all of them read the answer.
        sent.append(("Access-Control-Allow-Origin", "*"))
    start_response(_REASONS.get(int(status), f"{status} Unknown"), sent, exc_info)
    return [content]
