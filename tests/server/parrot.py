"""A tool that says what it is told, for the tests of what carries tools about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from moto_cks.control.operations.tools import TOOLS
from moto_cks.handle.cks import LOCAL
from moto_cks.hsm import ClusterSession, HsmCluster, Session, UserType
from moto_cks.tools.nodes import Node
from moto_cks.tools.session import Question, Script, ToolSession

GREETING = "A parrot sits on the cluster.\n"
PROMPT = "parrot>"


@dataclass(frozen=True)
class Perch:
    """The HSMs of a cluster, in so far as the parrot needs them."""

    cluster_id: str

    @property
    def hardware(self) -> HsmCluster:
        return LOCAL.cluster(self.cluster_id)._cluster.hardware

    def nodes(self) -> list[Node]:
        return []

    def require_world(self) -> None:
        pass


@dataclass
class Parrot(ToolSession):
    name: ClassVar[str] = "cloudhsm_mgmt_util"

    def __post_init__(self) -> None:
        self._open: list[ClusterSession] = []

    @property
    def greeting(self) -> str:
        return GREETING

    @property
    def prompt(self) -> str:
        return PROMPT

    def execute(self, line: str) -> Script:
        word, _, rest = line.partition(" ")
        if word == "say":
            yield f"{rest}\n"
        elif word == "fail":
            yield "No.\n"
            return int(rest)
        elif word == "quit":
            self.closed = True
            self.log_out()
        elif word == "write":
            self.save(rest, "written by a parrot\n")
        elif word == "sure":
            answer = ""
            while answer not in ("y", "n"):
                answer = yield Question("Sure (y/n)? ")
            yield f"You said {answer}.\n"
        elif word == "loginHSM":
            password = yield Question("Enter password: ", hidden=True)
            self._open.append(
                LOCAL.cluster(self.fleet.cluster_id).login(UserType.CU, rest, password)
            )
            yield "Logged in.\n"
        else:
            yield f"What is {word}?\n"
        return 0

    def execute_single(self, words: Sequence[str], environment: Mapping[str, str]) -> Script:
        if list(words) == ["environment"]:
            yield "".join(f"{name}\n" for name in sorted(environment))
            return 0
        return (yield from self.execute(" ".join(words)))

    @property
    def logins(self) -> list[Session]:
        return [session for login in self._open for session in login.sessions()]

    def log_out(self) -> None:
        for login in self._open:
            login.logout()
        self._open.clear()


def register() -> None:
    """Let the parrot take the place of every tool."""
    for name in ("cloudhsm_mgmt_util", "key_mgmt_util", "cloudhsm-cli"):
        TOOLS[name] = lambda cluster_id: Parrot(Perch(cluster_id))
