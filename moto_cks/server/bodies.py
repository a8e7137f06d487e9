"""Reads the body of a request, however it is sent."""

from __future__ import annotations

import tempfile
from typing import Any

from moto_cks.server import errors
from moto_cks.server.errors import RefusedError

_PIECE = 64 * 1024
_IN_MEMORY = 8 * 1024 * 1024


def read_body(environ: dict[str, Any], most: int) -> bytes:
    """The body of a request.

    Args:
        environ: the WSGI environment, whose input knows where it ends.
        most: the longest body that is read, in bytes.

    Raises:
        RefusedError: it is longer, malformed, or did not come.
    """
    longest = most
    if int(environ.get("CONTENT_LENGTH") or 0) > most:
        raise RefusedError(errors.too_large(most))
    pieces = []  # in which it is not held twice while it comes
    while piece := _read(environ, _PIECE):
        pieces.append(piece)
        most -= len(piece)
        if most < 0:
            raise RefusedError(errors.too_large(longest))
    return b"".join(pieces)


def take_in(environ: dict[str, Any]) -> None:
    """Take in a body before the application is asked.

    moto's server, which reads it while it answers, would end in a failure where it does not come.

    Raises:
        RefusedError: it is malformed, or did not come.
    """
    taken: Any = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - read by who answers
    while piece := _read(environ, _PIECE):
        taken.write(piece)
    taken.seek(0)
    environ["wsgi.input"] = taken


def _read(environ: dict[str, Any], size: int) -> bytes:
    try:
        body: bytes = environ["wsgi.input"].read(size)
    except TimeoutError:
        raise RefusedError(errors.of_status(408, "The body did not come in time.")) from None
    except OSError:
        raise RefusedError(errors.of_status(400, "The client has gone.")) from None
    return body
