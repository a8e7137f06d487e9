"""The KMS backend: moto's, with key states that hold and keys in custom key stores."""

from __future__ import annotations

from typing import Any, cast

from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import NotFoundException
from moto.kms.models import Key, kms_backends
from moto.kms.utils import KEY_ID_LEN

from moto_cks.account.callers import Caller
from moto_cks.kms.aliases import KmsAlias
from moto_cks.kms.grants import GrantBackend, GrantIndex
from moto_cks.kms.keys import ciphertexts, names
from moto_cks.kms.keys.ciphertexts import Ciphertext
from moto_cks.kms.keys.grant import KmsGrant
from moto_cks.kms.keys.imported_material import ImportedKey
from moto_cks.kms.keys.kinds import CustomKeyStoreKey, KmsKey
from moto_cks.kms.keys.managed import ALIASES, ManagedKey
from moto_cks.kms.keys.policies import check_new_policy
from moto_cks.kms.keys.sealings import Sealing
from moto_cks.kms.keys.states import IMPORTED
from moto_cks.kms.keys.tags import check_tags
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.registry import KeyStoreRegistry
from moto_cks.kms.lifetimes import LifetimeBackend
from moto_cks.kms.metering import Meter
from moto_cks.kms.pages import Catalogue
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from moto_cks.world.backends import WorldBackend, backend_of


