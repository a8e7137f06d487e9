"""Causes of failures at a proxy: set up over HTTP, each by an ID, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto_cks.control.operations.xks_prefixes import prefix_of, proxy_of
from moto_cks.handle.open_causes import causes_at
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
    from moto_cks.handle.xks_causes import set_up  # noqa: PLC0415 - with the first proxy
    from moto_cks.xks_proxy.proxy import XksProxy  # noqa: PLC0415 - with the first proxy

    ((kind, parameters),) = causes.items()
    given = dict(parameters)
    target = CAUSES[kind](host, given)
    begin = getattr(target, kind)
    if not isinstance(target, XksProxy):  # but something that belongs to one
        begin = set_up(proxy_of(host), kind, begin, parameters)
    return {"id": begin(**given).id}


def take_cause_back(host: str, cause_id: str) -> None:
    """Take a cause back."""
    from moto_cks.handle.xks_causes import ended, take_back  # noqa: PLC0415 - with the first proxy

    with WORLD:
        proxy = proxy_of(host)
        ended(proxy)
        if cause_id not in causes_at(proxy.host):
            raise KeyError(f"There is no such cause {cause_id}")
    with listening():
        take_back(cause_id)


def causes_of(proxy: XksProxy) -> list[dict[str, Any]]:
    """The causes that are in effect at a proxy, the oldest first."""
    from moto_cks.handle.xks_causes import ended  # noqa: PLC0415 - with the first proxy

    ended(proxy)
    return [
        {"id": cause_id, "kind": cause.kind, "parameters": dict(cause.parameters)}
        for cause_id, cause in causes_at(proxy.host).items()
    ]


OPERATIONS: dict[str, Callable[..., Any]] = {
    "set_up_xks_cause": set_up_cause,
    "take_xks_cause_back": take_cause_back,
}
