"""``cks`` on a world in another process."""

from __future__ import annotations

from contextlib import AbstractContextManager, ContextDecorator
from datetime import datetime, timezone
from typing import Any

from moto_cks.handle import builder
from moto_cks.handle.cks import Cks
from moto_cks.handle.clock import Clock
from moto_cks.handle.cluster import Cluster
from moto_cks.handle.faults import REQUEST_QUOTA, Faults, check_quota
from moto_cks.handle.remote.cluster import RemoteCluster
from moto_cks.handle.remote.tool import RemoteToolSession
from moto_cks.handle.remote.wire import Wire, given
from moto_cks.handle.timeline import Timeline
from moto_cks.handle.trail import Trail, check_filters
from moto_cks.world.journal import Entry, Kind


class RemoteClock(Clock):
    """The clock; see :class:`moto_cks.handle.clock.Clock`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def now(self) -> datetime:
        """The simulated time, an aware datetime in UTC."""
        return datetime.fromisoformat(self._wire.get("clock")["now"])

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Let time pass."""
        # Only the sum must not be negative.
        step = {"seconds": seconds + 60 * (minutes + 60 * (hours + 24 * days))}
        return datetime.fromisoformat(self._wire.post("clock", "advance", body=step)["now"])

    def advance_to(self, moment: datetime) -> datetime:
        """Let time pass until a moment."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        body = {"moment": moment.isoformat()}
        return datetime.fromisoformat(self._wire.post("clock", "advance-to", body=body)["now"])


class _During(AbstractContextManager[None], ContextDecorator):
    """A fault in a server that lasts from entering to leaving."""

    def __init__(self, wire: Wire, path: str, body: dict[str, Any]) -> None:
        self._wire = wire
        self._path = path
        self._body = body
        self._begun: list[str] = []

    def __enter__(self) -> None:
        self._begun.append(self._wire.post("faults", self._path, body=self._body)["id"])

    def __exit__(self, *exc_info: object) -> None:
        try:
            self._wire.delete("faults", self._path, self._begun.pop())
        except KeyError:
            return  # a reset of moto has ended it


class RemoteFaults(Faults):
    """The faults; see :class:`moto_cks.faults.Faults`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connection_error(self, code: str, *, times: int = 1, key_store: str | None = None) -> None:
        """Let the next connection attempts end FAILED."""
        body = given(code=code, times=times, key_store=key_store)
        self._wire.post("faults", "connection-error", body=body)

    def unreachable(self, cluster_id: str) -> AbstractContextManager[None]:
        """A context in which KMS cannot reach a cluster."""
        self._wire.get("clusters", cluster_id)  # refused here, not on entering
        return _During(self._wire, "unreachable", {"cluster_id": cluster_id})

    def pkcs11_sessions_exhausted(self, cluster_id: str, *, times: int = 1) -> None:
        """Let the next cryptographic operations find no free PKCS #11 session."""
        body = {"cluster_id": cluster_id, "times": times}
        self._wire.post("faults", "pkcs11-sessions-exhausted", body=body)

    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> AbstractContextManager[None]:
        """A context in which the request quota of every key store is in force."""
        check_quota(requests_per_second)
        return _During(self._wire, "throttle", {"requests_per_second": requests_per_second})

    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str | None = None,
        times: int = 1,
        account_id: str | None = None,
        region: str | None = None,
    ) -> None:
        """Let the next calls of an operation end with an exception."""
        body = given(
            operation=operation,
            code=code,
            message=message,
            times=times,
            account_id=account_id,
            region=region,
        )
        self._wire.post("faults", "fail", body=body)


class RemoteTrail(Trail):
    """What CloudTrail has recorded; see :class:`moto_cks.handle.trail.Trail`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def events(self, **filters: str | None) -> list[dict[str, Any]]:
        """The records of the last 90 days of all accounts and Regions, oldest first."""
        check_filters(filters)
        query = {name: value for name, value in filters.items() if value is not None}
        nothing = [name for name, value in filters.items() if value is None]
        if nothing == ["error_code"]:
            query["succeeded"] = "true"
        elif nothing:
            return []  # every record has an account, a Region, a source and a name
        events: list[dict[str, Any]] = self._wire.get("trail", "events", query=query)["events"]
        return events

    def deliver(self) -> None:
        """Deliver what the trails have not delivered yet."""
        self._wire.post("trail", "deliver")


class RemoteTimeline(Timeline):
    """What has happened; see :class:`moto_cks.handle.timeline.Timeline`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def entries(
        self,
        *,
        kind: Kind | str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
    ) -> list[Entry]:
        """What has happened, oldest first."""
        query = given(
            kind=None if kind is None else Kind(kind).value,
            subject=subject,
            since=None if since is None else since.isoformat(),
        )
        return [
            Entry(
                datetime.fromisoformat(entry["time"]),
                entry["number"],
                Kind(entry["kind"]),
                entry["subject"],
                entry["what"],
            )
            for entry in self._wire.get("timeline", query=query)["entries"]
        ]

    def __len__(self) -> int:
        return len(self.entries())


class RemoteCks(Cks):
    """The handle on the world of a server or proxy; see :class:`moto_cks.handle.cks.Cks`.

    What it builds, it builds with boto3, as that one does.
    """

    def __init__(self, endpoint: str, aws: builder.Endpoint) -> None:
        self._wire = Wire(endpoint)
        self._aws = aws
        self.clock = RemoteClock(self._wire)
        self.faults = RemoteFaults(self._wire)
        self.trail = RemoteTrail(self._wire)
        self.timeline = RemoteTimeline(self._wire)

    def __repr__(self) -> str:
        return f"<RemoteCks at {self._wire.endpoint}>"

    def _clients(self, account_id: str, region: str) -> builder.Clients:
        return builder.Clients(account_id, region, self._aws)

    def cluster(self, cluster_id: str) -> Cluster:
        """The handle on a cluster, however it was made."""
        return RemoteCluster(self._wire, self._wire.get("clusters", cluster_id))

    def cloudhsm_mgmt_util(self, cluster_id: str) -> RemoteToolSession:
        """Start cloudhsm_mgmt_util on a cluster."""
        return RemoteToolSession(self._wire, "cloudhsm_mgmt_util", cluster_id)

    def key_mgmt_util(self, cluster_id: str) -> RemoteToolSession:
        """Start key_mgmt_util on a cluster."""
        return RemoteToolSession(self._wire, "key_mgmt_util", cluster_id)

    def cloudhsm_cli(self, cluster_id: str) -> RemoteToolSession:
        """Start cloudhsm-cli on a cluster."""
        return RemoteToolSession(self._wire, "cloudhsm-cli", cluster_id)
