"""Clients of a proxy: what they send, and what comes of it, whatever carries it."""

from __future__ import annotations

import base64
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPException, HTTPResponse
from typing import Any

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from moto_cks.xks_proxy.credentials import Credential
from moto_cks.xks_proxy.memory import MemoryEndpoint
from moto_cks.xks_proxy.prefixes import PathPrefix
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.wire import Answer, Request

KEY = "external-key-1"
REGION = "us-east-1"
KMS_REQUEST_ID = "4112f4d6-db54-4af4-ae30-c55a22a8dfae"
METADATA = {
    "awsPrincipalArn": "arn:aws:iam::123456789012:user/Alice",
    "kmsKeyArn": "arn:aws:kms:us-east-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "kmsOperation": "Encrypt",
    "kmsRequestId": KMS_REQUEST_ID,
}
PLAINTEXT = b"what KMS has encrypted already"
AAD = b"project=nile,department=marketing"


def text(content: bytes) -> str:
    """Standard Base64."""
    return base64.b64encode(content).decode()


HEALTH = {"requestMetadata": {"kmsRequestId": KMS_REQUEST_ID, "kmsOperation": "KmsHealthCheck"}}
KEY_METADATA = {"requestMetadata": METADATA}
ENCRYPT = {
    "requestMetadata": METADATA,
    "plaintext": text(PLAINTEXT),
    "encryptionAlgorithm": "AES_GCM",
    "additionalAuthenticatedData": text(AAD),
}


def decrypt_of(members: dict[str, Any], **others: Any) -> dict[str, Any]:
    """The request that decrypts what Encrypt has answered."""
    names = ("ciphertext", "ciphertextMetadata", "initializationVector", "authenticationTag")
    return {
        "requestMetadata": METADATA,
        "encryptionAlgorithm": "AES_GCM",
        "additionalAuthenticatedData": text(AAD),
        **{name: members[name] for name in names if name in members},
        **others,
    }


def signed(
    proxy: XksProxy,
    path: str,
    body: dict[str, Any] | bytes,
    *,
    prefix: PathPrefix | None = None,
    credential: Credential | None = None,
    method: str = "POST",
    now: datetime | None = None,
    region: str = REGION,
    service: str = "kms-xks-proxy",
    headers: dict[str, str] | None = None,
) -> Request:
    """A request, signed as botocore does."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = prefix or proxy.main
    by = credential or at.credential
    asked = AWSRequest(method, proxy.endpoint + at.path + path, headers or {}, content)
    auth = SigV4Auth(Credentials(by.access_key_id, by.secret_access_key), service, region)
    asked.context["timestamp"] = (now or proxy.now()).strftime(SIGV4_TIMESTAMP)
    asked.headers["X-Amz-Date"] = asked.context["timestamp"]
    canonical = auth.canonical_request(asked)
    signature = auth.signature(auth.string_to_sign(asked, canonical), asked)
    names = auth.signed_headers(auth.headers_to_sign(asked))
    sent = {
        "host": proxy.host,
        **{name.lower(): value for name, value in asked.headers.items()},
        "authorization": (
            f"AWS4-HMAC-SHA256 Credential={auth.scope(asked)}, SignedHeaders={names}, "
            f"Signature={signature}"
        ),
        "content-type": "application/json",
        "content-length": str(len(content)),
    }
    return Request(method, at.path + path, tuple(sent.items()), content)


def to_bytes(request: Request) -> bytes:
    """A request as HTTP has it."""
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def content(answer: Answer) -> dict[str, Any]:
    """The members of an answer."""
    members: dict[str, Any] = json.loads(answer.body)
    return members


def health(proxy: XksProxy, **settings: Any) -> Answer:
    """Ask for GetHealthStatus."""
    return proxy.answer(signed(proxy, "/health", HEALTH, **settings))


def key_metadata(proxy: XksProxy, key: str = KEY, **settings: Any) -> Answer:
    """Ask for GetKeyMetadata."""
    return proxy.answer(signed(proxy, f"/keys/{key}/metadata", KEY_METADATA, **settings))


def encrypt(proxy: XksProxy, key: str = KEY, **members: Any) -> Answer:
    """Ask for Encrypt."""
    return proxy.answer(signed(proxy, f"/keys/{key}/encrypt", {**ENCRYPT, **members}))


def decrypt(proxy: XksProxy, encrypted: dict[str, Any], key: str = KEY, **members: Any) -> Answer:
    """Ask for Decrypt."""
    return proxy.answer(signed(proxy, f"/keys/{key}/decrypt", decrypt_of(encrypted, **members)))


def error_of(answer: Answer) -> str | None:
    """The errorName of an answer."""
    name: str | None = content(answer).get("errorName") if answer.body else None
    return name


# Over TLS -----------------------------------------------------------------------------------------


def client_context(proxy: XksProxy) -> ssl.SSLContext:
    """What AWS KMS offers, and trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM+AES256")
    context.load_verify_locations(cadata=proxy.certificate.authority.certificate)
    return context


