"""The audit logs of the HSMs in CloudWatch Logs.

AWS CloudHSM User Guide: "Working with Amazon CloudWatch Logs and AWS CloudHSM Audit Logs",
"Interpreting AWS CloudHSM audit logs", "AWS CloudHSM audit log reference". Each cluster has a log
group, each HSM a log stream. The entries wait in the logbooks of the HSMs until somebody looks.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from moto_cks.account import log_streams
from moto_cks.account.network import Network
from moto_cks.account.service_roles import CLOUDHSM_ROLE, ServiceRoles
from moto_cks.hsm import Logbook, LogEntry, Opcode, ReturnCode, UserType
from moto_cks.tools.return_codes import OUTDATED, RESULTS, SUCCESS, Result
from moto_cks.world import clock
from moto_cks.world.backends import existing
from moto_cks.world.identity import identity

if TYPE_CHECKING:
    from moto.logs.models import LogsBackend

Books: TypeAlias = dict[str, Logbook]
"""The logbooks of a cluster's HSMs, by HSM ID."""

USER_TYPES: Mapping[UserType, str] = {
    UserType.CU: "CN_CRYPTO_USER (1)",
    UserType.CO: "CN_CRYPTO_OFFICER (2)",
    UserType.AU: "CN_APPLIANCE_USER (5)",
    UserType.PRECO: "CN_CRYPTO_PRE_OFFICER (6)",
}

MANAGEMENT, CERTIFICATES = "CN_MGMT_CMD (0x0)", "CN_CERT_AUTH_CMD (0x9)"
"""The categories of commands."""

WITHOUT_DETAILS = {Opcode.SHARE_OBJECT: "UNKNOWN_LOG_TYPE (5)"}
"""The opcodes whose entries have a type of their own, and no handle."""

RESPONSES: Mapping[ReturnCode, Result] = {ReturnCode.USER_NOT_FOUND: OUTDATED[0]}
"""Where the pages on audit logs show another answer than the tools print."""


def group_name(cluster_id: str) -> str:
    """The name of the log group of a cluster."""
    return f"/aws/cloudhsm/{cluster_id}"


class AuditLogs:
    """The audit logs of the HSMs of one account and Region.

    Args:
        network: the network of that account and Region.

    Attributes:
        books: the logbooks, by cluster ID; also of clusters and HSMs that are gone.
    """

    def __init__(self, network: Network) -> None:
        self.books: dict[str, Books] = {}
        self._network = network
        # Known with the first cluster: moto's reset makes this anew while it makes another world.
        self._world: object = None
        self._posting = False
        self._appointment: clock.Appointment | None = None

    def of_cluster(self, cluster_id: str) -> Books:
        """Where the logbooks of a new cluster's HSMs go."""
        self._world = identity()
        return self.books.setdefault(cluster_id, {})

    def post(self) -> None:
        """Put what is waiting into CloudWatch Logs, each entry as of its own time.

        CloudHSM does so with its service-linked role. What cannot be put there waits on.
        """
        waiting = [
            (group_name(cluster_id), hsm_id, book)
            for cluster_id, books in self.books.items()
            for hsm_id, book in books.items()
            if book.entries
        ]
        if not waiting or self._posting:
            return
        if not ServiceRoles(self._network.account_id, self._network.region).has(CLOUDHSM_ROLE):
            return
        logs = get_backend("logs")[self._network.account_id][self._network.region]
        self._posting = True  # CloudWatch Logs looks here whenever somebody looks there
        try:
            for group, hsm_id, book in waiting:
                try:
                    _post(logs, group, hsm_id, book)
                except (ServiceException, HTTPException):
                    continue
        finally:
            self._posting = False

    def written(self) -> None:
        """Something was written: whoever subscribes to a log group waits for it."""
        if identity() is not self._world or self._appointment is not None:
            return
        if any(self._has_subscribers(cluster_id) for cluster_id in self.books):
            self._appointment = clock.at(clock.now(), self._deliver)

    def _has_subscribers(self, cluster_id: str) -> bool:
        logs = _in_use(self._network)
        group = None if logs is None else vars(logs)["groups"].get(group_name(cluster_id))
        return group is not None and bool(group.subscription_filters)

    def _deliver(self) -> None:
        self._appointment = None
        self.post()


def _in_use(network: Network) -> LogsBackend | None:
    """CloudWatch Logs of an account and Region, where somebody has used it."""
    module = sys.modules.get("moto.logs.models")
    if module is None:
        return None
    found: LogsBackend | None = existing(module.logs_backends, network.account_id, network.region)
    return found


def _post(logs: LogsBackend, group: str, stream: str, book: Logbook) -> None:
    for time, entries in groupby(book.entries, lambda entry: entry.time):
        assert time is not None  # the hardware of the simulation has a clock
        together = list(entries)
        log_streams.ensure_group(logs, group, time)
        messages = [(time, render(entry)) for entry in together]
        log_streams.put(logs, group, stream, messages, time)
        book.drop(len(together))


def render(entry: LogEntry) -> str:
    """An entry as the log stream has it."""
    time = entry.time
    assert time is not None
    result = SUCCESS if entry.code is None else RESPONSES.get(entry.code, RESULTS[entry.code])
    lines = [
        f"Time: {time:%m/%d/%y %H:%M:%S.%f}, "
        f"usecs:{int(time.timestamp()) * 1_000_000 + time.microsecond}",
        f"Sequence No : {entry.number:#x}",
        f"Reboot counter : {REBOOTS:#x}",
        f"Command Type(hex) : {_category(entry.opcode)}",
        f"Opcode : {_opcode(entry.opcode)}",
        f"Session Handle : {entry.session:#x}",
        f"Response : {result.number}:{result.text}",
        *_details(entry),
    ]
    return "\n".join(lines)


REBOOTS = 0xE8
"""How often each simulated HSM has been started."""


def _category(opcode: Opcode) -> str:
    return CERTIFICATES if opcode is Opcode.CERT_AUTH_STORE_CERT else MANAGEMENT


def _opcode(opcode: Opcode) -> str:
    number = opcode.value
    return f"CN_{opcode.name}" + (f" ({number:#x})" if isinstance(number, int) else "")


def _details(entry: LogEntry) -> tuple[str, ...]:
    """The type of the entry, and what only those of the type have."""
    if entry.opcode in WITHOUT_DETAILS:
        return (f"Log type : {WITHOUT_DETAILS[entry.opcode]}",)
    if entry.user is not None:
        user_type, name = entry.user
        return (
            "Log type : MGMT_USER_DETAILS_LOG (2)",
            f"User Name : {_one_line(name)}",
            f"User Type : {USER_TYPES[user_type]}",
        )
    if entry.key is not None:
        return (
            "Log type : MGMT_KEY_DETAILS_LOG (1)",
            f"Priv/Secret Key Handle : {entry.key}",
            "Public Key Handle : 0",
        )
    return ("Log type : MINIMAL_LOG_ENTRY (0)",)


def _one_line(name: str) -> str:
    """A name that somebody has tried to log in with."""
    return name if name.isprintable() else name.encode("unicode_escape").decode()
