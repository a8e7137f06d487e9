"""moto's own API with the control API in it, and what is open in the name of HTTP clients."""

from __future__ import annotations

from dataclasses import dataclass, field

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import MotoAPIBackend

from moto_cks.hsm import ClusterSession
from moto_cks.tools.session import ToolSession
from moto_cks.world.lock import WORLD


class CksMotoAPIBackend(MotoAPIBackend):
    """moto's own API; its ``urls`` module is the one next to this module."""

    def reset(self) -> None:
        """Forget everything, and end what is open before."""
        # Locked in the order in which every call locks: the world, then moto's backends.
        with WORLD:
            sessions().close()
            super().reset()


@dataclass(frozen=True)
class OpenTool:
    """A tool that a client has started.

    Attributes:
        files: what it has written, path and content, for the client to write.
        given: what the client has given it to read, by path.
    """

    cluster_id: str
    session: ToolSession
    files: list[tuple[str, str]] = field(default_factory=list, repr=False)
    given: dict[str, str] = field(default_factory=dict, repr=False)

    def find_file(self, path: str) -> str:
        """A file that the client has given it; those of this machine are not for it to read.

        Raises:
            FileNotFoundError: it has not.
        """
        try:
            return self.given[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def keep_file(self, path: str, text: str) -> None:
        """Keep what the tool writes: the client's files are not on this machine."""
        self.files.append((path, text))

    def take_files(self) -> list[dict[str, str]]:
        """What it has written since the last time, as JSON."""
        files = [{"path": path, "text": text} for path, text in self.files]
        self.files.clear()
        return files


@dataclass(frozen=True)
class Login:
    """A user that a client has logged in."""

    cluster_id: str
    session: ClusterSession


class SessionsBackend(BaseBackend):
    """What HTTP clients have open, each by an ID.

    A backend, so that moto's reset forgets it.

    Attributes:
        tools: the tools that are running.
        logins: the users that are logged in.
        faults: the kinds of the faults that were injected; of those that are used up, too.
        in_snapshots: what is open is in none.
    """

    in_snapshots = False

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tools: dict[str, OpenTool] = {}
        self.logins: dict[str, Login] = {}
        self.faults: dict[str, str] = {}

    def close(self) -> None:
        """End the tools and the logins."""
        for tool in self.tools.values():
            tool.session.close()
        for login in self.logins.values():
            login.session.logout()
        self.tools.clear()
        self.logins.clear()


session_backends = BackendDict(
    SessionsBackend, "cks", use_boto3_regions=False, additional_regions=["aws"]
)


def sessions() -> SessionsBackend:
    """What is open."""
    return session_backends[DEFAULT_ACCOUNT_ID]["aws"]
