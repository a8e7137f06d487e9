"""What every request to a service of this package passes through.

A request comes in one of two ways: as moto brings it (:meth:`WorldResponse.dispatch`), or the short
way (:meth:`WorldResponse.answer`), without what moto does for services of other protocols: from
botocore's clients by :class:`Shortcut`, and from the server.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.config import passthrough_service, passthrough_url, service_whitelisted
from moto.core.exceptions import JsonRESTError, ServiceException, ServiceNotWhitelisted
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from moto.core.request import normalize_request
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.moto_api import recorder
from moto.moto_api._internal import mock_random
from moto.utilities.utils import get_partition
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from moto_cks import faults
from moto_cks.account.callers import (
    Caller,
    account_of,
    caller_of,
    note_use,
    principal_arn_of,
)
from moto_cks.frontend import behalf, calls
from moto_cks.frontend.awaited import AWAITING, explained
from moto_cks.frontend.bodies import json_object
from moto_cks.frontend.calls import NO_SUBJECT, Answer, Call, Subject
from moto_cks.frontend.current import Answering
from moto_cks.frontend.validation import SerializationException
from moto_cks.world import clock
from moto_cks.world.botocore_session import service_model
from moto_cks.world.lock import WORLD

SET_BY_MOTO = frozenset(
    {
        "data",
        "form_data",
        "is_werkzeug_request",
        "normalized_request",
        "parsed_url",
        "path",
        "querystring",
        "raw_path",
        "uri_match",
    }
)
"""What moto derives from every request, and hardly anybody asks for."""


class Headers(Mapping[str, str]):
    """The headers of a client's request, as text; botocore has bytes among them."""

    __slots__ = ("_headers",)

    def __init__(self, headers: Mapping[str, str | bytes]) -> None:
        self._headers = headers

    def __getitem__(self, name: str) -> str:
        value = self._headers[name]
        return value.decode() if isinstance(value, bytes) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)


FIRST_ERROR = 400
"""The HTTP statuses of failures begin here."""

UNKNOWN_ACCESS_KEY = "AKIAEXAMPLE"
"""What moto takes an access key for that does not look like one of AWS."""


