"""Who is logged in to the HSMs of a cluster, by whatever way, and logging them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto_cks.cloudhsmv2.models import find_cluster_anywhere
from moto_cks.control.models import sessions
from moto_cks.failures.records import records
from moto_cks.hsm import HsmCluster, Session
from moto_cks.tools.session import ToolSession
from moto_cks.world.clock import keep_appointments
from moto_cks.world.lock import WORLD

KMS = "KMS"
"""Who is logged in as kmsuser while a key store is connected."""

CLIENT = "a client"
"""Who is logged in otherwise."""


@dataclass(frozen=True)
class Who:
    """Somebody who is logged in, on one HSM or on several.

    Attributes:
        by: by which way: ``KMS``, the name of a tool, ``a client``, or a documented failure.
        sessions: a session for each HSM, at least one.
        end: logs out.
    """

    by: str
    sessions: list[Session]
    end: Callable[[], None]

    @property
    def id(self) -> str:
        """What it is addressed by."""
        return self.sessions[0].id

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        user = self.sessions[0].user
        return {
            "id": self.id,
            "by": self.by,
            "user_type": user.type.value,
            "user": user.name,
            "hsms": [session.hsm.id for session in self.sessions],
        }


def list_sessions(cluster_id: str) -> dict[str, Any]:
    """Who is logged in to the HSMs of a cluster."""
    with WORLD:
        keep_appointments()
        hardware = find_cluster_anywhere(cluster_id)[0].hardware
        return {"sessions": [who.to_dict() for who in _logged_in(hardware)]}


def end_session(cluster_id: str, session_id: str) -> None:
    """Log somebody out, of all HSMs.

    Raises:
        KeyError: there is no such session in the cluster.
        RuntimeError: it is KMS's.
    """
    with WORLD:
        hardware = find_cluster_anywhere(cluster_id)[0].hardware
        for who in _logged_in(hardware):
            if who.id == session_id:
                who.end()
                return
        raise KeyError(f"There is no session {session_id} in {cluster_id}")


def _logged_in(hardware: HsmCluster) -> Iterator[Who]:
    left = {session.id: session for hsm in hardware.hsms.values() for session in hsm.sessions}
    for by, held, end in _known():
        # A tool can be logged in on each HSM as another user.
        for same in _by_user(session for session in held if session.id in left):
            for session in same:
                del left[session.id]
            yield Who(by, same, end)
    for same in _by_user(left.values()):
        if same[0].exclusive:
            yield Who(KMS, same, _refuse)
        else:
            yield Who(CLIENT, same, partial(_log_out, same))


def _known() -> Iterator[tuple[str, list[Session], Callable[[], None]]]:
    """The sessions of which it is known who holds them."""
    for tool in sessions().tools.values():
        yield tool.session.name, tool.session.logins, tool.session.log_out
    for login_id, login in list(sessions().logins.items()):
        yield CLIENT, login.session.sessions(), partial(_end_login, login_id)
    for record in records():
        for held in record.changes.sessions:
            yield record.failure, held.sessions(), held.logout
        for running in record.changes.tools:
            if isinstance(running, ToolSession):
                yield record.failure, running.logins, running.log_out


def _by_user(held: Iterable[Session]) -> list[list[Session]]:
    users: dict[str, list[Session]] = {}
    for session in held:
        users.setdefault(session.user.title, []).append(session)
    return list(users.values())


def _log_out(held: Iterable[Session]) -> None:
    for session in held:
        session.logout()


def _end_login(login_id: str) -> None:
    sessions().logins.pop(login_id).session.logout()


def _refuse() -> None:
    raise RuntimeError("KMS is logged in while the key store is connected; disconnect it")


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_sessions": list_sessions,
    "end_session": end_session,
}
