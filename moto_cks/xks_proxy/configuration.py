"""Makes a proxy of a JSON file.

```json
{
  "path_prefix": "/example",
  "region": "us-east-1",
  "credentials": [{"access_key_id": "…", "secret_access_key": "…"}],
  "keys": [{"id": "foo", "spec": "AES_256", "usage": ["ENCRYPT", "DECRYPT"], "enabled": true}]
}
```

All but the ``id`` of a key can be left out; what is then so, :class:`XksProxy` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from moto_cks.xks_proxy.proxy import XksProxy


class _Form(NamedTuple):
    """What a member has to be."""

    kind: type
    words: str
    required: bool = False


_PROXY = {
    "path_prefix": _Form(str, "a string"),
    "region": _Form(str, "a string"),
    "credentials": _Form(list, "a list"),
    "keys": _Form(list, "a list"),
}
_CREDENTIAL = {
    "access_key_id": _Form(str, "a string", required=True),
    "secret_access_key": _Form(str, "a string", required=True),
}
_KEY = {
    "id": _Form(str, "a string", required=True),
    "spec": _Form(str, "a string"),
    "usage": _Form(list, "a list"),
    "enabled": _Form(bool, "true or false"),
}


def configured(text: str, host: str) -> XksProxy:
    """Make a proxy.

    Args:
        text: of the file, JSON.
        host: the name of the proxy.

    Raises:
        ValueError: it is not JSON, or something in it cannot be; it says where, and what can.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"It is not JSON: {error}.") from None
    settings = _checked(content, _PROXY)
    with _in("path_prefix"):
        proxy = _proxy(settings, host)
    if settings.get("credentials"):
        proxy.credentials.remove(proxy.credential.access_key_id)
    for number, entry in enumerate(settings.get("credentials", ())):
        with _in(f"credentials[{number}]"):
            proxy.credentials.add(**_checked(entry, _CREDENTIAL))
    for number, entry in enumerate(settings.get("keys", ())):
        with _in(f"keys[{number}]"):
            _add_key(proxy, _checked(entry, _KEY))
    return proxy


def _proxy(settings: Mapping[str, Any], host: str) -> XksProxy:
    given = {name: settings[name] for name in ("path_prefix", "region") if name in settings}
    if "keys" in settings:
        given["keys"] = ()
    return XksProxy(host, **given)


def _add_key(proxy: XksProxy, settings: Mapping[str, Any]) -> None:
    given = {name: settings[name] for name in ("spec", "usage") if name in settings}
    key = proxy.create_key(settings["id"], **given)
    key.enabled = settings.get("enabled", True)


def _checked(content: Any, forms: Mapping[str, _Form]) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise ValueError("It is no JSON object.")
    for name in content:
        if name not in forms:
            raise ValueError(f"There is no member {name!r}; there are {', '.join(forms)}.")
    for name, form in forms.items():
        if name not in content:
            if form.required:
                raise ValueError(f"{name!r} is missing.")
        elif not isinstance(content[name], form.kind):
            raise ValueError(f"{name!r} is not {form.words}.")
    return content


@contextmanager
def _in(place: str) -> Iterator[None]:
    """Say of what is wrong where that is."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