class WorldResponse(BaseResponse):
    """A moto response class whose calls see and leave a consistent world.

    Attributes:
        service: the name of the service in botocore.
        now: when the call came, an aware datetime in UTC.
        invoked_by: the service of AWS that calls, as ``s3.amazonaws.com``; ``None`` of a client.
        observed: whether those who listen to calls hear of it.
    """

    service: ClassVar[str]
    now: datetime
    invoked_by: str | None = None
    observed: bool = True
    _prepared: AWSPreparedRequest
    _json_body: dict[str, Any] | None = None
    _operation: str | None = None
    _request_id: str | None = None

    # The request -----------------------------------------------------------------------------

    @classmethod
    def answer(
        cls,
        request: AWSPreparedRequest,
        region: str | None = None,
        body: dict[str, Any] | None = None,
        *,
        dated: bool = True,
    ) -> TYPE_RESPONSE:
        """Answer a request, the short way.

        Args:
            request: the request, whose operation is in its header X-Amz-Target.
            region: the Region that it is for; by default what moto takes it for.
            body: its JSON object, where that has been read already.
            dated: whether the answer says when it was given, as it does unless a server will.
        """
        response = cls()
        response._json_body = body
        response._receive(request, region)
        if dated:
            second = utcnow().replace(microsecond=0)
            response.response_headers["date"] = _date(second)
        return response.call_action()

    @classmethod
    def answer_service(
        cls, request: AWSPreparedRequest, region: str, invoked_by: str, *, observed: bool
    ) -> TYPE_RESPONSE:
        """Answer a call that another service of AWS makes, for its caller or on its own.

        IAM is not asked about it: the request has no signature of its own.

        Args:
            request: the request; its header Authorization says on whose behalf.
            region: the Region that it is for.
            invoked_by: the service that calls, as ``s3.amazonaws.com``.
            observed: whether those who listen to calls hear of it.
        """
        response = cls()
        response.invoked_by, response.observed = invoked_by, observed
        response._receive(request, region)
        with behalf.nobody():
            return response.call_action()

    def _receive(self, request: AWSPreparedRequest, region: str | None) -> None:
        self._prepared = request
        self.method, self.uri, self.headers = request.method, request.url, Headers(request.headers)
        self.raw_body = request.body or b""
        self.body = self.raw_body.decode(errors="replace")
        self.region = region or self.get_region_from_url(self, request.url)
        self.partition = get_partition(self.region)
        self.response_headers = {"server": "amazon.com"}
        self._operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        match = self.access_key_regex.search(self.headers.get("Authorization", ""))
        self.access_key = match["access_key"] if match else UNKNOWN_ACCESS_KEY
        self.current_account = self.get_current_account()
        if self.access_key != UNKNOWN_ACCESS_KEY and self.invoked_by is None:
            note_use(self.current_account, self.region, self.access_key, self.service)

    def setup_class(
        self, request: Any, full_url: str | None = None, headers: Any = None, *_: Any
    ) -> None:
        """Take a request in as moto brings it; its body may be no text at all."""
        super().setup_class(request, full_url, headers, use_raw_body=True)
        if isinstance(self.body, bytes):
            self.body = self.body.decode(errors="replace")

    def get_current_account(self) -> str:
        """The account that is called: of the environment, a header, or the access key."""
        if account_id := os.environ.get("MOTO_ACCOUNT_ID"):
            return account_id
        named: str | None = self.headers.get("x-moto-account-id")
        if named is not None:
            return named
        access_key = self.get_access_key()
        return DEFAULT_ACCOUNT_ID if access_key == UNKNOWN_ACCESS_KEY else account_of(access_key)

    def __getattr__(self, name: str) -> Any:
        # IAM's authorization, for one, wants a request as moto brings it.
        if name not in SET_BY_MOTO or "_prepared" not in self.__dict__:
            raise AttributeError(name)
        sent, headers = self._prepared, self.response_headers
        request = normalize_request(
            AWSPreparedRequest(sent.method, sent.url, dict(self.headers), sent.body, False)
        )
        self.setup_class(request, sent.url, request.headers)
        self.response_headers = headers
        return self.__dict__[name]

    @property
    def json_body(self) -> dict[str, Any]:
        """The request's JSON object.

        Raises:
            SerializationException: the body is not a JSON object.
        """
        if self._json_body is None:
            self._json_body = json_object(self.raw_body)
        return self._json_body

    @property
    def operation(self) -> str:
        """The name of the operation."""
        if self._operation is None:
            self._operation = super()._get_action()
        return self._operation

    # moto asks for these two several times a request, in which they do not change.

    def _get_action(self) -> str:
        return self.operation

    def get_access_key(self) -> str:
        """The access key ID of who calls."""
        if "access_key" not in self.__dict__:
            self.access_key = super().get_access_key()
        return self.access_key

    # The call --------------------------------------------------------------------------------

    def call_action(self) -> TYPE_RESPONSE:
        """Answer the request, after what has fallen due before it; the observers are told."""
        with WORLD, Answering(self):
            now = self.now = clock.keep_appointments()
            if not self.observed or not calls.observers or not self.operation:
                return self._answer()
            call = self._call(now)
            call.subject = self.subject_of(call)
            status, headers, body = self._answer()
            answer = Answer(int(status) < FIRST_ERROR, headers["x-amzn-requestid"], body)
            if call.subject.update is not None:
                call.subject.update(answer)
            for observer in calls.observers:
                observer.answered(call, answer)
            return status, headers, body

    def _call(self, now: datetime) -> Call:
        try:
            parameters = self.json_body
        except SerializationException:
            parameters = {}
        return Call(
            self.service,
            self.operation,
            self.current_account,
            self.region,
            self.access_key,
            self.headers.get("User-Agent", ""),
            parameters,
            now,
            self.invoked_by,
            host=self._host_called(),
        )

    def _host_called(self) -> str:
        if self.invoked_by is not None:
            return ""
        return self.headers.get("Host") or _host(self.uri)

    def subject_of(self, call: Call) -> Subject:
        """What a call is about that is going to be answered."""
        return NO_SUBJECT

    def _answer(self) -> TYPE_RESPONSE:
        fault = None
        if faults.FaultsBackend.armed:
            fault = faults.call_fault(
                self.service, self.operation, self.current_account, self.region
            )
        if fault is None:
            return self._perform()
        error = JsonRESTError(fault.code, fault.message)
        error.code = fault.status
        return self.refused(error)

    def refused(self, error: JsonRESTError) -> TYPE_RESPONSE:
        """The answer to a request that is not carried out."""
        headers, body = self._enrich_response(
            {**self.response_headers, **dict(error.get_headers())}, error.description
        )
        return error.code, headers, body

    def _perform(self) -> TYPE_RESPONSE:
        """Carry the operation out, as moto does, but without looking for it among all methods."""
        kind: Any = type(self)
        method = _operations(kind).get(self.operation)
        result: Any
        try:
            if self.invoked_by is None:
                self._authenticate_and_authorize_normal_action()
            if method is None:
                return self._unknown()
            result = getattr(self, method)()
        except ServiceException as error:
            result = ActionResult(error)
        except HTTPException as error:
            result = error.description, {**dict(error.get_headers()), "status": error.code}
        if isinstance(result, ActionResult):
            status, headers, body = self.serialized(result)
        elif isinstance(result, str):
            status, headers, body = 200, self.response_headers, result
        else:
            status, headers, body = self._transform_response(self.response_headers, result)
        headers, body = self._enrich_response(headers, body)
        return status, headers, body

    def determine_response_protocol(self, service_model: Any) -> str:
        """JSON, whatever the client says that its body is: the services here know nothing else."""
        return "json"

    def _unknown(self) -> TYPE_RESPONSE:
        if not self.operation:
            return 404, self.response_headers, ""
        action = camelcase_to_underscores(self.operation)
        raise NotImplementedError(f"The {action} action has not been implemented")

    def _enrich_response(  # type: ignore[override] # moto's is static
        self, headers: dict[str, str], body: Any
    ) -> tuple[dict[str, str], Any]:
        """Add the request ID: a UUID, as these services answer, which is quicker than moto's."""
        if "status" in headers:
            headers["status"] = str(headers["status"])
        headers["x-amzn-requestid"] = self.request_id
        return headers, body

    @property
    def request_id(self) -> str:
        """The request ID, which is drawn when it is first asked for: mostly for the answer."""
        if self._request_id is None:
            self._request_id = str(mock_random.uuid4())
        return self._request_id

    @property
    def caller(self) -> Caller:
        """Who calls."""
        return caller_of(self.current_account, self.region, self.get_access_key())

    @property
    def principal_arn(self) -> str:
        """``aws:PrincipalArn`` of who calls; a service that calls is its own principal."""
        if self.invoked_by is not None:
            return self.invoked_by
        return principal_arn_of(self.current_account, self.region, self.get_access_key())

    def end_dry_run(self) -> None:
        """End a dry run; not every service has them."""

    def look_again(self) -> None:
        """See whether the request is still possible, after the world was left to others."""


