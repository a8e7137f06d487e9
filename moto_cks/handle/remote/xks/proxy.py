"""The handle on an external key store proxy in another process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from moto_cks.handle.remote.wire import Wire
from moto_cks.handle.remote.xks.certificate import RemoteCertificate
from moto_cks.handle.remote.xks.log import RemoteLog, requests_of
from moto_cks.handle.remote.xks.manager import RemoteKeyManager
from moto_cks.handle.remote.xks.prefixes import RemotePathPrefix, RemotePrefixes
from moto_cks.handle.remote.xks.resource import ProxyResource
from moto_cks.xks_proxy.authorization import Authorization
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.credentials import Credential, Credentials
from moto_cks.xks_proxy.instances import Instances
from moto_cks.xks_proxy.keys import AES_256, ExternalKey, ExternalKeys
from moto_cks.xks_proxy.log import Log
from moto_cks.xks_proxy.manager import KeyManager
from moto_cks.xks_proxy.names import listed
from moto_cks.xks_proxy.prefixes import PathPrefix
from moto_cks.xks_proxy.protocol import DECRYPT, ENCRYPT
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.server_certificate import ServerCertificate
from moto_cks.xks_proxy.tls import TlsSettings
from moto_cks.xks_proxy.wire import Request


class RemoteXksProxy:
    """A proxy of a server's world; see :class:`moto_cks.XksProxy`, which it passes for.

    Args:
        wire: the control API of the server.
        host: the host of the proxy.
    """

    __slots__ = ("_proxy", "_world")

    def __init__(self, wire: Wire, host: str) -> None:
        self._world = wire.of_this_world(f"The proxy {host}")
        self._proxy = ProxyResource(self._world, host)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return XksProxy

    def __repr__(self) -> str:
        return f"<XksProxy {self.endpoint}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, XksProxy) and other.host == self.host

    def __hash__(self) -> int:
        return hash(self.host)

    def require_world(self) -> None:
        """Its world must not be over.

        Raises:
            RuntimeError: it is.
        """
        self._world.require_world()

    # What it is -----------------------------------------------------------------------------------

    @property
    def host(self) -> str:
        return self._proxy.host

    @property
    def endpoint(self) -> str:
        return f"https://{self.host}"

    @property
    def path(self) -> str:
        return self.main.path

    @property
    def running(self) -> bool:
        return bool(self._proxy.shown()["running"])

    @property
    def address(self) -> tuple[str, int] | None:
        address = self._proxy.shown()["address"]
        return None if address is None else (address["ip_address"], address["port"])

    @property
    def main(self) -> PathPrefix:
        return cast(PathPrefix, RemotePathPrefix(self._proxy, {}))

    @property
    def prefixes(self) -> Mapping[str, PathPrefix]:
        return RemotePrefixes(self._proxy)

    @property
    def credential(self) -> Credential:
        return self.main.credential

    @property
    def credentials(self) -> Credentials:
        return self.main.credentials

    @property
    def keys(self) -> ExternalKeys:
        return self.main.keys

    @property
    def authorization(self) -> Authorization:
        return self.main.authorization

    @property
    def manager(self) -> KeyManager:
        return cast(KeyManager, RemoteKeyManager(self._proxy))

    @property
    def instances(self) -> Instances:
        return self.manager.instances

    @property
    def certificate(self) -> ServerCertificate:
        return cast(ServerCertificate, RemoteCertificate(self._proxy))

    @property
    def log(self) -> Log:
        return cast(Log, RemoteLog(self._proxy))

    @property
    def requests(self) -> list[Request]:
        return requests_of(self._proxy)

    @property
    def handshake(self) -> TlsSettings:
        return TlsSettings(**self._proxy.shown()["tls"])

    @property
    def handshake_delay(self) -> float:
        return float(self._proxy.shown()["handshake_delay"])

    @property
    def max_connections(self) -> int | None:
        limit: int | None = self._proxy.shown()["max_connections"]
        return limit

    @property
    def defects(self) -> tuple[str, ...]:
        return tuple(self._proxy.shown()["defects"])

    def now(self) -> datetime:
        return datetime.fromisoformat(self._proxy.shown()["now"])

    def create_key(
        self,
        key_id: str | None = None,
        *,
        spec: str = AES_256,
        usage: Iterable[str] = (ENCRYPT, DECRYPT),
        material: bytes | None = None,
    ) -> ExternalKey:
        return self.keys.create(key_id, spec=spec, usage=usage, material=material)

    def key(self, key_id: str) -> ExternalKey:
        try:
            return self.keys[key_id]
        except KeyError:
            known = list(self.keys)
            raise ValueError(f"There is no external key {key_id!r}; there are {known}.") from None

    def configuration_file(self) -> str:
        return self.main.configuration_file()

    # What is done to it ---------------------------------------------------------------------------

    def add_prefix(
        self, path_prefix: str, *, region: str | None = None, keys: Iterable[str] = ()
    ) -> PathPrefix:
        body = {"path_prefix": path_prefix, "region": region, "keys": [*listed(keys)]}
        made = self._proxy.ask("POST", "prefixes", body=body)
        return self.prefixes[made["path_prefix"]]

    def start(self) -> None:
        self._proxy.ask("POST", "start")

    def serve(self, port: int = 0, *, address: str = "127.0.0.1") -> tuple[str, int]:
        found = self._proxy.ask("POST", "serve", body={"port": port, "address": address})
        return found["ip_address"], found["port"]

    def close(self) -> None:
        self._proxy.ask("POST", "close")

    # How it breaks --------------------------------------------------------------------------------

    def stop(self) -> Cause:
        return self._proxy.cause("stop")

    def move(self, path_prefix: str) -> Cause:
        return self._proxy.cause("move", path_prefix=path_prefix)

    def quota(self, requests_per_second: int) -> Cause:
        return self.main.quota(requests_per_second)

    def block(self) -> Cause:
        return self.main.block()

    def cache_health_checks(self, seconds: float) -> Cause:
        return self.manager.cache_health_checks(seconds)

    def latency(self, seconds: float, *, api: str | None = None, key: str | None = None) -> Cause:
        return self._proxy.cause("latency", seconds=seconds, api=api, key=key)

    def clock_skew(self, seconds: float) -> Cause:
        return self._proxy.cause("clock_skew", seconds=seconds)

    def defect(self, name: str) -> Cause:
        return self._proxy.cause("defect", name=name)

    def unsupported(self, api: str) -> Cause:
        return self._proxy.cause("unsupported", api=api)

    def reverse_proxy(self, *, host: str | None = None, bad_gateway: bool = False) -> Cause:
        return self._proxy.cause("reverse_proxy", host=host, bad_gateway=bad_gateway)

    def cut_connections(self) -> Cause:
        return self._proxy.cause("cut_connections")

    def tls(
        self,
        *,
        minimum: str | None = None,
        maximum: str | None = None,
        ciphers: str | None = None,
    ) -> Cause:
        return self._proxy.cause("tls", minimum=minimum, maximum=maximum, ciphers=ciphers)

    def plain_http(self) -> Cause:
        return self._proxy.cause("plain_http")

    def require_client_certificate(self, *, ca: str, subject: str | None = None) -> Cause:
        return self._proxy.cause("require_client_certificate", ca=ca, subject=subject)
