"""Where the simulated world is: in this process, or in that of moto's server or proxy.

See "Server mode" and "Proxy mode" in moto's documentation: ``TEST_SERVER_MODE`` with
``TEST_SERVER_MODE_ENDPOINT``, and ``TEST_PROXY_MODE`` with ``MOTO_PROXY_PORT``.

A handle, and with it the services that it reaches, is loaded when it is first used.
"""

from __future__ import annotations

import functools
from typing import Any, cast

from moto import settings

from moto_cks.handle.protocols.cks import Cks


def remote() -> bool:
    """Whether the backends live in another process."""
    return bool(settings.TEST_SERVER_MODE or settings.is_test_proxy_mode())


def world() -> Cks:
    """The handle on the world as moto's mode has it now."""
    # In this order, as moto does.
    if settings.TEST_SERVER_MODE:
        return _elsewhere(settings.test_server_mode_endpoint())
    if settings.is_test_proxy_mode():
        return _elsewhere(settings.test_proxy_mode_endpoint())
    return _here()


@functools.cache
def _here() -> Cks:
    from moto_cks.handle.cks import LOCAL  # noqa: PLC0415

    return LOCAL


@functools.cache
def _elsewhere(url: str) -> Cks:
    from moto_cks.handle.remote.cks import RemoteCks  # noqa: PLC0415

    return RemoteCks(url)


class _Handle:
    """The handle on whichever world is meant at the moment."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(world()) if remote() else Cks

    def __getattr__(self, name: str) -> Any:
        # Test runners ask every object that they find for names of Python's or of their own; that
        # is no use of the world, and must not load it.
        if name.startswith("_"):
            raise AttributeError(f"The handle has no attribute {name!r}")
        return getattr(world(), name)

    def __dir__(self) -> list[str]:
        return dir(world())

    def __repr__(self) -> str:
        return repr(world())


cks = cast(Cks, _Handle())
"""The handle on the simulated world; it has meaning while ``mock_cks`` is on."""
