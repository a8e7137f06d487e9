"""KMS requests: moto's, after the checks that AWS makes first, and the ones that moto lacks."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.kms.exceptions import NotFoundException
from moto.kms.models import Key, kms_backends
from moto.kms.policy_validator import validate_policy
from moto.kms.responses import KmsResponse

from moto_cks import faults
from moto_cks.faults.documented import THROTTLED
from moto_cks.frontend.validation import ValidationException, validator_for
from moto_cks.kms import support
from moto_cks.kms.exceptions import (
    DryRunOperationException,
    IncorrectKeyException,
    ThrottlingException,
    UnsupportedOperationException,
)
from moto_cks.kms.keys import states as key_states
from moto_cks.kms.keys.imported_material import (
    EXPIRES,
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SIZES,
    ImportedKey,
    moment,
)
from moto_cks.kms.keys.kinds import CustomKeyStoreKey, is_symmetric
from moto_cks.kms.keystores import KeyStoreRegistry
from moto_cks.kms.keystores.connection import USE
from moto_cks.kms.keystores.responses import KeyStoreOperations
from moto_cks.kms.models import WRONG_KEY, CksKmsBackend
from moto_cks.kms.specs import SYMMETRIC_DEFAULT
from moto_cks.world.backends import backend_of

BLOBS = frozenset({"Plaintext", "CiphertextBlob", "Message"})
"""The parameters that moto's operations expect to be decoded."""

DELETION_WINDOW = range(7, 31)
"""PendingWindowInDays."""

WOULD_HAVE_SUCCEEDED = "The request would have succeeded, but the DryRun option is set."


