"""The connections of a key store, and what carries them, where they end in an unusual way."""

from __future__ import annotations

import gc
import os
import socket
import ssl
import struct
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from moto.kms.models import kms_backends

from moto_cks import KeyStore
from moto_cks.kms.keystores.external import client, tls
from moto_cks.kms.keystores.external.authorities import Authorities, authorities
from moto_cks.kms.keystores.external.carriers import MemoryCarrier, TcpCarrier
from moto_cks.kms.keystores.external.client import Kept, Line
from moto_cks.kms.keystores.external.credential import Credential
from moto_cks.kms.keystores.external.outcomes import (
    CUT,
    MALFORMED,
    NO_ANSWER_IN_TIME,
    NO_CONNECTION,
    NO_TLS,
    ProxyError,
)
from moto_cks.kms.keystores.external.plain import PlainConnection
from moto_cks.kms.keystores.external.protocol import health
from moto_cks.kms.keystores.external.routes import EmbeddedRoute, routes
from moto_cks.kms.keystores.external.tls import TlsConnection, context_of
from moto_cks.xks_proxy.wire import Request
from tests.kms.keystores.external import SECRET, Owner
from tests.kms.keystores.external.scripted import Reply, ScriptedProxy

NOW = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)


# Those that are kept ------------------------------------------------------------------------------


class Idle:
    """A connection that waits."""

    def __init__(self, route: object, *, fit: bool = True) -> None:
        self.route, self.fit, self.closed = route, fit, False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def kept() -> Any:
    return Kept()


def test_x44_the_last_one_is_taken_first(kept: Any) -> None:
    route = object()
    assert kept.take(route) is None
    first, second, unfit = Idle(route), Idle(route), Idle(route, fit=False)
    for each in first, second, unfit:
        kept.give(each)
    assert [kept.take(route), kept.take(route), kept.take(route)] == [second, first, None]
    assert [first.closed, second.closed, unfit.closed] == [False, False, True]


def test_x44_another_way_has_other_connections(kept: Any) -> None:
    old, new = object(), object()
    assert kept.take(old) is None
    mine, late = Idle(old), Idle(old)
    kept.give(mine)
    assert kept.take(new) is None
    assert mine.closed
    kept.give(late)  # it was in use while the way was changed
    assert late.closed
    fresh = Idle(new)
    kept.give(fresh)
    assert kept.take(new) is fresh
    assert not fresh.closed


def test_x44_a_hundred_at_most(kept: Any) -> None:
    route = object()
    kept.take(route)
    connections = [Idle(route) for _ in range(101)]
    for each in connections:
        kept.give(each)
    assert [each.closed for each in connections] == [False] * 100 + [True]


def test_x44_after_the_end_none_is_kept(kept: Any) -> None:
    route = object()
    kept.take(route)
    before, after = Idle(route), Idle(route)
    kept.give(before)
    kept.end()
    kept.give(after)
    assert (before.closed, after.closed) == (True, True)
    assert kept.take(route) is None


def test_x44_a_child_of_a_fork_leaves_its_parent_s_alone(
    kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    route, child = object(), os.getpid() + 1
    kept.take(route)
    mine, own = Idle(route), Idle(route)
    kept.give(mine)
    monkeypatch.setattr(client.os, "getpid", lambda: child)
    assert kept.take(route) is None
    assert mine.closed
    kept.give(own)
    assert kept.take(route) is own


# What carries them --------------------------------------------------------------------------------


class Faulty:
    """A carrier that says or raises what a test wants."""

    taken = 0.0

    def __init__(self, *said: bytes | Exception, sending: Exception | None = None) -> None:
        self._said, self._sending = iter(said), sending
        self.closed = False

    def send(self, data: bytes) -> None:
        if self._sending is not None:
            raise self._sending

    def receive(self) -> bytes:
        said = next(self._said)
        if isinstance(said, Exception):
            raise said
        return said

    def look(self) -> bytes | None:
        return next(self._said, None)  # type: ignore[return-value]

    def close(self) -> None:
        self.closed = True


def outcome_of(call: Callable[[], object]) -> Any:
    with pytest.raises(ProxyError) as refused:
        call()
    return refused.value.outcome


def test_x41_without_tls_what_ends_is_cut() -> None:
    carrier: Any = Faulty(b"a", ConnectionResetError(), TimeoutError(), sending=BrokenPipeError())
    connection = PlainConnection(carrier)
    connection.shake_hands(NOW)
    connection.ask(b"what has come before the end may be the answer")
    assert connection.receive() == b"a"
    assert outcome_of(connection.receive) is CUT
    with pytest.raises(TimeoutError):
        connection.receive()
    assert connection.certificate is None
    connection.close()
    assert carrier.closed
    slow: Any = Faulty(sending=TimeoutError())
    with pytest.raises(TimeoutError):
        PlainConnection(slow).ask(b"")


def test_x41_x44_without_tls_what_has_come_unasked() -> None:
    some: Any = Faulty(b"x", b"")
    connection = PlainConnection(some)
    assert connection.has_come() is True
    assert outcome_of(connection.has_come) is CUT
    nothing: Any = Faulty()
    assert PlainConnection(nothing).has_come() is False


def over_tls(carrier: Any) -> TlsConnection:
    authority = Authorities("us-east-1", "123456789012").public
    return TlsConnection(carrier, context_of((authority.certificate,), "", False), "a.example.com")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([ConnectionResetError()], CUT),
        ([b""], CUT),
        ([b"\x16\x03", b""], CUT),
        ([b"\x16\x03", ConnectionResetError()], CUT),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], NO_TLS),
        ([b"\x16\x03\x03\x40\x00" + bytes(1024 * 1024)], MALFORMED),
    ],
    ids=range(6),
)
def test_x46_14_x46_16_how_handshakes_end(said: list[Any], outcome: Any) -> None:
    for sending in (None, BrokenPipeError()):  # what has come before may say why
        connection = over_tls(Faulty(*said, sending=sending))
        assert outcome_of(lambda connection=connection: connection.shake_hands(NOW)) is outcome


