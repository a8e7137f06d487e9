"""Names that are given to a proxy: of hosts, of a Region; and lists of names."""

from __future__ import annotations

import re
from collections.abc import Iterable

HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
"""The name of a host."""

REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+", re.ASCII)
"""The name of a Region."""

_HOST_HEADER = re.compile(r"[!-~]{1,255}")


def checked_host(host: str) -> str:
    """The name of a host.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(host, str) or not HOST.fullmatch(host):
        raise ValueError(f"A host is a name as 'xks.example.com', not {host!r}.")
    return host


def checked_host_header(host: str) -> str:
    """What can stand in the header Host; a port may follow the name.

    Raises:
        ValueError: it cannot.
    """
    if not isinstance(host, str) or not _HOST_HEADER.fullmatch(host):
        raise ValueError(
            f"A Host header has 1 to 255 characters of printable ASCII without spaces, as "
            f"'internal:8080'; not {host!r}."
        )
    return host


def checked_region(region: str) -> str:
    """The name of a Region.

    Raises:
        ValueError: it is none, so no signature could name it.
    """
    if not isinstance(region, str) or not REGION.fullmatch(region):
        raise ValueError(f"A Region is a name as 'us-east-1', not {region!r}.")
    return region


def checked_region_or_any(region: str | None) -> str | None:
    """The name of a Region, or ``None`` for any.

    Raises:
        ValueError: it is neither.
    """
    return None if region is None else checked_region(region)


def listed(names: Iterable[str]) -> tuple[str, ...]:
    """The names of a list. A string is one name, and not those of its letters.

    What each is, who takes it looks at.

    Raises:
        ValueError: it is no list.
    """
    if isinstance(names, str):
        return (names,)
    if isinstance(names, (bytes, bytearray)) or not isinstance(names, Iterable):
        raise ValueError(f"Names are a list of strings, or one, not {names!r}.")
    return tuple(names)
