"""The last successful cryptographic operation with a key (GetKeyLastUsage)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from moto_cks.cloudtrail.events import event_id_of


class LastUsage(NamedTuple):
    """A use of a key.

    Attributes:
        operation: the operation.
        time: when, an aware datetime in UTC.
        request_id: the request ID.
    """

    operation: str
    time: datetime
    request_id: str

    def to_dict(self) -> dict[str, Any]:
        """KeyLastUsage."""
        return {
            "Operation": self.operation,
            "Timestamp": self.time.timestamp(),
            "CloudTrailEventId": event_id_of(self.request_id),
            "KmsRequestId": self.request_id,
        }
