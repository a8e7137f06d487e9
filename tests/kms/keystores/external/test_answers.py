"""What KMS takes for an answer, and what not: malformed, cut, endless (X47)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.kms.keystores.external import protocol, wire
from moto_cks.kms.keystores.external.outcomes import CUT, OUTCOMES, Outcome, ProxyError
from moto_cks.kms.keystores.external.outcomes import MALFORMED as MALFORMED_ANSWER
from moto_cks.xks_proxy.wire import Request
from tests.aws import error_of
from tests.kms.keystores.external import TEXT, Owner
from tests.kms.keystores.external.scripted import (
    CARRIERS,
    Reply,
    ScriptedProxy,
    error,
    http,
    in_memory,
    over_tcp,
)

MALFORMED = "AWS KMS cannot interpret the response"
UNREACHABLE = "AWS KMS cannot communicate with the external key store proxy"
TIMEOUT = "AWS KMS rejected the request because the external key store proxy did not respond"
TLS = "AWS KMS cannot establish a TLS connection"


def changed(script: ScriptedProxy, **members: Any) -> Callable[[Request], Reply]:
    """The proxy's own answer, with other members; ``None`` for none."""

    def reply(request: Request) -> Reply:
        answer = json.loads(script.proxy.answer(request).body)
        new = {**answer, **members}
        return Reply(http({name: value for name, value in new.items() if value is not None}))

    return reply


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


# X47.1 --------------------------------------------------------------------------------------------

NESTED = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
LONG = b'{"a":"' + b"x" * 70_000 + b'"}'
NO_JSON: dict[str, bytes] = {
    "HTML": http(b"<html>Bad Gateway</html>", 502, "Content-Type: text/html"),
    "nothing": http(b""),
    "a list": http(b"[]"),
    "a text": http(b'"plaintext"'),
    "NaN": http(b'{"plaintext": NaN}'),
    "infinity": http(b'{"plaintext": -Infinity}'),
    "nesting": http(NESTED),
    "a list without end": http(b"[" * 10_000),
    "two objects": http(b"{}{}"),
    "UTF-16": http('{"plaintext": "eA=="}'.encode("utf-16")),
    "Latin-1": http('{"plaintext": "é"}'.encode("latin-1")),
    "half a character": http(b'{"errorName": "InternalException", "errorMessage": "\\ud800"}', 500),
    "half a character, and a backslash": http(b'{"plaintext": "\\\\\\udfff"}'),
    "compressed": http(b"\x1f\x8b\x08\x00", 200, "Content-Encoding: gzip"),
    "too long": http(LONG),
    "too long to be said": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{}",
    "redirect": http(b"", 302, "Location: https://elsewhere.example.com/"),
    "no error name": http({"errorMessage": "what?"}, 400),
    "an error name that is none": http({"errorName": ["ValidationException"]}, 400),
    "an unknown error name": error("TeapotException", status=418),
    "an error with status 200": error("ValidationException", status=200),
    "early hints only": b"HTTP/1.1 103 Early\r\n\r\n" + http(b"nonsense"),
    "no content": b"HTTP/1.1 204 None\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.0\r\n",
    "HTTP/2": b"HTTP/2 200\r\n\r\n",
    "HTTP/0.9": b'{"plaintext": "eA=="}\r\n',
    "a status that is none": b"HTTP/1.1 2xx OK\r\n\r\n",
    "a header that is none": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n{}",
    "a folded header": b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "another encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "a chunk that is none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk without end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n",
    "a chunk too long": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5_000,
    "an endless line": b"HTTP/1.1 200 " + b"x" * 20_000,
    "endless hints": b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000,
}