def context_at_any_time(proxy: XksProxy) -> ssl.SSLContext:
    """The same, but for dates: where the proxy's clock is not the machine's."""
    context = client_context(proxy)
    context.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME
    return context


class _File:
    """A file over a function that reads; for ``HTTPResponse``."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._kept = b""

    def makefile(self, mode: str) -> _File:
        return self

    def readline(self, limit: int = -1) -> bytes:
        while b"\n" not in self._kept and (more := self._read()):
            self._kept += more
        line, end, _ = self._kept.partition(b"\n")
        return self._take(len(line + end))

    def read(self, size: int = -1) -> bytes:
        while (size < 0 or len(self._kept) < size) and (more := self._read()):
            self._kept += more
        return self._take(len(self._kept) if size < 0 else size)

    def _take(self, size: int) -> bytes:
        taken, self._kept = self._kept[:size], self._kept[size:]
        return taken

    def close(self) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""


class Client:
    """A client with one connection; ``ask`` gives status and body."""

    elapsed = 0.0

    def write(self, data: bytes) -> None:
        raise NotImplementedError

    def read(self) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def ask(self, request: Request | bytes) -> tuple[int, bytes]:
        """Send a request; gives the status and the body of the answer."""
        self.write(request if isinstance(request, bytes) else to_bytes(request))
        response = HTTPResponse(_File(self.read))  # type: ignore[arg-type]
        response.begin()
        return response.status, response.read()


class MemoryClient(Client):
    """Over TLS in memory."""

    def __init__(self, proxy: XksProxy, context: ssl.SSLContext | None = None) -> None:
        self.connection = MemoryEndpoint(proxy).connect()
        self._at_its_end = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = (context or client_context(proxy)).wrap_bio(
            self._incoming, self._outgoing, server_hostname=proxy.host
        )
        self._until_it_can(self._tls.do_handshake)
        self._pump()

    @property
    def elapsed(self) -> float:  # type: ignore[override]
        return self.connection.elapsed

    def write(self, data: bytes) -> None:
        self._tls.write(data)
        self._pump()

    def read(self) -> bytes:
        return self._until_it_can(lambda: self._tls.read(65536))

    def close(self) -> None:
        self.connection.close()

    def peer_certificate(self) -> dict[str, Any]:
        """What the proxy has shown."""
        return dict(self._tls.getpeercert() or {})

    def _pump(self) -> bool:
        if self._at_its_end:
            return False
        sent = self._outgoing.read()
        got = self.connection.feed(sent)
        self._incoming.write(got)
        if self.connection.closed:
            self._at_its_end = True
            self._incoming.write_eof()
        return bool(sent or got)

    def _until_it_can(self, act: Callable[[], Any]) -> Any:
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                if not self._pump():
                    raise TimeoutError("The proxy says nothing.") from None


class TcpClient(Client):
    """Over TLS on a socket, to a proxy that listens."""

    def __init__(self, proxy: XksProxy, context: ssl.SSLContext | None = None) -> None:
        assert proxy.address is not None
        raw = socket.create_connection(proxy.address, timeout=10)
        try:
            self._tls = (context or client_context(proxy)).wrap_socket(
                raw, server_hostname=proxy.host, suppress_ragged_eofs=False
            )
        except BaseException:
            raw.close()
            raise

    def write(self, data: bytes) -> None:
        self._tls.sendall(data)

    def read(self) -> bytes:
        return self._tls.recv(65536)

    def close(self) -> None:
        self._tls.close()


CARRIERS = {"memory": MemoryClient, "tcp": TcpClient}


@contextmanager
def reachable(proxy: XksProxy, carrier: str) -> Iterator[None]:
    """A proxy that listens, where its client needs that."""
    if carrier == "tcp":
        proxy.serve()
    try:
        yield
    finally:
        proxy.close()


def outcome(proxy: XksProxy, carrier: str, request: Request) -> str:
    """What a new client comes upon, in a word or two: the same for all carriers."""
    try:
        client = CARRIERS[carrier](proxy)
        try:
            status, body = client.ask(request)
        finally:
            client.close()
    except ConnectionRefusedError:
        return "refused"
    except (ssl.SSLEOFError, ConnectionError, HTTPException):
        return "cut"
    except ssl.SSLError:
        return "TLS"
    try:
        members = json.loads(body)
    except ValueError:
        return f"{status} no JSON"
    return str(members.get("errorName") or status)
