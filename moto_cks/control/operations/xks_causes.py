"""Causes of failures at a proxy: set up over HTTP, each by an ID, and taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto_cks.control.models import OpenCause, sessions
from moto_cks.control.operations.xks_prefixes import prefix_of, proxy_of
from moto_cks.world.lock import WORLD

if TYPE_CHECKING:
    from moto_cks.xks_proxy.instances import Instance
    from moto_cks.xks_proxy.prefixes import PathPrefix
    from moto_cks.xks_proxy.proxy import XksProxy

Parameters = dict[str, Any]


class ListeningError(Exception):
    """A proxy cannot listen where it should."""


@contextmanager
def listening() -> Iterator[None]:
    """A context in which a proxy may begin to listen.

    Raises:
        ListeningError: the address is not free, or none of this machine.
    """
    try:
        yield
    except OSError as error:
        raise ListeningError(str(error)) from None


def _of_proxy(host: str, parameters: Parameters) -> XksProxy:
    return proxy_of(host)


def _of_prefix(host: str, parameters: Parameters) -> PathPrefix:
    return prefix_of(host, parameters.pop("path_prefix", None))


def _of_instance(host: str, parameters: Parameters) -> Instance:
    return instance_of(host, parameters.pop("instance"))


def instance_of(host: str, number: int) -> Instance:
    """An instance of a proxy's key manager, by its number from 0.

    Raises:
        KeyError: there is none.
    """
    instances = proxy_of(host).instances
    if number not in range(len(instances)):
        raise KeyError(f"There is no instance {number} of {host}.")
    return instances[number]


CAUSES: Mapping[str, Callable[[str, Parameters], Any]] = {
    **dict.fromkeys(
        (
            *("stop", "latency", "clock_skew", "reverse_proxy", "cut_connections"),
            *("tls", "plain_http", "require_client_certificate"),
            *("defect", "unsupported", "move", "cache_health_checks"),
        ),
        _of_proxy,
    ),
    **dict.fromkeys(("quota", "block"), _of_prefix),
    **dict.fromkeys(("unreachable", "slow"), _of_instance),
}
"""What each is set up on; there, a method of its name does it."""


def set_up_cause(host: str, **causes: Parameters) -> dict[str, Any]:
    """Set up a cause, and give its ID."""
    ((kind, parameters),) = causes.items()
    given = dict(parameters)
    target = CAUSES[kind](host, given)
    # Without the lock of the world: who is served over TCP may wait for it while a proxy stops.
    cause = getattr(target, kind)(**given)
    cause_id = f"cause-{uuid.uuid4().hex}"
    with WORLD:
        sessions().causes[cause_id] = OpenCause(proxy_of(host).host, kind, parameters, cause)
    return {"id": cause_id}


def take_cause_back(host: str, cause_id: str) -> None:
    """Take a cause back."""
    with WORLD:
        found = sessions().causes.get(cause_id)
        if found is None or found.host != proxy_of(host).host:
            raise KeyError(f"There is no such cause {cause_id}")
    with listening():
        found.cause.undo()
    with WORLD:
        sessions().causes.pop(cause_id, None)


def causes_of(host: str) -> list[dict[str, Any]]:
    """The causes that were set up over HTTP and are in effect, the oldest first."""
    return [
        {"id": cause_id, "kind": cause.kind, "parameters": dict(cause.parameters)}
        for cause_id, cause in sessions().causes.items()
        if cause.host == host
    ]


def forget_causes(host: str, kind: str, **parameters: Any) -> None:
    """Have no causes of a kind any more: something else has ended them."""
    with WORLD:
        name = proxy_of(host).host
        known = sessions().causes
        for cause_id, cause in list(known.items()):
            ended = all(cause.parameters.get(each) == value for each, value in parameters.items())
            if (cause.host, cause.kind) == (name, kind) and ended:
                del known[cause_id]


OPERATIONS: dict[str, Callable[..., Any]] = {
    "set_up_xks_cause": set_up_cause,
    "take_xks_cause_back": take_cause_back,
}