@pytest.mark.parametrize("name", NO_JSON)
def test_x47_1_no_answer(owner: Owner, script: ScriptedProxy, name: str) -> None:
    for api, call in (("Decrypt", owner.decrypt), ("Encrypt", owner.encrypt)):
        script.replies = {api: Reply(NO_JSON[name], "close")}
        assert owner.why_not(call).startswith(MALFORMED)
    script.replies = {}
    assert owner.works()


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "no content type": http,
    "another content type": lambda body: http(body, 200, "Content-Type: text/plain"),
    "hints before it": lambda body: b"HTTP/1.1 100 Continue\r\n\r\n" + http(body),
    "until the end": lambda body: b"HTTP/1.1 200 OK\r\n\r\n" + body,
    "HTTP/1.0": lambda body: b"HTTP/1.0 200 OK\r\n\r\n" + body,
    "no phrase": lambda body: http(body).replace(b"200 Because", b"200"),
    "line feeds": lambda body: b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(body) + body,
    "chunks": lambda body: (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
        b"1;a=b\r\n%s\r\n%X\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (body[:1], len(body) - 1, body[1:])
    ),
    "spaces": lambda body: http(b" \r\n" + body + b"\n"),
    "an empty line in the body": lambda body: http(b" \n\n" + body),
    "line feeds, and an empty line in the body": lambda body: (
        b"HTTP/1.1 200 OK\nContent-Length: %d\n\n \n\r\n" % (len(body) + 4) + body
    ),
    "two answers": lambda body: http(body) + http(b"{}"),
}


@pytest.mark.parametrize("said", ["\U0001f512", "\\ud800", "x" * 511])
def test_x47_1_what_is_no_half_of_a_character(
    owner: Owner, script: ScriptedProxy, said: str
) -> None:
    """It is written by its numbers, both of them, or with a backslash before."""
    script.replies = {"Encrypt": Reply(error("InternalException", said))}
    assert owner.why_not().startswith("The external key store proxy rejected the request")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("\x1b[31mred\r\n2026-01-01 all is well", "?[31mred??2026-01-01 all is well"),
        ("é\U0001f512 \x7f~", "?? ?~"),
        ("x" * 60_000, "x" * 511),
    ],
    ids=["lines", "other characters", "too long"],
)
def test_x47_1_x73_what_a_proxy_says_is_one_line(
    owner: Owner, script: ScriptedProxy, world: Any, said: str, told: str
) -> None:
    """An errorMessage is printable ASCII, fewer than 512 characters; of others no more is told."""
    script.replies = {"Encrypt": Reply(error("InternalException", said))}
    assert owner.why_not().startswith("The external key store proxy rejected the request")
    (entry,) = world.timeline.entries(kind="proxy")[-1:]
    assert entry.what.startswith(
        f"Encrypt of external-key-1: InternalException: {told} (0 ms, kmsRequestId "
    )
    assert told in str(world.timeline)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("then", ["close", "stay"])
def test_x47_1_sound_json_however_it_comes(
    owner: Owner, script: ScriptedProxy, name: str, then: str
) -> None:
    if name in ("until the end", "HTTP/1.0"):
        then = "close"  # nothing else says where the body ends

    def reply(request: Request) -> Reply:
        return Reply(ANSWERS[name](script.proxy.answer(request).body), then)

    script.replies = {"*": reply}
    assert owner.works()


def test_x47_1_a_second_answer_is_no_answer_to_what_comes_next(
    owner: Owner, script: ScriptedProxy
) -> None:
    def twice(request: Request) -> Reply:
        answer = script.proxy.answer(request).to_bytes()
        return Reply(answer + http({"plaintext": text(b"x" * 44)}))

    script.replies = {"Decrypt": twice}
    for _ in range(3):
        assert owner.decrypt() == TEXT


def test_x47_1_an_answer_before_the_question(owner: Owner, script: ScriptedProxy) -> None:
    script.greeting = http({"plaintext": text(b"x" * 44)})
    assert owner.why_not(owner.decrypt).startswith(MALFORMED)


def test_x47_1_a_member_that_is_there_twice(owner: Owner, script: ScriptedProxy) -> None:
    def twice(request: Request) -> Reply:
        body = script.proxy.answer(request).body
        return Reply(http(body[:-1] + b"," + body[1:]))

    def unknown(request: Request) -> Reply:
        body = script.proxy.answer(request).body
        return Reply(http(body[:-1] + b', "vendor": 1, "vendor": {"a": [1, null]}}'))

    script.replies = {"*": twice}
    assert owner.why_not().startswith(MALFORMED)
    script.replies = {"*": unknown}
    assert owner.works()


