"""Sets up what goes wrong with the proxies of this world, and takes it back.

A cause is known by its ID, so that it can be taken back in a restored world, too. Loaded with the
first proxy.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from moto_cks.handle.open_causes import OpenCause, causes_at, open_causes
from moto_cks.handle.presence import Presence
from moto_cks.world.lock import WORLD
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.proxy import XksProxy

KINDS = frozenset(
    {
        *("stop", "latency", "clock_skew", "reverse_proxy", "cut_connections"),
        *("tls", "plain_http", "require_client_certificate"),
        *("defect", "unsupported", "move", "cache_health_checks", "quota", "block"),
    }
)
"""The methods of a proxy that set up a cause."""

ENDED: Mapping[str, Callable[[XksProxy, Mapping[str, Any]], bool]] = {
    "stop": lambda proxy, given: proxy.running,
    "unreachable": lambda proxy, given: proxy.instances[given["instance"]].is_reachable,
}
"""By what it is seen that a cause has been ended otherwise than by taking it back."""


class LocalCause(Cause):
    """A cause in this process.

    Args:
        host: of the proxy.
        cause_id: the ID.

    Attributes:
        id: the ID, by which the control API takes it back, too.
    """

    def __init__(self, host: str, cause_id: str) -> None:
        super().__init__(take_back, cause_id)
        self.id = cause_id
        self._world = Presence(f"A cause at {host}")

    def __repr__(self) -> str:
        open_now = not self._world.over and self.id in open_causes().by_id
        return f"<Cause {'in effect' if open_now else 'taken back'}>"

    def undo(self) -> None:
        if not self._world.over:  # else it has ended with its world
            take_back(self.id)


def set_up(
    proxy: XksProxy, kind: str, act: Callable[..., Cause], shown: Mapping[str, Any] | None = None
) -> Callable[..., LocalCause]:
    """What sets up a cause as a method of a proxy, or of what belongs to one, does.

    Args:
        proxy: the proxy.
        kind: what the cause is called.
        act: the method.
        shown: the parameters as they are shown; by default those that are given.
    """

    def begin(*args: Any, **named: Any) -> LocalCause:
        ended(proxy)
        # Without the lock of the world: who is served over TCP may wait for it while a proxy stops.
        cause = act(*args, **named)
        try:
            return known(cause, *args, **named)
        except BaseException:
            cause.undo()  # what nobody knows, nobody could take back
            with WORLD:
                open_causes().forget(cause)
            raise

    def known(cause: Cause, *args: Any, **named: Any) -> LocalCause:
        given = inspect.signature(act).bind(*args, **named).arguments if shown is None else shown
        said = {name: value for name, value in given.items() if value is not None}
        with WORLD:
            cause_id = open_causes().add(OpenCause(proxy.host, kind, said, cause))
            return LocalCause(proxy.host, cause_id)

    return begin


def take_back(cause_id: str) -> None:
    """Take a cause back, if it is in effect in this world.

    Raises:
        OSError: a proxy that was stopped cannot listen any more where it did.
        ValueError: there is another path prefix where one has been.
    """
    with WORLD:
        found = open_causes().by_id.get(cause_id)
    if found is not None:
        found.cause.undo()
        with WORLD:
            open_causes().by_id.pop(cause_id, None)


def ended(proxy: XksProxy) -> None:
    """Forget the causes at a proxy that something else has ended."""
    with WORLD:
        for cause_id, each in causes_at(proxy.host).items():
            if each.kind in ENDED and ENDED[each.kind](proxy, each.parameters):
                del open_causes().by_id[cause_id]
