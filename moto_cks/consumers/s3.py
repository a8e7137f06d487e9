"""Objects in S3 that are encrypted under a KMS key: who reads the content has KMS decrypt it.

Imported when S3 is in use.
"""

from __future__ import annotations

from typing import Any

from moto.s3 import models
from moto.s3.models import s3_backends

from moto_cks.consumers.asking import require
from moto_cks.consumers.finders import KMS_ALGORITHMS
from moto_cks.consumers.table import S3, S3_READ
from moto_cks.world.switch import switch


class FakeKey(models.FakeKey):
    """An encrypted object; whatever needs no content of it, as HeadObject, needs no KMS.

    It has the name of moto's class, so that moto's dashboard knows no other one.
    """

    __module__ = models.FakeKey.__module__

    @property
    def value(self) -> bytes:
        """The content.

        Raises:
            S3ClientError: KMS does not decrypt it.
        """
        if switch.on:
            self._decrypt()
        return super().value

    @value.setter
    def value(self, content: bytes) -> None:
        models.FakeKey.value.fset(self, content)  # type: ignore[attr-defined]

    def _decrypt(self) -> None:
        backend = s3_backends[self.account_id][self.partition]
        arguments = {
            "bucket_name": self.bucket_name,
            "key_name": self.name,
            "kms_key_id": self.kms_key_id,
        }
        require(S3, backend, S3_READ, arguments)


class Objects(models.S3Backend):
    """S3, whose encrypted objects have to be decrypted."""

    def get_object(self, *args: Any, **kwargs: Any) -> models.FakeKey | None:
        """An object, or a delete marker; ``None`` if there is none."""
        found = super().get_object(*args, **kwargs)
        if type(found) is models.FakeKey and found.encryption in KMS_ALGORITHMS:
            found.__class__ = FakeKey
        return found
