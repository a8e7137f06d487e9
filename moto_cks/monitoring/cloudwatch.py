"""moto's CloudWatch with the metrics of KMS and CloudHSM.

moto keeps data points and computes statistics of them. Those of these metrics are put together for
each question, a data point a period, and moto is asked about just them: what it would make of
dimensions that only some of its data have is not what AWS does.

Imported when CloudWatch is in use.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.cloudwatch.models import (
    CloudWatchBackend,
    MetricAggregatedDatum,
    MetricDatum,
    MetricDatumBase,
    Statistics,
)

from moto_cks.monitoring.series import (
    NAMESPACES,
    Metric,
    Series,
    Summary,
    listed,
    series,
    unit_of,
)
from moto_cks.world import clock
from moto_cks.world.lock import WORLD

_MINUTE = 60

_asked: ContextVar[Sequence[MetricDatumBase]] = ContextVar("asked", default=())


class OwnMetrics(CloudWatchBackend):
    """CloudWatch, which also has the metrics of the namespaces AWS/KMS and AWS/CloudHSM."""

    def get_all_metrics(self) -> list[MetricDatumBase]:
        """All data points, with those that are asked for now."""
        return [*super().get_all_metrics(), *_asked.get()]

    def list_metrics(
        self,
        next_token: str | None,
        namespace: str,
        metric_name: str,
        dimensions: list[dict[str, str]],
    ) -> tuple[str | None, list[MetricDatumBase]]:
        """ListMetrics."""
        with WORLD:
            now = clock.keep_appointments()
            known = [_known(metric) for metric in listed(self.account_id, self.region_name, now)]
            with _asking(known):
                return super().list_metrics(next_token, namespace, metric_name, dimensions)

    def get_metric_statistics(
        self,
        namespace: str,
        metric_name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        stats: list[str],
        dimensions: list[dict[str, str]],
        unit: str | None = None,
    ) -> list[Statistics]:
        """GetMetricStatistics; the periods begin where those of a clock do."""
        if namespace not in NAMESPACES or start_time >= end_time:
            return super().get_metric_statistics(
                namespace, metric_name, start_time, end_time, period, stats, dimensions, unit
            )
        start = _rounded(start_time, period)
        with WORLD:
            metric = _metric(namespace, metric_name, dimensions)
            data = list(_data(metric_name, metric, self._found(metric), start, end_time, period))
            with _asking(data):
                return super().get_metric_statistics(
                    namespace, metric_name, start, end_time, period, stats, [], unit
                )

    def get_metric_data(
        self,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        """GetMetricData."""
        own = [query for query in queries if _namespace_of(query) in NAMESPACES]
        if not own or start_time >= end_time:
            return super().get_metric_data(queries, start_time, end_time, scan_by)
        start = _rounded(start_time, _MINUTE)
        renamed, data = [], []
        with WORLD:
            for place, query in enumerate(queries):
                if query not in own:
                    renamed.append(query)
                    continue
                asked, points = self._put_together(query, place, start, end_time)
                renamed.append(asked)
                data += points
            with _asking(data):
                return super().get_metric_data(renamed, start, end_time, scan_by)

    def _put_together(
        self, query: Mapping[str, Any], place: int, start: datetime, end: datetime
    ) -> tuple[dict[str, Any], list[MetricDatumBase]]:
        """A query under a name that no other has, and the data of just this one."""
        asked: dict[str, Any] = copy.deepcopy(dict(query))
        stat = asked["MetricStat"]
        named = stat["Metric"]
        dimensions = named.pop("Dimensions", None) or []
        metric = _metric(named["Namespace"], named["MetricName"], dimensions)
        asked["Label"] = asked.get("Label") or f"{metric.name} {stat['Stat']}"
        named["MetricName"] = name = f"{metric.name} {place}"
        found, period = self._found(metric), int(stat["Period"])
        return asked, list(_data(name, metric, found, start, end, period))

    def _found(self, metric: Metric) -> Series | None:
        return series(self.account_id, self.region_name, clock.keep_appointments()).get(metric)


@contextmanager
def _asking(data: Sequence[MetricDatumBase]) -> Iterator[None]:
    """A context in which there are these data points, too."""
    token = _asked.set(data)
    try:
        yield
    finally:
        _asked.reset(token)


def _namespace_of(query: Mapping[str, Any]) -> str | None:
    namespace: str | None = query.get("MetricStat", {}).get("Metric", {}).get("Namespace")
    return namespace


def _metric(namespace: str, name: str, dimensions: Sequence[Mapping[str, str]]) -> Metric:
    return Metric(namespace, name, frozenset((each["Name"], each["Value"]) for each in dimensions))


def _known(metric: Metric) -> MetricDatum:
    """A data point by which ListMetrics knows a metric."""
    dimensions = [{"Name": name, "Value": value} for name, value in sorted(metric.dimensions)]
    return MetricDatum(metric.namespace, metric.name, 0, dimensions, None, unit_of(metric.name))


def _rounded(moment: datetime, period: int) -> datetime:
    """The beginning of the period that a moment is in."""
    return _moment(_seconds(moment) // period * period, moment)


def _data(
    name: str, metric: Metric, found: Series | None, start: datetime, end: datetime, period: int
) -> Iterator[MetricDatumBase]:
    """A data point for each period in which there are some, under a name.

    Periods of less than a minute have those of the minutes that begin in them.
    """
    if found is None:
        return
    first, last = _seconds(start), _seconds(end)
    for begin in range(first, last, period):
        until = min(begin + period, last)
        summary = found.summary(-(-begin // _MINUTE), -(-until // _MINUTE))
        if summary is not None:
            yield _datum(name, metric, summary, _moment(begin, start))


def _datum(name: str, metric: Metric, summary: Summary, begin: datetime) -> MetricDatumBase:
    return MetricAggregatedDatum(
        namespace=metric.namespace,
        name=name,
        min_stat=summary.least,
        max_stat=summary.most,
        sample_count=summary.samples,
        sum_stat=summary.total,
        dimensions=[],
        timestamp=begin,
        unit=unit_of(metric.name),
    )


def _seconds(moment: datetime) -> int:
    """Since the epoch; moto's moments are naive."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return int(aware.timestamp())


def _moment(seconds: int, like: datetime) -> datetime:
    """A moment that can be compared with another one."""
    moment = datetime.fromtimestamp(0, timezone.utc) + timedelta(seconds=seconds)
    return moment if like.tzinfo else moment.replace(tzinfo=None)
