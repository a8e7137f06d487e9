"""The key that a ciphertext is of, and whether it is the one that a request names."""

from __future__ import annotations

from typing import NamedTuple

from moto.kms.exceptions import InvalidCiphertextException

from moto_cks.kms.exceptions import AccessDeniedException, IncorrectKeyException
from moto_cks.kms.keys.ciphertexts import Ciphertext
from moto_cks.kms.keys.kinds import KmsKey

WRONG_KEY = "The key ID in the request does not identify a CMK that can perform this operation."

NO_SUCH_KEY = (
    "The ciphertext refers to a customer master key that does not exist, does not exist in this "
    "region, or you are not allowed to access."
)


class Sealing(NamedTuple):
    """A ciphertext and its key.

    Attributes:
        ciphertext: what the key has sealed, or the bytes that moto has made with it; ``None``
            where the blob of the request is no ciphertext.
        key: the key that it names, in the account and Region of the request; ``None`` where that
            does not exist there.
    """

    ciphertext: Ciphertext | bytes | None
    key: KmsKey | None

    @property
    def material_id(self) -> str | None:
        """The KeyMaterialId of what has sealed it; ``None`` where that has none."""
        if isinstance(self.ciphertext, Ciphertext):
            return self.ciphertext.material_id or None
        return None if self.key is None else self.key.current_material_id

    def required(self, is_named: bool, named: KmsKey | None) -> KmsKey:
        """The key, which has to be the one that the request names.

        Args:
            is_named: whether the request names one.
            named: the key that it names.

        Raises:
            InvalidCiphertextException: there is no ciphertext.
            IncorrectKeyException: the request names another key.
            AccessDeniedException: the key does not exist here.
        """
        if self.ciphertext is None:
            raise InvalidCiphertextException
        if is_named and (named is None or named is not self.key):
            raise IncorrectKeyException(WRONG_KEY)
        if self.key is None:
            raise AccessDeniedException(NO_SUCH_KEY)
        return self.key
