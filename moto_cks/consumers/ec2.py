"""EBS volumes that could not be created under their key.

Amazon EC2 API Reference: CreateVolume ("AWS authenticates the KMS key asynchronously").
Imported when EC2 is in use.
"""

from __future__ import annotations

from typing import Any, ClassVar

from moto.ec2 import models
from moto.ec2.models import elastic_block_store as ebs

from moto_cks.consumers.asking import refusal
from moto_cks.consumers.table import EBS, VOLUME_CREATION


class Volume(ebs.Volume):
    """A volume in the state ``error``.

    It has the name of moto's class, so that moto's dashboard knows no other one.
    """

    __module__ = ebs.Volume.__module__
    HOME: ClassVar[str] = __name__

    @property
    def status(self) -> str:
        """The state of the volume."""
        return "error"


class EC2Backend(models.EC2Backend):
    """EC2, where the creation of a volume appears to succeed and fails afterwards.

    It has the name of moto's class for the same reason.
    """

    __module__ = models.EC2Backend.__module__

    def create_volume(self, *args: Any, **kwargs: Any) -> ebs.Volume:
        """CreateVolume."""
        volume: ebs.Volume = super().create_volume(*args, **kwargs)
        arguments = {"volume_id": volume.id, "kms_key_id": volume.kms_key_id}
        if refusal(EBS, self, VOLUME_CREATION, arguments) is not None:
            volume.__class__ = Volume  # type: ignore[type-abstract] # as moto's is
        return volume