class KeyOperations(KeyStoreOperations, KmsResponse):
    """The operations on KMS keys that differ from moto's."""

    def _get_param(self, param_name: str, if_none: Any = None) -> Any:
        value = self.json_body.get(param_name)
        if value is None:  # to the AWS front end a null is an absent member
            return if_none
        if param_name in BLOBS and isinstance(value, str):
            return base64.b64decode(value)
        return value

    @cached_property
    def kms_backend(self) -> CksKmsBackend:
        """The backend of the caller's account and Region; a response object answers one request."""
        backend = backend_of(kms_backends, self.current_account, self.region)
        assert isinstance(backend, CksKmsBackend)  # the plugin is on, or this class is not asked
        return backend

    @property
    def key_stores(self) -> KeyStoreRegistry:
        """The key stores of the caller's account and Region."""
        return self.kms_backend.key_stores

    # Keys ------------------------------------------------------------------------------------

    def create_key(self) -> str:
        """CreateKey."""
        body = self.json_body
        store = self.key_stores.of_new_key(body)
        if store is None:
            return super().create_key()
        key = self.kms_backend.create_key_in_store(store, body)
        return json.dumps(key.to_dict())

    def describe_key(self) -> str:
        """DescribeKey; moto looks the key up, and its policy, several times."""
        key_id = self.json_body["KeyId"]
        self._require_key(key_id)
        key = self.kms_backend.describe_key(key_id)
        validate_policy(key, "kms:DescribeKey")
        return json.dumps(key.to_dict())

    def schedule_key_deletion(self) -> str:
        """ScheduleKeyDeletion."""
        days = self.json_body.get("PendingWindowInDays", DELETION_WINDOW[-1])
        if days not in DELETION_WINDOW:
            bound = (
                f"greater than or equal to {DELETION_WINDOW[0]}"
                if days < DELETION_WINDOW[0]
                else f"less than or equal to {DELETION_WINDOW[-1]}"
            )
            raise ValidationException(
                f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to "
                f"satisfy constraint: Member must have value {bound}"
            )
        answer = self._with_key_arn(super().schedule_key_deletion())
        answer.update(KeyState="PendingDeletion", PendingWindowInDays=days)
        return json.dumps(answer)

    def cancel_key_deletion(self) -> str:
        """CancelKeyDeletion."""
        return json.dumps(self._with_key_arn(super().cancel_key_deletion()))

    def _with_key_arn(self, answer: str) -> dict[str, Any]:
        # KeyId is the key ARN; moto repeats what it was given, and its tests rest on that.
        body: dict[str, Any] = json.loads(answer)
        key = self.kms_backend.resolve(body["KeyId"])
        if isinstance(key, CustomKeyStoreKey):
            body["KeyId"] = key.arn
        return body

    def rotate_key_on_demand(self) -> str:
        """RotateKeyOnDemand, which takes no alias."""
        self._validate_cmk_id(self.json_body["KeyId"])
        return super().rotate_key_on_demand()

    def list_key_rotations(self) -> str:
        """ListKeyRotations, which takes no alias."""
        self._validate_cmk_id(self.json_body["KeyId"])
        return super().list_key_rotations()

    def get_public_key(self) -> str:
        """GetPublicKey."""
        key = self.kms_backend.resolve(self.json_body["KeyId"])
        if key is not None and is_symmetric(key.key_spec):
            raise UnsupportedOperationException
        return super().get_public_key()

    def generate_random(self) -> str:
        """GenerateRandom, in a key store where one is named."""
        number_of_bytes = self.json_body.get("NumberOfBytes")
        if number_of_bytes is None:
            raise ValidationException("NumberOfBytes is required.")
        key_store_id = self.json_body.get("CustomKeyStoreId")
        if key_store_id is None:
            return super().generate_random()
        store = self.key_stores.get(key_store_id)
        store.connection.require(USE)
        return json.dumps({"Plaintext": _encode(store.random(number_of_bytes))})

    # Cryptographic operations ----------------------------------------------------------------

    def encrypt(self) -> str:
        """Encrypt."""
        body = self.json_body
        key_id = body["KeyId"]
        self._require_key(key_id)
        ciphertext, arn = self.kms_backend.encrypt(
            key_id, self._get_param("Plaintext"), body.get("EncryptionContext") or {}
        )
        return json.dumps(
            {
                "CiphertextBlob": _encode(ciphertext),
                "KeyId": arn,
                "EncryptionAlgorithm": body.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT),
            }
        )

    def decrypt(self) -> str:
        """Decrypt."""
        body = self.json_body
        key_id = body.get("KeyId")
        if key_id is not None:
            self._require_key(key_id)
        plaintext, arn = self.kms_backend.decrypt(
            self._get_param("CiphertextBlob"), body.get("EncryptionContext") or {}, key_id
        )
        return json.dumps(
            {
                "Plaintext": _encode(plaintext),
                "KeyId": arn,
                "EncryptionAlgorithm": body.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT),
            }
        )

    def re_encrypt(self) -> str:
        """ReEncrypt."""
        source_key_id = self.json_body.get("SourceKeyId")
        if source_key_id is not None:
            self._require_key(source_key_id)
            actual = self.kms_backend.key_of_ciphertext(self._get_param("CiphertextBlob"))
            if actual is not None and self.kms_backend.resolve(source_key_id) is not actual:
                raise IncorrectKeyException(WRONG_KEY)
        answer = json.loads(super().re_encrypt())
        answer.update(
            SourceEncryptionAlgorithm=SYMMETRIC_DEFAULT,
            DestinationEncryptionAlgorithm=SYMMETRIC_DEFAULT,
        )
        return json.dumps(answer)

    def _require_key(self, key_id: str) -> None:
        if self.kms_backend.resolve(key_id) is None:
            self._refuse_unknown(key_id)

    def _refuse_unknown(self, key_id: str) -> None:
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

    # Imported key material -------------------------------------------------------------------

    def _imported_key(self) -> ImportedKey:
        key = self.kms_backend.resolve(self.json_body["KeyId"])
        if not isinstance(key, ImportedKey):
            raise NotImplementedError("Only symmetric encryption keys can have imported material")
        return key

    def get_parameters_for_import(self) -> str:
        """GetParametersForImport."""
        body = self.json_body
        algorithm, key_spec = body["WrappingAlgorithm"], body["WrappingKeySpec"]
        if algorithm not in WRAPPING_ALGORITHMS or key_spec not in WRAPPING_KEY_SIZES:
            raise UnsupportedOperationException  # SM2, outside of China
        key = self._imported_key()
        parameters = key.parameters_for_import(algorithm, key_spec)
        return json.dumps(
            {
                "KeyId": key.arn,
                "ImportToken": _encode(parameters.token),
                "PublicKey": _encode(parameters.public_key),
                "ParametersValidTo": parameters.valid_to.timestamp(),
            }
        )

    def import_key_material(self) -> str:
        """ImportKeyMaterial."""
        body = self.json_body
        key = self._imported_key()
        key.import_material(
            base64.b64decode(body["ImportToken"]),
            base64.b64decode(body["EncryptedKeyMaterial"]),
            body.get("ExpirationModel", EXPIRES),
            moment(body.get("ValidTo")),
        )
        return json.dumps({"KeyId": key.arn})

    def delete_imported_key_material(self) -> str:
        """DeleteImportedKeyMaterial."""
        key = self._imported_key()
        key.delete_material()
        return json.dumps({"KeyId": key.arn})

    # Grants ----------------------------------------------------------------------------------

    def create_grant(self) -> str:
        """CreateGrant."""
        self._end_dry_run()
        return super().create_grant()

    def revoke_grant(self) -> str:
        """RevokeGrant."""
        if self.json_body.get("DryRun"):
            key = self.kms_backend.resolve(self.json_body["KeyId"])
            grant_id = self.json_body["GrantId"]
            if key is not None and grant_id not in key.grants:
                raise NotFoundException(f"Grant ID {grant_id} not found")
        self._end_dry_run()
        return super().revoke_grant()

    def retire_grant(self) -> str:
        """RetireGrant: a grant token, or a grant ID and the ARN of its key."""
        body = self.json_body
        if body.get("GrantToken") is None and None in (body.get("KeyId"), body.get("GrantId")):
            raise ValidationException(NO_GRANT)
        self._end_dry_run()
        return super().retire_grant()

    def _end_dry_run(self) -> None:
        """End a dry run, all checks of which are done.

        Raises:
            DryRunOperationException
        """
        if self.json_body.get("DryRun"):
            raise DryRunOperationException(WOULD_HAVE_SUCCEEDED)


