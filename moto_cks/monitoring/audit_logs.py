"""moto's CloudWatch Logs with the audit logs of the HSMs, put there when somebody looks.

Imported when CloudWatch Logs is in use.
"""

from __future__ import annotations

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.logs.models import LogGroup, LogsBackend

from moto_cks.cloudhsmv2.models import CksCloudHSMV2Backend
from moto_cks.world import clock
from moto_cks.world.backends import existing
from moto_cks.world.lock import WORLD


class AuditedLogs(LogsBackend):
    """CloudWatch Logs, whose log groups have what the HSMs have written by now."""

    @property
    def groups(self) -> dict[str, LogGroup]:
        """The log groups by name."""
        with WORLD:
            clock.keep_appointments()
            hsms = existing(cloudhsmv2_backends, self.account_id, self.region_name)
            if isinstance(hsms, CksCloudHSMV2Backend):
                hsms.audit_logs.post()
        groups: dict[str, LogGroup] = self.__dict__["groups"]
        return groups

    @groups.setter
    def groups(self, groups: dict[str, LogGroup]) -> None:
        self.__dict__["groups"] = groups
