"""The log of a proxy: who asked what, and what became of it. No plaintext, no secrets.

See "Logging" of the specification.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, overload

from moto_cks.xks_proxy.values import checked

MAX_ENTRIES = 10_000
"""How many entries are kept, the newest ones."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A request, or a TLS handshake that failed.

    Attributes:
        time: when it came.
        path_prefix: of the client; ``None`` where the path has none of the proxy's.
        api: which API; ``None`` where the path has none.
        external_key: the external key ID of the path.
        metadata: ``requestMetadata``; empty where it was not read.
        duration: in seconds, simulated latency included.
        status: of HTTP; ``None`` for a handshake.
        error: errorName; ``None`` for a success.
        message: what there is to say of an error, more than the client is told.
        rule: the authorization rule that denied it.
        instance: the ID of the external key manager that served it.
    """

    time: datetime
    path_prefix: str | None = None
    api: str | None = None
    external_key: str | None = None
    metadata: Mapping[str, Any] | None = None
    duration: float = 0.0
    status: int | None = None
    error: str | None = None
    message: str | None = None
    rule: str | None = None
    instance: str | None = None

    @property
    def outcome(self) -> str:
        """``success``, the errorName, or what else there was."""
        if self.error is not None:
            return self.error
        return "success" if self.status == 200 else (self.message or str(self.status))

    def to_json(self) -> str:
        """The entry in one line of JSON, without what is not known."""
        said = {
            "time": self.time.isoformat(timespec="milliseconds"),
            "api": self.api,
            "externalKeyId": self.external_key,
            "outcome": self.outcome,
            "status": self.status,
            "message": self.message,
            "rule": self.rule,
            "durationMs": round(self.duration * 1000, 3),
            "pathPrefix": self.path_prefix,
            "instance": self.instance,
            "requestMetadata": self.metadata,
        }
        return json.dumps({name: value for name, value in said.items() if value is not None})


def _checked_listener(listener: Any) -> Callable[[LogEntry], None] | None:
    if listener is not None and not callable(listener):
        raise ValueError(f"Who listens is a function, or None, not {listener!r}.")
    return cast("Callable[[LogEntry], None] | None", listener)


class Log(Sequence[LogEntry]):
    """The newest entries, the oldest first.

    Attributes:
        listener: who is told of each entry.
    """

    listener: Callable[[LogEntry], None] | None = checked(_checked_listener)

    def __init__(self) -> None:
        self.listener = None
        self._entries: deque[LogEntry] = deque(maxlen=MAX_ENTRIES)

    def __repr__(self) -> str:
        return f"<Log of {len(self)}>"

    @overload
    def __getitem__(self, index: int) -> LogEntry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LogEntry]: ...
    def __getitem__(self, index: int | slice) -> LogEntry | Sequence[LogEntry]:
        return self._entries[index] if isinstance(index, int) else list(self._entries)[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LogEntry]:
        return iter(list(self._entries))

    def find(self, kms_request_id: str) -> list[LogEntry]:
        """The entries with a kmsRequestId, which is the request ID in CloudTrail."""
        return [
            each for each in self if (each.metadata or {}).get("kmsRequestId") == kms_request_id
        ]

    def add(self, entry: LogEntry) -> None:
        """Keep an entry."""
        self._entries.append(entry)
        if self.listener is not None:
            self.listener(entry)
