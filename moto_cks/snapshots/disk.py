"""Files that are whole, or as they were."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def read(path: str | os.PathLike[str]) -> bytes:
    """The content of a file."""
    return Path(path).read_bytes()


def write(path: str | os.PathLike[str], content: bytes) -> None:
    """Have a file with this content, or leave what there was, whatever happens meanwhile.

    It is written beside it, and takes its place when it is on the disk. Only its owner can read it.

    Raises:
        OSError: it cannot be written.
    """
    target = Path(path)
    handle, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # a folder cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
