"""A request to KMS: its members, the keys that it names, and the check before its operation."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from moto.core.utils import camelcase_to_underscores
from moto.kms.exceptions import NotFoundException
from moto.kms.models import Key, kms_backends
from moto.kms.responses import KmsResponse

from moto_cks import faults
from moto_cks.faults import FaultsBackend
from moto_cks.faults.documented import THROTTLED
from moto_cks.frontend.calls import Call, Subject
from moto_cks.frontend.validation import (
    SerializationException,
    ValidationException,
    decoded_blobs,
    validator_for,
)
from moto_cks.kms.exceptions import DryRunOperationException, ThrottlingException
from moto_cks.kms.keys import states
from moto_cks.kms.keys.abilities import check_data_key_size, check_use, unsupported
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keystores.registry import KeyStoreRegistry
from moto_cks.kms.keystores.responses import KeyStoreOperations
from moto_cks.kms.models import CksKmsBackend
from moto_cks.kms.operations import (
    NAMES,
    OPERATIONS,
    About,
    Checked,
    DryRun,
    InKeyStore,
    KeyRole,
    Operation,
)
from moto_cks.kms.subjects import subject_of
from moto_cks.world.backends import backend_of
from moto_cks.world.botocore_session import service_model

WOULD_HAVE_SUCCEEDED = "The request would have succeeded, but the DryRun option is set."

NO_CIPHERTEXT = (
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: "
    "Member must not be null"
)

CIPHERTEXT = "CiphertextBlob"

BLOBS = frozenset({"Plaintext", CIPHERTEXT, "Message"})
"""The parameters that moto's operations expect to be decoded."""


@dataclass(slots=True)
class RequestedKey:
    """One of the keys that a request is about, as far as that exists.

    Attributes:
        role: what it is to the operation.
        name: how the request names it.
        named: the key that has this name.
        sealing: the key that the ciphertext of the request names.
    """

    role: KeyRole
    name: str | None
    named: Key | None
    sealing: Key | None

    @property
    def used(self) -> Key | None:
        """The key that the operation works with."""
        return self.sealing if self.role.seals else self.named

    @property
    def told(self) -> Key | None:
        """The key that the request tells of; the name in it comes first."""
        return self.sealing if self.name is None else self.named


