"""What KMS asks a proxy, and what an answer must hold to be one.

AWS KMS External Key Store Proxy API Specification 1.0.3.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from moto_cks.kms.keystores.external.outcomes import (
    ERRORS,
    MALFORMED,
    NO_INSTANCE,
    WRONG_BYTES,
    ProxyError,
)

VECTOR_LENGTHS = (12, 16)
TAG_LENGTH = 16
LONGEST_METADATA = 20
MOST_USAGES = 10
MOST_INSTANCES = 10
ENABLED, DISABLED = "ENABLED", "DISABLED"
UNAVAILABLE = "UNAVAILABLE"
HEALTH = ("ACTIVE", "DEGRADED", UNAVAILABLE)
INTEGRITY_ALGORITHM = "SHA_256"
ENCRYPTION_ALGORITHM = "AES_GCM"
SUCCESS = 200


class Sealed(NamedTuple):
    """What an external key manager has encrypted.

    Attributes:
        ciphertext: as long as the plaintext.
        vector: the initialization vector.
        tag: the authentication tag.
        metadata: what the key manager notes for itself; ``None`` where it has no such member.
    """

    ciphertext: bytes
    vector: bytes
    tag: bytes
    metadata: bytes | None


class KeyMetadata(NamedTuple):
    """What a proxy says of an external key.

    Attributes:
        spec: its key spec.
        usage: what it is for.
        status: ENABLED or DISABLED.
    """

    spec: str
    usage: tuple[str, ...]
    status: str


Result = TypeVar("Result")


@dataclass(frozen=True)
class Question(Generic[Result]):
    """A request to a proxy.

    Attributes:
        api: what is asked for: ``GetHealthStatus`` and so on.
        path: what follows the path of the key store.
        body: the members of the request.
        read: makes of the members of an answer what was wanted; a ProxyError where they are none.
        key_id: the external key that it is about; empty where it is about none.
    """

    api: str
    path: str
    body: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], Result]
    key_id: str = ""

    def to_bytes(self) -> bytes:
        """The body of the request."""
        return json.dumps(self.body).encode()


# What is asked ------------------------------------------------------------------------------------


def health(metadata: Mapping[str, str]) -> Question[tuple[str, ...]]:
    """GetHealthStatus: how the key manager instances are, one of which must be available."""
    return Question("GetHealthStatus", "/health", {"requestMetadata": metadata}, read_health)


def key_metadata(key_id: str, metadata: Mapping[str, str]) -> Question[KeyMetadata]:
    """GetKeyMetadata."""
    body = {"requestMetadata": metadata}
    path = f"/keys/{key_id}/metadata"
    return Question("GetKeyMetadata", path, body, read_key_metadata, key_id)


def encrypt(
    key_id: str,
    metadata: Mapping[str, str],
    plaintext: bytes,
    authenticated_data: bytes,
    with_integrity: bool,
) -> Question[Sealed]:
    """Encrypt; ``with_integrity`` asks for the ciphertext data integrity value, too."""
    body: dict[str, Any] = {
        "requestMetadata": metadata,
        "additionalAuthenticatedData": _text(authenticated_data),
        "plaintext": _text(plaintext),
        "encryptionAlgorithm": ENCRYPTION_ALGORITHM,
    }
    if with_integrity:
        body["ciphertextDataIntegrityValueAlgorithm"] = INTEGRITY_ALGORITHM

    def read(members: Mapping[str, Any]) -> Sealed:
        return read_encrypted(members, len(plaintext), authenticated_data, with_integrity)

    return Question("Encrypt", f"/keys/{key_id}/encrypt", body, read, key_id)


def decrypt(
    key_id: str,
    metadata: Mapping[str, str],
    sealed: Sealed,
    authenticated_data: bytes,
    unwrap: Callable[[bytes], bytes | None],
) -> Question[bytes]:
    """Decrypt; ``unwrap`` makes of the plaintext what was wanted, ``None`` where it is none."""
    body: dict[str, Any] = {
        "requestMetadata": metadata,
        "additionalAuthenticatedData": _text(authenticated_data),
        "ciphertext": _text(sealed.ciphertext),
        "encryptionAlgorithm": ENCRYPTION_ALGORITHM,
        "initializationVector": _text(sealed.vector),
        "authenticationTag": _text(sealed.tag),
    }
    if sealed.metadata is not None:
        body["ciphertextMetadata"] = _text(sealed.metadata)

    def read(members: Mapping[str, Any]) -> bytes:
        unwrapped = unwrap(read_decrypted(members, len(sealed.ciphertext)))
        if unwrapped is None:
            raise ProxyError(WRONG_BYTES)
        return unwrapped

    return Question("Decrypt", f"/keys/{key_id}/decrypt", body, read, key_id)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def integrity_value(authenticated_data: bytes, sealed: Sealed) -> bytes:
    """The ciphertext data integrity value (appendix C of the specification)."""
    parts = (
        authenticated_data,
        sealed.metadata or b"",
        sealed.vector,
        sealed.ciphertext,
        sealed.tag,
    )
    return hashlib.sha256(b"".join(parts)).digest()


# What is answered ---------------------------------------------------------------------------------


OF_KEYS = frozenset({"GetKeyMetadata", "Encrypt", "Decrypt"})
OF_SOME_APIS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "InvalidCiphertextException": frozenset({"Decrypt"}),
        "InvalidKeyUsageException": OF_KEYS,
        "KeyNotFoundException": OF_KEYS,
    }
)
"""The errors that answer some APIs only; of any other, they are no answer."""


def members_of(api: str, status: int, body: bytes) -> dict[str, Any]:
    """The members of an answer that is no error.

    Args:
        api: what was asked for.
        status: the HTTP status.
        body: the body.

    Raises:
        ProxyError: it is one, or it is no answer at all.
    """
    members = _json_object(body)
    if status == SUCCESS:
        return members
    name, said = members.get("errorName"), members.get("errorMessage")
    outcome = ERRORS.get(name) if isinstance(name, str) else None
    if outcome is not None and api not in OF_SOME_APIS.get(outcome.name, (api,)):
        outcome = None
    raise ProxyError(outcome or MALFORMED, said if isinstance(said, str) else "")


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Half of a character, written by its number: without the other half it cannot be encoded."""

