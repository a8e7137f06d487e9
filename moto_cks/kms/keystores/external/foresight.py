"""What stands in the way of an external key store, asked without changing or counting anything.

The proxy is asked as KMS would ask it, by the same client over real TLS; but a copy of it is asked,
so nothing of that is in its log, its quota or its caches. A proxy outside of the simulated world is
not asked: it would notice. What it would answer is then not known, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.utilities.utils import get_partition

from moto_cks.kms.exceptions import KMSInvalidStateException
from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.connection import CommonErrorCode
from moto_cks.kms.keystores.external import protocol
from moto_cks.kms.keystores.external.addresses import Address
from moto_cks.kms.keystores.external.credential import Credential
from moto_cks.kms.keystores.external.endpoint_service import refusal_of
from moto_cks.kms.keystores.external.metadata import ExternalKey, of_health_check
from moto_cks.kms.keystores.external.outcomes import CUT, WRONG_BYTES, Outcome, ProxyError
from moto_cks.kms.keystores.external.protocol import Question
from moto_cks.world.journal import Kind, noted

NOBODY_S_REQUEST = "00000000-0000-0000-0000-000000000000"
"""The kmsRequestId of what nobody asks: to draw one would change what a seed gives."""

NOT_ASKED = "xks-proxy-not-asked"
"""What is told of a proxy that nobody may look at."""

PROBE, CONTEXT = b"moto_cks", b"probe"

OF_HEALTH_CHECKS = frozenset({"AccessDeniedException", "UnsupportedOperationException"})
"""What a health check can come upon, and keys be used all the same."""

CAUSES_OF_KEYS = {
    "InvalidStateException": "xks-key-disabled",
    "KeyNotFoundException": "xks-key-not-found",
    "InvalidKeyUsageException": "xks-key-usage",
    "AccessDeniedException": "xks-key-access-denied",
    WRONG_BYTES.name: "xks-wrong-bytes",
}
"""What is told of the use of an external key; everything else, as of a health check."""


class ForeseeingKeyStore(KeyStore):
    """What of an external key store only looks.

    Attributes:
        address: where the proxy is.
    """

    address: Address
    _credential: Credential
    _came_upon: str

    @property
    def access_key_id(self) -> str:
        """The AccessKeyId with which KMS signs."""
        return self._credential.access_key_id

    @property
    def foresees(self) -> bool:
        """Whether its proxy, or that there is none, can be looked at."""
        from moto_cks.kms.keystores.external.routes import route_to  # noqa: PLC0415

        route = route_to(self.address.endpoint)
        return route is None or route.embedded

    @staticmethod
    def cause_of(code: str) -> str:
        """What is told of a failed attempt to connect: AWS has some codes for both kinds."""
        if code in list(CommonErrorCode):
            return KeyStore.cause_of(code)
        return f"xks-{code.removeprefix('XKS_').lower().replace('_', '-')}"

    @property
    def failure_facts(self) -> dict[str, Any]:
        """What the last attempt has come upon, and what KMS has asked with."""
        return {
            "outcome": self._came_upon,
            "endpoint": self.address.endpoint,
            "path": self.address.path,
            "access_key_id": self.access_key_id,
        }

    def obstacles_to_use(self) -> Iterator[Reason]:
        """What keeps KMS, which is connected, from its proxy; or that nobody knows."""
        found = [*self.obstacles_to_connecting()]
        for reason in found:
            if reason.finding.facts["outcome"] not in OF_HEALTH_CHECKS:
                yield Reason(reason.finding, KMSInvalidStateException.__name__, When.NOW)
        if not found and not self.foresees:
            facts = {"endpoint": self.address.endpoint, **self._last_exchange()}
            yield Reason(Finding(NOT_ASKED, facts), "", When.UNKNOWN)

    def _last_exchange(self) -> dict[str, Any]:
        """When KMS has asked the proxy last, and what came of it."""
        for entry in reversed(noted()):
            if entry.kind is Kind.PROXY and entry.subject == self.custom_key_store_id:
                return {"asked": entry.time, "came": entry.what}
        return {"asked": None}

    def obstacles_to_connecting(self) -> Iterator[Reason]:
        """What :meth:`attempt_connection` would come upon."""
        refusal = refusal_of(self.address, self.account_id, self.region)
        if refusal is not None:
            facts = {**self._facts(), "outcome": refusal.message.removesuffix(".")}
            finding = Finding(self.cause_of(refusal.code.value), facts)
            yield Reason(finding, refusal.code.value, When.NEXT_CONNECT)
            return
        metadata = of_health_check("ConnectCustomKeyStore", NOBODY_S_REQUEST)
        error = self._error_of(lambda ask: ask(protocol.health(metadata)))
        if error is not None:
            finding = self._finding(error.outcome)
            yield Reason(finding, error.code().value, When.NEXT_CONNECT)

    def missing_material(self, backing_key: ExternalKey) -> Finding | None:
        """Whether the external key cannot be used, and why; as long as KMS gets that far."""
        if not self.connected or any(self.obstacles_to_use()):
            return None
        outcome = self._outcome_of_use(backing_key)
        if outcome is None:
            return None
        return self._finding(outcome, external_key=backing_key.id)

    def _outcome_of_use(self, key: ExternalKey) -> Outcome | None:
        """What it comes to when the account's root user encrypts and decrypts."""
        partition = get_partition(self.region)

        def metadata(operation: str) -> dict[str, str]:
            return {
                "awsPrincipalArn": f"arn:{partition}:iam::{self.account_id}:root",
                "kmsOperation": operation,
                "kmsRequestId": NOBODY_S_REQUEST,
                "kmsKeyArn": key.kms_key_arn,
            }

        def use(ask: Callable[[Question[Any]], Any]) -> None:
            sealed = ask(protocol.encrypt(key.id, metadata("Encrypt"), PROBE, CONTEXT, False))
            ask(protocol.decrypt(key.id, metadata("Decrypt"), sealed, CONTEXT, _probe))

        error = self._error_of(use)
        return None if error is None else error.outcome

    def _error_of(
        self, talk: Callable[[Callable[[Question[Any]], Any]], None]
    ) -> ProxyError | None:
        """What it comes to when a copy of the proxy is asked; nothing, if nobody may look."""
        if not self.foresees:
            return None
        from moto_cks.kms.keystores.external import asking  # noqa: PLC0415 - with the first

        with asking.rehearsal(self.region, self.address, self._credential) as ask:
            try:
                talk(ask)
            except ProxyError as error:
                return error
        return None

    def _finding(self, outcome: Outcome, **more: str) -> Finding:
        """What is told of an outcome, of a health check or of the use of an external key."""
        facts = {**self._facts(), "outcome": outcome.name, **more}
        if "external_key" in more and outcome.name in CAUSES_OF_KEYS:
            return Finding(CAUSES_OF_KEYS[outcome.name], facts)
        if outcome is CUT:
            return Finding("xks-connection-cut", facts)
        return Finding(self.cause_of(ProxyError(outcome).code().value), facts)

    def _facts(self) -> dict[str, Any]:
        """What there is to tell; what is mended on the proxy needs no new connection."""
        return {**self.failure_facts, "foreseen": True, "reconnects": not self.connected}


def _probe(plaintext: bytes) -> bytes | None:
    """What was encrypted to see what becomes of it; ``None`` for anything else."""
    return plaintext if plaintext == PROBE else None
