"""Defects of proxies that people have met, each to be chosen by its name.

A defect overrides those methods of :class:`Defect` that stand for what it gets wrong.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from moto_cks.xks_proxy.errors import INTERNAL, KEY_NOT_FOUND, XksError
from moto_cks.xks_proxy.messages import encoded
from moto_cks.xks_proxy.protocol import MAX_METADATA, integrity_value
from moto_cks.xks_proxy.values import one_of


class Defect:
    """What can be wrong; here nothing is.

    Attributes:
        name: by which it is chosen.
        about: what a proxy with it does.
        connections: how many there can be at once; ``None`` for any number.
    """

    name: ClassVar[str]
    about: ClassVar[str]
    connections: ClassVar[int | None] = None

    def secret(self, secret: str) -> str:
        """What it takes for the secret of a credential."""
        return secret

    def error(self, error: XksError) -> XksError:
        """What it makes of an error."""
        return error

    def authenticated(self, aad: bytes) -> bytes:
        """What it authenticates of the additional data."""
        return aad

    def metadata(self, metadata: bytes | None) -> bytes | None:
        """The ciphertext metadata that it chooses."""
        return metadata

    def integrity(
        self, value: bytes | None, aad: bytes, parts: Mapping[str, bytes]
    ) -> bytes | None:
        """The integrity value that it answers; ``parts`` are the members of the answer."""
        return value

    def answer(self, members: dict[str, Any]) -> dict[str, Any]:
        """The members of its answer, those of bytes not yet encoded."""
        return members

    def encode(self, content: bytes) -> str:
        """How it writes bytes."""
        return encoded(content)


class _TagLeftOn(Defect):
    name = "tag-left-on-ciphertext"
    about = "Encrypt leaves the authentication tag on the ciphertext, as key managers give it."

    def answer(self, members: dict[str, Any]) -> dict[str, Any]:
        if "authenticationTag" not in members:
            return members
        return members | {"ciphertext": members["ciphertext"] + members["authenticationTag"]}


class _MetadataTooLong(Defect):
    name = "metadata-too-long"
    about = f"Encrypt answers {MAX_METADATA + 1} bytes of ciphertext metadata."

    def metadata(self, metadata: bytes | None) -> bytes | None:
        return (metadata or b"").rjust(MAX_METADATA + 1, b"-")


class _IntegrityOfAnotherOrder(Defect):
    name = "integrity-value-of-another-order"
    about = "The integrity value is computed with the authentication tag before the ciphertext."

    def integrity(
        self, value: bytes | None, aad: bytes, parts: Mapping[str, bytes]
    ) -> bytes | None:
        if value is None:
            return None
        return integrity_value(
            aad,
            parts.get("ciphertextMetadata", b""),
            parts["initializationVector"],
            parts["authenticationTag"],
            parts["ciphertext"],
        )


class _IntegrityMissing(Defect):
    name = "integrity-value-missing"
    about = "Encrypt answers without an integrity value, though it was asked for one."

    def integrity(
        self, value: bytes | None, aad: bytes, parts: Mapping[str, bytes]
    ) -> bytes | None:
        return None


class _AnotherKeySpec(Defect):
    name = "key-spec-rsa-0"
    about = "GetKeyMetadata answers the keySpec RSA_0 for every key."

    def answer(self, members: dict[str, Any]) -> dict[str, Any]:
        return members | {"keySpec": "RSA_0"} if "keySpec" in members else members


class _NotFoundForInternal(Defect):
    name = "key-not-found-for-internal"
    about = "KeyNotFoundException is answered where the key manager cannot be used."

    def error(self, error: XksError) -> XksError:
        return XksError(KEY_NOT_FOUND, detail=error.detail) if error.kind is INTERNAL else error


class _UrlSafe(Defect):
    name = "url-safe-base64"
    about = "Bytes are written in URL-safe Base64, without padding."

    def encode(self, content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")


class _LongSecret(Defect):
    name = "long-secret-not-understood"
    about = "Of a secret access key, only the first 43 characters are read."

    def secret(self, secret: str) -> str:
        return secret[:43]


class _ConnectionLimit(Defect):
    name = "connection-limit"
    about = "There can be one connection at a time; others are closed at once."
    connections = 1


class _WrongPlaintext(Defect):
    name = "wrong-plaintext"
    about = "Decrypt answers with other bytes, as many as there should be."

    def answer(self, members: dict[str, Any]) -> dict[str, Any]:
        if "plaintext" not in members:
            return members
        return members | {"plaintext": bytes(byte ^ 0xFF for byte in members["plaintext"])}


class _AadIgnored(Defect):
    name = "additional-data-ignored"
    about = "The additional authenticated data is not authenticated: Decrypt takes any."

    def authenticated(self, aad: bytes) -> bytes:
        return b""


DEFECTS: Mapping[str, Defect] = {
    each.name: each
    for each in (
        _TagLeftOn(),
        _MetadataTooLong(),
        _IntegrityOfAnotherOrder(),
        _IntegrityMissing(),
        _AnotherKeySpec(),
        _NotFoundForInternal(),
        _UrlSafe(),
        _LongSecret(),
        _ConnectionLimit(),
        _WrongPlaintext(),
        _AadIgnored(),
    )
}
"""All of them, by name."""


def checked_defect(name: str) -> str:
    """The name of a defect.

    Raises:
        ValueError: there is none with it.
    """
    return one_of(name, DEFECTS, "defect")


def chosen(names: Iterable[str]) -> list[Defect]:
    """The defects with these names."""
    return [DEFECTS[name] for name in names]
