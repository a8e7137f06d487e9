"""What is found under a path prefix of a proxy: external keys, credentials, rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from moto_cks.control.operations.base64_values import bytes_of
from moto_cks.handle.cks import LOCAL

if TYPE_CHECKING:
    from moto_cks.xks_proxy.authorization import Rule
    from moto_cks.xks_proxy.credentials import Credential
    from moto_cks.xks_proxy.keys import ExternalKey
    from moto_cks.xks_proxy.prefixes import PathPrefix
    from moto_cks.xks_proxy.proxy import XksProxy


def proxy_of(host: str) -> XksProxy:
    """A proxy of this world.

    Raises:
        KeyError: there is none of that host.
    """
    return LOCAL.xks_proxies[host]


def prefix_of(host: str, path_prefix: str | None) -> PathPrefix:
    """A path prefix of a proxy; ``None`` is for the first one.

    Raises:
        KeyError: there is no such proxy or path prefix.
    """
    proxy = proxy_of(host)
    if path_prefix is None:
        return proxy.main
    found = proxy.prefixes.get(path_prefix)
    if found is None:
        raise KeyError(f"There is no path prefix {path_prefix!r}; there are {[*proxy.prefixes]}.")
    return found


def show_prefix(prefix: PathPrefix, main: PathPrefix) -> dict[str, Any]:
    """A path prefix as JSON, without secrets."""
    return {
        "path_prefix": prefix.path_prefix,
        "path": prefix.path,
        "main": prefix is main,
        "region": prefix.region,
        "access_key_ids": [credential.access_key_id for credential in prefix.credentials],
        "keys": [_show_key(name, key) for name, key in prefix.keys.items()],
        "rules": [_show_rule(rule) for rule in prefix.authorization.rules],
        "apply_to_health_checks": prefix.authorization.apply_to_health_checks,
        "requests_per_second": prefix.request_quota.requests_per_second,
        "blocked": prefix.blocked,
    }


def _show_key(name: str, key: ExternalKey) -> dict[str, Any]:
    return {
        "name": name,
        "id": key.id,
        "enabled": key.enabled,
        "spec": key.spec,
        "usage": list(key.usage),
        "versions": list(key.versions),
        "computes": key.computes,
    }


def _show_credential(credential: Credential) -> dict[str, Any]:
    return {
        "access_key_id": credential.access_key_id,
        "secret_access_key": credential.secret_access_key,
    }


def _show_rule(rule: Rule) -> dict[str, Any]:
    conditions = asdict(rule)
    return {"effect": "allow" if conditions.pop("allows") else "deny", **conditions}


def add_prefix(host: str, **parameters: Any) -> dict[str, Any]:
    """Take in another client."""
    proxy = proxy_of(host)
    return show_prefix(proxy.add_prefix(**parameters), proxy.main)


def set_prefix(host: str, region: str | None, path_prefix: str | None = None) -> None:
    """Say which Region signatures have to name."""
    prefix_of(host, path_prefix).region = region


def set_all(part: object, settings: Mapping[str, Any]) -> None:
    """Set attributes of a part of a proxy: all of them, or none.

    Raises:
        ValueError: one of them cannot be that.
    """
    before = {name: getattr(part, name) for name in settings}
    try:
        for name, value in settings.items():
            setattr(part, name, value)
    except BaseException:
        for name, value in before.items():
            setattr(part, name, value)
        raise


# External keys ------------------------------------------------------------------------------------


def create_external_key(
    host: str,
    path_prefix: str | None = None,
    id: str | None = None,
    material: str | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """Make an external key."""
    keys = prefix_of(host, path_prefix).keys
    content = None if material is None else bytes_of(material, "key material")
    key = keys.create(id, material=content, **parameters)
    return _show_key(key.id, key)


def get_external_key(host: str, key_id: str, path_prefix: str | None = None) -> dict[str, Any]:
    """An external key."""
    return _show_key(key_id, _key_of(host, path_prefix, key_id))


def set_external_key(
    host: str, key_id: str, path_prefix: str | None = None, **settings: Any
) -> None:
    """Change what can be done with an external key."""
    set_all(_key_of(host, path_prefix, key_id), settings)


def delete_external_key(host: str, key_id: str, path_prefix: str | None = None) -> None:
    """Take an external key out of the key manager."""
    _key_of(host, path_prefix, key_id).delete()


def rotate_external_key(host: str, key_id: str, path_prefix: str | None = None) -> dict[str, Any]:
    """Make a new version of an external key."""
    return {"version": _key_of(host, path_prefix, key_id).rotate()}


def reassign_external_key(host: str, key_id: str, path_prefix: str | None = None) -> None:
    """Give the ID of an external key to another key."""
    _key_of(host, path_prefix, key_id).reassign()


def forget_version(host: str, key_id: str, version: int, path_prefix: str | None = None) -> None:
    """Destroy an old version of an external key."""
    _key_of(host, path_prefix, key_id).forget_version(version)


def alias_external_key(
    host: str, key_id: str, new: str, path_prefix: str | None = None
) -> dict[str, Any]:
    """Give an external key a second ID."""
    return _show_key(new, prefix_of(host, path_prefix).keys.alias(new, key_id))


def _key_of(host: str, path_prefix: str | None, key_id: str) -> ExternalKey:
    keys = prefix_of(host, path_prefix).keys
    if key_id not in keys:
        raise KeyError(f"There is no external key {key_id!r}; there are {list(keys)}.")
    return keys[key_id]


# Credentials --------------------------------------------------------------------------------------


def list_credentials(host: str, path_prefix: str | None = None) -> dict[str, Any]:
    """The credentials that are valid, with their secrets."""
    return {"credentials": [*map(_show_credential, prefix_of(host, path_prefix).credentials)]}


def add_credential(host: str, path_prefix: str | None = None, **given: str) -> dict[str, Any]:
    """Accept another credential."""
    return _show_credential(prefix_of(host, path_prefix).credentials.add(**given))


def remove_credential(host: str, access_key_id: str, path_prefix: str | None = None) -> None:
    """Accept a credential no longer."""
    credentials = prefix_of(host, path_prefix).credentials
    if credentials.find(access_key_id) is None:
        known = [credential.access_key_id for credential in credentials]
        raise KeyError(f"There is no credential {access_key_id}; there are {known}.")
    credentials.remove(access_key_id)


def rotate_credentials(host: str, path_prefix: str | None = None) -> dict[str, Any]:
    """Accept a new credential in the place of all others."""
    return _show_credential(prefix_of(host, path_prefix).credentials.rotate())


# Rules --------------------------------------------------------------------------------------------


def set_authorization(
    host: str, apply_to_health_checks: bool, path_prefix: str | None = None
) -> None:
    """Say whether the rules hold for health checks, too."""
    prefix_of(host, path_prefix).authorization.apply_to_health_checks = apply_to_health_checks


def clear_authorization(host: str, path_prefix: str | None = None) -> None:
    """Take all rules back."""
    prefix_of(host, path_prefix).authorization.clear()


def add_rule(
    host: str, effect: str, path_prefix: str | None = None, **conditions: str
) -> dict[str, Any]:
    """Add a rule."""
    rules = prefix_of(host, path_prefix).authorization
    return _show_rule(rules.allow(**conditions) if effect == "allow" else rules.deny(**conditions))


def remove_rule(host: str, effect: str, path_prefix: str | None = None, **conditions: str) -> None:
    """Take a rule back."""
    rules = prefix_of(host, path_prefix).authorization
    for rule in rules.rules:
        shown = {name: value for name, value in _show_rule(rule).items() if value is not None}
        if shown == {"effect": effect, **conditions}:
            rules.remove(rule)
            return
    said = " ".join(f"{name}={value}" for name, value in conditions.items()) or "everything"
    raise KeyError(f"There is no rule '{effect} {said}'.")


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add_xks_prefix": add_prefix,
    "set_xks_prefix": set_prefix,
    "create_external_key": create_external_key,
    "get_external_key": get_external_key,
    "set_external_key": set_external_key,
    "delete_external_key": delete_external_key,
    "rotate_external_key": rotate_external_key,
    "reassign_external_key": reassign_external_key,
    "forget_external_key_version": forget_version,
    "alias_external_key": alias_external_key,
    "list_xks_credentials": list_credentials,
    "add_xks_credential": add_credential,
    "remove_xks_credential": remove_credential,
    "rotate_xks_credentials": rotate_credentials,
    "set_xks_authorization": set_authorization,
    "clear_xks_authorization": clear_authorization,
    "add_xks_rule": add_rule,
    "remove_xks_rule": remove_rule,
}
