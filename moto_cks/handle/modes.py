"""Where the simulated world is: in this process, or in that of moto's server or proxy.

See "Server mode" and "Proxy mode" in moto's documentation: ``TEST_SERVER_MODE`` with
``TEST_SERVER_MODE_ENDPOINT``, and ``TEST_PROXY_MODE`` with ``MOTO_PROXY_PORT``.
"""

from __future__ import annotations

import functools
from typing import Any, cast

from moto import settings

from moto_cks.handle import builder
from moto_cks.handle.cks import LOCAL
from moto_cks.handle.protocols.cks import Cks
from moto_cks.handle.remote.cks import RemoteCks


def remote() -> bool:
    """Whether the backends live in another process."""
    return bool(settings.TEST_SERVER_MODE or settings.is_test_proxy_mode())


def world() -> Cks:
    """The handle on the world as moto's mode has it now."""
    # In this order, as moto does.
    if settings.TEST_SERVER_MODE:
        endpoint = settings.test_server_mode_endpoint()
        return _remote_world(endpoint, builder.Endpoint(endpoint_url=endpoint))
    if settings.is_test_proxy_mode():
        endpoint = settings.test_proxy_mode_endpoint()
        return _remote_world(endpoint, builder.Endpoint(proxy_url=endpoint))
    return LOCAL


@functools.cache
def _remote_world(endpoint: str, aws: builder.Endpoint) -> RemoteCks:
    return RemoteCks(endpoint, aws)


class _Handle:
    """The handle on whichever world is meant at the moment."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(world())

    def __getattr__(self, name: str) -> Any:
        return getattr(world(), name)

    def __dir__(self) -> list[str]:
        return dir(world())

    def __repr__(self) -> str:
        return repr(world())


cks = cast(Cks, _Handle())
"""The handle on the simulated world; it has meaning while ``mock_cks`` is on."""
