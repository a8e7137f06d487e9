"""An external key store proxy, with everything that belongs to it."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial

from moto_cks.xks_proxy import latency, listeners
from moto_cks.xks_proxy.answering import Exchange, refusal
from moto_cks.xks_proxy.authorization import Authorization
from moto_cks.xks_proxy.breaking import Breakable
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.certificates import Authority
from moto_cks.xks_proxy.channels import Channel, PlainChannel, TlsChannel
from moto_cks.xks_proxy.credentials import Credential, Credentials
from moto_cks.xks_proxy.errors import XksError
from moto_cks.xks_proxy.instances import Instances
from moto_cks.xks_proxy.keys import AES_256, ExternalKey, ExternalKeys
from moto_cks.xks_proxy.lock import LOCK
from moto_cks.xks_proxy.log import Log, LogEntry
from moto_cks.xks_proxy.manager import KeyManager
from moto_cks.xks_proxy.names import checked_host
from moto_cks.xks_proxy.prefixes import PathPrefix, checked_prefix
from moto_cks.xks_proxy.protocol import DECRYPT, ENCRYPT
from moto_cks.xks_proxy.server_certificate import ServerCertificate
from moto_cks.xks_proxy.tls import server_context
from moto_cks.xks_proxy.values import checked, checked_flag, checked_text, fixed
from moto_cks.xks_proxy.wire import Answer, Request

MAX_REQUESTS = 1000
"""How many requests are kept as they were received, the newest ones."""


def machine_time() -> datetime:
    """The time of this machine."""
    return datetime.now(timezone.utc)


def _checked_clock(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    now = clock() if callable(clock) else None
    if not isinstance(now, datetime) or now.tzinfo is None:
        raise ValueError(f"A clock is a function that gives an aware datetime, not {clock!r}.")
    return clock


class XksProxy(Breakable):
    """A proxy, with its external key manager. It runs from the beginning.

    Args:
        host: its name, by which clients reach it and which its certificate has.
        path_prefix: what comes before ``/kms/xks/v1`` in paths; may be empty.
        region: the Region that signatures have to name; ``None`` for any.
        keys: the IDs of its first external keys.
        instances: the IDs of the instances of its key manager, one to ten.
        authority: what issues its certificate; by default an authority of its own.
        clock: gives the time, as an aware datetime. With any but the machine's, OpenSSL does not
            look at the dates of clients' certificates.

    Attributes:
        host: its name.
        running: whether it runs.
        main: its first path prefix. Others are found in ``prefixes``.
        manager: its external key manager.
        certificate: what it shows in a TLS handshake.
        log: who asked what, and what became of it.

    Raises:
        ValueError: the host, the path prefix, a key or an instance cannot be.
    """

    host: str = fixed("The host of a proxy")
    running: bool = checked(partial(checked_flag, what="Whether a proxy runs"))
    main: PathPrefix = fixed("The first path prefix of a proxy")
    manager: KeyManager = fixed("The key manager of a proxy")
    certificate: ServerCertificate = fixed("What a proxy shows")
    log: Log = fixed("The log of a proxy")

    def __init__(
        self,
        host: str = "xks.example.com",
        *,
        path_prefix: str = "/example",
        region: str | None = None,
        keys: Iterable[str] = ("external-key-1",),
        instances: Sequence[str] = ("ekm-1",),
        authority: Authority | None = None,
        clock: Callable[[], datetime] = machine_time,
    ) -> None:
        super().__init__(_checked_clock(clock))
        self.host = checked_host(host)
        self.running = True
        self.main = PathPrefix(path_prefix, region, keys)
        self.manager = KeyManager(instances)
        issuer = Authority() if authority is None else authority
        self.certificate = ServerCertificate(host, issuer, clock)
        self.log = Log()
        self._prefixes = {path_prefix: self.main}
        self._requests: deque[Request] = deque(maxlen=MAX_REQUESTS)
        self._starts = 0
        self._address: tuple[str, int] | None = None

    def __repr__(self) -> str:
        return f"<XksProxy {self.endpoint}{self.path}>"

    # What it is -----------------------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        """Its XksProxyUriEndpoint."""
        return f"https://{self.host}"

    @property
    def address(self) -> tuple[str, int] | None:
        """IP address and port at which it listens on TCP while it runs; ``None`` for none."""
        return self._address if listeners.has(self) or not self.running else None

    @property
    def path(self) -> str:
        """The XksProxyUriPath of its first path prefix."""
        return self.main.path

    @property
    def credential(self) -> Credential:
        """The newest credential of its first path prefix.

        Raises:
            ValueError: none is valid.
        """
        return self.main.credential

    @property
    def credentials(self) -> Credentials:
        """The credentials of its first path prefix."""
        return self.main.credentials

    @property
    def keys(self) -> ExternalKeys:
        """The external keys of its first path prefix."""
        return self.main.keys

    @property
    def authorization(self) -> Authorization:
        """The authorization rules of its first path prefix."""
        return self.main.authorization

    @property
    def instances(self) -> Instances:
        """The instances of its external key manager."""
        return self.manager.instances

    @property
    def prefixes(self) -> Mapping[str, PathPrefix]:
        """All path prefixes."""
        return dict(self._prefixes)

    @property
    def requests(self) -> list[Request]:
        """The newest requests, as it has received them, the oldest first."""
        return list(self._requests)

    def create_key(
        self,
        key_id: str | None = None,
        *,
        spec: str = AES_256,
        usage: Iterable[str] = (ENCRYPT, DECRYPT),
        material: bytes | None = None,
    ) -> ExternalKey:
        """Make an external key under the first path prefix; see :meth:`ExternalKeys.create`.

        Raises:
            ValueError: it cannot be, or there is one with the ID.
        """
        return self.keys.create(key_id, spec=spec, usage=usage, material=material)

    def key(self, key_id: str) -> ExternalKey:
        """An external key of the first path prefix.

        Raises:
            ValueError: there is none with the ID.
        """
        if checked_text(key_id, "An external key ID") not in self.keys:
            raise ValueError(f"There is no external key {key_id!r}; there are {list(self.keys)}.")
        return self.keys[key_id]

    def configuration_file(self) -> str:
        """The file that the AWS KMS console takes, for the first path prefix.

        Raises:
            ValueError: no credential is valid.
        """
        return self.main.configuration_file()

    # What is done to it ---------------------------------------------------------------------------

    def add_prefix(
        self, path_prefix: str, *, region: str | None = None, keys: Iterable[str] = ()
    ) -> PathPrefix:
        """Take in another client, isolated from the others.

        Args:
            path_prefix: what comes before ``/kms/xks/v1`` in its paths.
            region: the Region that its signatures have to name; ``None`` for any.
            keys: the IDs of its first external keys.

        Raises:
            ValueError: there is one, or the prefix or a key cannot be.
        """
        with LOCK:
            self._check_free(path_prefix)
            self._prefixes[path_prefix] = PathPrefix(path_prefix, region, keys)
            return self._prefixes[path_prefix]

    def move(self, path_prefix: str) -> Cause:
        """Move the first path prefix: under the old one is InvalidUriPathException.

        Raises:
            ValueError: there is one, or it cannot be.
        """
        with LOCK:
            self._check_free(path_prefix)
            cause = Cause(self._move_to, self.main.path_prefix)
            self._move_to(path_prefix)
        return cause

    def _move_to(self, path_prefix: str) -> None:
        if self._prefixes.get(checked_prefix(path_prefix)) is not self.main:
            self._check_free(path_prefix)
        others = {path: each for path, each in self._prefixes.items() if each is not self.main}
        # At once: who was interrupted can do it again.
        self._prefixes = {**others, path_prefix: self.main}
        self.main.move_to(path_prefix)

    def quota(self, requests_per_second: int) -> Cause:
        """Let so many requests of the first path prefix pass a second: ThrottlingException.

        Raises:
            ValueError: that is no number from 1 on.
        """
        return self.main.quota(requests_per_second)

    def block(self) -> Cause:
        """Put the first path prefix out of use, whatever is asked: InvalidStateException."""
        return self.main.block()

    def cache_health_checks(self, seconds: float) -> Cause:
        """Answer health checks with what was found at most so long ago.

        Raises:
            ValueError: that is not from 0 to 60 seconds.
        """
        return self.manager.cache_health_checks(seconds)

    def stop(self) -> Cause:
        """Stop it: nobody listens any more, and connections that are open are cut."""
        with LOCK:
            self.running = False
        listeners.close(self)
        return Cause(self.start)

    def start(self) -> None:
        """Have it run again, over TCP at the same port; nothing, where it runs.

        Raises:
            OSError: somebody else has the port; it stays stopped.
        """
        with LOCK:  # of two who start it at once, one does
            if self.running and (self._address is None or listeners.has(self)):
                return
            listeners.close(self)  # who has stopped it may have been interrupted
            if self._address is not None:
                self._listen(*self._address)
            self.running = True
            self._starts += 1

    def serve(self, port: int = 0, *, address: str = "127.0.0.1") -> tuple[str, int]:
        """Listen on TCP, too, in threads; gives the IP address and the port.

        Args:
            port: the port; 0 is any that is free.
            address: the IP address; ``localhost`` is 127.0.0.1.

        Raises:
            ValueError: there is no such port, or it is no IP address; no name is looked up.
            OSError: the address is not free.
            RuntimeError: it listens already, or is stopped.
            ModuleNotFoundError: cheroot is missing, which comes with the extra ``server``.
        """
        ip_address = listeners.ip_address_of(address, port)
        with LOCK:
            if listeners.has(self):
                raise RuntimeError(f"It listens already, on {self.address}.")
            if not self.running:
                raise RuntimeError("It is stopped; start it first.")
            try:
                self._address = self._listen(ip_address, port)
            except BaseException:
                self.close()  # nobody knows where it listens
                raise
            return self._address

    def close(self) -> None:
        """Listen on TCP no longer; in memory it is reached as before."""
        self._address = None
        listeners.close(self)

    def _listen(self, address: str, port: int) -> tuple[str, int]:
        # cheroot takes long to load
        from moto_cks.xks_proxy.serving import TcpListener  # noqa: PLC0415

        listener = TcpListener(self, (address, port))
        listeners.open_for(self, listener)
        return listener.address

    def _check_free(self, path_prefix: str) -> None:
        if checked_prefix(path_prefix) in self._prefixes:
            raise ValueError(f"There is a path prefix {path_prefix!r} already.")

    def copied(self) -> XksProxy:
        """A proxy that answers as this one would now, and has neither log nor requests.

        What the copy is asked, this one does not know.
        """
        apart = {
            id(self.log): Log(),
            id(self._requests): deque(maxlen=MAX_REQUESTS),
            id(self._clock): self._clock,
        }
        with LOCK:
            return copy.deepcopy(self, apart)

    # What connections ask of it -------------------------------------------------------------------

    def settings(self) -> object:
        """What a connection depends on: it ends where that is another."""
        return self._starts, *self.handshake_parts, self.certificate.issued

    def open_channel(self) -> Channel:
        """What a new connection begins with."""
        settings, issued = self.handshake, self.certificate.issued
        if settings.plain:
            return PlainChannel()
        dates = self._clock is machine_time
        context = server_context(settings, issued.chain, issued.key, dates)
        return TlsChannel(context, settings.client_name)

    def answer(self, request: Request) -> Answer:
        """Answer a request. Nothing sleeps: the answer says how long it takes."""
        began, now = time.perf_counter(), self.now()
        with LOCK:
            own = self._front.value.own_answer()
            if own is not None:
                return own
            received = self._front.value.pass_on(request)
            self._requests.append(received)
            exchange = Exchange(
                received,
                now,
                self._prefixes,
                self.manager,
                frozenset(self._unsupported.values),
                self._chosen(),
            )
            try:
                answer, error = exchange.run(), None
            except XksError as refused:
                answer, error = refusal(refused), refused
            answer = self._timed(answer, exchange)
            entry = _entry(exchange, now, answer, error, time.perf_counter() - began)
        self.log.add(entry)
        return answer

    def note_failure(self, reason: str) -> None:
        """Note in the log that a TLS handshake has failed."""
        self.log.add(LogEntry(self.now(), message=f"TLS handshake failed: {reason}"))

    def _timed(self, answer: Answer, exchange: Exchange) -> Answer:
        api = None if exchange.api is None else exchange.api.name
        delay = exchange.delay + latency.total(self._latencies.values, api, exchange.external_key)
        if not delay and not self._cuts.value:
            return answer
        cut_after = len(answer.to_bytes()) // 2 if self._cuts.value else None
        return replace(answer, delay=delay, cut_after=cut_after)


def _entry(
    exchange: Exchange, now: datetime, answer: Answer, error: XksError | None, took: float
) -> LogEntry:
    message = exchange.message
    return LogEntry(
        time=now,
        path_prefix=None if exchange.prefix is None else exchange.prefix.path_prefix,
        api=None if exchange.api is None else exchange.api.name,
        external_key=exchange.external_key,
        metadata={} if message is None else message.metadata,
        duration=took + answer.delay,
        status=int(answer.status),
        error=None if error is None else error.kind.name,
        message=None if error is None else error.detail,
        rule=exchange.rule,
        instance=None if exchange.instance is None else exchange.instance.id,
    )
