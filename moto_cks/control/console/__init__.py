"""The console: one page over the control API, at ``/moto-api/cks/console``.

It consists of static files, and knows nothing but the control API, which its script asks.
"""

from __future__ import annotations

import functools
import secrets
from importlib import resources

from moto.core.common_types import TYPE_RESPONSE

PATH = "/console"
"""Where it is, under the control API."""

TOKEN = secrets.token_urlsafe(32)
"""What the page shows with each request: who else has it has been let in by the console."""

TOKEN_HEADER = "X-Cks-Token"
"""The header in which it does."""

_FILES = {
    PATH: ("console.html", "text/html; charset=utf-8"),
    f"{PATH}/console.css": ("console.css", "text/css; charset=utf-8"),
    f"{PATH}/console.js": ("console.js", "text/javascript; charset=utf-8"),
    f"{PATH}/icon.svg": ("icon.svg", "image/svg+xml"),
}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Content-Security-Policy: the files here and the control API; no text can become markup."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def belongs(path: str) -> bool:
    """Whether a path under the control API is one of the console's."""
    return path in _FILES or path == f"{PATH}/"


def page(path: str) -> TYPE_RESPONSE:
    """The file at one of its paths."""
    if path not in _FILES:  # relative addresses in the page need it without the slash
        return 308, {"Location": "../console"}, ""
    name, content_type = _FILES[path]
    return 200, {"Content-Type": content_type, **_HEADERS}, _read(name)


@functools.cache
def _read(name: str) -> str:
    text = resources.files(__name__).joinpath(name).read_text("utf-8")
    return text.replace("{{token}}", TOKEN) if name.endswith(".html") else text