# X47.2 to X47.5 -----------------------------------------------------------------------------------

BASE64 = ["", "é", "a", "abc", "ab==c", "YWJj\n", "_-_-", "YQ", "YR==", 7, None, ["YQ=="], True]


@pytest.mark.parametrize("value", BASE64, ids=repr)
@pytest.mark.parametrize("member", ["ciphertext", "initializationVector", "authenticationTag"])
def test_x47_2_what_is_no_base64(
    owner: Owner, script: ScriptedProxy, member: str, value: Any
) -> None:
    script.replies = {"Encrypt": changed(script, **{member: value})}
    assert owner.why_not().startswith(MALFORMED)


@pytest.mark.parametrize(
    "members",
    [
        {"ciphertext": text(b"x" * 43)},
        {"ciphertext": text(b"x" * 45)},
        {"initializationVector": text(b"x" * 13)},
        {"initializationVector": text(b"x" * 11)},
        {"authenticationTag": text(b"x" * 15)},
        {"authenticationTag": text(b"x" * 17)},
        {"ciphertextMetadata": text(b"x" * 21)},
        {"ciphertextMetadata": 7},
        {"ciphertextMetadata": "not Base64"},
    ],
    ids=str,
)
def test_x47_2_lengths(owner: Owner, script: ScriptedProxy, members: dict[str, Any]) -> None:
    script.replies = {"Encrypt": changed(script, **members)}
    assert owner.why_not().startswith(MALFORMED)


@pytest.mark.parametrize("value", [None, "", text(b"x" * 43), text(b"x" * 45), 7, "é"], ids=repr)
def test_x47_3_decrypt(owner: Owner, script: ScriptedProxy, value: Any) -> None:
    script.replies = {"Decrypt": changed(script, plaintext=value)}
    assert owner.why_not(owner.decrypt).startswith(MALFORMED)


@pytest.mark.parametrize(
    "members",
    [
        {"keySpec": None},
        {"keySpec": ""},
        {"keySpec": 256},
        {"keyUsage": None},
        {"keyUsage": "ENCRYPT"},
        {"keyUsage": ["ENCRYPT", 7]},
        {"keyUsage": ["ENCRYPT"] * 11},
        {"keyStatus": None},
        {"keyStatus": "enabled"},
        {"keyStatus": True},
    ],
    ids=str,
)
def test_x47_4_key_metadata(owner: Owner, script: ScriptedProxy, members: dict[str, Any]) -> None:
    owner.proxy.create_key("another")
    script.replies = {"GetKeyMetadata": changed(script, **members)}
    code, message = error_of(lambda: owner.store.create_key("another"))
    assert (code, message.startswith(MALFORMED)) == ("CustomKeyStoreInvalidStateException", True)
    script.replies = {}
    owner.store.create_key("another")


def test_x47_4_a_key_spec_that_nobody_knows(owner: Owner) -> None:
    with owner.proxy.defect("key-spec-rsa-0"):
        code, message = error_of(owner.store.create_key)
    assert code == "XksKeyInvalidConfigurationException"
    assert message.endswith("The key spec of specified external key is RSA_0.")


INSTANCE = {"id": "1", "model": "m", "healthStatus": "ACTIVE"}


@pytest.mark.parametrize(
    "members",
    [
        {"xksProxyFleetSize": 0},
        {"xksProxyFleetSize": 1.5},
        {"xksProxyFleetSize": True},
        {"xksProxyFleetSize": None},
        {"xksProxyVendor": None},
        {"xksProxyModel": 7},
        {"ekmVendor": None},
        {"ekmFleetDetails": None},
        {"ekmFleetDetails": []},
        {"ekmFleetDetails": {}},
        {"ekmFleetDetails": [INSTANCE] * 11},
        {"ekmFleetDetails": [7]},
        {"ekmFleetDetails": [{**INSTANCE, "id": None}]},
        {"ekmFleetDetails": [{**INSTANCE, "model": 7}]},
        {"ekmFleetDetails": [{**INSTANCE, "healthStatus": "FINE"}]},
        {"ekmFleetDetails": [{**INSTANCE, "healthStatus": ["ACTIVE"]}]},
    ],
    ids=str,
)
def test_x47_5_health(owner: Owner, script: ScriptedProxy, members: dict[str, Any]) -> None:
    script.replies = {"GetHealthStatus": changed(script, **members)}
    assert owner.reconnect() == ("FAILED", "XKS_PROXY_INVALID_RESPONSE")
    script.replies = {"GetHealthStatus": changed(script, ekmFleetDetails=[INSTANCE] * 10)}
    assert owner.reconnect() == ("CONNECTED", None)


