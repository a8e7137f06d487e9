"""What a proxy in another process has seen."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, overload

from moto_cks.handle.remote.xks.resource import ProxyResource
from moto_cks.xks_proxy.log import LogEntry
from moto_cks.xks_proxy.wire import Request


class RemoteLog(Sequence[LogEntry]):
    """Who asked what; see :class:`moto_cks.xks_proxy.log.Log`."""

    def __init__(self, proxy: ProxyResource) -> None:
        self._proxy = proxy

    def __repr__(self) -> str:
        return f"<Log of {len(self)}>"

    def _entries(self, **filters: str) -> list[LogEntry]:
        shown = self._proxy.ask("GET", "log", query=filters)["entries"]
        return [
            LogEntry(**{**entry, "time": datetime.fromisoformat(entry["time"])}) for entry in shown
        ]

    @overload
    def __getitem__(self, index: int) -> LogEntry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LogEntry]: ...
    def __getitem__(self, index: int | slice) -> LogEntry | Sequence[LogEntry]:
        return self._entries()[index]

    def __len__(self) -> int:
        return len(self._entries())

    def __iter__(self) -> Iterator[LogEntry]:
        return iter(self._entries())

    def find(self, kms_request_id: str) -> list[LogEntry]:
        return self._entries(kms_request_id=kms_request_id)


def requests_of(proxy: ProxyResource) -> list[Request]:
    """The newest requests, as the proxy has received them, the oldest first."""
    shown: list[dict[str, Any]] = proxy.ask("GET", "requests")["requests"]
    return [
        Request(
            request["method"],
            request["target"],
            tuple((name, value) for name, value in request["headers"]),
            base64.b64decode(request["body"]),
        )
        for request in shown
    ]