def test_x43_1_the_time_of_a_handshake() -> None:
    for carrier in (Faulty(TimeoutError()), Faulty(b"", sending=TimeoutError())):
        with pytest.raises(TimeoutError):
            over_tls(carrier).shake_hands(NOW)


@pytest.fixture
def shaken(owner: Owner) -> Iterator[tuple[TlsConnection, Any]]:
    """A connection after its handshake, and its carrier."""
    (route,) = routes().by_host.values()
    assert isinstance(route, EmbeddedRoute)
    carrier: Any = MemoryCarrier(route.endpoint.connect(), 1.0)
    context = context_of((authorities().public.certificate,), "", False)
    connection = TlsConnection(carrier, context, owner.proxy.host)
    connection.shake_hands(None)
    yield connection, carrier
    connection.close()


def looks(*come: bytes) -> Callable[[], bytes | None]:
    pieces = iter(come)
    return lambda: next(pieces, None)


def test_x44_a_piece_of_a_record_is_no_answer_yet(shaken: tuple[TlsConnection, Any]) -> None:
    connection, carrier = shaken
    assert connection.has_come() is False
    carrier.look = looks(b"\x17\x03\x03\x40\x00")
    assert connection.has_come() is False
    carrier.look = looks(b"abc")
    assert connection.has_come() is False
    carrier.look = looks(b"")
    assert outcome_of(connection.has_come) is CUT


def test_x44_what_is_no_record_is_no_tls_any_more(shaken: tuple[TlsConnection, Any]) -> None:
    connection, carrier = shaken
    carrier.look = looks(b"\x17\x03\x03\x00\x20" + bytes(32))
    assert outcome_of(connection.has_come) is NO_TLS


