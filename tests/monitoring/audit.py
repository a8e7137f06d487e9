"""The audit logs of HSMs, as somebody reads them with boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.aws import REGION, client


@dataclass(frozen=True)
class Entry:
    """An entry of an audit log.

    Attributes:
        stream: the log stream: the HSM ID.
        timestamp: of CloudWatch Logs, in milliseconds since the epoch.
        fields: what it says, by the names in it.
    """

    stream: str
    timestamp: int
    fields: dict[str, str]

    @property
    def opcode(self) -> str:
        """The opcode without its number."""
        return self.fields["Opcode"].partition(" ")[0]

    @property
    def number(self) -> int:
        """Its place in the log stream."""
        return int(self.fields["Sequence No"], 16)


def group(cluster_id: str) -> str:
    return f"/aws/cloudhsm/{cluster_id}"


def read(cluster_id: str, pattern: str = "", region: str = REGION, **more: Any) -> list[Entry]:
    """The entries of a cluster, oldest first; of those at once, in the order of its HSMs."""
    logs = client("logs", region, **more)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group(cluster_id), filterPattern=pattern
    )
    return [
        Entry(event["logStreamName"], event["timestamp"], parsed(event["message"]))
        for page in pages
        for event in page["events"]
    ]


def parsed(message: str) -> dict[str, str]:
    time, *lines = message.split("\n")
    fields = dict(line.split(" : ", 1) for line in lines)
    return {"Time": time.removeprefix("Time: "), **fields}


def opcodes(cluster_id: str, hsm_id: str) -> list[str]:
    """The opcodes in the log stream of an HSM."""
    return [entry.opcode for entry in read(cluster_id) if entry.stream == hsm_id]


def streams(cluster_id: str) -> list[str]:
    found = client("logs").describe_log_streams(logGroupName=group(cluster_id))["logStreams"]
    return [stream["logStreamName"] for stream in found]