class KmsRequest(KeyStoreOperations, KmsResponse):
    """A request to KMS; its subclasses are the operations."""

    _requested: tuple[RequestedKey, ...] | None = None
    _blobs: dict[str, bytes] | None = None

    @property
    def kms_backend(self) -> CksKmsBackend:
        """The backend of the caller's account and Region."""
        backend = backend_of(kms_backends, self.current_account, self.region)
        assert isinstance(backend, CksKmsBackend)  # the plugin is on, or this class is not asked
        return backend

    @property
    def key_stores(self) -> KeyStoreRegistry:
        """The key stores of the caller's account and Region."""
        return self.kms_backend.key_stores

    def _get_param(self, param_name: str, if_none: Any = None) -> Any:
        value = self.json_body.get(param_name)
        if value is None:  # to the AWS front end a null is an absent member
            return if_none
        return self.blobs.get(param_name, value) if param_name in BLOBS else value

    # The keys of the request -----------------------------------------------------------------

    @property
    def requested(self) -> tuple[RequestedKey, ...]:
        """The keys that the request is about, found once; it may not have been checked yet."""
        if self._requested is None:
            row = OPERATIONS.get(self.operation)
            self._requested = tuple(map(self._find, row.keys)) if row is not None else ()
        return self._requested

    def _find(self, role: KeyRole) -> RequestedKey:
        backend, name = self.kms_backend, self.json_body.get(role.parameter)
        if not isinstance(name, str):
            name = None
        named = None if name is None else backend.keys.get(name) or backend.resolve(name)
        sealing = None
        if role.seals and CIPHERTEXT in self.blobs:
            sealing = backend.key_of_ciphertext(self.blobs[CIPHERTEXT])
        return RequestedKey(role, name, named, sealing)

    @property
    def blobs(self) -> dict[str, bytes]:
        """The blobs of the request, decoded once; it may not have been checked yet."""
        if self._blobs is None:
            self._blobs = decoded_blobs(self.service, self.operation, self.json_body)
        return self._blobs

    @property
    def key(self) -> Key:
        """The one key of an operation that is refused where there is none."""
        key = self.requested[0].named
        assert key is not None  # the check before the operation
        return key

    def subject_of(self, call: Call) -> Subject:
        """What a call is about that is going to be answered."""
        try:
            requested = self.requested
        except SerializationException:
            requested = ()
        told = [key.told for key in requested]
        if len(told) == 1 and OPERATIONS[call.operation].uses_key_store:
            key = told[0]  # the calls that come in numbers
            if isinstance(key, CustomKeyStoreKey):
                return Subject((key.arn,), key.use_data)
            return Subject(()) if key is None else Subject((key.arn,))
        return subject_of(self.kms_backend, call, told)

    # The check before an operation -----------------------------------------------------------

    def check(self, operation: Operation) -> None:
        """Check the request, and whether its keys can do the operation now.

        In this order: the request against the service model, the request quota, the key, what its
        kind can do at all, and whether its state allows it. Only keys in a custom key store are
        asked for their kind; for other keys moto does that in its own way.

        Raises:
            ValidationException, SerializationException, ThrottlingException, NotFoundException,
            InvalidKeyUsageException, UnsupportedOperationException, DisabledException,
            KMSInvalidStateException
        """
        violation = self._violation(operation)
        if FaultsBackend.armed and operation.uses_key_store:
            self._count()
        for requested in self.requested:
            key = self._required(requested, operation)
            if key is None:
                continue
            if operation.data_key:
                check_data_key_size(self.json_body)
            in_store = isinstance(key, CustomKeyStoreKey)
            if in_store:
                if violation is not None:
                    raise violation
                algorithm = self.json_body.get(requested.role.algorithm)
                if algorithm is not None or operation.in_key_store is InKeyStore.WRONG_USAGE:
                    check_use(self.operation, key, algorithm)
            state = key.key_state
            if (self.operation, state) not in states.ALWAYS_POSSIBLE:
                states.check(self.operation, state, key)
            if in_store and operation.in_key_store is InKeyStore.UNSUPPORTED:
                raise unsupported(key)

    def _count(self) -> None:
        """Count the request towards the quota of the key stores that it uses."""
        if not faults.within_quota(self._key_stores_in_use):
            raise ThrottlingException(THROTTLED)

    def _violation(self, operation: Operation) -> ValidationException | None:
        """What is wrong with a request that moto will check once more.

        Raises:
            ValidationException: it is wrong, and nobody else will say so.
            SerializationException: the types are checked in any case, as moto relies on them.
        """
        try:
            body = {**self.json_body, **self.blobs}
            validator_for(self.service).check(self.operation, body)
        except ValidationException as violation:
            if operation.checked is Checked.FRONT_END or self._moto_cannot_check():
                raise
            return violation
        return None

    def _moto_cannot_check(self) -> bool:
        body = self.json_body
        shape = service_model(self.service).operation_model(self.operation).input_shape
        missing = [name for name in shape.required_members if body.get(name) is None]
        return "CustomKeyStoreId" in body or bool(missing)

    def _key_stores_in_use(self) -> set[str]:
        """The IDs of the key stores that the request uses."""
        if OPERATIONS[self.operation].about is About.RANDOM:
            key_store_id = self.json_body.get("CustomKeyStoreId")
            return set() if key_store_id is None else {key_store_id}
        return {
            key.key_store.custom_key_store_id
            for key in (requested.used for requested in self.requested)
            if isinstance(key, CustomKeyStoreKey)
        }

    def _required(self, requested: RequestedKey, operation: Operation) -> Key | None:
        """The key that the operation is going to use."""
        if requested.role.seals:
            if self.json_body.get(CIPHERTEXT) is None:
                raise ValidationException(NO_CIPHERTEXT)  # optional, but only for kinds of dry runs
        elif requested.name is not None and requested.named is None and operation.knows_key:
            self.refuse_unknown(requested.name)
        return requested.used

    def refuse_unknown(self, key_id: str) -> NoReturn:
        """Say in moto's words that there is no such key.

        Raises:
            NotFoundException
        """
        self._validate_key_id(key_id)
        # moto has taken the ID out of the ARN of another account or Region, and found it here.
        region = key_id.split(":")[3]
        elsewhere = region != self.region
        raise NotFoundException(
            f"Invalid arn {region}" if elsewhere else f"Key '{key_id}' does not exist"
        )

    def end_dry_run(self) -> None:
        """End a dry run, all checks of which are done.

        Raises:
            DryRunOperationException
        """
        if self.json_body.get("DryRun"):
            raise DryRunOperationException(WOULD_HAVE_SUCCEEDED)


Request = TypeVar("Request", bound=KmsRequest)


def checked(method: Callable[[Request], str]) -> Callable[[Request], str]:
    """An operation behind the check that AWS makes before it; its row is that of its name."""
    name = NAMES[method.__name__]
    operation = OPERATIONS[name]

    @functools.wraps(method)
    def checking(self: Request) -> str:
        if self.operation != name:  # moto answers some operations by way of others
            return method(self)
        self.check(operation)
        answer = method(self)
        if operation.dry_run is DryRun.DISCARDED:
            self.end_dry_run()
        return answer

    return checking


def encode(value: bytes) -> str:
    """A blob as the answer has it."""
    return base64.b64encode(value).decode()


def not_implemented(operation: str) -> NotImplementedError:
    """What moto raises for an operation that it does not have."""
    return NotImplementedError(
        f"The {camelcase_to_underscores(operation)} action has not been implemented"
    )
