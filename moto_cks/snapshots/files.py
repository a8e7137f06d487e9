"""Worlds in files.

A line that says what it is, a line of JSON about it, and behind them, compressed, what
:mod:`moto_cks.snapshots.writing` has written, with the keys and certificates that belong to it. The
line about it tells what the world was made with; another version of moto or of this package may
have other attributes for the same thing, and a world of it is refused.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import zlib
from datetime import datetime
from importlib.metadata import version
from typing import Any

from moto_cks.snapshots.errors import SnapshotError
from moto_cks.snapshots.parts import pack, unpack
from moto_cks.snapshots.reading import check
from moto_cks.snapshots.worlds import World

MAGIC = b"moto_cks world\n"
FORMAT = 1
"""Of what stands behind the line about it."""

MAX_SIZE = 1024 * 1024 * 1024
"""The most that a world may take when it is not compressed, in bytes."""

CUT = "The saved world is damaged: what it says of itself cannot be read."

MUST_FIT = ("format", "moto_cks", "moto")
"""What a world was made with has to be what is here, in these."""


def _made_with() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "moto_cks": sys.modules["moto_cks"].__version__,
        "moto": version("moto"),
        "boto3": version("boto3"),
        "cryptography": version("cryptography"),
        "python": platform.python_version(),
    }


def to_bytes(world: World) -> bytes:
    """A world as a file holds it; what is in it, passwords and keys, is not encrypted."""
    packed = [pack(part) for part in world.parts]
    content = b"".join([world.text, *(part for _, part in packed)])
    compressed = zlib.compress(content, 6)
    about = {
        "made_with": _made_with(),
        "time": world.time.isoformat(),
        "left_out": dict(world.left_out),
        "text": len(world.text),
        "parts": [[kind, len(part)] for kind, part in packed],
        "sha256": hashlib.sha256(compressed).hexdigest(),
    }
    return MAGIC + json.dumps(about).encode() + b"\n" + compressed


def from_bytes(content: bytes) -> World:
    """The world that a file holds; nothing of it is in place yet.

    Raises:
        SnapshotError: it is no file of this kind, it is damaged, or it was made with other versions
            than those that are here.
    """
    if not content.startswith(MAGIC):
        raise SnapshotError("This is no saved world of moto_cks.")
    line, _, compressed = content[len(MAGIC) :].partition(b"\n")
    try:
        about = json.loads(line)
        made_with = dict(about["made_with"])
    except (ValueError, KeyError, TypeError):
        raise SnapshotError(CUT) from None
    _check_versions(made_with)
    try:
        time = datetime.fromisoformat(about["time"])
        sizes = [int(about["text"]), *(int(size) for _, size in about["parts"])]
        kinds = [str(kind) for kind, _ in about["parts"]]
        left_out = {str(name): str(why) for name, why in about["left_out"].items()}
        checksum = about["sha256"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SnapshotError(CUT) from None
    if hashlib.sha256(compressed).hexdigest() != checksum:
        raise SnapshotError("The saved world is damaged: it is not what was written.")
    text, *parts = _cut(compressed, sizes)
    check(text)
    unpacked = tuple(unpack(kind, part) for kind, part in zip(kinds, parts, strict=True))
    return World(time, text, unpacked, left_out)


def _check_versions(made_with: dict[str, Any]) -> None:
    here = _made_with()
    for name in MUST_FIT:
        if made_with.get(name) != here[name]:
            what = "the format" if name == "format" else name
            raise SnapshotError(
                f"The world was saved with {what} {made_with.get(name)}, and here is "
                f"{here[name]}. Build it again, and save it."
            )


def _cut(compressed: bytes, sizes: list[int]) -> list[bytes]:
    size = sum(sizes)
    if min(sizes) < 0 or size > MAX_SIZE:
        raise SnapshotError(f"The saved world is larger than {MAX_SIZE:,} bytes.")
    try:
        content = zlib.decompressobj().decompress(compressed, size + 1)
    except zlib.error:
        raise SnapshotError("The saved world is damaged: it is not compressed.") from None
    if len(content) != size:
        raise SnapshotError("The saved world is damaged: it is not as long as it says.")
    pieces, begin = [], 0
    for length in sizes:
        pieces.append(content[begin : begin + length])
        begin += length
    return pieces
