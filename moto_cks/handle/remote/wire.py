"""The control API with the exceptions of the handle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from moto_cks.failures.errors import UnmetNeedError
from moto_cks.handle.remote.control_api import ControlApi, Query, ServerError
from moto_cks.hsm import HsmError, ReturnCode


def _conflict(error: ServerError) -> Exception:
    if error.missing is not None:
        return UnmetNeedError(error.message, error.missing)
    return RuntimeError(error.message) if error.code is None else HsmError(ReturnCode[error.code])


def _aws_error(error: ServerError) -> Exception:
    answer = {"Error": {"Code": error.code, "Message": error.message}}
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
            RuntimeError: a tool is not where this fits.
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


def given(**values: Any) -> dict[str, Any]:
    """The values that are not ``None``."""
    return {name: value for name, value in values.items() if value is not None}
