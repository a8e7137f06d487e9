"""moto's EC2 with the machine images loaded when somebody looks at them.

moto loads all its default images, each with a snapshot, whenever it makes the backend of a Region,
and again at each reset. That takes several times as long as all the rest of a cluster, which has no
use for them. Here it happens when images or snapshots are first asked for, by whatever way.

Imported late: it takes moto's EC2 with it.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unittest.mock import patch

from moto.core.utils import utcnow
from moto.ec2.models import EC2Backend

from moto_cks.world.lock import WORLD

SWITCH = "MOTO_EC2_LOAD_DEFAULT_AMIS"
"""The environment variable that says whether moto has default images at all."""

OWN_IMAGES = "MOTO_AMIS_PATH"
"""The environment variable that names a file with other images."""


@dataclass
class _Late:
    """How the images would have been loaded.

    Attributes:
        switch: the value of :data:`SWITCH`.
        since: when.
        loading: whether they are being loaded now.
    """

    switch: str
    since: datetime
    loading: bool = False


class LateImages(EC2Backend):
    """moto's EC2, to which the default images come late; in everything else it is moto's.

    It is moto that loads them then, and what they and their snapshots say of their age is what it
    would have been.
    """

    def _load_amis(self) -> None:
        # moto's constructor calls this. Whoever has images of their own wants them.
        if OWN_IMAGES in os.environ:
            super()._load_amis()
        else:
            self._late = _Late(os.environ.get(SWITCH, "true"), utcnow())

    @property
    def amis(self) -> dict[str, Any]:
        """The images by ID."""
        return self._loaded("amis")

    @amis.setter
    def amis(self, images: dict[str, Any]) -> None:
        self.__dict__["amis"] = images

    @property
    def snapshots(self) -> dict[str, Any]:
        """The snapshots by ID; each image has one."""
        return self._loaded("snapshots")

    @snapshots.setter
    def snapshots(self, snapshots: dict[str, Any]) -> None:
        self.__dict__["snapshots"] = snapshots

    def _loaded(self, name: str) -> dict[str, Any]:
        if "_late" in self.__dict__:
            with WORLD:  # nobody sees half of them
                late: _Late | None = self.__dict__.get("_late")
                if late is not None and not late.loading:
                    self._load(late)
        collection: dict[str, Any] = self.__dict__[name]
        return collection

    def _load(self, late: _Late) -> None:
        late.loading = True
        begun = utcnow()
        try:
            with patch.dict(os.environ, {SWITCH: late.switch}):
                super()._load_amis()
            for snapshot in self.snapshots.values():
                snapshot.start_time = snapshot.volume.create_time = late.since
            for image in self.amis.values():
                if image.creation_date >= begun:  # moto's data does not say when it was made
                    image.creation_date = late.since
        finally:
            del self._late

    def release(self) -> None:
        """Become moto's own backend, with all its images."""
        self._loaded("amis")
        self.__class__ = EC2Backend  # type: ignore[assignment]

    @property
    def _url_module(self) -> Any:
        # moto looks for it next to the module of the class. Not at the top, for EC2's responses are
        # not needed until somebody calls EC2.
        from moto.ec2 import urls  # noqa: PLC0415

        return urls


@functools.cache
def with_late_images(kind: type[EC2Backend]) -> type[EC2Backend]:
    """A subclass of a kind of EC2 backend, to which the images come late.

    Args:
        kind: moto's, or a subclass of it.
    """
    if kind is EC2Backend:
        return LateImages
    return type(kind.__name__, (LateImages, kind), {"__module__": LateImages.__module__})
