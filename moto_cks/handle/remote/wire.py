"""The control API with the exceptions of the handle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from moto_cks.failures.errors import UnmetNeedError
from moto_cks.handle.protocols.handles import world_is_over
from moto_cks.handle.remote.control_api import ADDRESS_NOT_FREE, ControlApi, Query, ServerError
from moto_cks.hsm import HsmError, ReturnCode


def _conflict(error: ServerError) -> Exception:
    if error.missing is not None:
        return UnmetNeedError(error.message, error.missing)
    if error.code == ADDRESS_NOT_FREE:
        return OSError(error.message)
    return RuntimeError(error.message) if error.code is None else HsmError(ReturnCode[error.code])


def _aws_error(error: ServerError) -> Exception:
    said = error.refusal or {"message": error.message, "status": 400}
    answer = {
        "Error": {"Code": error.code, "Message": said["message"]},
        "ResponseMetadata": {"HTTPStatusCode": said["status"], "RetryAttempts": 0},
    }
    refused: Exception = ClientError(answer, error.operation)
    return refused


_EXCEPTIONS: Mapping[int, Callable[[ServerError], Exception]] = {
    400: lambda error: ValueError(error.message),
    404: lambda error: KeyError(error.message),
    409: _conflict,
    413: lambda error: ValueError(error.message),
    422: _aws_error,
}


class Wire(ControlApi):
    """The control API of a server, for handles."""

    def request(
        self,
        method: str,
        path: Sequence[str],
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask the server; see :meth:`ControlApi.request`.

        Raises:
            ValueError: the request is wrong; an UnmetNeedError where something is missing.
            KeyError: there is no such cluster, key store or session.
            HsmError: an HSM refuses.
            botocore.exceptions.ClientError: AWS refuses.
            OSError: an external key store proxy cannot listen.
            RuntimeError: a tool is not where this fits, or the world of a handle is over.
            ServerError: the server fails.
            NoServerError: there is no server.
        """
        try:
            return super().request(method, path, query=query, body=body)
        except ServerError as error:
            if error.status not in _EXCEPTIONS:
                raise
            refused = _EXCEPTIONS[error.status](error)
            raise refused from None

    def of_this_world(self, whose: str, *, running: bool = False) -> WorldWire:
        """The same for a handle of the world that the server has now.

        Args:
            whose: what has the handle, as messages name it.
            running: whether it ends when a snapshot is restored, whichever.
        """
        return WorldWire(self.endpoint, whose, running)


class WorldWire(Wire):
    """The control API for one handle: it speaks to the world that the handle is of, or to none."""

    def __init__(self, endpoint: str, whose: str, running: bool) -> None:
        super().__init__(endpoint)
        self._whose = whose
        self._running = running
        now = self._world_now()
        self._world = now["run"] if running else now["id"]

    def _world_now(self) -> dict[str, Any]:
        shown: dict[str, Any] = super().request("GET", ("world",))
        return shown

    def require_world(self) -> None:
        """The world must not be over.

        Raises:
            RuntimeError: it is.
        """
        now = self._world_now()
        if self._world not in ([now["run"]] if self._running else now["moments"]):
            raise world_is_over(self._whose)

    def request(
        self,
        method: str,
        path: Sequence[str],
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask the server; see :meth:`Wire.request`.

        Raises:
            RuntimeError: the world is over.
        """
        self.require_world()
        return super().request(method, path, query=query, body=body)


def given(**values: Any) -> dict[str, Any]:
    """The values that are not ``None``."""
    return {name: value for name, value in values.items() if value is not None}
