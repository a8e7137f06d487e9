"""Which files a command names that the tool reads: what has to be given to a tool in a server."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

READ = frozenset({"--approval", "--path", "--public-key", "--signed-token"})
"""The options of cloudhsm-cli after which such a file stands; the other tools read none."""


def words_of(command: str) -> list[str]:
    """The words of a command line; none where a quote is not closed."""
    try:
        return shlex.split(command)
    except ValueError:
        return []


def files_named(words: Sequence[str]) -> Iterator[str]:
    """The paths of the files that a command reads.

    Args:
        words: its words.
    """
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in READ and equals:
            yield value
        elif option in READ and place + 1 < len(words):
            yield words[place + 1]
