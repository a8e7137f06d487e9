"""How a service asks KMS whether it can have a key: it makes a data key, or has one decrypted.

Key states, key stores and what backs them, injected faults and quotas need no second set of checks.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from moto.core.base_backend import BaseBackend

from moto_cks.consumers.calling import call_kms
from moto_cks.consumers.uses import DECRYPT, GENERATE_DATA_KEY, Arguments, Refusal, Service, Use
from moto_cks.frontend import behalf
from moto_cks.world.backends import WorldState

MANAGED = "alias/aws/"
"""How the aliases of AWS managed keys begin; those can always be used."""


class LostError(Exception):
    """What a service was sent by another one, which does not wait for it, is lost."""


class DataKeysBackend(BaseBackend):
    """The encrypted data keys that the services keep with their data.

    A backend, so that moto's reset forgets them.

    Attributes:
        kept: a ciphertext and the ARN of the KMS key that made it, by account, Region, the key as
            the service knows it, and encryption context.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.kept: dict[tuple[str, str, str, str], tuple[str, str]] = {}


_data_keys = WorldState(DataKeysBackend)


def refusal(service: Service, backend: Any, use: Use, arguments: Arguments) -> Refusal | None:
    """Ask KMS for what a service needs; what KMS answers if it refuses.

    Args:
        service: which service asks.
        backend: its backend.
        use: what it needs the key for.
        arguments: the arguments of the operation. Where there is no key of the customer's in them,
            KMS is not asked.
    """
    question = _question(service, backend, use, arguments)
    if question is None:
        return None
    return question.decrypt() if use.operation == DECRYPT else question.generate_data_key()


def key_arn(service: Service, backend: Any, use: Use, arguments: Arguments) -> str | None:
    """The ARN of the key that a service has had a data key of; see :func:`refusal`."""
    question = _question(service, backend, use, arguments)
    return None if question is None else question.key_arn


def require(service: Service, backend: Any, use: Use, arguments: Arguments) -> None:
    """Raise what a service answers if KMS refuses it what it needs; see :func:`refusal`.

    Raises:
        ServiceException: the service's own error.
        LostError: what another service has sent is lost.
    """
    refused = refusal(service, backend, use, arguments)
    if refused is None:
        return
    if service.recipient and behalf.sent_to(service.name):
        raise LostError
    error = use.error or service.error
    assert error is not None  # who asks for keys says so in its row
    raise error(refused)


def _question(service: Service, backend: Any, use: Use, arguments: Arguments) -> _Question | None:
    key_id = use.key(backend, arguments)
    if not key_id or MANAGED in key_id:
        return None
    account_id = backend.account_id
    if key_id.startswith("arn:"):  # the key of another account is asked for there
        account_id = key_id.split(":")[4] or account_id
    region = service.region(backend, arguments)
    return _Question(service, account_id, region, key_id, use.context(backend, arguments))


class _Question:
    """A question about one key."""

    def __init__(
        self, service: Service, account_id: str, region: str, key_id: str, context: dict[str, str]
    ) -> None:
        self._service = service
        self._account_id = account_id
        self._region = region
        self._key_id = key_id
        self._context = context
        self._place = self._kept_at(key_id)

    def _kept_at(self, key_id: str) -> tuple[str, str, str, str]:
        context = json.dumps(self._context, sort_keys=True)
        return self._account_id, self._region, key_id, context

    @property
    def key_arn(self) -> str | None:
        """The ARN of the key, where there is a data key of it."""
        return _data_keys().kept.get(self._place, (None, None))[1]

    def generate_data_key(self, *, recorded: bool = True) -> Refusal | None:
        answer = self._call(GENERATE_DATA_KEY, recorded, KeyId=self._key_id, KeySpec="AES_256")
        if isinstance(answer, Refusal):
            return answer
        arn = answer["KeyId"]
        for place in (self._place, self._kept_at(arn)):  # a service may go on with the ARN
            _data_keys().kept[place] = answer["CiphertextBlob"], arn
        return None

    def decrypt(self) -> Refusal | None:
        """Decrypt the data key; one is made first for data that is older than this mock."""
        if self._place not in _data_keys().kept:
            refused = self.generate_data_key(recorded=False)
            if refused is not None:
                return replace(refused, operation=DECRYPT)
        ciphertext, arn = _data_keys().kept[self._place]
        answer = self._call(DECRYPT, True, CiphertextBlob=ciphertext, KeyId=arn)
        return answer if isinstance(answer, Refusal) else None

    def _call(self, operation: str, recorded: bool, **parameters: Any) -> dict[str, Any] | Refusal:
        if self._context:
            parameters["EncryptionContext"] = self._context
        reply = call_kms(
            self._service.principal,
            self._account_id,
            self._region,
            operation,
            parameters,
            recorded=recorded and self._service.recorded,
        )
        if reply.members is not None:
            return reply.members
        return Refusal(
            operation,
            self._key_id,
            self._context,
            reply.code,
            reply.message,
            reply.status,
            reply.request_id,
        )
