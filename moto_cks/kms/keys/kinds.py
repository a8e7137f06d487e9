"""KMS keys: ordinary ones, and keys in a custom key store.

To moto's other services they are moto's keys; what a client sees of them is said here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from moto.kms.exceptions import InvalidCiphertextException
from moto.kms.models import Key
from moto.kms.utils import KeySpec, generate_private_key

from moto_cks.kms.births import MULTI_REGION, birth_now
from moto_cks.kms.exceptions import KMSInvalidStateException
from moto_cks.kms.keys import ciphertexts
from moto_cks.kms.keys.ciphertexts import Ciphertext
from moto_cks.kms.keys.for_moto import PrivateKeyForMoto
from moto_cks.kms.keys.last_usage import LastUsage
from moto_cks.kms.keys.living import LivingKey
from moto_cks.kms.keys.material import families
from moto_cks.kms.keys.material.base import Material, Sealing, WrongInputError
from moto_cks.kms.keys.material.hmac_keys import HmacKey
from moto_cks.kms.keys.materials import KeyMaterials
from moto_cks.kms.keys.metadata import key_metadata
from moto_cks.kms.keys.multi_region import Relatives
from moto_cks.kms.keys.states import NOTES, KeyState
from moto_cks.kms.keystores.base import KeyStore, MaterialNotFoundError, Unwrap
from moto_cks.kms.pages import Catalogue
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SPECS, SYMMETRIC_DEFAULT, Family
from moto_cks.world import clock
from moto_cks.world.ids import in_region
from moto_cks.world.lifecycle import LifeCycle

# moto makes a private key for every KMS key, an RSA key where the key spec has none, which takes a
# hundred times as long as everything else. This is the spec whose private key is made quickest.
QUICKEST_KEY_SPEC = KeySpec.ECC_NIST_P256.value


class KmsKey(LivingKey):
    """A KMS key with key material of KMS's own.

    Attributes:
        spec: its key spec.
        last_usage: its last successful use; ``None`` where there was none.
        made_by_moto: whether moto has made it, and may have encrypted with it.
    """

    last_usage: LastUsage | None = None
    made_by_moto = False

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
        super().__init__(
            policy,
            key_usage,
            QUICKEST_KEY_SPEC,
            description,
            account_id,
            region,
            multi_region,
            origin,
        )
        del self.private_key
        self.key_spec = key_spec
        self.spec = SPECS[key_spec]
        self.creation_date = clock.timestamp()
        self.aliases = Catalogue()
        self.grants = Catalogue()
        birth = birth_now()
        if birth is not None and birth.key_id is not None:
            self.rename(birth.key_id)
        elif multi_region:  # AWS writes its ID without hyphens but the first
            self.rename(MULTI_REGION + self.id.removeprefix(MULTI_REGION).replace("-", ""))
        if multi_region:
            self.relatives = Relatives(region)
            self.relatives.add(self)
        self._settle(KeyMaterials(self.spec, self.id))
        if birth is not None and birth.material is not None:
            self._begin_with(families.load(self.spec, birth.material))

    def rename(self, key_id: str) -> None:
        """Have another ID than the one that moto has made."""
        self.arn = self.arn.replace(self.id, key_id)
        self.id = key_id

    def _begin_with(self, material: Material) -> None:
        """Have key material that is known beforehand."""
        self.materials.use(material)

    def _settle(self, materials: KeyMaterials) -> None:
        super()._settle(materials)
        self._binding = _binding(self)
        self._data_without_context = ciphertexts.authenticated_data(self._binding, {})

    @classmethod
    def take_over(cls, key: Key) -> KmsKey:
        """Make a key of this class of one that moto has made, with all that it has."""
        moto_material, moto_key = (vars(key).pop(name) for name in ("key_material", "private_key"))
        state, rotates = vars(key).pop("key_state"), vars(key).pop("key_rotation_status")
        configuration = vars(key).pop("multi_region_configuration", None)
        key.__class__ = cls
        assert isinstance(key, cls)
        key.made_by_moto = True
        key.kept_state = state
        if configuration is not None:
            key.relatives = Relatives(configuration["PrimaryKey"]["Region"])
            key.relatives.add(key)
        key.spec = SPECS[key.key_spec]
        key.key_usage = key.key_usage or next(iter(key.spec.algorithms))
        materials = KeyMaterials(key.spec, key.id)
        if key.spec.family is Family.HMAC:
            materials.use(HmacKey(key.spec, moto_material))  # moto's all have the same length
        for data in (moto_material, PrivateKeyForMoto.bytes_of(moto_key)):
            try:
                materials.use(families.load(key.spec, data))
                break
            except (KeyError, WrongInputError):
                continue  # of another family, or of none
        key._settle(materials)
        key.key_rotation_status = rotates
        return key

    # What moto looks for ---------------------------------------------------------------------

    @property
    def key_material(self) -> bytes:
        """What moto computes with, once it has the key to itself."""
        return self.materials.current.to_bytes() if self.spec.symmetric else b""

    @key_material.setter
    def key_material(self, material: bytes) -> None:
        """Leave aside what moto has made."""

    def __getattr__(self, name: str) -> Any:
        # Not a property: moto's dashboard would read it, and so make it, for every key.
        if name != "private_key":
            raise AttributeError(name)
        spec = self.spec  # moto has a private key for a symmetric key, too
        moto_s = generate_private_key(spec.name) if spec.symmetric else None
        self.private_key = moto_s or PrivateKeyForMoto(self.materials.current)
        return self.private_key

    @property
    def enabled(self) -> bool:
        """Whether the key reads Enabled."""
        return self.key_state == KeyState.ENABLED.value

    @enabled.setter
    def enabled(self, value: bool) -> None:
        """Leave aside what moto sets; it sets the state, too."""

    def generate_default_policy(self) -> str:
        """moto's default key policy; one string for all the keys that have it."""
        return sys.intern(super().generate_default_policy())

    def to_dict(self) -> dict[str, Any]:
        """The answer of DescribeKey."""
        metadata = key_metadata(self)
        if (material_id := self.current_material_id) is not None:
            metadata["CurrentKeyMaterialId"] = material_id
        return {"KeyMetadata": metadata}

    # What is done with it --------------------------------------------------------------------

    @property
    def material(self) -> Material:
        """The key material; none is there while the key is PendingImport."""
        return self.materials.current

    @property
    def current_material_id(self) -> str | None:
        """CurrentKeyMaterialId; ``None`` where a key has none."""
        return self.materials.current_id

    def encrypt(self, plaintext: bytes, encryption_context: Mapping[str, str]) -> bytes:
        """Encrypt with a symmetric encryption key.

        Raises:
            KMSInvalidStateException: a key store, or what backs it, cannot do it.
        """
        material = self.material
        assert isinstance(material, Sealing)  # its abilities have been checked
        sealed = material.seal(plaintext, self._authenticated_data(encryption_context))
        return ciphertexts.pack(self.id, sealed, self.materials.latest.id)

    def decrypt(self, ciphertext: Ciphertext, encryption_context: Mapping[str, str]) -> bytes:
        """Decrypt what :meth:`encrypt` returned.

        Raises:
            KMSInvalidStateException: as for encrypt.
            InvalidCiphertextException: it does not authenticate.
        """
        material = self.materials.of(ciphertext.material_id)
        if not isinstance(material, Sealing):
            raise InvalidCiphertextException
        try:
            return material.open(ciphertext.sealed, self._authenticated_data(encryption_context))
        except WrongInputError:
            raise InvalidCiphertextException from None

    def _authenticated_data(self, context: Mapping[str, str]) -> bytes:
        if not context:
            return self._data_without_context
        return ciphertexts.authenticated_data(self._binding, context)


