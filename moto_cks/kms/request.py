"""A request to KMS: its members, the keys that it names, and the check before its operation."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.kms.models import kms_backends
from moto.kms.responses import KmsResponse

from moto_cks import faults
from moto_cks.account.callers import Caller
from moto_cks.faults import FaultsBackend
from moto_cks.faults.documented import THROTTLED
from moto_cks.frontend.calls import Call, Subject
from moto_cks.frontend.once import Once
from moto_cks.frontend.validation import (
    SerializationException,
    ValidationException,
    decoded_blobs,
    validator_for,
)
from moto_cks.kms.exceptions import (
    DryRunOperationException,
    InvalidArnException,
    ThrottlingException,
)
from moto_cks.kms.keys import managed, names, states
from moto_cks.kms.keys.abilities import (
    ABILITIES,
    ANY_KEY,
    USES,
    Ability,
    check_requirements,
    check_use,
)
from moto_cks.kms.keys.kinds import CustomKeyStoreKey, KmsKey
from moto_cks.kms.keys.last_usage import LastUsage
from moto_cks.kms.keys.sealings import Sealing
from moto_cks.kms.keystores.registry import KeyStoreRegistry
from moto_cks.kms.keystores.responses import KeyStoreOperations
from moto_cks.kms.metering import SUCCESSFUL_REQUEST
from moto_cks.kms.models import CksKmsBackend
from moto_cks.kms.operations import NAMES, OPERATIONS, About, DryRun, KeyRole, Operation
from moto_cks.kms.quotas import quota_of
from moto_cks.kms.specs import SYMMETRIC_DEFAULT
from moto_cks.kms.subjects import subject_of, tell_materials
from moto_cks.world.backends import backend_of

WOULD_HAVE_SUCCEEDED = "The request would have succeeded, but the DryRun option is set."

NO_CIPHERTEXT = (
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: "
    "Member must not be null"
)

NO_KEY_ID = (
    "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not "
    "be null"
)

NO_ATTESTATION = "Recipient is not valid: attestation documents cannot be verified here."

ALIAS_NAME, CIPHERTEXT = "AliasName", "CiphertextBlob"

IGNORE_CIPHERTEXT = "IGNORE_CIPHERTEXT"
"""The DryRunModifier with which a dry run needs no ciphertext."""


SUCCESS = 200
"""The HTTP status of an answer that is no error."""

REFUSE_ALIASES = frozenset({"CreateGrant"})
"""To other operations that take no alias, one is an invalid key ID."""

NO_ALIASES = "Key Aliases are not supported for this operation."

TAKES_ANY_TOKEN = frozenset({"DescribeKey"})
"""Its page lists no error for what is no grant token."""

NO_CONTENT = ""
"""The body of an answer without members."""


def check_data_key_size(body: dict[str, Any]) -> None:
    """Check that a data key is asked for by its size or by its key spec; before the key's state.

    Raises:
        ValidationException
    """
    sizes = [name for name in ("NumberOfBytes", "KeySpec") if body.get(name) is not None]
    if len(sizes) != 1:
        raise ValidationException("Please specify either number of bytes or key spec.")


@dataclass(slots=True)
class RequestedKey:
    """One of the keys that a request is about, as far as that exists.

    Attributes:
        role: what it is to the operation.
        name: how the request names it.
        named: the key that has this name.
        sealing: the ciphertext of the request, where that says which key is used.
    """

    role: KeyRole
    name: str | None
    named: KmsKey | None
    sealing: Sealing | None

    @property
    def used(self) -> KmsKey | None:
        """The key that the operation works with."""
        return self.named if self.sealing is None else self.sealing.key

    @property
    def material_id(self) -> str | None:
        """The KeyMaterialId of what is used of it, where that has one."""
        if self.sealing is not None:
            return self.sealing.material_id
        return None if self.named is None else self.named.current_material_id

    @property
    def told(self) -> KmsKey | None:
        """The key that the request tells of; the name in it comes first."""
        return self.used if self.name is None else self.named


class KmsRequest(KeyStoreOperations, KmsResponse):
    """A request to KMS; its subclasses are the operations."""

    @Once
    def kms_backend(self) -> CksKmsBackend:
        """The backend of the caller's account and Region."""
        backend = backend_of(kms_backends, self.current_account, self.region)
        assert isinstance(backend, CksKmsBackend)  # the plugin is on, or nobody asks this class
        return backend

    @property
    def key_stores(self) -> KeyStoreRegistry:
        """The key stores of the caller's account and Region."""
        return self.kms_backend.key_stores

    # The keys of the request -----------------------------------------------------------------

    @Once
    def requested(self) -> tuple[RequestedKey, ...]:
        """The keys that the request is about; it may not have been checked yet."""
        row = OPERATIONS.get(self.operation)
        return tuple(map(self._find, row.keys)) if row is not None else ()

    def _find(self, role: KeyRole) -> RequestedKey:
        backend, body = self.kms_backend, self.json_body
        name, named, sealing = body.get(role.parameter), None, None
        if not isinstance(name, str):
            name = None
        else:
            named = backend.keys.get(name)
            if role.parameter == ALIAS_NAME:
                named = backend.target_of(name)
            elif named is None and (role.aliases or not names.is_alias(name)):
                named = backend.resolve(name)
        blob = self.blobs.get(CIPHERTEXT) if role.seals else None
        if blob is not None and not self.ignores_ciphertext:
            symmetric = body.get(role.algorithm) in (None, SYMMETRIC_DEFAULT)
            if symmetric or name is None:
                sealing = backend.sealing_of(blob)
                if sealing.key is None and not symmetric:
                    sealing = None  # such ciphertexts name no key
        return RequestedKey(role, name, named, sealing)

    @property
    def ignores_ciphertext(self) -> bool:
        """Whether it is a dry run that does not look at the ciphertext."""
        modifiers = self.json_body.get("DryRunModifiers")
        given = isinstance(modifiers, list) and IGNORE_CIPHERTEXT in modifiers
        return given and self._is_dry_run

    @property
    def _is_dry_run(self) -> bool:
        return bool(self.json_body.get("DryRun"))

    @Once
    def blobs(self) -> dict[str, bytes]:
        """The blobs of the request, decoded; it may not have been checked yet."""
        return decoded_blobs(self.service, self.operation, self.json_body)

    @property
    def key(self) -> KmsKey:
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
            subject = Subject(()) if key is None else Subject((key.arn,))
        else:
            subject = subject_of(self.kms_backend, call, told)
        if requested and OPERATIONS[call.operation].uses_key_store:
            tell_materials(subject, [(key.role.parameter, key.material_id) for key in requested])
        return subject

    # The check before an operation -----------------------------------------------------------

    def check(self, operation: Operation, ability: Ability) -> None:
        """Check the request, and whether its keys can do the operation now.

        In this order: the request against the service model, the request quota, the key, what its
        kind can do, whether its state allows it, and what is not for its origin or role.

        Raises:
            ValidationException, SerializationException, ThrottlingException, NotFoundException,
            InvalidArnException, InvalidGrantTokenException, InvalidCiphertextException,
            IncorrectKeyException, AccessDeniedException, InvalidKeyUsageException,
            UnsupportedOperationException, DisabledException, KMSInvalidStateException
        """
        validator = validator_for(self.service)
        name, body = self.operation, self.json_body
        validator.check(name, {**body, **self.blobs})
        self.json_body = body = validator.read(name, body)
        if FaultsBackend.armed and operation.uses_key_store:
            self._count()
        if (tokens := body.get("GrantTokens")) and name not in TAKES_ANY_TOKEN:
            self.kms_backend.grants.check_tokens(tokens)
        self._check_keys(operation, ability)

    def look_again(self) -> None:
        """See whether the keys, or the key store, still exist and can do the operation.

        An alias that has moved meanwhile means what it has meant when the call came.
        """
        super().look_again()
        keys, used = self.kms_backend.keys, [requested.used for requested in self.requested]
        if any(key is not None and keys.get(key.id) is not key for key in used):
            vars(self).pop("requested")  # what is gone is not found
        row = OPERATIONS[self.operation]
        self._check_keys(row, ABILITIES.get(self.operation, ANY_KEY))

    def _check_keys(self, operation: Operation, ability: Ability) -> None:
        name, body = self.operation, self.json_body
        for requested in self.requested:
            key = self._required(requested, operation)
            if key is None:
                continue
            if key.key_manager == managed.AWS:
                managed.check(self.operation, key, self.caller)
            if operation.data_key:
                check_data_key_size(body)
            if ability.usage is not None:
                check_use(name, ability, key, body.get(requested.role.algorithm))
            state = key.key_state
            if (name, state) not in states.ALWAYS_POSSIBLE:
                states.check(name, state, key)
            if ability.requirements:
                check_requirements(ability, key)

    @property
    def policy_author(self) -> Caller | None:
        """Who must not be locked out by the key policy in the request; ``None``: anybody may."""
        return None if self.json_body.get("BypassPolicyLockoutSafetyCheck") else self.caller

    def _count(self) -> None:
        """Count the request towards the quota of the key stores that it uses."""
        if not faults.within_quota(self._key_stores_in_use):
            self._meter_throttling()
            raise ThrottlingException(THROTTLED)

    def _meter_throttling(self) -> None:
        """Count the request among those for keys of a key store that are throttled."""
        for requested in self.requested:
            key = requested.used
            if isinstance(key, CustomKeyStoreKey) and key.key_store.throttle_metric:
                store_id = key.key_store.custom_key_store_id
                counted = (key.key_store.throttle_metric, store_id, self.operation, key.key_spec)
                self.kms_backend.meter.count(counted, self.now)

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

    def _required(self, requested: RequestedKey, operation: Operation) -> KmsKey | None:
        """The key that the operation is going to use; ``None`` where it needs none."""
        role, name = requested.role, requested.name
        if role.seals and self.json_body.get(CIPHERTEXT) is None and not self.ignores_ciphertext:
            raise ValidationException(NO_CIPHERTEXT)  # optional, but only for kinds of dry runs
        if name is not None and requested.named is None and operation.knows_key:
            if names.is_alias(name) and self.operation in REFUSE_ALIASES:
                raise InvalidArnException(NO_ALIASES)
            backend = self.kms_backend
            raise names.not_found(name, backend.home, self.region, aliases=role.aliases)
        if requested.sealing is not None:
            return requested.sealing.required(name is not None, requested.named)
        if role.seals and name is None:
            raise ValidationException(
                NO_KEY_ID.format(f"{role.parameter[:1].lower()}{role.parameter[1:]}")
            )
        return requested.named

    # Around it -------------------------------------------------------------------------------

    def fault(self) -> JsonRESTError | None:
        """The fault of a call, or that a request quota of the account is used up."""
        error = super().fault()
        if (
            error is None
            and self.operation in OPERATIONS
            and not faults.within_request_quota(self._quota)
        ):
            return ThrottlingException(THROTTLED)
        return error

    def _quota(self) -> tuple[tuple[str, ...], float]:
        """What the request quota is of that the request counts towards, and its rate."""
        try:
            body, keys = self.json_body, [requested.used for requested in self.requested]
        except SerializationException:
            body, keys = {}, []
        quota = quota_of(self.operation, self.region, keys, body)
        return (self.current_account, self.region, quota.name), quota.rate

    def _answer(self) -> TYPE_RESPONSE:
        """Answer, note that the keys have been used, and count it."""
        answer = super()._answer()
        if answer[0] == SUCCESS and self.operation in USES:
            usage = LastUsage(self.operation, self.now, answer[1]["x-amzn-requestid"])
            arns = []
            for requested in self.requested:
                if (key := requested.used) is not None:
                    key.last_usage = usage
                    arns.append(key.arn)
            counted = (SUCCESSFUL_REQUEST, self.operation, *arns)
            self.kms_backend.meter.count(counted, self.now)
        return answer

    def refuse_recipient(self) -> None:
        """Refuse what is to be encrypted to an attested environment, which is not modelled.

        Raises:
            ValidationException
        """
        if self.json_body.get("Recipient") is not None:
            raise ValidationException(NO_ATTESTATION)

    def end_dry_run(self) -> None:
        """End a dry run, all checks of which are done.

        Raises:
            DryRunOperationException
        """
        if self._is_dry_run:
            raise DryRunOperationException(WOULD_HAVE_SUCCEEDED)


Request = TypeVar("Request", bound=KmsRequest)


def checked(method: Callable[[Request], str]) -> Callable[[Request], str]:
    """An operation behind the check that AWS makes before it; its row is that of its name."""
    name = NAMES[method.__name__]
    operation, ability = OPERATIONS[name], ABILITIES.get(name, ANY_KEY)

    @functools.wraps(method)
    def checking(self: Request) -> str:
        self.check(operation, ability)
        try:
            answer = method(self)
        except ThrottlingException:  # the HSMs are busy
            self._meter_throttling()
            raise
        if operation.dry_run is DryRun.DISCARDED:
            self.end_dry_run()
        return answer

    return checking


def encode(value: bytes) -> str:
    """A blob as the answer has it."""
    return base64.b64encode(value).decode()
