"""The short way in process: from a client's request to its service, and nothing in between.

moto answers the requests of botocore's clients from their ``before-send`` event, by one object that
every client has registered. While the plugin is on, that is an instance of :class:`Shortcut`, which
knows the services of this package by their URLs. Everything else goes moto's way: other services,
other URLs, and requests that moto's recorder writes down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.config import passthrough_service, passthrough_url, service_whitelisted
from moto.core.exceptions import ServiceNotWhitelisted
from moto.core.models import botocore_stubber
from moto.moto_api import recorder
from werkzeug.exceptions import HTTPException

from moto_cks.frontend.dispatch import WorldResponse

ENDPOINT = re.compile(r"https?://(?P<host>[a-z0-9]+)\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/?")
"""The URL of a service that has one for all its operations."""


class Shortcut(BotocoreStubber):
    """moto's answer to ``before-send``, with the short way in front.

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
            return super().__call__(event_name, request, **kwargs)
        service = response.service
        if passthrough_url(request.url) or passthrough_service(service):
            return None
        if not service_whitelisted(service):
            raise ServiceNotWhitelisted(service)
        try:
            status, headers, body = response.answer(request, region)
        except HTTPException as error:
            status, headers, body = error.code or 400, dict(error.get_headers()), error.get_body()
        return AWSResponse(request.url, status, headers, MockRawResponse(body))


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
