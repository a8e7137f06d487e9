"""External key store proxies of this world: what they are, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from moto_cks.control.operations.base64_values import base64_of, bytes_of
from moto_cks.control.operations.xks_causes import (
    causes_of,
    instance_of,
    listening,
)
from moto_cks.control.operations.xks_prefixes import prefix_of, proxy_of, set_all, show_prefix
from moto_cks.control.specification import read_time
from moto_cks.handle.cks import LOCAL
from moto_cks.world.lock import WORLD

if TYPE_CHECKING:
    from moto_cks.xks_proxy.certificates import Issued
    from moto_cks.xks_proxy.instances import Instance
    from moto_cks.xks_proxy.log import LogEntry
    from moto_cks.xks_proxy.proxy import XksProxy
    from moto_cks.xks_proxy.wire import Request


def show_proxy(proxy: XksProxy) -> dict[str, Any]:
    """A proxy as JSON, without secrets."""
    address, handshake, main = proxy.address, proxy.handshake, proxy.main
    certificate, metadata = proxy.certificate, proxy.manager.metadata
    return {
        "host": proxy.host,
        "endpoint": proxy.endpoint,
        "running": proxy.running,
        "address": None if address is None else _show_address(address),
        "now": proxy.now().isoformat(),
        "prefixes": [show_prefix(one, main) for one in proxy.prefixes.values()],
        "instances": [_show_instance(instance) for instance in proxy.instances],
        "key_manager": {
            "timeout": proxy.manager.timeout,
            "vector_size": proxy.manager.vector_size,
            "metadata": None if metadata is None else base64_of(metadata),
        },
        "certificate": {
            "pem": certificate.pem,
            "expires": certificate.expires.isoformat(),
            "authority": {
                "name": certificate.authority.name,
                "certificate": certificate.authority.certificate,
            },
        },
        "tls": {
            "plain": handshake.plain,
            "minimum": handshake.minimum,
            "maximum": handshake.maximum,
            "ciphers": handshake.ciphers,
            "client_ca": handshake.client_ca,
            "client_name": handshake.client_name,
        },
        "handshake_delay": proxy.handshake_delay,
        "max_connections": proxy.max_connections,
        "defects": list(proxy.defects),
        "causes": causes_of(proxy),
    }


def _show_address(address: tuple[str, int]) -> dict[str, Any]:
    return {"ip_address": address[0], "port": address[1]}


def _show_instance(instance: Instance) -> dict[str, Any]:
    return {
        "id": instance.id,
        "model": instance.model,
        "health": instance.health,
        "seen_health": instance.seen_health,
        "is_reachable": instance.is_reachable,
        "delay": instance.delay,
    }


# Proxies ------------------------------------------------------------------------------------------


def list_xks_proxies() -> dict[str, Any]:
    with WORLD:
        return {"proxies": [show_proxy(proxy) for proxy in LOCAL.xks_proxies.values()]}


def make_xks_proxy(**parameters: Any) -> dict[str, Any]:
    return show_proxy(LOCAL.xks_proxy(**parameters))


def get_xks_proxy(host: str) -> dict[str, Any]:
    with WORLD:
        return show_proxy(proxy_of(host))


def start_xks_proxy(host: str) -> None:
    """Have it run again."""
    with listening():
        proxy_of(host).start()


def serve_xks_proxy(host: str, **where: Any) -> dict[str, Any]:
    """Listen on TCP, too."""
    with listening():
        return _show_address(proxy_of(host).serve(**where))


def close_xks_proxy(host: str) -> None:
    """Listen on TCP no longer."""
    proxy_of(host).close()


def get_configuration_file(host: str, path_prefix: str | None = None) -> dict[str, Any]:
    """What the AWS KMS console takes, with the secret."""
    return {"file": prefix_of(host, path_prefix).configuration_file()}


# Key manager --------------------------------------------------------------------------------------


def set_key_manager(host: str, **settings: Any) -> None:
    """Change how the key manager works."""
    manager = proxy_of(host).manager
    if settings.get("metadata") is not None:
        settings["metadata"] = bytes_of(settings["metadata"], "metadata")
    set_all(manager, settings)


def add_instance(host: str, id: str) -> dict[str, Any]:
    """Add an instance to the key manager."""
    return _show_instance(proxy_of(host).instances.add(id))


def set_instance(host: str, number: int, health: str) -> None:
    """Say how well an instance is."""
    instance_of(host, number).health = health


def reach_instance(host: str, number: int) -> None:
    """Have the proxy reach an instance again."""
    instance_of(host, number).reachable()


# Certificate --------------------------------------------------------------------------------------


def renew_certificate(host: str, **parameters: Any) -> None:
    """Show another certificate."""
    proxy_of(host).certificate.renew(**parameters)


def load_certificate(host: str, chain: str, key: str) -> None:
    """Show a certificate that comes from elsewhere."""
    proxy_of(host).certificate.load(chain, key)


def issue_certificate(
    host: str, cn: str | None, client: bool = False, **subject: Any
) -> dict[str, Any]:
    """Have the authority of a proxy issue a certificate."""
    from moto_cks.xks_proxy.certificates import Subject  # noqa: PLC0415 - with the first proxy

    for date in ("not_before", "not_after"):
        if date in subject:
            subject[date] = read_time(subject[date])
    issued = proxy_of(host).certificate.authority.issue(Subject(cn, **subject), client=client)
    return _show_issued(issued)


def _show_issued(issued: Issued) -> dict[str, Any]:
    return {
        "certificate": issued.certificate,
        "intermediates": issued.intermediates,
        "key": issued.key,
        "expires": issued.expires.isoformat(),
    }


# What it has seen ---------------------------------------------------------------------------------


def list_xks_log(host: str, kms_request_id: str | None = None) -> dict[str, Any]:
    """Who asked what, and what became of it."""
    log = proxy_of(host).log
    entries = list(log) if kms_request_id is None else log.find(kms_request_id)
    return {"entries": [_show_entry(entry) for entry in entries]}


def _show_entry(entry: LogEntry) -> dict[str, Any]:
    metadata: Mapping[str, Any] | None = entry.metadata
    return {
        "time": entry.time.isoformat(),
        "path_prefix": entry.path_prefix,
        "api": entry.api,
        "external_key": entry.external_key,
        "metadata": None if metadata is None else dict(metadata),
        "duration": entry.duration,
        "status": entry.status,
        "error": entry.error,
        "message": entry.message,
        "rule": entry.rule,
        "instance": entry.instance,
    }


def list_xks_requests(host: str) -> dict[str, Any]:
    """The newest requests, as they were received."""
    return {"requests": [_show_request(request) for request in proxy_of(host).requests]}


def _show_request(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(header) for header in request.headers],
        "body": base64_of(request.body),
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_xks_proxies": list_xks_proxies,
    "make_xks_proxy": make_xks_proxy,
    "get_xks_proxy": get_xks_proxy,
    "start_xks_proxy": start_xks_proxy,
    "serve_xks_proxy": serve_xks_proxy,
    "close_xks_proxy": close_xks_proxy,
    "get_xks_configuration_file": get_configuration_file,
    "set_xks_key_manager": set_key_manager,
    "add_xks_instance": add_instance,
    "set_xks_instance": set_instance,
    "reach_xks_instance": reach_instance,
    "renew_xks_certificate": renew_certificate,
    "load_xks_certificate": load_certificate,
    "issue_xks_certificate": issue_certificate,
    "list_xks_log": list_xks_log,
    "list_xks_requests": list_xks_requests,
}