@lru_cache(maxsize=256)
def _host(url: str) -> str:
    return urlsplit(url).netloc


@lru_cache(maxsize=1)
def _date(moment: datetime) -> str:
    return http_date(moment)


@cache
def _operations(response: Any) -> dict[str, str]:
    """The operations that a response class has, and its methods for them."""
    names = service_model(response.service).operation_names
    methods = {name: camelcase_to_underscores(name) for name in names}
    return {name: method for name, method in methods.items() if hasattr(response, method)}


# The short way in process -----------------------------------------------------------------------

ENDPOINT = re.compile(r"https?://(?P<host>[a-z0-9]+)\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/?")
"""The URL of a service that has one for all its operations."""


class Shortcut(BotocoreStubber):
    """moto's answer to botocore's ``before-send``, with the short way in front.

    moto answers the requests of clients from that event, by one object that every client has
    registered; while the plugin is on, it is of this class, which knows the services of this
    package by their URLs. Everything else goes moto's way: other services, other URLs, and requests
    that moto's recorder writes down.

    Attributes:
        responses: the response classes of the services, by the first part of their host names.
    """

    responses: ClassVar[Mapping[str, type[WorldResponse]]] = {}

    def __call__(
        self, event_name: str, request: AWSPreparedRequest, **kwargs: Any
    ) -> AWSResponse | None:
        """Answer a request, unless it is one that moto lets through to AWS."""
        host, region = _endpoint(request.url)
        response = self.responses.get(host)
        if (
            response is None
            or not self.enabled
            or recorder._user_enabled
            or "X-Amz-Target" not in request.headers
            or "Content-Encoding" in request.headers
        ):
            return _seen(super().__call__(event_name, request, **kwargs))
        service = response.service
        if passthrough_url(request.url) or passthrough_service(service):
            return None
        if not service_whitelisted(service):
            raise ServiceNotWhitelisted(service)
        try:
            status, headers, body = response.answer(request, region)
        except HTTPException as error:
            status, headers, body = error.code or 400, dict(error.get_headers()), error.get_body()
        return _seen(AWSResponse(request.url, status, headers, MockRawResponse(body)))

    def process_request(self, request: AWSPreparedRequest) -> TYPE_RESPONSE | None:
        """Answer a request moto's way; the services that it is for may call others for it."""
        with behalf.answering(request.headers):
            answer: TYPE_RESPONSE | None = super().process_request(request)
            return answer


def _seen(answer: AWSResponse | None) -> AWSResponse | None:
    """An answer as the clients of this process can read it."""
    return explained(answer) if answer is not None and AWAITING in sys.modules else answer


@lru_cache(maxsize=256)
def _endpoint(url: str) -> tuple[str, str]:
    """The first part of the host name of a URL, and its Region."""
    match = ENDPOINT.fullmatch(url)
    return (match["host"], match["region"]) if match else ("", "")


def open_shortcut(responses: Mapping[str, type[WorldResponse]]) -> None:
    """Let the requests of clients go the short way."""
    Shortcut.responses = responses
    botocore_stubber.__class__ = Shortcut


def close_shortcut() -> None:
    """Let them go moto's way again."""
    botocore_stubber.__class__ = BotocoreStubber
