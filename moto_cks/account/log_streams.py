"""What services of AWS put into the account's CloudWatch Logs: the only module that does.

moto holds the times of events against its own clock, which nobody has advanced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from moto.logs.models import LogsBackend

Message = tuple[datetime, str]
"""What is put into a log stream: a moment, and the text."""


def put(
    logs: LogsBackend, group: str, stream: str, messages: Sequence[Message], now: datetime
) -> None:
    """Put messages into a log stream, which is made where there is none.

    Args:
        logs: CloudWatch Logs of an account and Region.
        group: the name of the log group.
        stream: the name of the log stream.
        messages: what to put there, oldest first.
        now: when that is, an aware datetime.

    Raises:
        ServiceException: what CloudWatch Logs says; there is no such log group, for one.
    """
    events = [
        {"timestamp": int(time.timestamp() * 1000), "message": text} for time, text in messages
    ]
    with _at(now):
        if group not in logs.groups or stream not in logs.groups[group].streams:
            logs.create_log_stream(group, stream)
        logs.put_log_events(group, stream, events)


def ensure_group(logs: LogsBackend, group: str, now: datetime) -> None:
    """Make a log group, unless there is one.

    Args:
        logs: CloudWatch Logs of an account and Region.
        group: its name.
        now: when that is, an aware datetime.
    """
    with _at(now):
        logs.ensure_log_group(group)


@contextmanager
def _at(now: datetime) -> Iterator[None]:
    """A context in which moto takes a moment for the present."""
    naive = now.replace(tzinfo=None)
    with patch.object(import_module("moto.logs.models"), "utcnow", lambda: naive):
        yield
