"""``cks.trail``: the records as the tests see them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import Any, Final, Literal, TypeAlias


class _Unfiltered(Enum):
    """What is not filtered by."""

    ANY = "any"


ANY: Final = _Unfiltered.ANY
"""That there is no filter; ``None`` is one that finds the calls that succeeded."""

ErrorCode: TypeAlias = "str | Literal[_Unfiltered.ANY] | None"


class Trail(ABC):
    """What CloudTrail has recorded."""

    @abstractmethod
    def events(
        self,
        *,
        event_name: str | None = None,
        event_source: str | None = None,
        region: str | None = None,
        account_id: str | None = None,
        error_code: ErrorCode = ANY,
    ) -> list[dict[str, Any]]:
        """The records of the last 90 days of all accounts and Regions, oldest first.

        Args:
            event_name: only of this operation, as ``Encrypt``.
            event_source: only of this service, as ``kms.amazonaws.com``.
            region: only of this Region.
            account_id: only of this account.
            error_code: only of calls that ended so; ``None`` is that of calls that succeeded.

        Raises:
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def deliver(self) -> None:
        """Deliver what the trails have not delivered yet.

        Raises:
            RuntimeError: the mock is not on.
        """
