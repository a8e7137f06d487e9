"""Who may use moto's own API and the control API: not every page that a browser has open.

A server on loopback is reached by every web page that its user looks at: by a form or a picture of
another origin, or by a host name that is made to lead to 127.0.0.1 (DNS rebinding). Calls of AWS
are answered to all of them, as SDKs in browsers need it. What moves the clock, resets or shows the
world is answered to names and origins that are the server's own, or were named when it was started.

A browser says where a request comes from, by ``Origin`` (RFC 6454) and ``Sec-Fetch-Site`` (Fetch
Metadata); other programs say neither.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from moto_cks.control import console
from moto_cks.control.responses import BASE_PATH

API = "/moto-api"
"""What the paths begin with that are guarded."""

SERVER_ADDRESS = "moto_cks.server_address"
"""The key of the WSGI environment under which the address is that the client has reached."""

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]+)(?::([0-9]*))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CONSOLE = frozenset({BASE_PATH + console.PATH, f"{BASE_PATH}{console.PATH}/"})

_PAGES = _CONSOLE | {f"{API}/"}
"""What a link of another site may lead to."""

_READ_BY_GET = re.compile(
    rf"{API}/(cks/[\s\S]*|lib\.js|data\.json|config|state-manager/get-transition"
    r"|recorder/download-recording|proxy/passthrough)?"
)
"""What can be read with GET. moto's own API does not look at the method everywhere, and a browser
that shows a picture of another origin does not say so to every host."""


class Refusal(NamedTuple):
    """Why a request is not answered.

    Attributes:
        message: the reason, as a sentence.
        status: the HTTP status.
    """

    message: str
    status: HTTPStatus = HTTPStatus.FORBIDDEN


class Guard:
    """Who may use what lies under ``/moto-api``.

    Args:
        hosts: the names and addresses, besides loopback, by which the server may be called.
        origins: the origins, besides its own, whose pages may use it, as ``https://host:port``.

    Raises:
        ValueError: one of them is no host or no origin.
    """

    def __init__(self, hosts: Iterable[str] = (), origins: Iterable[str] = ()) -> None:
        self._hosts = frozenset({"localhost", *map(_host, hosts)})
        self._origins = frozenset(map(_origin, origins))

    def guards(self, environ: dict[str, Any]) -> bool:
        """Whether a request is one for what is guarded."""
        return str(environ["PATH_INFO"]).startswith(API)

    def refusal(self, environ: dict[str, Any]) -> Refusal | None:
        """Why a request is refused; ``None`` where it is answered."""
        named = environ.get("HTTP_HOST", "")
        if not self._is_own_host(named, environ.get(SERVER_ADDRESS, "")):
            return Refusal(
                f"{named or 'No host'!r} is none of this server's names: it answers here to "
                "localhost, loopback addresses, the host that it listens on, and to what "
                "--allow-host names."
            )
        if self.is_allowed_origin(environ):
            return None
        origin = environ.get("HTTP_ORIGIN")
        own = f"{environ['wsgi.url_scheme']}://{named}"
        if origin is not None and _normal(origin) != _normal(own):
            return Refusal(
                f"The origin {origin!r} is not this server's own; --allow-origin allows pages of "
                "others."
            )
        return _refusal_of_page(environ) or _refusal_of_method(environ)

    def is_allowed_origin(self, environ: dict[str, Any]) -> bool:
        """Whether a request comes from a page of an origin that was named."""
        origin = environ.get("HTTP_ORIGIN")
        return origin is not None and _normal(origin) in self._origins

    def _is_own_host(self, named: str, reached: str) -> bool:
        try:
            host = _host(named)
        except ValueError:
            return False
        return host in self._hosts or _is_loopback(host) or host == reached.lower()


def _refusal_of_page(environ: dict[str, Any]) -> Refusal | None:
    """Why a page of a browser is refused, if it is one that asks."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if "HTTP_ORIGIN" not in environ and site in (None, "none"):
        return None  # it is no browser, or somebody has typed the address
    opened = (
        method in _SAFE_METHODS
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    )
    if site not in (None, "same-origin") and not (opened and path in _PAGES):
        return Refusal("A page of another origin asks; --allow-origin allows it.")
    if path in _CONSOLE:
        return (
            None if opened else Refusal("The console is opened as a page, and read by nobody else.")
        )
    if _reads(environ):
        return None
    token = environ.get(f"HTTP_{console.TOKEN_HEADER.upper().replace('-', '_')}", "")
    if secrets.compare_digest(token.encode(), console.TOKEN.encode()):
        return None
    return Refusal(
        "A page that changes something shows the console's token, and this is not it. Where this "
        "is the console, reload it: the server has been started anew."
    )


def _refusal_of_method(environ: dict[str, Any]) -> Refusal | None:
    """Why nobody is answered who changes something with GET, which a picture does, too."""
    if environ["REQUEST_METHOD"] not in _SAFE_METHODS or _reads(environ):
        return None
    return Refusal("What is not read is sent by POST.", HTTPStatus.METHOD_NOT_ALLOWED)


def _reads(environ: dict[str, Any]) -> bool:
    is_safe = environ["REQUEST_METHOD"] in _SAFE_METHODS
    return is_safe and _READ_BY_GET.fullmatch(environ["PATH_INFO"]) is not None


def _host(named: str) -> str:
    """The host that a header or an argument names, without the port.

    Raises:
        ValueError: it is none.
    """
    found = _HOST.fullmatch(named.strip().lower())
    if found is None:
        try:
            return str(ipaddress.IPv6Address(named))  # as an argument: without brackets
        except ValueError:
            raise ValueError(f"{named!r} is no name and no address of a host.") from None
    host = found[1].strip("[]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.removesuffix(".")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _normal(origin: str) -> str:
    """An origin, without a port that goes without saying."""
    origin = origin.lower()
    scheme, _, host = origin.partition("://")
    port = _DEFAULT_PORTS.get(scheme)
    return origin.removesuffix(f":{port}") if port and host else origin


def _origin(named: str) -> str:
    """An origin as it is compared.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(named)
    if not parts.scheme or not parts.netloc or named != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(f"{named!r} is no origin, as https://console.example:8443 is one.")
    return _normal(named)
