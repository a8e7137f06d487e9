"""The filters of ``DescribeClusters`` and ``DescribeBackups``.

See ``Filters`` of both actions in the AWS CloudHSM API Reference. Values of one filter are
alternatives; an item has to satisfy all filters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException

Description = dict[str, Any]
"""A cluster or backup as the API shows it."""

Filters = Mapping[str, list[str]]


def _member(name: str) -> Callable[[Description], str]:
    return lambda description: str(description.get(name))


CLUSTER_FILTERS = {
    "clusterIds": _member("ClusterId"),
    "vpcIds": _member("VpcId"),
    "states": _member("State"),
}

BACKUP_FILTERS = {
    "backupIds": _member("BackupId"),
    "sourceBackupIds": _member("SourceBackup"),
    "clusterIds": _member("ClusterId"),
    "states": _member("BackupState"),
    "neverExpires": lambda description: str(description["NeverExpires"]).lower(),
}


class Selection:
    """What a request's filters select.

    Args:
        filters: of the request.
        known: the filters that the operation has, and what each looks at.

    Raises:
        CloudHsmInvalidRequestException: a filter is unknown, or ``neverExpires`` is neither true
            nor false.
    """

    def __init__(
        self, filters: Filters | None, known: Mapping[str, Callable[[Description], str]]
    ) -> None:
        self.filters = {name: list(values) for name, values in (filters or {}).items()}
        for name in self.filters:
            if name not in known:
                raise CloudHsmInvalidRequestException(
                    f"'{name}' is not a filter; the filters are {', '.join(known)}"
                )
        if "neverExpires" in self.filters:
            self.filters["neverExpires"] = [_boolean(v) for v in self.filters["neverExpires"]]
        self._tests = [(known[name], frozenset(self.filters[name])) for name in self.filters]

    def ids(self, name: str) -> list[str] | None:
        """The identifiers that a filter asks for, each once; ``None`` without that filter."""
        values = self.filters.get(name)
        return None if values is None else list(dict.fromkeys(values))

    def __contains__(self, description: Description) -> bool:
        return all(look_at(description) in values for look_at, values in self._tests)


def _boolean(value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise CloudHsmInvalidRequestException("neverExpires is either true or false")
    return value.lower()
