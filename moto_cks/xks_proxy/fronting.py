"""A reverse proxy in front of a proxy, and what it does to requests and answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus

from moto_cks.xks_proxy.wire import Answer, Request

BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class ReverseProxy:
    """What stands in front.

    Attributes:
        host: what it makes of the Host header, which is signed; ``None`` for nothing.
        bad_gateway: whether it finds nobody behind it, and answers so itself.
    """

    host: str | None = None
    bad_gateway: bool = False

    def pass_on(self, request: Request) -> Request:
        """What comes through of a request."""
        host = self.host
        if host is None:
            return request
        headers = ((name, host if name == "host" else value) for name, value in request.headers)
        return replace(request, headers=tuple(headers))

    def own_answer(self) -> Answer | None:
        """What it answers itself; ``None`` where it passes on."""
        if not self.bad_gateway:
            return None
        return Answer(HTTPStatus.BAD_GATEWAY.value, BAD_GATEWAY, "text/html")