class CksKmsResponse(KeyOperations):
    """KMS: each operation on a key behind the checks that AWS makes before it.

    Those are, in this order: the request against the service model, whether a key of its kind can
    do it at all, and whether its state allows it. Only keys in a custom key store are asked for
    their kind; for other keys moto does that in its own way.
    """

    def _guard(self, operation: str) -> None:
        self._check_unless_moto_does(operation)
        if operation in USES_KEY_STORE and not faults.within_quota(
            lambda: self._key_stores_of(operation)
        ):
            raise ThrottlingException(THROTTLED)
        for key, algorithm in self._keys_of(operation):
            support.check_data_key_size(operation, self.json_body)
            if isinstance(key, CustomKeyStoreKey):
                if operation in CHECKED_BY_MOTO:
                    self._check_request(operation)
                support.check_usage(operation, key, self.json_body.get(algorithm))
                key_states.check(operation, key.key_state, key)
                support.check_operation(operation, key)
            else:
                key_states.check(operation, key.key_state, key)

    def _check_unless_moto_does(self, operation: str) -> None:
        try:
            self._check_request(operation)
        except ValidationException:
            # The types are checked in any case: moto relies on them.
            if operation not in CHECKED_BY_MOTO or self._moto_cannot_check(operation):
                raise

    def _moto_cannot_check(self, operation: str) -> bool:
        body = self.json_body
        shape = get_service_model(self.service).operation_model(operation).input_shape
        missing = [name for name in shape.required_members if body.get(name) is None]
        return "CustomKeyStoreId" in body or bool(missing)

    def _check_request(self, operation: str) -> None:
        validator_for(self.service).check(operation, self.json_body)

    def _key_stores_of(self, operation: str) -> set[str]:
        """The IDs of the key stores that a request uses."""
        if operation != self._get_action():
            return set()  # moto answers some operations by way of others
        if operation == "GenerateRandom":
            key_store_id = self.json_body.get("CustomKeyStoreId")
            return set() if key_store_id is None else {key_store_id}
        return {
            key.key_store.custom_key_store_id
            for key, _ in self._keys_of(operation)
            if isinstance(key, CustomKeyStoreKey)
        }

    def _keys_of(self, operation: str) -> Iterator[tuple[Key, str]]:
        """The keys that an operation uses, each with the parameter that says how."""
        backend = self.kms_backend
        if operation in ALGORITHM_OF_SOURCE:
            ciphertext = self._get_param("CiphertextBlob")
            if ciphertext is None:  # optional in the model, but only for kinds of dry runs
                raise ValidationException(NO_CIPHERTEXT)
            source = backend.key_of_ciphertext(ciphertext)
            if source is not None:
                yield source, ALGORITHM_OF_SOURCE[operation]
        if operation == "Decrypt":
            return  # KeyId must be the key of the ciphertext; whether it is comes later
        key_id = self.json_body.get(KEY_PARAMETERS.get(operation, "KeyId"))
        if key_id is None:
            return
        key = backend.resolve(key_id)
        if key is not None:
            yield key, ALGORITHMS.get(operation, "EncryptionAlgorithm")
        elif operation not in MOTO_SAYS_WHAT_IS_WRONG:
            self._refuse_unknown(key_id)