_TWICE = object()
"""Instead of a member that is there more than once: it is of no type that any may have."""


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
        members = _READER.decode(text)
        if _HALF.search(text):  # with backslashes before, it may be none
            json.dumps(members, ensure_ascii=False, default=str).encode()
    except (ValueError, RecursionError):
        raise ProxyError(MALFORMED) from None
    if not isinstance(members, dict):
        raise ProxyError(MALFORMED)
    return members


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        members[name] = _TWICE if name in members else value
    return members


class UnavailableError(ProxyError):
    """No external key manager instance is available.

    Attributes:
        fleet: the health of each.
    """

    def __init__(self, fleet: tuple[str, ...]) -> None:
        super().__init__(NO_INSTANCE)
        self.fleet = fleet

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.fleet,)


_READER = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_once)
"""One for all answers: to make one takes longer than to read with it."""


def read_health(members: Mapping[str, Any]) -> tuple[str, ...]:
    """The answer to GetHealthStatus: the health of each external key manager instance.

    Raises:
        UnavailableError: none of them is available.
        ProxyError: it is malformed.
    """
    size, fleet = members.get("xksProxyFleetSize"), members.get("ekmFleetDetails")
    texts = (members.get(name) for name in ("xksProxyVendor", "xksProxyModel", "ekmVendor"))
    _require(type(size) is int and size > 0)
    _require(all(isinstance(text, str) for text in texts))
    if not isinstance(fleet, list) or not 1 <= len(fleet) <= MOST_INSTANCES:
        raise ProxyError(MALFORMED)
    states = tuple(map(_instance, fleet))
    if set(states) == {UNAVAILABLE}:
        raise UnavailableError(states)
    return states


def _instance(entry: Any) -> str:
    if not isinstance(entry, dict) or entry.get("healthStatus") not in HEALTH:
        raise ProxyError(MALFORMED)
    _require(isinstance(entry.get("id"), str) and isinstance(entry.get("model"), str))
    return str(entry["healthStatus"])


def read_key_metadata(members: Mapping[str, Any]) -> KeyMetadata:
    """The answer to GetKeyMetadata.

    Raises:
        ProxyError: it is malformed.
    """
    spec, status = members.get("keySpec"), members.get("keyStatus")
    usage = members.get("keyUsage")
    if not isinstance(spec, str) or not spec or status not in (ENABLED, DISABLED):
        raise ProxyError(MALFORMED)
    if not isinstance(usage, list) or len(usage) > MOST_USAGES:
        raise ProxyError(MALFORMED)
    _require(all(isinstance(use, str) for use in usage))
    return KeyMetadata(spec, tuple(usage), status)


def read_encrypted(
    members: Mapping[str, Any], length: int, authenticated_data: bytes, with_integrity: bool
) -> Sealed:
    """The answer to Encrypt.

    Args:
        members: of the answer.
        length: that of the plaintext.
        authenticated_data: what was to be authenticated.
        with_integrity: whether the ciphertext data integrity value was asked for.

    Raises:
        ProxyError: it is malformed.
    """
    metadata = None
    if "ciphertextMetadata" in members:
        metadata = _blob(members, "ciphertextMetadata")
        _require(len(metadata) <= LONGEST_METADATA)
    ciphertext = _blob(members, "ciphertext")
    vector, tag = _blob(members, "initializationVector"), _blob(members, "authenticationTag")
    _require(len(ciphertext) == length)
    _require(len(vector) in VECTOR_LENGTHS and len(tag) == TAG_LENGTH)
    sealed = Sealed(ciphertext, vector, tag, metadata)
    if with_integrity:
        value = _blob(members, "ciphertextDataIntegrityValue")
        _require(value == integrity_value(authenticated_data, sealed))
    return sealed


def read_decrypted(members: Mapping[str, Any], length: int) -> bytes:
    """The answer to Decrypt: the plaintext, which is as long as the ciphertext.

    Raises:
        ProxyError: it is malformed.
    """
    plaintext = _blob(members, "plaintext")
    _require(len(plaintext) == length)
    return plaintext


def _blob(members: Mapping[str, Any], name: str) -> bytes:
    """A member in standard Base64 with padding, as only one text spells each value."""
    text = members.get(name)
    try:
        value = base64.b64decode(text) if isinstance(text, str) else None
    except ValueError:
        value = None
    if value is None or _text(value) != text:
        raise ProxyError(MALFORMED)
    return value


def _require(condition: bool) -> None:
    if not condition:
        raise ProxyError(MALFORMED)
