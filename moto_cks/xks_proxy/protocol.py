"""The specification as data: paths, APIs and their members, sizes, and what is computed.

See "API operations" and "Appendix C" of the XKS Proxy API Specification.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache

PATH_END = "/kms/xks/v1"
"""What all paths of version 1 have after the path prefix."""

SIGNED_SERVICE = "kms-xks-proxy"
"""The service that a signature names."""

PATH_PREFIX = re.compile(r"(/[A-Za-z0-9_-]+)*")
MAX_PATH = 128
"""The most characters of prefix and end together."""

KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

MAX_PLAINTEXT = 4300
"""The most bytes of plaintext, or of ciphertext to decrypt; what a proxy has to support."""

MAX_AAD = 8192
"""The most bytes of additional authenticated data; what a proxy has to support."""

MAX_METADATA = 20
"""The most bytes of ciphertext metadata."""

VECTOR_SIZES = (12, 16)
"""The sizes of an initialization vector, in bytes."""

TAG_SIZE = 16
"""The size of an authentication tag, in bytes."""

MAX_USAGES = 10
"""The most usages of a key, in an answer to GetKeyMetadata."""

MAX_INSTANCES = 10
"""The most external key managers, in an answer to GetHealthStatus."""

ENCRYPT, DECRYPT = "ENCRYPT", "DECRYPT"
"""The key usages that the APIs need."""

ALGORITHM = "AES_GCM"
HASH = "SHA_256"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a request.

    Attributes:
        name: as in JSON.
        required: whether it has to be there.
        values: the strings that it can be; where there are none, it is bytes in Base64.
        sizes: how many bytes it can have; another size is a ValidationException.
        most: how many bytes are supported; more are an UnsupportedOperationException.
    """

    name: str
    required: bool = True
    values: tuple[str, ...] = ()
    sizes: Container[int] | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """An API of a proxy.

    Attributes:
        name: as the specification has it.
        indicator: the last step of its path.
        of_key: whether its path names an external key.
        metadata: what ``requestMetadata`` has to have, strings each.
        usage: the key usage that it needs.
        members: of its request, besides ``requestMetadata``.
    """

    name: str
    indicator: str
    of_key: bool
    metadata: tuple[str, ...]
    usage: str | None = None
    members: tuple[Member, ...] = ()


_ALWAYS = ("kmsRequestId", "kmsOperation")
_AAD = Member("additionalAuthenticatedData", required=False, most=MAX_AAD)
_ALGORITHM = Member("encryptionAlgorithm", values=(ALGORITHM,))

HEALTH = Api("GetHealthStatus", "health", False, _ALWAYS)
METADATA = Api("GetKeyMetadata", "metadata", True, (*_ALWAYS, "awsPrincipalArn"))
ENCRYPTING = Api(
    "Encrypt",
    "encrypt",
    True,
    (*_ALWAYS, "awsPrincipalArn", "kmsKeyArn"),
    ENCRYPT,
    (
        Member("plaintext", most=MAX_PLAINTEXT),
        _ALGORITHM,
        _AAD,
        Member("ciphertextDataIntegrityValueAlgorithm", required=False, values=(HASH,)),
    ),
)
DECRYPTING = Api(
    "Decrypt",
    "decrypt",
    True,
    (*_ALWAYS, "awsPrincipalArn", "kmsKeyArn"),
    DECRYPT,
    (
        Member("ciphertext", most=MAX_PLAINTEXT),
        Member("ciphertextMetadata", required=False, sizes=range(MAX_METADATA + 1)),
        _ALGORITHM,
        _AAD,
        Member("initializationVector", sizes=VECTOR_SIZES),
        Member("authenticationTag", sizes=(TAG_SIZE,)),
    ),
)

APIS: Mapping[str, Api] = {api.name: api for api in (METADATA, ENCRYPTING, DECRYPTING, HEALTH)}
"""All of them, by name."""

_OF_PROXY = {api.indicator: api for api in APIS.values() if not api.of_key}
_OF_KEY = {api.indicator: api for api in APIS.values() if api.of_key}


@lru_cache(maxsize=256)
def api_at(path: str) -> tuple[Api, str | None] | None:
    """Which API is at a path behind ``/kms/xks/v1``, and the external key that it names."""
    steps = path.split("/")
    if len(steps) == 2 and steps[0] == "" and steps[1] in _OF_PROXY:
        return _OF_PROXY[steps[1]], None
    if len(steps) == 4 and steps[:2] == ["", "keys"] and steps[3] in _OF_KEY:
        return (_OF_KEY[steps[3]], steps[2]) if KEY_ID.fullmatch(steps[2]) else None
    return None


def authenticated_data(aad: bytes, metadata: bytes) -> bytes:
    """What AES-GCM authenticates: the additional data and the metadata, each after its length."""
    return len(aad).to_bytes(2, "big") + aad + len(metadata).to_bytes(1, "big") + metadata


def integrity_value(
    aad: bytes, metadata: bytes, vector: bytes, ciphertext: bytes, tag: bytes
) -> bytes:
    """The ciphertextDataIntegrityValue of an answer to Encrypt ("Appendix C")."""
    return hashlib.sha256(aad + metadata + vector + ciphertext + tag).digest()