def test_x47_6_an_error_status_with_the_members_of_success(
    owner: Owner, script: ScriptedProxy
) -> None:
    def failing(request: Request) -> Reply:
        return Reply(http(script.proxy.answer(request).body, 500))

    script.replies = {"*": failing}
    assert owner.why_not().startswith(MALFORMED)


@pytest.mark.parametrize(
    ("defect", "message"),
    [
        ("tag-left-on-ciphertext", MALFORMED),
        ("metadata-too-long", MALFORMED),
        ("url-safe-base64", MALFORMED),
    ],
)
def test_x47_2_defects_of_proxies(owner: Owner, defect: str, message: str) -> None:
    with owner.proxy.defect(defect):
        assert owner.why_not(lambda: [owner.encrypt() for _ in range(9)]).startswith(message)
    assert owner.works()


# Cut, silent, endless -----------------------------------------------------------------------------

CUTS = {
    "before a byte": (b"", "cut"),
    "before a byte, politely": (b"", "close"),
    "in the head": (b"HTTP/1.1 200 OK\r\nContent-Le", "cut"),
    "in the head, politely": (b"HTTP/1.1 200 OK\r\nContent-Le", "close"),
    "in the body": (b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"p', "cut"),
    "in the body, politely": (b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"p', "close"),
    "in a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{", "close"),
    "after a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "close"),
    "where the end is the end": (b"HTTP/1.1 200 OK\r\n\r\n{}", "cut"),
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", CUTS)
def test_x46_16_cut_connections(owner: Owner, name: str, carrier: str) -> None:
    content, then = CUTS[name]
    script = ScriptedProxy(owner.proxy)
    script.replies = {"Decrypt": Reply(content, then)}
    with CARRIERS[carrier](owner.proxy.host, script):
        assert owner.why_not(owner.decrypt).startswith(UNREACHABLE)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(
    "raw", [b"\x15\x03\x03\x00\x02\x02\x28", b"nonsense" * 10], ids=["alert", "no"]
)
def test_x46_14_what_is_no_tls_any_more(owner: Owner, raw: bytes, carrier: str) -> None:
    script = ScriptedProxy(owner.proxy)
    script.replies = {"Decrypt": Reply(raw, "cut", raw=True)}
    with CARRIERS[carrier](owner.proxy.host, script):
        assert owner.why_not(owner.decrypt).startswith(TLS)


def test_x46_16_half_a_record(owner: Owner, script: ScriptedProxy) -> None:
    script.replies = {"Decrypt": Reply(b"\x17\x03\x03\x01\x00half", "cut", raw=True)}
    assert owner.why_not(owner.decrypt).startswith(UNREACHABLE)


class Endless:
    """A proxy whose connections never stop talking once there is TLS, or before."""

    def __init__(self, proxy: Any, content: bytes, *, seconds: float = 0.0) -> None:
        self.proxy, self.content, self.seconds, self.said = proxy, content, seconds, 0

    def connect(self) -> EndlessConnection:
        return EndlessConnection(self)


class EndlessConnection:
    """A connection to it."""

    closed = False

    def __init__(self, endless: Endless) -> None:
        self._endless, self._channel = endless, endless.proxy.open_channel()
        self._asked, self.elapsed = False, 0.0

    def feed(self, data: bytes) -> bytes:
        """Say the next piece."""
        self._asked = bool(self._channel.receive(data)) or self._asked
        if self._asked:
            self.elapsed += self._endless.seconds
            self._endless.said += len(self._endless.content)
            self._channel.send(self._endless.content)
        taken: bytes = self._channel.take()
        return taken

    def close(self) -> None:
        """KMS is gone."""


@pytest.mark.parametrize(
    ("content", "seconds", "message"),
    [
        (b"x" * 1000, 0.0, MALFORMED),
        (b"HTTP/1.1 200 OK\r\n", 0.0, MALFORMED),
        (b"HTTP/1.1 100 Continue\r\n\r\n", 0.0, MALFORMED),
        (b"H", 0.01, TIMEOUT),
    ],
    ids=["a line", "a head", "hints", "a byte at a time"],
)
def test_x47_1_what_has_no_end(owner: Owner, content: bytes, seconds: float, message: str) -> None:
    endless = Endless(owner.proxy, content, seconds=seconds)
    with in_memory(owner.proxy.host, endless):
        assert owner.why_not(owner.decrypt).startswith(message)
    assert endless.said < 100_000


def test_x43_1_the_deadline_is_one_for_all(owner: Owner) -> None:
    """Over TCP, a byte every 20 ms keeps no call alive."""
    script = ScriptedProxy(owner.proxy)
    connections = []

    class Dripping:
        def connect(self) -> Any:
            connection = script.connect()
            connections.append(connection)
            return DrippingConnection(connection)

    class DrippingConnection:
        closed = False

        def __init__(self, inner: Any) -> None:
            self._inner, self._held, self.elapsed = inner, b"", 0.0

        def feed(self, data: bytes) -> bytes:
            self._held += self._inner.feed(data)
            piece, self._held = self._held[:40], self._held[40:]
            self.elapsed += 0.02
            return piece

        def close(self) -> None:
            """KMS is gone."""

    with in_memory(owner.proxy.host, Dripping()):
        assert owner.why_not(owner.decrypt).startswith(TIMEOUT)
    start = time.monotonic()
    with over_tcp(owner.proxy.host, Dripping(), seconds=0.25):
        assert owner.why_not(owner.decrypt).startswith(TIMEOUT)
    assert time.monotonic() - start < 5


# Whatever comes -----------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("YWJj"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    (
        *("plaintext", "ciphertext", "initializationVector", "authenticationTag", "errorName"),
        *("keySpec", "keyUsage", "keyStatus", "xksProxyFleetSize", "ekmFleetDetails", "ekmVendor"),
    )
)
BODIES = st.dictionaries(NAMES, JSON).map(lambda body: json.dumps(body).encode())