def test_x42_kms_s_certificate_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    known = Authorities("us-east-1", "123456789012")
    seen: list[str] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(self: ssl.SSLContext, name: str) -> None:
        seen.append(Path(name).read_text())
        load(self, name)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    shown = known.certificate_of_kms("us-east-1")
    context_of((known.public.certificate,), shown, False)
    assert seen == [shown]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ssl.SSLError):
        context_of((known.public.certificate,), shown.partition("-----BEGIN PRIVATE")[0], False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by_machine_time", [True, False])
def test_x41_x69_how_kms_connects(by_machine_time: bool) -> None:
    certificate = Authorities("us-east-1", "123456789012").public.certificate
    context = context_of((certificate.rstrip(), certificate), "", by_machine_time)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert bool(context.verify_flags & tls.NO_CHECK_TIME) is not by_machine_time
    assert [each["name"] for each in context.get_ciphers() if each["protocol"] != "TLSv1.3"] == [
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
    ]


class Way:
    """A way to a proxy by carriers that a test has made, or on which connecting raises."""

    embedded, trusted = True, ()

    def __init__(self, *carriers: Any, tls: bool = True) -> None:
        self._carriers, self.tls = list(carriers), tls
        self.seconds: list[float] = []

    def connect(self, seconds: float) -> Any:
        self.seconds.append(seconds)
        carrier = self._carriers.pop(0)
        if isinstance(carrier, Exception):
            raise carrier
        return carrier


def slow() -> Any:
    return Faulty(TimeoutError())


def broken(seconds: float) -> Any:
    carrier = Faulty(ConnectionResetError())
    carrier.taken = seconds
    return carrier


@pytest.mark.parametrize(
    ("carriers", "outcome", "attempts", "seconds"),
    [
        ([ConnectionRefusedError()], NO_CONNECTION, 1, 0.0),
        ([TimeoutError(), TimeoutError()], NO_CONNECTION, 2, 0.5),
        ([TimeoutError(), ConnectionRefusedError()], NO_CONNECTION, 2, 0.25),
        ([slow(), slow()], NO_ANSWER_IN_TIME, 2, 0.5),
        ([slow(), TimeoutError()], NO_CONNECTION, 2, 0.5),
        ([TimeoutError(), slow()], NO_ANSWER_IN_TIME, 2, 0.5),
        ([broken(0.125)], CUT, 1, 0.125),
        ([slow(), broken(0.125)], CUT, 2, 0.375),
    ],
    ids=range(8),
)
def test_x43_2_no_connection_is_left_open(
    carriers: list[Any], outcome: Any, attempts: int, seconds: float
) -> None:
    way = Way(*carriers)
    exchange = client.ask(to(way), health({}), Kept())
    assert exchange.error is not None
    assert exchange.error.outcome is outcome
    assert (exchange.attempts, exchange.seconds, exchange.answers) == (attempts, seconds, ())
    assert way.seconds == [client.SECONDS] * attempts
    assert all(each.closed for each in carriers if isinstance(each, Faulty))


def test_x41_without_tls_one_that_is_gone_at_once_is_closed() -> None:
    carrier = Faulty()

    def gone() -> bytes | None:
        raise ConnectionResetError

    carrier.look = gone  # type: ignore[method-assign]
    exchange = client.ask(to(Way(carrier, tls=False)), health({}), Kept())
    assert exchange.error is not None
    assert (exchange.error.outcome, carrier.closed) == (NO_CONNECTION, True)


def test_x47_1_an_answer_to_nothing_is_not_asked_after() -> None:
    """Whatever would come next."""
    carrier = Faulty(b"H", b"HTTP/1.1 500 A\r\nContent-Length: 2\r\n\r\n{}")
    sent: list[bytes] = []
    carrier.send = sent.append  # type: ignore[method-assign]
    exchange = client.ask(to(Way(carrier, tls=False)), health({}), Kept())
    assert exchange.error is not None
    assert (exchange.error.outcome, sent, carrier.closed) == (MALFORMED, [], True)


def to(way: Any) -> Line:
    """What KMS needs to know to ask somebody there."""
    credential = Credential("A", SECRET)
    trusted = (Authorities("us-east-1", "123456789012").public.certificate,)
    endpoint, path = "https://a.example.com", "/kms/xks/v1"
    return Line(endpoint, path, credential, "us-east-1", way, trusted, "", NOW)


def test_x43_1_a_kept_connection_that_uses_all_of_the_time(
    owner: Owner, script: ScriptedProxy, world: Any
) -> None:
    """Nothing is left for another one."""

    def cut_last(request: Request) -> Reply:
        del script.replies["Encrypt"]
        return Reply(b"", "cut", client.SECONDS)

    assert owner.works()
    connections = script.connections
    script.replies = {"Encrypt": cut_last}
    assert owner.why_not().startswith("AWS KMS rejected the request because the external key")
    assert script.connections == connections
    (entry,) = world.timeline.entries(kind="proxy")[-1:]
    assert "no whole answer in time (250 ms, " in entry.what


def test_x43_1_tcp_has_one_time_for_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        carrier = TcpCarrier(listener.getsockname(), 5.0)
        peer, _ = listener.accept()
        with peer:
            assert carrier.look() is None
            peer.sendall(b"x")
            assert carrier.receive() == b"x"
            carrier.begin(0.0)
            assert carrier.taken == 0.0
            for use in (carrier.receive, lambda: carrier.send(b"x")):
                with pytest.raises(TimeoutError):
                    use()
        assert carrier.look() == b""
        carrier.close()


def test_x71_a_tcp_connection_that_nobody_has_any_more_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        carrier = TcpCarrier(listener.getsockname(), 5.0)
        peer, _ = listener.accept()
        with peer, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            del carrier
            gc.collect()
            peer.settimeout(5)
            assert peer.recv(1) == b""
    assert [each for each in warned if each.category is ResourceWarning] == []


@pytest.mark.parametrize("goodbye", [False, True])
def test_x44_the_end_of_a_tcp_connection_is_seen(goodbye: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        carrier = TcpCarrier(listener.getsockname(), 5.0)
        peer, _ = listener.accept()
        if not goodbye:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        assert carrier.look() == b""
        carrier.close()


def test_x8_p7_what_is_printed_of_them(owner: Owner, store: KeyStore) -> None:
    assert repr(to(None)) == "<Line to https://a.example.com>"
    of_kms: Any = kms_backends["123456789012"]["us-east-1"]
    shown = {repr(each) for each in of_kms.key_stores}
    assert shown == {
        f"<ExternalKeyStore {owner.store.id} at https://xks.example.com>",
        f"<CloudHsmKeyStore {store.id} on {store.cluster.id}>",
    }
