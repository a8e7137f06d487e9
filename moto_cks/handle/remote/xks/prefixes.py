"""Path prefixes of a proxy in another process: credentials, rules and quotas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast, overload

from moto_cks.handle.remote.wire import given
from moto_cks.handle.remote.xks.keys import Prefix, RemoteKeys, prefix_in
from moto_cks.handle.remote.xks.resource import ProxyResource
from moto_cks.xks_proxy.authorization import Authorization, Rule
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.credentials import Credential, Credentials
from moto_cks.xks_proxy.keys import ExternalKeys
from moto_cks.xks_proxy.prefixes import PathPrefix
from moto_cks.xks_proxy.quota import Quota


class RemotePathPrefix:
    """A client of a proxy; see :class:`moto_cks.xks_proxy.prefixes.PathPrefix`.

    Args:
        proxy: of which proxy.
        which: which of its path prefixes.
    """

    __slots__ = ("_proxy", "_which")

    def __init__(self, proxy: ProxyResource, which: Prefix) -> None:
        self._proxy = proxy
        self._which = which

    def __repr__(self) -> str:
        return f"<PathPrefix {self.path_prefix!r}>"

    def _shown(self) -> dict[str, Any]:
        return prefix_in(self._proxy.shown(), self._which)

    @property
    def path_prefix(self) -> str:
        return str(self._shown()["path_prefix"])

    @property
    def path(self) -> str:
        return str(self._shown()["path"])

    @property
    def region(self) -> str | None:
        region: str | None = self._shown()["region"]
        return region

    @region.setter
    def region(self, region: str | None) -> None:
        self._proxy.ask("PUT", "prefixes", query=self._which, body={"region": region})

    @property
    def keys(self) -> ExternalKeys:
        return cast(ExternalKeys, RemoteKeys(self._proxy, self._which))

    @property
    def credentials(self) -> Credentials:
        return cast(Credentials, RemoteCredentials(self._proxy, self._which))

    @property
    def credential(self) -> Credential:
        valid = list(self.credentials)
        if not valid:
            raise ValueError("No credential is valid.")
        return valid[-1]

    @property
    def authorization(self) -> Authorization:
        return cast(Authorization, RemoteAuthorization(self._proxy, self._which))

    @property
    def request_quota(self) -> Quota:
        return Quota(self._shown()["requests_per_second"])

    @property
    def blocked(self) -> bool:
        return bool(self._shown()["blocked"])

    def quota(self, requests_per_second: int) -> Cause:
        return self._proxy.cause("quota", requests_per_second=requests_per_second, **self._which)

    def block(self) -> Cause:
        return self._proxy.cause("block", **self._which)

    def configuration_file(self) -> str:
        answer = self._proxy.ask("GET", "configuration-file", query=self._which)
        return str(answer["file"])


class RemotePrefixes(Mapping[str, PathPrefix]):
    """All path prefixes of a proxy."""

    def __init__(self, proxy: ProxyResource) -> None:
        self._proxy = proxy

    def __getitem__(self, path_prefix: str) -> PathPrefix:
        if path_prefix not in list(self):
            raise KeyError(path_prefix)
        found = RemotePathPrefix(self._proxy, {"path_prefix": path_prefix})
        return cast(PathPrefix, found)

    def __iter__(self) -> Iterator[str]:
        return iter([prefix["path_prefix"] for prefix in self._proxy.shown()["prefixes"]])

    def __len__(self) -> int:
        return len(list(iter(self)))


class RemoteCredentials(Sequence[Credential]):
    """Who may ask; see :class:`moto_cks.xks_proxy.credentials.Credentials`."""

    def __init__(self, proxy: ProxyResource, which: Prefix) -> None:
        self._proxy = proxy
        self._which = which

    def __repr__(self) -> str:
        return f"<Credentials {prefix_in(self._proxy.shown(), self._which)['access_key_ids']}>"

    def _ask(self, method: str, *path: str, body: dict[str, Any] | None = None) -> Any:
        return self._proxy.ask(method, "credentials", *path, query=self._which, body=body)

    def _valid(self) -> list[Credential]:
        return [Credential(**each) for each in self._ask("GET")["credentials"]]

    @overload
    def __getitem__(self, index: int) -> Credential: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Credential]: ...
    def __getitem__(self, index: int | slice) -> Credential | Sequence[Credential]:
        return self._valid()[index]

    def __len__(self) -> int:
        return len(self._valid())

    def __iter__(self) -> Iterator[Credential]:
        return iter(self._valid())

    def find(self, access_key_id: str) -> Credential | None:
        return next((each for each in self if each.access_key_id == access_key_id), None)

    def add(
        self, access_key_id: str | None = None, secret_access_key: str | None = None
    ) -> Credential:
        body = given(access_key_id=access_key_id, secret_access_key=secret_access_key)
        return Credential(**self._ask("POST", body=body))

    def remove(self, access_key_id: str) -> None:
        known = prefix_in(self._proxy.shown(), self._which)["access_key_ids"]
        if access_key_id not in known:
            raise ValueError(f"There is no credential {access_key_id}; there are {known}.")
        self._ask("DELETE", access_key_id)

    def rotate(self) -> Credential:
        return Credential(**self._ask("POST", "rotate"))


class RemoteAuthorization:
    """The rules of a path prefix; see :class:`moto_cks.xks_proxy.authorization.Authorization`."""

    __slots__ = ("_proxy", "_which")

    def __init__(self, proxy: ProxyResource, which: Prefix) -> None:
        self._proxy = proxy
        self._which = which

    def __repr__(self) -> str:
        return f"<Authorization {[str(rule) for rule in self.rules]}>"

    def _shown(self) -> dict[str, Any]:
        return prefix_in(self._proxy.shown(), self._which)

    @property
    def apply_to_health_checks(self) -> bool:
        return bool(self._shown()["apply_to_health_checks"])

    @apply_to_health_checks.setter
    def apply_to_health_checks(self, applied: bool) -> None:
        body = {"apply_to_health_checks": applied}
        self._proxy.ask("PUT", "authorization", query=self._which, body=body)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(map(_rule, self._shown()["rules"]))

    def allow(self, **conditions: str) -> Rule:
        return self._add("allow", conditions)

    def deny(self, **conditions: str) -> Rule:
        return self._add("deny", conditions)

    def _add(self, effect: str, conditions: Mapping[str, str]) -> Rule:
        body = {**conditions, "effect": effect}
        path = "authorization", "rules"
        return _rule(self._proxy.ask("POST", *path, query=self._which, body=body))

    def remove(self, rule: Rule) -> None:
        if rule not in self.rules:
            raise ValueError(f"There is no rule {str(rule)!r}.")
        named = given(
            effect="allow" if rule.allows else "deny",
            principal=rule.principal,
            operation=rule.operation,
            key_arn=rule.key_arn,
            service=rule.service,
            external_key=rule.external_key,
        )
        self._proxy.ask("DELETE", "authorization", "rules", query={**self._which, **named})

    def clear(self) -> None:
        self._proxy.ask("DELETE", "authorization", query=self._which)


def _rule(shown: Mapping[str, Any]) -> Rule:
    conditions = dict(shown)
    return Rule(conditions.pop("effect") == "allow", **conditions)
