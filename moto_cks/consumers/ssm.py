"""SecureStrings of Parameter Store: who wants the plaintext has KMS decrypt it.

Imported when Parameter Store is in use.
"""

from __future__ import annotations

from typing import Any

from moto.ssm import models
from moto.ssm.models import ssm_backends

from moto_cks.consumers.asking import require
from moto_cks.consumers.table import PARAMETER_READ, PARAMETER_STORE
from moto_cks.world.switch import switch

SECURE_STRING = "SecureString"


class Parameter(models.Parameter):
    """A SecureString, which can be read without its plaintext at any time.

    It has the name of moto's class, so that moto's dashboard knows no other one.

    Attributes:
        region: in which Region it is.
    """

    __module__ = models.Parameter.__module__
    region: str

    def decrypt(self, value: str) -> str | None:
        """The plaintext.

        Raises:
            ServiceException: KMS does not decrypt it.
        """
        if switch.on:
            backend = ssm_backends[self.account_id][self.region]
            arguments = {"name": self.name, "keyid": self.keyid}
            require(PARAMETER_STORE, backend, PARAMETER_READ, arguments)
        plaintext: str | None = super().decrypt(value)
        return plaintext


class Parameters(models.SimpleSystemManagerBackend):
    """Parameter Store, whose SecureStrings have to be decrypted."""

    def get_parameter(self, *args: Any, **kwargs: Any) -> models.Parameter | None:
        """A parameter; ``None`` if there is none. GetParameters and its like are made of it."""
        found = super().get_parameter(*args, **kwargs)
        if found is not None:
            self._seal(found)
        return found

    def get_parameter_history(
        self, *args: Any, **kwargs: Any
    ) -> tuple[list[models.Parameter] | None, str | None]:
        """The versions of a parameter."""
        versions, token = super().get_parameter_history(*args, **kwargs)
        for version in versions or ():
            self._seal(version)
        return versions, token

    def _seal(self, parameter: models.Parameter) -> None:
        if type(parameter) is models.Parameter and parameter.parameter_type == SECURE_STRING:
            parameter.__class__ = Parameter  # type: ignore[type-abstract] # as moto's is
            parameter.region = self.region_name  # type: ignore[attr-defined]
