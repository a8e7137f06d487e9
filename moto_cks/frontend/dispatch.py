"""What every request to a service of this package passes through.

A request comes in one of two ways: as moto brings it (:meth:`WorldResponse.dispatch`), or the short
way (:meth:`WorldResponse.answer`), without what moto does for services of other protocols.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache, cached_property
from typing import Any, ClassVar

from botocore.awsrequest import AWSPreparedRequest
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.request import normalize_request
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores, get_service_model, utcnow
from moto.iam.models import mark_account_as_visited
from moto.moto_api._internal import mock_random
from moto.utilities.utils import get_partition
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from moto_cks import faults
from moto_cks.frontend import calls
from moto_cks.frontend.calls import NO_SUBJECT, Answer, Call, Subject
from moto_cks.frontend.validation import SerializationException, not_an_object
from moto_cks.world import clock
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


UNKNOWN_ACCESS_KEY = "AKIAEXAMPLE"
"""What moto takes an access key for that does not look like one of AWS."""


class WorldResponse(BaseResponse):
    """A moto response class whose calls see and leave a consistent world.

    Attributes:
        service: the name of the service in botocore.
    """

    service: ClassVar[str]
    _prepared: AWSPreparedRequest

    # The request -----------------------------------------------------------------------------

    @classmethod
    def answer(cls, request: AWSPreparedRequest, region: str) -> TYPE_RESPONSE:
        """Answer a request of a client, the short way.

        Args:
            request: the request, whose operation is in its header X-Amz-Target.
            region: the Region that it is for.
        """
        response = cls()
        response._receive(request, region)
        return response.call_action()

    def _receive(self, request: AWSPreparedRequest, region: str) -> None:
        self._prepared = request
        self.method, self.uri, self.headers = request.method, request.url, Headers(request.headers)
        self.raw_body = request.body or b""
        self.body = self.raw_body.decode(errors="replace")
        self.region, self.partition = region, get_partition(region)
        self.response_headers = {"server": "amazon.com", "date": http_date(utcnow())}
        self.operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        match = self.access_key_regex.search(self.headers.get("Authorization", ""))
        self.access_key = match["access_key"] if match else UNKNOWN_ACCESS_KEY
        self.current_account = self.get_current_account()
        mark_account_as_visited(self.current_account, self.access_key, self.service, region)

    def __getattr__(self, name: str) -> Any:
        # IAM's authorization, for one, wants a request as moto brings it.
        if name not in SET_BY_MOTO or "_prepared" not in self.__dict__:
            raise AttributeError(name)
        self.setup_class(normalize_request(self._prepared))
        return self.__dict__[name]

    @cached_property
    def json_body(self) -> dict[str, Any]:
        """The request's JSON object.

        Raises:
            SerializationException: the body is not a JSON object.
        """
        try:
            body = json.loads(self.raw_body or b"{}")
        except (ValueError, RecursionError):
            raise SerializationException(None) from None
        if not isinstance(body, dict):
            raise not_an_object(body)
        return body

    @cached_property
    def operation(self) -> str:
        """The name of the operation."""
        return super()._get_action()

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
        with WORLD:
            now = clock.keep_appointments()
            if not calls.observers or not self.operation:
                return self._answer()
            call = self._call(now)
            call.subject = self.subject_of(call)
            status, headers, body = self._answer()
            answer = Answer(status, headers, body)
            call.subject.answered(answer)
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
        )

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
        headers, body = self._enrich_response(
            {**self.response_headers, **dict(error.get_headers())}, error.description
        )
        return fault.status, headers, body

    def _perform(self) -> TYPE_RESPONSE:
        """Carry the operation out, as moto does, but without looking for it among all methods."""
        kind: Any = type(self)
        method = _operations(kind).get(self.operation)
        result: Any
        try:
            self._authenticate_and_authorize_normal_action()
            if method is None:
                return self._unknown()
            result = method(self)
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

    def _unknown(self) -> TYPE_RESPONSE:
        if not self.operation:
            return 404, self.response_headers, ""
        action = camelcase_to_underscores(self.operation)
        raise NotImplementedError(f"The {action} action has not been implemented")

    @staticmethod
    def _enrich_response(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        """Add the request ID: a UUID, as these services answer, which is quicker than moto's."""
        if "status" in headers:
            headers["status"] = str(headers["status"])
        headers["x-amzn-requestid"] = str(mock_random.uuid4())
        return headers, body


@cache
def _operations(response: Any) -> dict[str, Callable[[Any], Any]]:
    """The operations that a response class has, by AWS's names."""
    names = get_service_model(response.service).operation_names
    methods = {name: getattr(response, camelcase_to_underscores(name), None) for name in names}
    return {name: method for name, method in methods.items() if method is not None}
