"""The certificate of a proxy in another process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from moto_cks.handle.remote.xks.resource import ProxyResource
from moto_cks.xks_proxy.certificates import Authority, Issued, Subject
from moto_cks.xks_proxy.names import listed
from moto_cks.xks_proxy.server_certificate import DAYS, ServerCertificate


class RemoteCertificate:
    """What a proxy shows; see :class:`moto_cks.xks_proxy.server_certificate.ServerCertificate`."""

    __slots__ = ("_proxy",)

    def __init__(self, proxy: ProxyResource) -> None:
        self._proxy = proxy

    def __repr__(self) -> str:
        return f"<ServerCertificate of {self._proxy.host}, expires {self.expires:%Y-%m-%d}>"

    def _shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._proxy.shown()["certificate"]
        return shown

    @property
    def authority(self) -> Authority:
        return cast(Authority, RemoteAuthority(self._proxy, **self._shown()["authority"]))

    @property
    def pem(self) -> str:
        return str(self._shown()["pem"])

    @property
    def expires(self) -> datetime:
        return datetime.fromisoformat(self._shown()["expires"])

    def renew(
        self,
        *,
        days: float = DAYS,
        starts: float = 0,
        cn: str | None = None,
        san: Sequence[str] | None = None,
        issuer: Authority | str | None = None,
        chain: bool = True,
    ) -> None:
        if isinstance(issuer, (Authority, RemoteAuthority)):
            self._show_one_of(issuer, days=days, starts=starts, cn=cn, san=san, chain=chain)
            return
        body = {
            "days": days,
            "starts": starts,
            "cn": cn,
            "san": None if san is None else [*listed(san)],
            "issuer": issuer,
            "chain": chain,
        }
        self._proxy.ask("POST", "certificate", "renew", body=body)

    def _show_one_of(self, issuer: Authority | RemoteAuthority, **parameters: Any) -> None:
        """Show what an authority issues that the server does not know, by the time of its world."""
        time = datetime.fromisoformat(self._proxy.ask_world("clock")["now"])
        issued = ServerCertificate(self._proxy.host, cast(Authority, issuer), lambda: time)
        issued.renew(**parameters)
        self.load(issued.pem, issued.issued.key)

    def load(self, chain: str, key: str) -> None:
        self._proxy.ask("PUT", "certificate", body={"chain": chain, "key": key})


class RemoteAuthority:
    """What issues it; see :class:`moto_cks.xks_proxy.certificates.Authority`."""

    def __init__(self, proxy: ProxyResource, name: str, certificate: str) -> None:
        self.name = name
        self._certificate = certificate
        self._proxy = proxy

    def __repr__(self) -> str:
        return f"<Authority {self.name!r}>"

    @property
    def certificate(self) -> str:
        return self._certificate

    def issue(self, subject: Subject, *, client: bool = False) -> Issued:
        body = {
            "cn": subject.cn,
            "san": list(subject.san),
            "not_before": subject.not_before.isoformat(),
            "not_after": subject.not_after.isoformat(),
            "client": client,
        }
        made = self._proxy.ask("POST", "certificate", "issue", body=body)
        return Issued(**{**made, "expires": datetime.fromisoformat(made["expires"])})
