"""Pages of a listing.

See ``NextToken`` and ``MaxResults`` of ``DescribeClusters``, ``DescribeBackups`` and ``ListTags``
in the AWS CloudHSM API Reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException

T = TypeVar("T")

DIGEST_LENGTH = 32


class Pages:
    """The pages of one listing.

    A token names the last item that was shown, so a listing that changes between two pages
    neither skips nor repeats what stays in it. It is good for the request that it came from.

    Args:
        scope: what makes two requests the same listing: the operation and its other parameters.
        next_token: of the request; ``None`` for the first page.

    Raises:
        CloudHsmInvalidRequestException: the token is not one of this listing.
    """

    def __init__(self, scope: Sequence[object], next_token: str | None) -> None:
        self._scope = _digest(json.dumps(scope, sort_keys=True))
        self._next_token = next_token
        if next_token is not None and not next_token.startswith(self._scope):
            raise _invalid_token()

    def check(self, names: Iterable[str]) -> None:
        """See whether the token names one of these, before they are looked at: looking counts.

        Raises:
            CloudHsmInvalidRequestException: it does not.
        """
        if self._next_token is not None and self._next_token not in map(self._token, names):
            raise _invalid_token()

    def page(
        self,
        items: Sequence[T],
        key: Callable[[T], str],
        size: int,
        matches: Callable[[T], bool] = lambda item: True,
    ) -> tuple[list[T], str | None]:
        """The items that the token asks for, out of all.

        Args:
            items: in order, whether they match or not.
            key: names an item.
            size: the most items on a page.
            matches: which of the items belong to the listing.

        Returns:
            The items of the page, and the token of the next page if there is one.

        Raises:
            CloudHsmInvalidRequestException: the item that the token names is gone.
        """
        start = self._start(items, key)
        found = list(islice(filter(matches, islice(items, start, None)), size + 1))
        if len(found) <= size:
            return found, None
        return found[:size], self._token(key(found[size - 1]))

    def _start(self, items: Sequence[T], key: Callable[[T], str]) -> int:
        if self._next_token is None:
            return 0
        for index, item in enumerate(items):
            if self._token(key(item)) == self._next_token:
                return index + 1
        raise _invalid_token()

    def _token(self, name: str) -> str:
        return self._scope + _digest(self._scope + name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _invalid_token() -> CloudHsmInvalidRequestException:
    return CloudHsmInvalidRequestException("The NextToken in the request is invalid")