def outcome_of(step: Callable[[], object]) -> Outcome | None:
    """The row of the table that KMS makes of it; ``None`` where it is an answer."""
    try:
        step()
    except ProxyError as refused:
        return refused.outcome
    return None


@given(st.integers(100, 599), st.binary(max_size=60) | BODIES)
def test_x47_any_body_is_an_answer_or_a_row_of_the_table(status: int, body: bytes) -> None:
    for read in (
        protocol.read_health,
        protocol.read_key_metadata,
        lambda members: protocol.read_decrypted(members, 3),
        lambda members: protocol.read_encrypted(members, 3, b"", True),
    ):
        outcome = outcome_of(lambda read=read: read(protocol.members_of("Decrypt", status, body)))
        assert outcome in (*OUTCOMES, None)
        assert status == 200 or outcome is not None


PIECES = st.sampled_from(
    (
        *(b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n"),
        *(b"\r\n", b"{}", b"0\r\n", b"2\r\n", b"HTTP/1.1 100 C\r\n\r\n", b"\n", b":"),
        b"Connection: close\r\n",
    )
)


@given(st.lists(st.binary(min_size=1, max_size=8) | PIECES, max_size=12))
def test_x47_any_bytes_are_an_answer_or_a_row_of_the_table(pieces: list[bytes]) -> None:
    left = list(pieces)
    incoming = wire.Incoming(lambda: left.pop(0) if left else b"")
    assert outcome_of(lambda: wire.read_answer(incoming)) in (CUT, MALFORMED_ANSWER, None)
