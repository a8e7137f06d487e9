"""Objects in S3 that are encrypted under a KMS key: who reads the content has KMS decrypt it.

Imported when S3 is in use.
"""

from __future__ import annotations

from functools import wraps
from typing import Any, ClassVar

from moto.s3 import models
from moto.s3.models import s3_backends

from moto_cks.consumers.asking import key_arn, require
from moto_cks.consumers.finders import KMS_ALGORITHMS
from moto_cks.consumers.table import S3, S3_READ
from moto_cks.consumers.uses import Arguments
from moto_cks.world.switch import switch


def _reading(key: models.FakeKey) -> Arguments:
    """What there is to know of it when an object is read."""
    return {
        "bucket_name": key.bucket_name,
        "key_name": key.name,
        "kms_key_id": key.kms_key_id,
    }


class FakeKey(models.FakeKey):
    """An encrypted object; whatever needs no content of it, as HeadObject, needs no KMS.

    It has the name of moto's class, so that moto's dashboard knows no other one.
    """

    __module__ = models.FakeKey.__module__
    HOME: ClassVar[str] = __name__

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
        require(S3, backend, S3_READ, _reading(self))


class Objects(models.S3Backend):
    """S3, whose encrypted objects have to be decrypted, and tell the ARN of their key."""

    @wraps(models.S3Backend.put_object)  # by the names of its parameters the table finds the key
    def put_object(self, *args: Any, **kwargs: Any) -> models.FakeKey:  # type: ignore[override]
        """PutObject, and what else makes an object."""
        made = super().put_object(*args, **kwargs)
        if made.encryption in KMS_ALGORITHMS:
            made.kms_key_id = key_arn(S3, self, S3_READ, _reading(made)) or made.kms_key_id
        return made

    def get_object(self, *args: Any, **kwargs: Any) -> models.FakeKey | None:
        """An object, or a delete marker; ``None`` if there is none."""
        found = super().get_object(*args, **kwargs)
        if type(found) is models.FakeKey and found.encryption in KMS_ALGORITHMS:
            found.__class__ = FakeKey
        return found
