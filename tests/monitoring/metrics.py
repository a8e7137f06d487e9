"""The metrics of CloudWatch, as somebody reads them with boto3."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.aws import REGION, client

KMS, CLOUDHSM = "AWS/KMS", "AWS/CloudHSM"
MINUTE, HOUR = 60, 3600


def named(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def listed(namespace: str, name: str = "", region: str = REGION, **more: Any) -> list[Any]:
    """The dimensions of the metrics of a namespace, or of those with a name."""
    wanted = {"Namespace": namespace, **({"MetricName": name} if name else {})}
    pages = client("cloudwatch", region, **more).get_paginator("list_metrics").paginate(**wanted)
    return [
        {each["Name"]: each["Value"] for each in metric["Dimensions"]}
        for page in pages
        for metric in page["Metrics"]
    ]


def points(
    namespace: str,
    name: str,
    dimensions: dict[str, str],
    end: datetime,
    *,
    hours: float = 1,
    period: int = MINUTE,
    **more: Any,
) -> list[dict[str, Any]]:
    """The data points of the last hours, oldest first."""
    answer = client("cloudwatch", **more).get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=named(dimensions),
        StartTime=end - timedelta(hours=hours),
        EndTime=end + timedelta(minutes=1),
        Period=period,
        Statistics=["Sum", "SampleCount", "Minimum", "Maximum", "Average"],
    )
    return sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])


def total(namespace: str, name: str, dimensions: dict[str, str], end: datetime, **more: Any) -> int:
    """The sum of the last hours."""
    return int(sum(point["Sum"] for point in points(namespace, name, dimensions, end, **more)))


def query(
    query_id: str,
    namespace: str,
    name: str,
    dimensions: dict[str, str],
    stat: str,
    period: int = MINUTE,
    **more: Any,
) -> dict[str, Any]:
    """A query of GetMetricData."""
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": named(dimensions)}
    return {
        "Id": query_id,
        "MetricStat": {"Metric": metric, "Period": period, "Stat": stat},
        **more,
    }
