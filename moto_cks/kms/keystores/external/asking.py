"""What a key store needs to ask its proxy, gathered while the world is locked.

Loaded with the first question: who has no external key store pays nothing for TLS and HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from moto_cks.kms.keystores.external.addresses import Address
from moto_cks.kms.keystores.external.authorities import authorities
from moto_cks.kms.keystores.external.client import Exchange, Kept, Line, ask
from moto_cks.kms.keystores.external.connections import connections
from moto_cks.kms.keystores.external.credential import Credential
from moto_cks.kms.keystores.external.outcomes import SUCCEEDED
from moto_cks.kms.keystores.external.protocol import Question
from moto_cks.kms.keystores.external.routes import (
    EmbeddedRoute,
    Route,
    host_of,
    route_to,
    routes,
)
from moto_cks.kms.metering import PROXY_ERRORS, PROXY_LATENCY, Meter
from moto_cks.kms.specs import SYMMETRIC_DEFAULT
from moto_cks.world import clock
from moto_cks.world.journal import Kind, note
from moto_cks.xks_proxy.memory import MemoryEndpoint

Result = TypeVar("Result")

LONGEST_SAID = 511
"""An ``errorMessage`` has fewer than 512 characters, printable ASCII ("Error codes")."""


class Prepared(Generic[Result]):
    """A question that can be asked without a look at the world.

    Attributes:
        embedded: whether it may be asked with the world locked: nobody is waited for.
    """

    def __init__(self, line: Line, question: Question[Result], kept: Kept) -> None:
        self._line, self._question, self._kept = line, question, kept
        self.embedded = line.route is None or line.route.embedded

    def __call__(self) -> Exchange[Result]:
        """Ask."""
        return ask(self._line, self._question, self._kept)


def prepared(
    key_store_id: str,
    region: str,
    question: Question[Result],
    address: Address,
    credential: Credential,
    *,
    reachable: bool,
) -> Prepared[Result]:
    """A question of a key store.

    Args:
        key_store_id: whose connections are used.
        region: the Region of KMS.
        question: what is asked.
        address: where.
        credential: what is signed with.
        reachable: whether the VPC endpoint service, if there is one, lets KMS through.
    """
    route = route_to(address.endpoint) if reachable else None
    line = _line(region, address, credential, route)
    return Prepared(line, question, connections().of(key_store_id))


def _line(region: str, address: Address, credential: Credential, route: Route | None) -> Line:
    known = authorities()
    return Line(
        address.endpoint,
        address.path,
        credential,
        region,
        route,
        (known.public.certificate,),
        known.certificate_of_kms(region),
        clock.now(),
    )


@contextmanager
def rehearsal(
    region: str, address: Address, credential: Credential
) -> Iterator[Callable[[Question[Any]], Any]]:
    """Ask a copy of an embedded proxy what one likes; it is forgotten, and the proxy knows nothing.

    Args:
        region: the Region of KMS.
        address: where the proxy is.
        credential: what is signed with.

    Returns:
        What asks. It gives the answer, and raises a ProxyError where nothing comes of it.
    """
    proxy = routes().proxies.get(host_of(address.endpoint))
    route = None if proxy is None else EmbeddedRoute(MemoryEndpoint(proxy.copied()))
    line, kept = _line(region, address, credential, route), Kept()

    def asked(question: Question[Any]) -> Any:
        exchange = ask(line, question, kept)
        if exchange.error is not None:
            raise exchange.error
        (answer,) = exchange.answers
        return answer

    try:
        yield asked
    finally:
        kept.end()


def report(exchange: Exchange[Any], key_store_id: str, meter: Meter | None) -> None:
    """Note an exchange in the timeline, and count it for CloudWatch.

    Args:
        exchange: what has come of it.
        key_store_id: whose proxy was asked.
        meter: counts it; ``None`` while the key store does not exist.
    """
    now = note(Kind.PROXY, key_store_id, told(exchange))
    if meter is None:
        return
    question = exchange.question
    operation = question.body["requestMetadata"]["kmsOperation"]
    kind = (key_store_id, operation, question.api, SYMMETRIC_DEFAULT)
    counted_as = SUCCEEDED if exchange.error is None else exchange.error.outcome.counted_as
    meter.count((PROXY_ERRORS, *kind, *counted_as), now)
    meter.measure((PROXY_LATENCY, *kind), 1000 * exchange.seconds, now)


def told(exchange: Exchange[Any]) -> str:
    """What the timeline says of an exchange."""
    question, error = exchange.question, exchange.error
    what = question.api
    if question.key_id:
        what += f" of {question.key_id}"
    outcome = "answered" if error is None else error.outcome.name
    if error is not None and error.said:
        outcome += f": {_in_one_line(error.said)}"
    tries = "" if exchange.attempts == 1 else f", {exchange.attempts} attempts"
    request_id = question.body["requestMetadata"]["kmsRequestId"]
    return f"{what}: {outcome} ({1000 * exchange.seconds:.0f} ms{tries}, kmsRequestId {request_id})"


def _in_one_line(said: str) -> str:
    """What a proxy has said, as far as it may be; for a character that may not, a mark."""
    return "".join(each if " " <= each <= "~" else "?" for each in said[:LONGEST_SAID])
