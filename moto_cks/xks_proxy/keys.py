"""External keys, and what they compute.

A key has versions: what is encrypted, is encrypted by the newest; old ones can still decrypt.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from moto_cks.xks_proxy.lock import LOCK
from moto_cks.xks_proxy.names import listed
from moto_cks.xks_proxy.protocol import DECRYPT, ENCRYPT, KEY_ID, MAX_USAGES, TAG_SIZE
from moto_cks.xks_proxy.values import checked, checked_flag, checked_text, fixed, is_whole, one_of

AES_256 = "AES_256"
"""The one key spec that AWS KMS takes."""

KEY_SIZE = 32
"""The size of an AES-256 key, in bytes."""

SPECS = (
    *("AES_128", "AES_192", AES_256, "HMAC_SHA_256"),
    *("RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384"),
)
"""The key specs that there are; only AES_256 can encrypt here."""

USAGES = (ENCRYPT, DECRYPT, "SIGN", "VERIFY", "WRAP", "UNWRAP", "DERIVE")
"""The key usages that there are."""

_ALL_DOTS = re.compile(r"\.+")


class Sealed(NamedTuple):
    """What an encryption gives."""

    ciphertext: bytes
    vector: bytes
    tag: bytes


class ExternalKey:
    """A key of an external key manager.

    Attributes:
        id: its external key ID.
        enabled: whether it can be used.
    """

    id: str = fixed("The ID of an external key")
    enabled: bool = checked(partial(checked_flag, what="Whether an external key can be used"))

    def __init__(
        self, key_id: str, spec: str, usage: Iterable[str], material: bytes | None
    ) -> None:
        self.id = key_id
        self.enabled = True
        self.spec = spec
        self.usage = usage
        self._materials = {1: _checked(material)}
        self._registry: ExternalKeys | None = None

    def __repr__(self) -> str:
        state = "enabled" if self.enabled else "disabled"
        return f"<ExternalKey {self.id!r} {self.spec} {state}>"

    @property
    def spec(self) -> str:
        """Its key spec.

        Raises:
            ValueError: set to one that there is not.
        """
        return self._spec

    @spec.setter
    def spec(self, spec: str) -> None:
        self._spec = one_of(spec, SPECS, "key spec")

    @property
    def usage(self) -> tuple[str, ...]:
        """What it can be used for, as GetKeyMetadata answers.

        Raises:
            ValueError: set to a usage that there is not, or to more than ten.
        """
        return self._usage

    @usage.setter
    def usage(self, usage: Iterable[str]) -> None:
        usages = listed(usage)
        for each in usages:
            one_of(each, USAGES, "key usage")
        if len(usages) > MAX_USAGES:
            raise ValueError(f"A key has at most {MAX_USAGES} usages.")
        self._usage = usages

    @property
    def versions(self) -> tuple[int, ...]:
        """The numbers of the versions that it has, the newest last."""
        return tuple(self._materials)

    def enable(self) -> None:
        """Let it be used."""
        self.enabled = True

    def disable(self) -> None:
        """Let it be used no longer: InvalidStateException."""
        self.enabled = False

    def delete(self) -> None:
        """Take it out of the key manager, under all its IDs: KeyNotFoundException.

        Raises:
            ValueError: it has been deleted.
        """
        if self._registry is None:
            raise ValueError(f"The external key {self.id!r} has been deleted.")
        self._registry.forget(self)
        self._registry = None

    def rotate(self) -> int:
        """Make a new version, which encrypts from now on; gives its number."""
        with LOCK:
            version = max(self._materials) + 1
            self._materials[version] = os.urandom(KEY_SIZE)
        return version

    def forget_version(self, version: int) -> None:
        """Destroy an old version: what it has encrypted can be decrypted no longer.

        Raises:
            ValueError: there is no such version, or it is the newest.
        """
        with LOCK:
            old = self.versions[:-1]
            if not is_whole(version) or version not in old:
                raise ValueError(f"Version {version!r} is none of the old ones: {old}.")
            del self._materials[version]

    def reassign(self) -> None:
        """Give its ID to another key: new key material, and none of the old versions."""
        with LOCK:
            self._materials = {1: os.urandom(KEY_SIZE)}

    def belongs_to(self, registry: ExternalKeys) -> None:
        """Know where it is registered."""
        self._registry = registry

    @property
    def computes(self) -> bool:
        """Whether it can compute AES-256-GCM at all."""
        return self._spec == AES_256

    def seal(self, plaintext: bytes, authenticated: bytes, vector_size: int) -> Sealed:
        """Encrypt with the newest version, and a vector that has never been used."""
        vector = os.urandom(vector_size)
        content = _cipher(self._materials[self.versions[-1]]).encrypt(
            vector, plaintext, authenticated
        )
        return Sealed(content[:-TAG_SIZE], vector, content[-TAG_SIZE:])

    def open(self, sealed: Sealed, authenticated: bytes, version: int | None) -> bytes | None:
        """Decrypt.

        Args:
            sealed: what was encrypted.
            authenticated: what was authenticated with it.
            version: which version has encrypted it; ``None`` to try all.

        Returns:
            The plaintext; ``None`` where something of it is not what it was.
        """
        versions = self.versions[::-1] if version is None else (version,)
        for each in versions:
            material = self._materials.get(each)
            if material is None:
                continue
            try:
                return _cipher(material).decrypt(
                    sealed.vector, sealed.ciphertext + sealed.tag, authenticated
                )
            except InvalidTag:
                continue
        return None


@lru_cache(maxsize=256)
def _cipher(material: bytes) -> AESGCM:
    """One for a key: to make one takes longer than to encrypt with it."""
    return AESGCM(material)


def _checked(material: bytes | None) -> bytes:
    if material is None:
        return os.urandom(KEY_SIZE)
    if not isinstance(material, (bytes, bytearray, memoryview)):
        raise ValueError(f"Key material is {KEY_SIZE} bytes, not {type(material).__name__}.")
    if len(material) != KEY_SIZE:
        raise ValueError(f"Key material has {KEY_SIZE} bytes, not {len(material)}.")
    return bytes(material)


class ExternalKeys(Mapping[str, ExternalKey]):
    """The external keys of a path prefix, by their IDs."""

    def __init__(self) -> None:
        self._keys: dict[str, ExternalKey] = {}

    def __repr__(self) -> str:
        return f"<ExternalKeys {list(self._keys)}>"

    def __getitem__(self, key_id: str) -> ExternalKey:
        return self._keys[key_id]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._keys))

    def __len__(self) -> int:
        return len(self._keys)

    def create(
        self,
        key_id: str | None = None,
        *,
        spec: str = AES_256,
        usage: Iterable[str] = (ENCRYPT, DECRYPT),
        material: bytes | None = None,
    ) -> ExternalKey:
        """Make a key.

        Args:
            key_id: its external key ID; by default the first free one of ``external-key-1``, ….
            spec: its key spec.
            usage: what it can be used for.
            material: 32 bytes; by default random ones.

        Raises:
            ValueError: the ID, the key spec, a usage or the size of the material cannot be, or
                there is a key with the ID.
        """
        with LOCK:
            new_id = self._free_id() if key_id is None else self._checked_id(key_id)
            key = ExternalKey(new_id, spec, usage, material)
            key.belongs_to(self)
            self._keys[new_id] = key
        return key

    def alias(self, new: str, of: str) -> ExternalKey:
        """Give a key a second ID, which clients cannot tell from another key's.

        Raises:
            ValueError: there is no such key, or one with the new ID, or the ID cannot be.
        """
        with LOCK:
            new_id = self._checked_id(new)
            if checked_text(of, "An external key ID") not in self._keys:
                raise ValueError(f"There is no external key {of!r}; there are {list(self)}.")
            self._keys[new_id] = self._keys[of]
            return self._keys[of]

    def forget(self, key: ExternalKey) -> None:
        """Have a key no longer, under any ID."""
        with LOCK:
            for each in [name for name, known in self._keys.items() if known is key]:
                del self._keys[each]

    def _checked_id(self, key_id: str) -> str:
        checked_text(key_id, "An external key ID")
        if not KEY_ID.fullmatch(key_id) or _ALL_DOTS.fullmatch(key_id):
            raise ValueError(
                "An external key ID has 1 to 128 letters, digits, '-', '_' and '.', and not only "
                "dots: clients take those for steps of a path."
            )
        if key_id in self._keys:
            raise ValueError(f"There is an external key {key_id!r} already.")
        return key_id

    def _free_id(self) -> str:
        names = (f"external-key-{number}" for number in itertools.count(1))
        return next(name for name in names if name not in self._keys)
