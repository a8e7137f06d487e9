"""What clients of aiobotocore are told, which moto cannot answer in their own process.

They ask moto as every client of botocore does, and then await the content of the answer, which is
bytes. Whoever has taught them to take moto's answers takes these as well.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from botocore.awsrequest import AWSResponse

AWAITING = "aiobotocore"
"""The package that awaits answers."""

NOT_IN_PROCESS = (
    "moto answers no client of aiobotocore in its own process. Start a server, by the pytest "
    "fixture cks_server or as moto-cks-server, and give its URL to the client as endpoint_url."
)


class Content(bytes):
    """The content of an answer; awaited, it says what to do instead."""

    def __await__(self) -> Generator[Any, None, bytes]:
        raise RuntimeError(NOT_IN_PROCESS)


class AnsweredHere(AWSResponse):  # type: ignore[misc] # botocore has no types
    """An answer that moto has given."""

    @property
    def content(self) -> Content:
        """The content."""
        return Content(super().content)


def explained(answer: AWSResponse) -> AWSResponse:
    """An answer that says so where it is awaited."""
    answer.__class__ = AnsweredHere
    return answer
