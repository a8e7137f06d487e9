"""Ed25519ph (RFC 8032, section 5.1), which ``cryptography`` does not offer.

It differs from Ed25519 in what is hashed only, but needs the arithmetic of the curve for that. Not
made to withstand anybody who measures times.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
PREFIX = b"SigEd25519 no Ed25519 collisions\x01\x00"
"""dom2 of a message that is hashed first, with an empty context."""

LENGTH = 32

Point = tuple[int, int, int, int]
"""Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z."""

NEUTRAL: Point = (0, 1, 1, 0)


def _add(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(scalar: int, point: Point) -> Point:
    total = NEUTRAL
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _equal(p: Point, q: Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(LENGTH, "little")


def _decode(data: bytes) -> Point | None:
    value = int.from_bytes(data, "little")
    y, sign = value & (1 << 255) - 1, value >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


_BASE_Y = 4 * pow(5, -1, P) % P
BASE = _decode(_BASE_Y.to_bytes(LENGTH, "little")) or NEUTRAL


def _scalar(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER


def sign(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """The signature of a message, of any length."""
    hashed = hashlib.sha512(message).digest()
    expanded = hashlib.sha512(key.private_bytes_raw()).digest()
    secret = int.from_bytes(expanded[:LENGTH], "little") & (1 << 254) - 8 | 1 << 254
    nonce = _scalar(PREFIX, expanded[LENGTH:], hashed)
    commitment = _encode(_multiply(nonce, BASE))
    challenge = _scalar(PREFIX, commitment, key.public_key().public_bytes_raw(), hashed)
    response = (nonce + challenge * secret) % ORDER
    return commitment + response.to_bytes(LENGTH, "little")


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is that of a message."""
    if len(signature) != 2 * LENGTH:
        return False
    response = int.from_bytes(signature[LENGTH:], "little")
    commitment, public = _decode(signature[:LENGTH]), _decode(public_key)
    if commitment is None or public is None or response >= ORDER:
        return False
    hashed = hashlib.sha512(message).digest()
    challenge = _scalar(PREFIX, signature[:LENGTH], public_key, hashed)
    return _equal(_multiply(response, BASE), _add(commitment, _multiply(challenge, public)))