USES_KEY_STORE = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateRandom",
        "ReEncrypt",
    }
)
"""What counts towards the request quota of a key store: all that its HSMs can do."""

CHECKED_BY_MOTO = frozenset({"CreateGrant", "CreateKey", "Sign", "Verify"})
"""Operations whose requests moto checks in words of its own, except for keys in a key store."""

ALGORITHM_OF_SOURCE = {
    "Decrypt": "EncryptionAlgorithm",
    "ReEncrypt": "SourceEncryptionAlgorithm",
}
"""The operations that use the key of a ciphertext, and the parameter that says how."""

NO_CIPHERTEXT = (
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: "
    "Member must not be null"
)

NO_GRANT = "Either GrantToken, or both KeyId and GrantId, must be specified."

ALGORITHMS = {"ReEncrypt": "DestinationEncryptionAlgorithm"}

KEY_PARAMETERS = {
    "CreateAlias": "TargetKeyId",
    "UpdateAlias": "TargetKeyId",
    "ReEncrypt": "DestinationKeyId",
}
"""Where the key is named, if not in KeyId."""

MOTO_SAYS_WHAT_IS_WRONG = frozenset({"CreateAlias", "UpdateAlias"})
"""These look at the alias before they look at the key."""


def _guarded(operation: str) -> Callable[[CksKmsResponse], str]:
    action = camelcase_to_underscores(operation)

    def method(self: CksKmsResponse) -> str:
        self._guard(operation)
        implementation = getattr(super(CksKmsResponse, self), action, None)
        if implementation is None:
            raise NotImplementedError(f"The {action} action has not been implemented")
        answer: str = implementation()
        if operation in support.DRY_RUN:
            self._end_dry_run()
        return answer

    method.__name__ = action
    method.__doc__ = f"{operation}."
    return method


for _operation in (*key_states.TABLE, *support.OTHER_OPERATIONS):
    setattr(CksKmsResponse, camelcase_to_underscores(_operation), _guarded(_operation))


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode()
