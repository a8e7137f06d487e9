"""A KeyboardInterrupt at every point of what is done to an external key store proxy.

Whatever was interrupted, the same call, or what takes it back, leads on: no port is kept by a proxy
that nobody can close, and no cause is in effect that has been taken back.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import cks
from moto_cks.control.operations.xks_causes import take_cause_back
from moto_cks.control.operations.xks_proxies import get_xks_proxy
from moto_cks.handle.routing import known_routes
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.proxy import XksProxy
from tests.kms.keystores.external import Owner
from tests.mock.test_interrupts import at_every_point
from tests.whole import differences, whole
from tests.xks_proxy.asking import KEY, encrypt, health

pytestmark = pytest.mark.filterwarnings(
    # A generator that is interrupted while it is closed has nobody to tell.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def _every_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are few."""
    monkeypatch.setattr("tests.mock.test_interrupts.STEP", 1)


CAUSES: dict[str, Callable[[XksProxy], Cause]] = {
    "latency": lambda p: p.latency(1),
    "clock_skew": lambda p: p.clock_skew(600),
    "cut_connections": lambda p: p.cut_connections(),
    "reverse_proxy": lambda p: p.reverse_proxy(bad_gateway=True),
    "tls": lambda p: p.tls(maximum="TLSv1.1"),
    "plain_http": lambda p: p.plain_http(),
    "defect": lambda p: p.defect("url-safe-base64"),
    "unsupported": lambda p: p.unsupported("Encrypt"),
    "move": lambda p: p.move("/elsewhere"),
    "cache_health_checks": lambda p: p.cache_health_checks(30),
    "quota": lambda p: p.quota(1),
    "block": lambda p: p.block(),
    "stop": lambda p: p.stop(),
    "unreachable": lambda p: p.instances[0].unreachable(),
    "slow": lambda p: p.instances[0].slow(1),
}


@pytest.mark.parametrize("kind", CAUSES)
def test_x58_taking_a_cause_back(kind: str) -> None:
    proxy = XksProxy()
    other = CAUSES[kind](proxy) if kind not in ("move", "stop") else None
    left_out = ("._starts",)
    before = whole([("proxy", proxy)])
    causes: list[Cause] = []

    def prepare() -> Callable[[], Any]:
        causes[:] = [CAUSES[kind](proxy)]
        return causes[0].undo

    def follow() -> None:
        causes[0].undo()
        after = whole([("proxy", proxy)])
        assert [d for d in differences(before, after) if not any(p in d for p in left_out)] == []

    assert at_every_point(prepare, follow) > 3
    if other is not None:
        other.undo()
    assert (health(proxy).status, encrypt(proxy).status, encrypt(proxy).delay) == (200, 200, 0)


@pytest.fixture
def owner(world: Any) -> Owner:
    return Owner(world.create_external_key_store())


@pytest.mark.parametrize("kind", ["latency", "clock_skew", "move", "block", "stop"])
def test_x72_taking_a_cause_back_by_its_id(owner: Owner, kind: str) -> None:
    host = owner.proxy.host
    begun: list[Any] = []

    def prepare() -> Callable[[], Any]:
        begun[:] = [CAUSES[kind](owner.proxy)]
        return lambda: take_cause_back(host, begun[0].id)

    def follow() -> None:
        begun[0].undo()
        assert get_xks_proxy(host)["causes"] == []
        assert owner.works()

    assert at_every_point(prepare, follow) > 10


def test_x72_a_cause_that_is_set_up_is_known_or_not_in_effect(owner: Owner) -> None:
    before = cks.snapshot()
    unknown: list[bool] = []

    def prepare() -> Callable[[], Any]:
        cks.restore(before)
        return lambda: owner.proxy.latency(1)

    def follow() -> None:
        known = get_xks_proxy(owner.proxy.host)["causes"]
        in_effect = encrypt(owner.proxy).delay > 0
        assert in_effect or not known
        unknown.append(in_effect and not known)

    assert at_every_point(prepare, follow) > 20
    # An interruption at the last return of what sets it up is one of whoever has called that.
    assert sum(unknown) <= 2


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_x71_listening(port: int) -> None:
    proxies: list[XksProxy] = []

    def prepare() -> Callable[[], Any]:
        proxies[:] = [XksProxy()]
        return lambda: proxies[0].serve(port)

    def follow() -> None:
        (proxy,) = proxies
        if proxy.address is None:
            proxy.serve(port)
        assert proxy.address == ("127.0.0.1", port)
        assert accepts(port)
        proxy.close()
        assert not accepts(port)

    assert at_every_point(prepare, follow) > 10


def test_x71_listening_no_longer(port: int) -> None:
    proxy = XksProxy()

    def prepare() -> Callable[[], Any]:
        proxy.serve(port)
        return proxy.close

    def follow() -> None:
        proxy.close()
        assert not accepts(port)
        assert proxy.address is None
        proxy.serve(port)
        assert accepts(port)
        proxy.close()

    assert at_every_point(prepare, follow) > 3


@pytest.mark.parametrize("what", ["stop", "start"])
def test_x58_stopping_and_starting(port: int, what: str) -> None:
    proxy = XksProxy()
    proxy.serve(port)

    def prepare() -> Callable[[], Any]:
        if what == "start":
            proxy.stop()
        return getattr(proxy, what)  # type: ignore[no-any-return]

    def follow() -> None:
        proxy.start()
        assert proxy.address == ("127.0.0.1", port)
        assert accepts(port)
        assert health(proxy).status == 200

    assert at_every_point(prepare, follow) > 3
    proxy.close()


def accepts(port: int) -> bool:
    """Whether somebody listens at a port, and does not hang up at once."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.settimeout(0.05)
            try:
                return client.recv(1) != b""
            except TimeoutError:
                return True
    except ConnectionError:
        return False


def test_x53_rotating_the_credential() -> None:
    proxy = XksProxy()

    def prepare() -> Callable[[], Any]:
        return proxy.credentials.rotate

    def follow() -> None:
        assert len(proxy.credentials) == 1
        assert encrypt(proxy, key=KEY).status == 200

    assert at_every_point(prepare, follow) > 3


def test_x67_a_way_to_a_proxy(owner: Owner) -> None:
    endpoint, to = "https://own.example.com", "127.0.0.1:8443"
    before = cks.snapshot()

    def prepare() -> Callable[[], Any]:
        cks.restore(before)
        return lambda: cks.route_xks(endpoint, to=to)

    def follow() -> None:
        if "own.example.com" not in known_routes():
            cks.route_xks(endpoint, to=to)
        assert owner.works()

    assert at_every_point(prepare, follow) > 10

    routes: list[Any] = []

    def prepare_to_end() -> Callable[[], Any]:
        routes[:] = [cks.route_xks(endpoint, to=to)]
        return routes[0].end  # type: ignore[no-any-return]

    def end_again() -> None:
        routes[0].end()
        assert "own.example.com" not in known_routes()

    cks.restore(before)
    assert at_every_point(prepare_to_end, end_again) > 3
