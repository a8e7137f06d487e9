"""The KMS backend: moto's, with key states that hold and keys in custom key stores."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any, cast

from moto.kms.exceptions import NotFoundException
from moto.kms.models import Alias, Grant, Key, KmsBackend, kms_backends
from moto.kms.utils import KEY_ID_LEN, RESERVED_ALIASES

from moto_cks.frontend.calls import Deed, announce
from moto_cks.kms.grants import GrantIndex
from moto_cks.kms.keys import ciphertexts
from moto_cks.kms.keys.ciphertexts import Ciphertext
from moto_cks.kms.keys.deleted import Deletion
from moto_cks.kms.keys.imported_material import ImportedKey
from moto_cks.kms.keys.kinds import CustomKeyStoreKey, KmsKey
from moto_cks.kms.keys.sealings import Sealing
from moto_cks.kms.keys.states import IMPORTED, KeyState
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.registry import KeyStoreRegistry
from moto_cks.kms.pages import Catalogue
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from moto_cks.world import clock
from moto_cks.world.backends import WorldBackend, backend_of


class CksKmsBackend(WorldBackend, KmsBackend):
    """KMS in one account and Region.

    Attributes:
        keys: all KMS keys by ID, as in moto; all are of this package's kinds.
        aliases: all aliases by name.
        grants: all grants.
        key_stores: the custom key stores.
        deleted_keys: the keys whose waiting period is over, by ID; no client sees them.
    """

    keys: Catalogue[KmsKey]  # type: ignore[assignment] # moto's is a dict of its keys

    def __init__(self, region_name: str, account_id: str | None = None) -> None:
        super().__init__(region_name, account_id)
        self.adopt()

    # Entering and leaving the mock -----------------------------------------------------------

    def adopt(self) -> None:
        """Take over a backend of moto, or one that was released, with all that it holds."""
        if "key_stores" not in self.__dict__:
            self.key_stores = KeyStoreRegistry(self.account_id, self.region_name)
            self._released_keys: dict[str, KmsKey] = {}
            self._deletions: dict[str, clock.Appointment] = {}
            self.deleted_keys: dict[str, Deletion] = {}
        made = [(key_id, _own(key)) for key_id, key in self.keys.items()]
        self.keys = Catalogue([*made, *self._released_keys.items()])
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

    def resolve(self, name: str) -> KmsKey | None:
        """The key that a key ID, key ARN, alias name or alias ARN means in this account and Region.

        An alias that AWS keeps for a service has its key made when it is first looked up, as in
        moto.
        """
        key = self.keys.get(name)
        if key is not None:
            return key
        if name.startswith("arn:"):
            if not name.startswith(self.home):
                return None
            name = name[len(self.home) :]
            if name.startswith("key/"):
                return self.keys.get(name[4:])
        if name.startswith("alias/"):
            return self.keys.get(self.get_key_id_from_alias(name) or "")
        return None

    @property
    def home(self) -> str:
        """How the ARNs of this account and Region begin."""
        return f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:"

    def create_key(
        self,
        policy: str | None,
        key_usage: str,
        key_spec: str,
        description: str,
        tags: list[dict[str, str]] | None,
        multi_region: bool = False,
        origin: str = "AWS_KMS",
    ) -> KmsKey:
        """Create a KMS key outside of a key store; moto's CloudFormation comes here, too."""
        kind = ImportedKey if origin == IMPORTED else KmsKey
        key = kind(  # type: ignore[abstract] # as moto's Key is
            policy,
            key_usage or ENCRYPT_DECRYPT,
            key_spec or SYMMETRIC_DEFAULT,
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

    def _add_key(self, key: KmsKey, tags: list[dict[str, str]] | None) -> None:
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

    def replicate_key(self, key_id: str, replica_region: str) -> KmsKey:
        """Replicate a key, as moto does; a replica has aliases and grants of its own.

        It also knows that it is a replica, and has to be given its own imported material.
        """
        replica = super().replicate_key(self.get_key_id(key_id), replica_region)
        assert isinstance(replica, KmsKey)  # moto copies the key
        replica.last_usage = None
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
        self._deletions[key.id] = clock.at(deletion_date, partial(self._end_waiting_period, key))
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
        clock.at(clock.now(), partial(self._record_rotation, key))
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

    # Cryptographic operations, for moto's other services --------------------------------------

    def encrypt(
        self, key_id: str, plaintext: bytes, encryption_context: dict[str, str]
    ) -> tuple[bytes, str]:
        """Encrypt with a symmetric encryption key.

        Returns:
            The ciphertext and the key ARN.

        Raises:
            NotFoundException: there is no such key.
            KMSInvalidStateException: a key store, or what backs it, cannot do it.
        """
        key = self.resolve(key_id)
        if key is None:
            raise NotFoundException(f"Invalid keyId '{key_id}'")
        return key.encrypt(plaintext, encryption_context), key.arn

    def decrypt(
        self,
        ciphertext_blob: bytes,
        encryption_context: dict[str, str],
        key_id: str | None = None,
    ) -> tuple[bytes, str]:
        """Decrypt with the key that made the ciphertext.

        Returns:
            The plaintext and the key ARN.

        Raises:
            KMSInvalidStateException: a key store, or what backs it, cannot do it.
            IncorrectKeyException: the ciphertext is another key's.
            InvalidCiphertextException: it does not authenticate.
            AccessDeniedException: its key does not exist, or not any more.
        """
        named = None if key_id is None else self.resolve(key_id)
        sealing = self.sealing_of(ciphertext_blob)
        key = sealing.required(key_id is not None, named)
        return self.opened(sealing, encryption_context), key.arn

    def sealing_of(self, ciphertext_blob: bytes) -> Sealing:
        """The key of this account and Region that a ciphertext names, and what it has sealed."""
        parsed = ciphertexts.parse(ciphertext_blob)
        if parsed is not None:
            return Sealing(parsed, self.keys.get(parsed.key_id))
        key = self.keys.get(ciphertext_blob[:KEY_ID_LEN].decode("latin-1"))
        if key is None or not key.made_by_moto:
            return Sealing(None, None)
        return Sealing(ciphertext_blob, key)

    def opened(self, sealing: Sealing, encryption_context: dict[str, str]) -> bytes:
        """Decrypt with the key that has sealed."""
        assert sealing.key is not None  # it was required before
        if isinstance(sealing.ciphertext, Ciphertext):
            return sealing.key.decrypt(sealing.ciphertext, encryption_context)
        # What moto has encrypted, before this package had its key.
        assert sealing.ciphertext is not None
        return super().decrypt(sealing.ciphertext, encryption_context)[0]


def _own(key: Key) -> KmsKey:
    return key if isinstance(key, KmsKey) else KmsKey.take_over(key)


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
