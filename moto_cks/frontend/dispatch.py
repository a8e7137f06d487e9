"""What every request to a service of this package passes through."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, ClassVar

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.moto_api._internal import mock_random

from moto_cks import faults
from moto_cks.cloudtrail.recorder import recorded
from moto_cks.frontend.validation import SerializationException, not_an_object
from moto_cks.world import clock
from moto_cks.world.lock import WORLD

_method_name = lru_cache(maxsize=256)(camelcase_to_underscores)


class _OperationsOnly(type):
    """Classes whose ``dir()`` lists the operations of their service.

    moto goes through the members of a response class at every request, to find the operation.
    The other members make that slow, and there are more of them here than in moto; so while a
    request is answered it is the operation that is asked for, and no other.
    """

    service: str
    asked: str | None = None
    _operations: frozenset[str] | None

    def __dir__(cls) -> list[str]:
        if cls.__dict__.get("_operations") is None:
            names = get_service_model(cls.service).operation_names
            methods = {camelcase_to_underscores(name) for name in names}
            cls._operations = frozenset(methods.intersection(super().__dir__()))
        operations = cls._operations or frozenset()
        if cls.asked is None:
            return sorted(operations)
        return [cls.asked] if cls.asked in operations else []


class WorldResponse(BaseResponse, metaclass=_OperationsOnly):
    """A moto response class whose calls see and leave a consistent world.

    The JSON body is parsed once a request, in contrast to moto's older services.

    Attributes:
        service: the name of the service in botocore.
    """

    service: ClassVar[str]
    _parsed_body: Any = None
    _action: str | None = None
    _access_key: str | None = None

    @property
    def json_body(self) -> dict[str, Any]:
        """The request's JSON object.

        Raises:
            SerializationException: the body is not a JSON object.
        """
        if self._parsed_body is None:
            try:
                body = json.loads(self.body or "{}")
            except (ValueError, RecursionError):
                raise SerializationException(None) from None
            if not isinstance(body, dict):
                raise not_an_object(body)
            self._parsed_body = body
        return self._parsed_body  # type: ignore[no-any-return]

    # The next two are asked for several times a request, in which they do not change.

    def _get_action(self) -> str:
        if self._action is None:
            self._action = super()._get_action()
        return self._action

    def get_access_key(self) -> str:
        """The access key of the request."""
        if self._access_key is None:
            self._access_key = super().get_access_key()
        return self._access_key

    def call_action(self) -> TYPE_RESPONSE:
        """Answer and record the request, after what has fallen due before it."""
        with WORLD:
            return recorded(self, self._answer, clock.keep_appointments())

    def _answer(self) -> TYPE_RESPONSE:
        if not faults.FaultsBackend.armed:
            return self._ask_moto()
        fault = faults.call_fault(
            self.service, self._get_action(), self.current_account, self.region
        )
        if fault is None:
            return self._ask_moto()
        error = JsonRESTError(fault.code, fault.message)
        headers, body = self._enrich_response(
            {**self.response_headers, **dict(error.get_headers())}, error.description
        )
        return fault.status, headers, body

    def _ask_moto(self) -> TYPE_RESPONSE:
        kind = type(self)
        outer, kind.asked = kind.asked, _method_name(self._get_action() or "")
        try:
            return super().call_action()
        finally:
            kind.asked = outer

    @staticmethod
    def _enrich_response(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        """Add the request ID: a UUID, as these services answer, which is quicker than moto's."""
        if "status" in headers:
            headers["status"] = str(headers["status"])
        headers["x-amzn-requestid"] = str(mock_random.uuid4())
        return headers, body
