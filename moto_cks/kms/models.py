"""The KMS backend: moto's, with key states that hold and keys in custom key stores."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from moto.kms.exceptions import AccessDeniedException as MotoAccessDenied
from moto.kms.models import Alias, Grant, Key, KmsBackend, kms_backends
from moto.kms.utils import RESERVED_ALIASES

from moto_cks.frontend.calls import Deed, announce
from moto_cks.kms.exceptions import AccessDeniedException, IncorrectKeyException
from moto_cks.kms.grants import GrantIndex
from moto_cks.kms.keys import ciphertexts
from moto_cks.kms.keys.deleted import Deletion
from moto_cks.kms.keys.imported_material import ImportedKey
from moto_cks.kms.keys.kinds import CustomKeyStoreKey, KmsKey
from moto_cks.kms.keys.states import IMPORTED, KeyState
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.registry import KeyStoreRegistry
from moto_cks.kms.pages import Catalogue
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from moto_cks.world import clock
from moto_cks.world.backends import WorldBackend, backend_of

WRONG_KEY = "The key ID in the request does not identify a CMK that can perform this operation."

NO_SUCH_KEY = (
    "The ciphertext refers to a customer master key that does not exist, does not exist in this "
    "region, or you are not allowed to access."
)


class CksKmsBackend(WorldBackend, KmsBackend):
    """KMS in one account and Region.

    Attributes:
        keys: all KMS keys by ID, as in moto.
        aliases: all aliases by name.
        grants: all grants.
        key_stores: the custom key stores.
        deleted_keys: the keys whose waiting period is over, by ID; no client sees them.
    """

    keys: Catalogue[Key]

    def __init__(self, region_name: str, account_id: str | None = None) -> None:
        super().__init__(region_name, account_id)
        self.adopt()

    # Entering and leaving the mock -----------------------------------------------------------

    def adopt(self) -> None:
        """Take over a backend of moto, or one that was released, with all that it holds."""
        if "key_stores" not in self.__dict__:
            self.key_stores = KeyStoreRegistry(self.account_id, self.region_name)
            self._released_keys: dict[str, Key] = {}
            self._deletions: dict[str, clock.Appointment] = {}
            self.deleted_keys: dict[str, Deletion] = {}
        self.keys = Catalogue([*self.keys.items(), *self._released_keys.items()])
        self._released_keys = {}
        self.aliases: Catalogue[Alias] = Catalogue()
        self.grants = GrantIndex()
        for key in self.keys.values():
            key.aliases, key.grants = Catalogue(key.aliases.items()), Catalogue(key.grants.items())
            self.aliases.update(key.aliases)
            for grant in key.grants.values():
                self.grants.add(grant)

    def release(self) -> None:
        """Leave moto with the keys that it can work with."""
        self._released_keys = {
            key_id: key for key_id, key in self.keys.items() if isinstance(key, CustomKeyStoreKey)
        }
        for key_id in self._released_keys:
            del self.keys[key_id]

    # Keys ------------------------------------------------------------------------------------

    def resolve(self, key_id: str) -> Key | None:
        """The key that a key ID, key ARN, alias name or alias ARN means in this Region.

        moto does not look at the account and Region in an ARN; for keys in a custom key store they
        have to be right.
        """
        key = self.keys.get(key_id)
        if key is not None:
            return key
        name = self.get_key_id(self.get_alias_name(key_id))
        if name.startswith("alias/"):
            key = self.keys.get(self.get_key_id_from_alias(name) or "")
        else:
            key = self.keys.get(name)
        if isinstance(key, CustomKeyStoreKey) and key_id.startswith("arn:"):
            here = f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:"
            return key if key_id.startswith(here) else None
        return key

    def create_key(
        self,
        policy: str | None,
        key_usage: str,
        key_spec: str,
        description: str,
        tags: list[dict[str, str]] | None,
        multi_region: bool = False,
        origin: str = "AWS_KMS",
    ) -> Key:
        """Create an ordinary KMS key, as moto does, but without keys that it will not use."""
        if key_spec:
            # By its mangled name: moto's own check, with moto's own message.
            self._KmsBackend__ensure_valid_key_spec(key_spec)  # type: ignore[attr-defined]
        key_spec = key_spec or SYMMETRIC_DEFAULT
        if key_spec == SYMMETRIC_DEFAULT:
            key_usage = key_usage or ENCRYPT_DECRYPT  # moto answers null
        imported = origin == IMPORTED and key_spec == SYMMETRIC_DEFAULT
        kind = ImportedKey if imported else KmsKey
        key = kind(  # type: ignore[abstract] # as moto's Key is
            policy,
            key_usage,
            key_spec,
            description,
            self.account_id,
            self.region_name,
            bool(multi_region),
            origin,
        )
        self._add_key(key, tags)
        return key

    def create_key_in_store(self, store: KeyStore, request: dict[str, Any]) -> CustomKeyStoreKey:
        """Create a KMS key and its key material in a custom key store.

        Args:
            store: the key store, which has accepted the request.
            request: the body of the CreateKey.

        Raises:
            CustomKeyStoreInvalidStateException, KMSInvalidStateException
            KmsException: what the kind of key store refuses.
        """
        store.check_before_creating_key(request)
        policy, description = request.get("Policy"), request.get("Description", "")
        key = CustomKeyStoreKey(store, policy, description)  # type: ignore[abstract]
        key.backing_key = store.create_key_material(key.arn, request)
        store.key_ids.add(key.id)
        self._add_key(key, request.get("Tags"))
        return key

    def _add_key(self, key: Key, tags: list[dict[str, str]] | None) -> None:
        self.keys[key.id] = key
        if tags:
            self.tagger.tag_resource(key.id, tags)  # moto's tag_resource differs by version

    def delete_key(self, key_id: str) -> None:
        """Delete a KMS key with its aliases, grants and tags."""
        self._deletions.pop(key_id, None)
        key = self.keys.get(key_id)
        if key is None:
            return
        for alias in key.aliases:
            self.aliases.pop(alias, None)
        for grant in key.grants.values():
            self.grants.remove(grant)
        if isinstance(key, CustomKeyStoreKey):
            key.key_store.key_ids.discard(key_id)
        if isinstance(key, ImportedKey):
            key.end()
        super().delete_key(key_id)

    def replicate_key(self, key_id: str, replica_region: str) -> Key:
        """Replicate a key, as moto does; a replica has aliases and grants of its own.

        It also knows that it is a replica, and has to be given its own imported material.
        """
        replica = super().replicate_key(self.get_key_id(key_id), replica_region)
        replica.aliases = Catalogue()
        replica.grants = Catalogue()
        if replica.multi_region:
            configuration = replica.multi_region_configuration
            replica.multi_region_configuration = {**configuration, "MultiRegionKeyType": "REPLICA"}
        if isinstance(replica, ImportedKey):
            replica.become_replica()
        return replica

    def enable_key(self, key_id: str) -> None:
        """EnableKey; moto's takes no ARN."""
        super().enable_key(self.get_key_id(key_id))

    def disable_key(self, key_id: str) -> None:
        """DisableKey; moto's takes no ARN."""
        super().disable_key(self.get_key_id(key_id))

    def cancel_key_deletion(self, key_id: str) -> None:
        """CancelKeyDeletion; moto's takes no ARN."""
        key_id = self.get_key_id(key_id)
        super().cancel_key_deletion(key_id)
        appointment = self._deletions.pop(key_id, None)
        if appointment is not None:
            appointment.cancel()

    def schedule_key_deletion(self, key_id: str, pending_window_in_days: int) -> float:
        """ScheduleKeyDeletion on the simulated clock; moto's takes no ARN either.

        Returns:
            The deletion date, in seconds since the epoch.
        """
        key = self.keys[self.get_key_id(key_id)]
        deletion_date = clock.now() + timedelta(days=pending_window_in_days)
        key.key_state = KeyState.PENDING_DELETION.value
        key.enabled = False
        key.deletion_date = deletion_date.replace(tzinfo=None)  # moto's dates are naive
        self._deletions[key.id] = clock.at(deletion_date, self._end_waiting_period, key)
        return deletion_date.timestamp()

    def _end_waiting_period(self, key: Key) -> None:
        """Delete a KMS key, try once to delete its key material, and record what came of it."""
        self.delete_key(key.id)
        data, deletion = None, Deletion(key.arn, clock.now())
        if isinstance(key, CustomKeyStoreKey):
            store = key.key_store
            deleted = store.delete_key_material(key.backing_key)
            data = store.deletion_data(key.arn, key.backing_key, deleted)
            deletion = Deletion(key.arn, clock.now(), store, key.backing_key, deleted)
        self.deleted_keys[key.id] = deletion
        self._announce("DeleteKey", key, data)

    def rotate_key_on_demand(self, key_id: str) -> str:
        """RotateKeyOnDemand; KMS rotates the key after it has answered, and records that."""
        answer = super().rotate_key_on_demand(key_id)
        key = self.keys[self.get_key_id(key_id)]
        clock.at(clock.now(), self._record_rotation, key)
        return answer

    def _record_rotation(self, key: Key) -> None:
        self._announce("RotateKey", key)

    def _announce(self, name: str, key: Key, data: dict[str, str] | None = None) -> None:
        announce(Deed("kms", name, self.account_id, self.region_name, (key.arn,), data))

    # Aliases and grants: moto looks through all keys, these look up --------------------------

    def alias_exists(self, alias_name: str) -> bool:
        """Whether there is an alias of that name."""
        return alias_name in self.aliases

    def get_key_id_from_alias(self, alias_name: str) -> str | None:
        """The ID of an alias's key; makes the AWS managed keys on first use, as moto does."""
        alias = self.aliases.get(alias_name)
        if alias is not None:
            return alias.target_key_id
        return self._generate_default_keys(alias_name) if alias_name in RESERVED_ALIASES else None

    def create_alias(self, target_key_id: str, alias_name: str) -> Alias:
        """CreateAlias."""
        alias = super().create_alias(target_key_id, alias_name)
        self.aliases[alias_name] = alias
        return alias

    def update_alias(self, target_key_id: str, alias_name: str) -> Alias:
        """UpdateAlias."""
        target, alias = self.keys[self.get_key_id(target_key_id)], self.aliases[alias_name]
        self.keys[alias.target_key_id].aliases.pop(alias_name)
        alias.target_key_id = target.id
        target.aliases[alias_name] = alias
        return alias

    def delete_alias(self, alias_name: str) -> None:
        """DeleteAlias."""
        alias = self.aliases.pop(self.get_alias_name(alias_name), None)
        if alias is not None:
            self.keys[alias.target_key_id].aliases.pop(alias.alias_name, None)

    def list_aliases(self, key_id: str | None = None) -> Iterable[Alias]:
        """ListAliases, of all keys or of one."""
        if not key_id:
            return super().list_aliases()
        key = self.keys.get(key_id)
        return key.aliases.values() if key is not None else ()

    def create_grant(
        self,
        key_id: str,
        grantee_principal: str,
        operations: list[str],
        name: str,
        constraints: dict[str, Any],
        retiring_principal: str,
    ) -> tuple[str, str]:
        """CreateGrant."""
        grant_id, token = super().create_grant(
            key_id, grantee_principal, operations, name, constraints, retiring_principal
        )
        self.grants.add(self.keys[self.any_id_to_key_id(key_id)].grants[grant_id])
        return grant_id, token

    def list_retirable_grants(self, retiring_principal: str) -> list[Grant]:
        """ListRetirableGrants."""
        return list(self.grants.retirable_by(retiring_principal).values())

    def revoke_grant(self, key_id: str, grant_id: str) -> None:
        """RevokeGrant."""
        grant = self.keys[self.any_id_to_key_id(key_id)].grants.get(grant_id)
        super().revoke_grant(key_id, grant_id)
        self.grants.remove(grant)

    def retire_grant(self, key_id: str, grant_id: str, grant_token: str) -> None:
        """RetireGrant, by token or by key and ID."""
        if grant_token:
            grant = self.grants.by_token(grant_token)
            if grant is None:
                return
            key_id, grant_id = grant.key_id, grant.id
        grant = self.keys[self.any_id_to_key_id(key_id)].grants.get(grant_id)
        super().retire_grant(key_id, grant_id, "")
        self.grants.remove(grant)

    # Cryptographic operations ----------------------------------------------------------------

    def encrypt(
        self, key_id: str, plaintext: bytes, encryption_context: dict[str, str]
    ) -> tuple[bytes, str]:
        """Encrypt: in the key store of the key, or as moto does.

        Returns:
            The ciphertext and the key ARN.

        Raises:
            KMSInvalidStateException: the key store, or what backs it, cannot do it.
        """
        key = self.resolve(key_id)
        if isinstance(key, CustomKeyStoreKey):
            return key.encrypt(plaintext, encryption_context), key.arn
        return super().encrypt(key_id, plaintext, encryption_context)

    def decrypt(
        self,
        ciphertext_blob: bytes,
        encryption_context: dict[str, str],
        key_id: str | None = None,
    ) -> tuple[bytes, str]:
        """Decrypt: in the key store of the key that made the ciphertext, or as moto does.

        Returns:
            The plaintext and the key ARN.

        Raises:
            KMSInvalidStateException: the key store, or what backs it, cannot do it.
            IncorrectKeyException: the ciphertext is another key's.
            InvalidCiphertextException: it does not authenticate.
            AccessDeniedException: its key does not exist, or not any more.
        """
        key = self.key_of_ciphertext(ciphertext_blob)
        if not isinstance(key, CustomKeyStoreKey):
            try:
                return super().decrypt(ciphertext_blob, encryption_context, key_id)
            except MotoAccessDenied:
                raise AccessDeniedException(NO_SUCH_KEY) from None  # moto's has no message
        if key_id is not None and self.resolve(key_id) is not key:
            raise IncorrectKeyException(WRONG_KEY)
        return key.decrypt(ciphertext_blob, encryption_context), key.arn

    def key_of_ciphertext(self, ciphertext_blob: bytes) -> Key | None:
        """The key of this Region that a ciphertext names."""
        return self.keys.get(ciphertexts.key_id_of(ciphertext_blob) or "")


def kms_backend(account_id: str, region: str) -> CksKmsBackend:
    """KMS in an account and Region."""
    return cast(CksKmsBackend, backend_of(kms_backends, account_id, region))


def locate_key_store(key_store_id: str) -> tuple[str, str]:
    """The account and the Region of a custom key store, by its ID alone.

    Raises:
        KeyError: there is no such key store in any account and Region.
    """
    for account_id, region, backend in kms_backends.iter_backends():
        for store in cast(CksKmsBackend, backend).key_stores:
            if store.custom_key_store_id == key_store_id:
                return account_id, region
    raise KeyError(f"There is no custom key store {key_store_id}")
