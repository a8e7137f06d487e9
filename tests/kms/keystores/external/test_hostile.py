"""Proxies that mean harm: whatever they send, KMS ends in a row of its table, and in time."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from moto_cks.kms.keystores.external.carriers import Carrier, MemoryCarrier
from moto_cks.kms.keystores.external.routes import EmbeddedRoute, routes
from tests.aws import error_of
from tests.kms.keystores.external import TEXT, Owner
from tests.kms.keystores.external.scripted import Reply, ScriptedProxy, http, in_memory
from tests.kms.keystores.external.test_answers import Endless
from tests.kms.keystores.external.test_outcomes import MALFORMED, ROWS, UNREACHABLE

MESSAGES = {row.message for row in ROWS.values()}
OK = b"HTTP/1.1 200 OK\r\n"

CLOSE_NOTIFY = bytes.fromhex("15 0303 0002 0100")
"""The alert by which a side of a TLS connection says that nothing will follow: RFC 8446, 6.1."""


def message_of(owner: Owner) -> str:
    """What a Decrypt ends in; it has to be a row of the table."""
    code, message = error_of(owner.decrypt)
    assert code == "KMSInvalidStateException"
    assert message in MESSAGES
    return message


PIECES = st.sampled_from(
    (
        *(OK, b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.0 500 No\r\n", b"Content-Length: 5\r\n"),
        *(b"Transfer-Encoding: chunked\r\n", b"\r\n", b"5\r\n", b"0\r\n\r\n", b'{"a":', b"1}"),
        *(b'{"plaintext":"eA=="}', b'{"errorName":"InternalException"}', b"\x00", b"\xff" * 40),
    )
)


def test_x46_x47_any_bytes_are_a_row_of_the_table(owner: Owner) -> None:
    """Through the API, inside of TLS and beneath it; nobody waits, and the next call works."""
    script = ScriptedProxy(owner.proxy)

    @settings(max_examples=40)
    @given(
        pieces=st.lists(PIECES | st.binary(max_size=24), max_size=8),
        then=st.sampled_from(("stay", "close", "cut")),
        raw=st.booleans(),
    )
    def whatever_comes(pieces: list[bytes], then: str, raw: bool) -> None:
        script.replies = {"Decrypt": Reply(b"".join(pieces), then, raw=raw)}
        message_of(owner)
        script.replies = {}
        assert owner.decrypt() == TEXT

    with in_memory(owner.proxy.host, script):
        whatever_comes()


@pytest.mark.parametrize("then", ["close", "stay"])
def test_x46_16_a_goodbye_in_the_middle_of_the_handshake(owner: Owner, then: str) -> None:
    script = ScriptedProxy(owner.proxy)

    def goodbye() -> Any:
        connection = ScriptedProxy.connect(script)

        def feed(data: bytes) -> bytes:
            connection.closed = then == "close"
            return CLOSE_NOTIFY

        connection.feed = feed  # type: ignore[method-assign]
        return connection

    script.connect = goodbye  # type: ignore[method-assign]
    with in_memory(owner.proxy.host, script):
        assert message_of(owner) == UNREACHABLE


@pytest.mark.parametrize(
    "content",
    [
        OK + b"\r\n" + b"x" * 1000,
        OK + b"Content-Length: 99999999\r\n\r\n" + b"x" * 1000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n" + b"1\r\nx\r\n" * 200,
        OK + b"X: " + b"x" * 1000,
    ],
    ids=["without length", "of a length", "of chunks", "a header"],
)
def test_x47_1_an_endless_body(owner: Owner, content: bytes) -> None:
    """What comes after the first answer begins is more of the same, without end."""
    endless = EndlessAfter(owner.proxy, content)
    with in_memory(owner.proxy.host, endless):
        assert message_of(owner) == MALFORMED
    assert endless.said < 300_000


class EndlessAfter(Endless):
    """An answer that begins once and goes on for ever."""

    def __init__(self, proxy: Any, content: bytes) -> None:
        super().__init__(proxy, content)
        self._rest = content[-1000:]

    def connect(self) -> Any:
        connection = super().connect()
        feed = connection.feed

        def go_on(data: bytes) -> bytes:
            said = feed(data)
            if self.said:
                self.content = self._rest
            return said

        connection.feed = go_on
        return connection


class FloodingRoute(EmbeddedRoute):
    """A way on which something has always come already, before anything is asked."""

    flood, looks = b"", 0

    def connect(self, seconds: float) -> Carrier:
        """A connection by it."""
        route = self

        class Flooding(MemoryCarrier):
            def look(self) -> bytes | None:
                route.looks += 1
                assert route.looks < 1000, "KMS takes it for ever"
                return route.flood or super().look()

        return Flooding(self.endpoint.connect(), seconds)


@pytest.mark.parametrize("flood", [b"\x17\x03\x03\x40\x00" + bytes(0x4000), bytes(1000)])
def test_x47_1_x44_a_flood_that_nobody_has_asked_for(owner: Owner, flood: bytes) -> None:
    """On a new connection and on one that was kept."""
    route = FloodingRoute(ScriptedProxy(owner.proxy))
    with in_memory(owner.proxy.host, ScriptedProxy(owner.proxy)):
        routes().by_host[owner.proxy.host] = route
        route.flood = flood
        assert message_of(owner) == ROWS["x46.14"].message
        route.flood = b""
        assert owner.works()
        route.flood, route.looks = flood, 0
        assert message_of(owner) == ROWS["x46.14"].message
        route.flood = b""
        assert owner.works()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (OK + b"Content-Length: 9\r\n\r\n" + b'{"plaintext":"eA=="}', MALFORMED),
        (OK + b"Content-Length: 90\r\n\r\n" + b'{"plaintext":"eA=="}', UNREACHABLE),
        (http(b"", 307, "Location: https://elsewhere.example.com/"), MALFORMED),
        (http(b"", 401, "WWW-Authenticate: Basic"), MALFORMED),
        (http(b"", 200, "Set-Cookie: a=b"), MALFORMED),
    ],
    ids=["too short a length", "too long a length", "redirect", "challenge", "cookie"],
)
def test_x47_1_x44_what_is_not_followed(owner: Owner, content: bytes, message: str) -> None:
    script = ScriptedProxy(owner.proxy)
    script.replies = {"Decrypt": Reply(content, "close")}
    with in_memory(owner.proxy.host, script):
        assert message_of(owner) == message
        asked = len(script.log)
        script.replies = {}
        assert owner.works()
    assert asked == 1
    assert all("cookie" not in name for each in owner.proxy.requests for name, _ in each.headers)


def long_chain(host: str, length: int) -> tuple[str, str]:
    """A certificate under so many others, with its key, PEM; each is signed by the next."""
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    names = [host, *(f"CA {number}" for number in range(1, length))]
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in names]
    chain = []
    for number, name in enumerate(names):
        above = min(number + 1, length - 1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[above])]))
            .public_key(keys[number].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=number > 0, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(keys[above], hashes.SHA256())
        )
        chain.append(certificate.public_bytes(serialization.Encoding.PEM).decode())
    key = keys[0].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return "".join(chain), key.decode()


def test_x41_a_chain_of_a_hundred_certificates(owner: Owner) -> None:
    owner.proxy.certificate.load(*long_chain(owner.proxy.host, 100))
    assert message_of(owner) == ROWS["x46.14"].message
    owner.proxy.certificate.renew()
    assert owner.works()