def _binding(key: Key) -> str:
    """What ciphertexts of a key are bound to: its ARN, without the Region where it has several."""
    arn: str = key.arn
    return in_region(arn, "") if key.multi_region else arn


class CustomKeyStoreKey(KmsKey):
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
        self._lost_in_connection: int | None = None
        self._seen_available: int | None = None
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
        self._name_in_ciphertexts = ciphertexts.pack(self.id, b"")

    def _begin_with(self, material: Material) -> None:
        """Have key material that is known beforehand; the key store was given it."""
        if self.key_store.keeps_own_material:
            super()._begin_with(material)

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
        self._seen_available = LifeCycle.changes if available else None
        return available

    @property
    def key_material(self) -> bytes:
        """What KMS has besides the key store; most kinds keep all of it there."""
        if not self.key_store.keeps_own_material:
            raise AttributeError("key_material")
        return super().key_material

    @key_material.setter
    def key_material(self, material: bytes) -> None:
        """Leave aside what moto has made."""

    @property
    def current_material_id(self) -> None:
        """Keys in a key store have none."""
        return None

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
        if self.key_store.keeps_own_material:
            plaintext = self._own_material.seal(plaintext, data)
        try:
            sealed = self.key_store.encrypt(self.backing_key, plaintext, data)
        except MaterialNotFoundError:
            raise self._material_lost() from None
        return self._name_in_ciphertexts + sealed

    def decrypt(self, ciphertext: Ciphertext, encryption_context: Mapping[str, str]) -> bytes:
        """Decrypt in the key store what :meth:`encrypt` returned.

        Raises:
            KMSInvalidStateException: as for encrypt.
            InvalidCiphertextException: it does not authenticate.
        """
        data = self._authenticated_data(encryption_context)
        store, sealed = self.key_store, ciphertext.sealed
        try:
            if not store.keeps_own_material:
                return store.decrypt(self.backing_key, sealed, data)
            return store.decrypt_wrapped(self.backing_key, sealed, data, self._unwrap(data))
        except MaterialNotFoundError:
            raise self._material_lost() from None

    def _unwrap(self, data: bytes) -> Unwrap:
        """What opens with the material that KMS has of its own."""
        material = self._own_material

        def unwrap(opened: bytes) -> bytes | None:
            try:
                return material.open(opened, data)
            except WrongInputError:
                return None

        return unwrap

    @property
    def _own_material(self) -> Sealing:
        """What KMS encrypts with before the key store does, and decrypts with after it."""
        material = self.material
        assert isinstance(material, Sealing)  # there are no other keys in a key store
        return material

    def _material_lost(self) -> KMSInvalidStateException:
        """Note that its material was not found: Unavailable until the key store reconnects."""
        self._lost_in_connection = self.key_store.connection_number
        self._seen_available = None
        return KMSInvalidStateException(NOTES[11].text(self))

    def to_dict(self) -> dict[str, Any]:
        """The KeyMetadata of DescribeKey."""
        description = super().to_dict()
        metadata = description["KeyMetadata"]
        metadata["CustomKeyStoreId"] = self.key_store.custom_key_store_id
        metadata.update(self.key_store.key_metadata(self.backing_key))
        return description
