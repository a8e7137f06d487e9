"""What is given to a proxy and cannot be is refused where it is given, and nothing changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from moto_cks.xks_proxy.proxy import XksProxy
from tests.whole import differences, whole
from tests.xks_proxy.asking import KEY, encrypt, health

ODD: dict[str, Any] = {
    "None": None,
    "True": True,
    "1": 1,
    "1.0": 1.0,
    "12.0": 12.0,
    "-1": -1,
    "NaN": math.nan,
    "Infinity": math.inf,
    "10**400": 10**400,
    "text": "no",
    "no text": "",
    "half a character": "\ud800",
    "bytes": b"no",
    "no bytes": b"",
    "a list": [],
    "a list of a number": [1],
    "a list of bytes": [b"no"],
    "an object": {},
    "something": object(),
}

NUMBERS = ("1", "1.0", "12.0")
TEXT = ("text", "no text")
NOBODY = ("None", *TEXT)
LISTS = ("a list", "an object")

Attempt = Callable[[XksProxy, Any], object]

METHODS: dict[str, tuple[Attempt, tuple[str, ...]]] = {
    "latency": (lambda p, odd: p.latency(odd), NUMBERS),
    "latency of an API": (lambda p, odd: p.latency(1, api=odd), ("None",)),
    "latency of a key": (lambda p, odd: p.latency(1, key=odd), NOBODY),
    "clock_skew": (lambda p, odd: p.clock_skew(odd), (*NUMBERS, "-1")),
    "cache_health_checks": (lambda p, odd: p.cache_health_checks(odd), NUMBERS),
    "slow": (lambda p, odd: p.instances[0].slow(odd), NUMBERS),
    "defect": (lambda p, odd: p.defect(odd), ()),
    "unsupported": (lambda p, odd: p.unsupported(odd), ()),
    "reverse_proxy": (lambda p, odd: p.reverse_proxy(host=odd), ("None", "text")),
    "bad_gateway": (lambda p, odd: p.reverse_proxy(bad_gateway=odd), ("True",)),
    "minimum of TLS": (lambda p, odd: p.tls(minimum=odd), ("None",)),
    "maximum of TLS": (lambda p, odd: p.tls(maximum=odd), ("None",)),
    "ciphers": (lambda p, odd: p.tls(ciphers=odd), ("None",)),
    "a client's CA": (lambda p, odd: p.require_client_certificate(ca=odd), ()),
    "move": (lambda p, odd: p.move(odd), ("no text",)),
    "add_prefix": (lambda p, odd: p.add_prefix(odd), ("no text",)),
    "a Region": (lambda p, odd: p.add_prefix("/other", region=odd), ("None",)),
    "keys of a prefix": (lambda p, odd: p.add_prefix("/other", keys=odd), ("text", *LISTS)),
    "quota": (lambda p, odd: p.quota(odd), ("None", "1", "10**400")),
    "create_key": (lambda p, odd: p.create_key(odd), ("None", "text")),
    "a spec": (lambda p, odd: p.create_key(spec=odd), ()),
    "a usage": (lambda p, odd: p.create_key(usage=odd), LISTS),
    "material": (lambda p, odd: p.create_key(material=odd), ("None",)),
    "key": (lambda p, odd: p.key(odd), ()),
    "forget_version": (lambda p, odd: p.key(KEY).forget_version(odd), ("1",)),
    "a second ID": (lambda p, odd: p.keys.alias(odd, KEY), ("text",)),
    "a second ID of": (lambda p, odd: p.keys.alias("second", odd), ()),
    "an access key ID": (lambda p, odd: p.credentials.add(odd), ("None",)),
    "a secret access key": (lambda p, odd: p.credentials.add(None, odd), ("None",)),
    "credentials.remove": (lambda p, odd: p.credentials.remove(odd), ()),
    "allow": (lambda p, odd: p.authorization.allow(principal=odd), TEXT),
    "a rule": (lambda p, odd: p.authorization.remove(odd), ()),
    "instances.add": (lambda p, odd: p.instances.add(odd), ("text",)),
    "days": (lambda p, odd: p.certificate.renew(days=odd), (*NUMBERS, "-1")),
    "starts": (lambda p, odd: p.certificate.renew(starts=odd), (*NUMBERS, "-1")),
    "cn": (lambda p, odd: p.certificate.renew(cn=odd), ("None", "text")),
    "san": (lambda p, odd: p.certificate.renew(san=odd), (*NOBODY, *LISTS)),
    "issuer": (lambda p, odd: p.certificate.renew(issuer=odd), ("None",)),
    "chain": (lambda p, odd: p.certificate.renew(chain=odd), ("True",)),
    "a certificate": (lambda p, odd: p.certificate.load(odd, p.certificate.issued.key), ()),
    "its key": (lambda p, odd: p.certificate.load(p.certificate.pem, odd), ()),
    "a port": (lambda p, odd: p.serve(odd), ("1",)),
    "an IP address": (lambda p, odd: p.serve(address=odd), ()),
    **{
        f"XksProxy({name})": (lambda _, odd, name=name: XksProxy(**{name: odd}), fitting)
        for name, fitting in {
            "host": ("text",),
            "path_prefix": ("no text",),
            "region": ("None",),
            "keys": ("text", *LISTS),
            "instances": ("text",),
            "authority": ("None",),
            "clock": (),
        }.items()
    },
}
"""What takes something, and which of the odd values it may take."""

ATTRIBUTES: dict[str, tuple[Callable[[XksProxy], Any], tuple[str, ...]]] = {
    "running": (lambda p: p, ("True",)),
    **dict.fromkeys(("host", "main", "manager", "certificate", "log"), (lambda p: p, ())),
    "region": (lambda p: p.main, ("None",)),
    **dict.fromkeys(("keys", "credentials"), (lambda p: p.main, ())),
    "authorization": (lambda p: p.main, ()),
    "apply_to_health_checks": (lambda p: p.authorization, ("True",)),
    "id of a key": (lambda p: p.key(KEY), ()),
    "enabled": (lambda p: p.key(KEY), ("True",)),
    "spec": (lambda p: p.key(KEY), ()),
    "usage": (lambda p: p.key(KEY), LISTS),
    "timeout": (lambda p: p.manager, NUMBERS),
    "vector_size": (lambda p: p.manager, ()),
    "metadata": (lambda p: p.manager, ("None", "bytes", "no bytes")),
    "instances": (lambda p: p.manager, ()),
    "id of an instance": (lambda p: p.instances[0], ()),
    "model": (lambda p: p.instances[0], TEXT),
    "health": (lambda p: p.instances[0], ()),
    "authority": (lambda p: p.certificate, ()),
    "issued": (lambda p: p.certificate, ()),
    "listener": (lambda p: p.log, ("None",)),
}
"""What can be set, of which part; and to which of the odd values."""


def attempts() -> Iterator[Any]:
    for name, (attempt, fitting) in METHODS.items():
        yield from (
            pytest.param(attempt, odd, id=f"{name}: {said}")
            for said, odd in ODD.items()
            if said not in fitting
        )
    for name, (part, fitting) in ATTRIBUTES.items():
        attribute = name.split()[0]
        yield from (
            pytest.param(partial(set_it, part, attribute), odd, id=f"{name} = {said}")
            for said, odd in ODD.items()
            if said not in fitting
        )


def set_it(part: Callable[[XksProxy], Any], attribute: str, proxy: XksProxy, odd: Any) -> None:
    setattr(part(proxy), attribute, odd)


@pytest.fixture(scope="module")
def rotated() -> XksProxy:
    proxy = XksProxy()
    proxy.key(KEY).rotate()
    return proxy


@pytest.mark.parametrize(("attempt", "odd"), list(attempts()))
def test_x58_odd_values_are_refused_at_once(rotated: XksProxy, attempt: Attempt, odd: Any) -> None:
    before = whole([("proxy", rotated)])
    with pytest.raises((ValueError, AttributeError)) as refused:
        attempt(rotated, odd)
    assert str(refused.value).endswith(".")
    assert differences(before, whole([("proxy", rotated)])) == []


@pytest.mark.parametrize("said", sorted(ODD))
def test_x58_what_fits_is_taken(said: str) -> None:
    for attempt, fitting in METHODS.values():
        if said in fitting and attempt is not METHODS["a port"][0]:
            proxy = XksProxy()
            proxy.key(KEY).rotate()
            attempt(proxy, ODD[said])
    for name, (part, fitting) in ATTRIBUTES.items():
        if said in fitting:
            set_it(part, name.split()[0], XksProxy(), ODD[said])


def test_x58_a_clock_without_a_time_zone_is_none() -> None:
    with pytest.raises(ValueError, match="aware datetime"):
        XksProxy(clock=lambda: datetime(2030, 1, 1))


def test_x58_many_long_latencies_are_still_a_number(proxy: XksProxy) -> None:
    with pytest.raises(ValueError, match="at most 1000000000000"):
        proxy.latency(1e308)
    with proxy.latency(1e12), proxy.latency(1e12):
        assert encrypt(proxy).delay == 2e12
    assert encrypt(proxy).delay == 0


def test_x57_a_clock_that_would_leave_the_calendar_stops_at_its_end(proxy: XksProxy) -> None:
    slow = proxy.clock_skew(-60 * 60 * 24 * 365 * 1500)
    with proxy.clock_skew(60 * 60 * 24 * 365 * 8000):
        slow.undo()
        assert proxy.now().year == 9999
        assert health(proxy).status == 200
    assert health(proxy).status == 200