class CksKmsBackend(WorldBackend, LifetimeBackend, GrantBackend):
    """KMS in one account and Region.

    Attributes:
        keys: all KMS keys by ID, as in moto; all are of this package's kinds.
        aliases: all aliases by name.
        grants: all grants.
        key_stores: the custom key stores.
        meter: what is counted for CloudWatch.
    """

    def __init__(self, region_name: str, account_id: str | None = None) -> None:
        super().__init__(region_name, account_id)
        self.adopt()

    # Entering and leaving the mock -----------------------------------------------------------

    def adopt(self) -> None:
        """Take over a backend of moto, or one that was released, with all that it holds."""
        if "key_stores" not in self.__dict__:
            self.meter = Meter()
            self.key_stores = KeyStoreRegistry(self.account_id, self.region_name, self.meter)
            self._released_keys: dict[str, KmsKey] = {}
            self._deletions = {}
            self.deleted_keys = {}
        made = [(key_id, _own(key)) for key_id, key in self.keys.items()]
        self.keys = Catalogue([*made, *self._released_keys.items()])
        self._released_keys = {}
        self.aliases = Catalogue()
        self.grants = GrantIndex()
        for key in self.keys.values():
            self.relate(key)
            aliases = Catalogue((n, KmsAlias.take_over(a)) for n, a in key.aliases.items())
            grants = Catalogue((n, KmsGrant.take_over(g, key)) for n, g in key.grants.items())
            key.aliases, key.grants = aliases, grants  # type: ignore[assignment] # moto's classes
            self.aliases.update(aliases)
            for grant in grants.values():
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
                return self.keys.get(name[4:]) or self._managed(name[4:])
        if name.startswith("alias/"):
            return self.keys.get(self.get_key_id_from_alias(name) or "")
        return self._managed(name)

    def target_of(self, alias_name: str) -> KmsKey | None:
        """The key of an alias that is there; no key is made for one of AWS's that is not."""
        alias = self.aliases.get(alias_name)
        return None if alias is None else self.keys.get(alias.target_key_id)

    def _managed(self, key_id: str) -> KmsKey | None:
        """The key that AWS manages, of which ListAliases tells before it exists."""
        alias = ALIASES.get(key_id)
        return None if alias is None or alias in self.aliases else self.resolve(alias)

    def create_key(
        self,
        policy: str | None,
        key_usage: str,
        key_spec: str,
        description: str,
        tags: list[dict[str, str]] | None,
        multi_region: bool = False,
        origin: str = "AWS_KMS",
        author: Caller | None = None,
    ) -> KmsKey:
        """Create a KMS key outside of a key store.

        Raises:
            MalformedPolicyDocumentException, LimitExceededException, TagException
        """
        tags = tags or []
        self._check_new_key(policy, tags, author)
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
        if multi_region:
            self.ensure_multi_region_role()
        return key

    def _generate_default_keys(self, alias_name: str) -> str:
        key = ManagedKey(alias_name, self.account_id, self.region_name)  # type: ignore[abstract]
        self.keys[key.id] = key
        self.create_alias(key.id, alias_name)
        return key.id

    def create_key_in_store(
        self, store: KeyStore, request: dict[str, Any], author: Caller | None = None
    ) -> CustomKeyStoreKey:
        """Create a KMS key and its key material in a custom key store.

        Args:
            store: the key store, which has accepted the request.
            request: the body of the CreateKey.
            author: who must not be locked out by its policy; ``None`` where nobody minds.

        Raises:
            MalformedPolicyDocumentException, LimitExceededException, TagException
            CustomKeyStoreInvalidStateException, KMSInvalidStateException
            KmsException: what the kind of key store refuses.
        """
        store.check_before_creating_key(request)
        policy, description = request.get("Policy"), request.get("Description", "")
        tags = request.get("Tags") or []
        self._check_new_key(policy, tags, author)
        key = CustomKeyStoreKey(store, policy, description)  # type: ignore[abstract]
        try:
            key.backing_key = store.create_key_material(key.arn, request)
            store.key_ids.add(key.id)
            self._add_key(key, tags)
        except JsonRESTError:
            raise
        except BaseException:  # an interruption, after which nobody would find the key material
            if key.id not in self.keys:
                store.key_ids.discard(key.id)
                store.discard_key_material(key.arn)
            raise
        return key

    def delete_key(self, key_id: str) -> None:
        """Delete a KMS key with its aliases, grants and tags."""
        self._deletions.pop(key_id, None)
        key = self.keys.get(key_id)
        if key is None:
            return
        for alias in key.aliases:
            self.aliases.pop(alias, None)
        for grant in key.grants.values():
            assert isinstance(grant, KmsGrant)  # all grants are
            self.grants.remove(grant)
        if isinstance(key, CustomKeyStoreKey):
            key.key_store.forget_key(key_id, key.backing_key)
        self._depart(key)
        super().delete_key(key_id)

    def rotate_key_on_demand(self, key_id: str) -> str:
        """RotateKeyOnDemand."""
        self._key(key_id).schedule.begin()
        return key_id

    # Key policies and tags, checked whoever changes them --------------------------------------

    def change_key_policy(self, key: KmsKey, policy: str, author: Caller | None) -> None:
        """Give a key another policy.

        Args:
            key: the key.
            policy: the policy.
            author: who must not be locked out by it; ``None`` where nobody minds.

        Raises:
            MalformedPolicyDocumentException, LimitExceededException
        """
        check_new_policy(policy, self.account_id, self.region_name, author, key.arn)
        key.policy = policy

    def put_key_policy(self, key_id: str, policy: str) -> None:
        """PutKeyPolicy, as moto calls it."""
        self.change_key_policy(self.keys[self.get_key_id(key_id)], policy, None)

    def tag_key(self, key: KmsKey, tags: list[dict[str, str]]) -> None:
        """Give a key more tags.

        Raises:
            TagException
        """
        check_tags(tags, self.tagger.get_tag_dict_for_resource(key.id))
        self.tagger.tag_resource(key.id, tags)

    def tag_resource(self, arn: str, tags: Any) -> None:
        """TagResource, as moto calls it: older versions with a list of tags, newer with a dict."""
        key = self.keys.get(self.get_key_id(arn))
        if key is None:
            raise names.not_found(arn, self.home, self.region_name, aliases=False)
        if isinstance(tags, dict):
            tags = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
        self.tag_key(key, tags)

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
    if isinstance(key, KmsKey):
        return key
    kind = ImportedKey if key.origin == IMPORTED else KmsKey
    return kind.take_over(key)


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
