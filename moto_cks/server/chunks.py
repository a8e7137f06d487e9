"""Bodies that come in chunks (RFC 9112, section 7.1)."""

from __future__ import annotations

import re
from typing import Any

MAX_LINE = 4096
"""The longest line that a chunk begins with, in bytes."""

MAX_TRAILERS = 64 * 1024
"""The longest trailers, in bytes."""

# Fifteen digits: sizes that no computer has, though not so large that they overflow.
_SIZE = re.compile(rb"0*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n\0]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\r\n")


def chunk_size(line: bytes) -> int | None:
    """The size that a chunk begins with; ``None`` where that is malformed."""
    found = _SIZE.fullmatch(line)
    return None if found is None else int(found[1], 16)


class ChunkedBody:
    """The content of a body in chunks, to be read once.

    Args:
        source: where the chunks come from.

    Attributes:
        over: whether all of it has been read, and the trailers, too.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self._left = 0
        self.over = False

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or what there is up to the end.

        Raises:
            ValueError: it is malformed, or ends too early.
        """
        pieces = []
        while size != 0 and not self.over:
            if self._left == 0:
                self._begin_chunk()
                continue
            piece = self._source.read(self._left if size < 0 else min(self._left, size))
            if not piece:
                raise ValueError("The chunks end too early.")
            pieces.append(piece)
            self._left -= len(piece)
            size -= len(piece) if size > 0 else 0
            if self._left == 0 and self._source.read(2) != b"\r\n":
                raise ValueError("A chunk is longer than its size.")
        return b"".join(pieces)

    def _begin_chunk(self) -> None:
        size = chunk_size(self._source.readline(MAX_LINE))
        if size is None:
            raise ValueError("The size of a chunk is malformed.")
        self._left = size
        if size == 0:
            self._skip_trailers()
            self.over = True

    def _skip_trailers(self) -> None:
        left = MAX_TRAILERS
        while (line := self._source.readline(left)) != b"\r\n":
            left -= len(line)
            if left <= 0 or not _TRAILER.fullmatch(line):
                raise ValueError("A trailer is malformed.")
