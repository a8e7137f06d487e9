"""KMS keys: ordinary ones that are cheap to make, and keys in a custom key store."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from moto.kms.models import Key
from moto.kms.utils import KeySpec, generate_private_key

from moto_cks.kms.births import Birth, birth_now
from moto_cks.kms.exceptions import KMSInvalidStateException
from moto_cks.kms.keys import ciphertexts
from moto_cks.kms.keys.states import NOTES, KeyState
from moto_cks.kms.keystores.base import KeyStore, MaterialNotFoundError
from moto_cks.kms.pages import Catalogue
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from moto_cks.world import clock
from moto_cks.world.lifecycle import LifeCycle

# moto makes a private key for every KMS key, an RSA key where the key spec has none, which takes a
# hundred times as long as everything else. This is the spec whose private key is made quickest.
QUICKEST_KEY_SPEC = KeySpec.ECC_NIST_P256.value


def is_symmetric(key_spec: str) -> bool:
    """Whether keys of that key spec have no public key."""
    return key_spec == SYMMETRIC_DEFAULT or key_spec in KeySpec.hmac_key_specs()


class KmsKey(Key):
    """A KMS key as moto knows it, made without a private key that nobody will use."""

    def __init__(
        self,
        policy: str | None,
        key_usage: str,
        key_spec: str,
        description: str,
        account_id: str,
        region: str,
        multi_region: bool = False,
        origin: str = "AWS_KMS",
    ) -> None:
        symmetric = is_symmetric(key_spec)
        made_as = QUICKEST_KEY_SPEC if symmetric else key_spec
        super().__init__(
            policy, key_usage, made_as, description, account_id, region, multi_region, origin
        )
        self._take(birth_now())
        self.creation_date = clock.timestamp()
        self.aliases = Catalogue()
        self.grants = Catalogue()
        if symmetric:
            self.key_spec = key_spec
            del self.private_key

    def _take(self, birth: Birth | None) -> None:
        """Have the ID and the key material that are known, where they are."""
        if birth is None:
            return
        if birth.key_id is not None:
            self.arn = self.arn.replace(self.id, birth.key_id)
            if self.multi_region:
                self.multi_region_configuration["PrimaryKey"]["Arn"] = self.arn
            self.id = birth.key_id
        if birth.material is not None:
            self.key_material = birth.material

    def __getattr__(self, name: str) -> Any:
        # Who asks for moto's superfluous key all the same (moto itself, after the mock) gets it.
        # Not a property: moto's dashboard would read it, and so make it, for every key.
        if name != "private_key":
            raise AttributeError(name)
        self.private_key = generate_private_key(self.key_spec)
        return self.private_key

    @property
    def enabled(self) -> bool:
        """Whether the key reads Enabled."""
        return self.key_state == KeyState.ENABLED.value

    @enabled.setter
    def enabled(self, value: bool) -> None:
        # moto's calls set the state, too; moto's CloudFormation sets only this.
        if not value and self.enabled:
            self.key_state = KeyState.DISABLED.value

    def generate_default_policy(self) -> str:
        """moto's default key policy; one string for all the keys that have it."""
        return sys.intern(super().generate_default_policy())


class DerivedStateKey(KmsKey):
    """A KMS key whose state does not follow from calls alone.

    What was set for it is kept; what it reads is derived from that and from the world.
    """

    def state_now(self) -> str:
        """The state that the key reads."""
        return self.kept_state

    def state_to_keep(self, state: str) -> str:
        """What is kept when a state is set."""
        return state

    @property
    def key_state(self) -> str:
        """The state that the key reads now."""
        return self.state_now()

    @key_state.setter
    def key_state(self, state: str) -> None:
        self.kept_state = self.state_to_keep(state)


class CustomKeyStoreKey(DerivedStateKey):
    """A KMS key whose material is in a custom key store.

    It reads Unavailable while the key store is not connected, and after an operation has found
    that its material is gone. The state that was set for it is kept and shows again later
    (footnotes 12 and 13 of the key state table).

    Attributes:
        key_store: where its material is.
        backing_key: how the key store names the material.
    """

    key_store: KeyStore
    backing_key: Any

    def __init__(self, key_store: KeyStore, policy: str | None, description: str) -> None:
        self.key_store = key_store
        self._lost_in_connection = 0
        self._seen_available = -1
        self._use_data: dict[str, str] | None = None
        super().__init__(
            policy,
            ENCRYPT_DECRYPT,
            SYMMETRIC_DEFAULT,
            description,
            key_store.account_id,
            key_store.region,
            origin=key_store.key_store_type.value,
        )
        if not key_store.keeps_own_material:
            del self.key_material  # it is in the key store, and nowhere else
        self._name_in_ciphertexts = ciphertexts.pack(self.id, b"")
        self._data_without_context = ciphertexts.authenticated_data(self.arn, {})

    def state_now(self) -> str:
        """The state that the key reads."""
        if self.kept_state == KeyState.PENDING_DELETION.value or self._available:
            return self.kept_state
        return KeyState.UNAVAILABLE.value

    @property
    def _available(self) -> bool:
        if self._seen_available == LifeCycle.changes:
            return True  # a connection lasts until a state changes
        store = self.key_store
        available = store.connected and self._lost_in_connection != store.connection_number
        self._seen_available = LifeCycle.changes if available else -1
        return available

    @property
    def use_data(self) -> dict[str, str]:
        """The ``additionalEventData`` of its use; one object for all records of that."""
        if self._use_data is None:
            self._use_data = self.key_store.key_use_data(self.arn, self.backing_key)
        return self._use_data

    def encrypt(self, plaintext: bytes, encryption_context: Mapping[str, str]) -> bytes:
        """Encrypt in the key store.

        Raises:
            KMSInvalidStateException: the key store, or what backs it, cannot do it.
        """
        data = self._authenticated_data(encryption_context)
        try:
            sealed = self.key_store.encrypt(self.backing_key, plaintext, data)
        except MaterialNotFoundError:
            raise self._material_lost() from None
        return self._name_in_ciphertexts + sealed

    def decrypt(self, ciphertext: bytes, encryption_context: Mapping[str, str]) -> bytes:
        """Decrypt in the key store what :meth:`encrypt` returned.

        Raises:
            KMSInvalidStateException: as for encrypt.
            InvalidCiphertextException: it does not authenticate.
        """
        data = self._authenticated_data(encryption_context)
        try:
            sealed = ciphertexts.unpack(ciphertext)
            return self.key_store.decrypt(self.backing_key, sealed, data)
        except MaterialNotFoundError:
            raise self._material_lost() from None

    def _authenticated_data(self, context: Mapping[str, str]) -> bytes:
        if not context:
            return self._data_without_context
        return ciphertexts.authenticated_data(self.arn, context)

    def _material_lost(self) -> KMSInvalidStateException:
        """Note that its material was not found: Unavailable until the key store reconnects."""
        self._lost_in_connection = self.key_store.connection_number
        self._seen_available = -1
        return KMSInvalidStateException(NOTES[11].message.format(arn=self.arn))

    def to_dict(self) -> dict[str, Any]:
        """The KeyMetadata of DescribeKey."""
        description = super().to_dict()
        metadata = description["KeyMetadata"]
        metadata["CustomKeyStoreId"] = self.key_store.custom_key_store_id
        metadata.update(self.key_store.key_metadata(self.backing_key))
        return description
