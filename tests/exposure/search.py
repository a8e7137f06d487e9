"""The search for a secret in each form in which it could have been written down."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator


def forms_of(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Each way in which a secret could have been written down."""
    yield "raw", secret
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    for shift in range(3):  # base64 of something in which it stands
        whole = base64.b64encode(bytes(shift) + secret)
        inside = whole[-(-shift * 8 // 6) : len(whole) - 4]
        yield f"base64 at {shift}", inside
        yield f"base64url at {shift}", inside.replace(b"+", b"-").replace(b"/", b"_")
    for name, text in (("repr", repr(secret)[2:-1]), ("numbers", str(list(secret))[1:-1])):
        yield name, text.encode()
        yield f"{name} in JSON", json.dumps(text)[1:-1].encode()
    yield "text in JSON", json.dumps(secret.decode("latin-1"))[1:-1].encode()
    yield "UTF-8", secret.decode("latin-1").encode()


class Secrets:
    """What must not be seen."""

    def __init__(self) -> None:
        self._forms: dict[bytes, str] = {}

    def add(self, name: str, secret: bytes | str) -> None:
        secret = secret.encode() if isinstance(secret, str) else bytes(secret)
        assert len(secret) >= 12, name  # shorter ones are found by chance
        for form, written in forms_of(secret):
            self._forms.setdefault(written, f"{name} ({form})")

    def found_in(self, seen: bytes | str) -> set[str]:
        content = seen.encode(errors="surrogateescape") if isinstance(seen, str) else seen
        return {name for written, name in self._forms.items() if written in content}

    @property
    def names(self) -> set[str]:
        return {name.rpartition(" (")[0] for name in self._forms.values()}
