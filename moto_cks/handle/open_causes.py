"""Which causes of failures are in effect at the external key store proxies of this world.

Each has an ID, by which it is taken back: the object with which it was set up is of one process and
of one copy of the world, and the same cause is another object in a world that was restored.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.base_backend import BaseBackend
from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.world.backends import WorldState, existing

if TYPE_CHECKING:
    from moto_cks.xks_proxy.causes import Cause


@dataclass(frozen=True)
class OpenCause:
    """A cause that is in effect.

    Attributes:
        host: of the proxy.
        kind: what it is called.
        parameters: what it was set up with.
        cause: what takes it back in this copy of the world.
    """

    host: str
    kind: str
    parameters: Mapping[str, Any]
    cause: Cause


class OpenCauses(BaseBackend):
    """The causes, each by its ID, the oldest first.

    A backend, so that moto's reset forgets them, and snapshots have them.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.by_id: dict[str, OpenCause] = {}

    def add(self, cause: OpenCause) -> str:
        """Have a cause; gives its ID."""
        cause_id = f"cause-{uuid.uuid4().hex}"
        self.by_id[cause_id] = cause
        return cause_id

    def forget(self, cause: Cause) -> None:
        """Have a cause no longer."""
        self.by_id = {name: each for name, each in self.by_id.items() if each.cause is not cause}


open_causes = WorldState(OpenCauses)
"""The causes in this world."""


def causes_at(host: str) -> dict[str, OpenCause]:
    """Those at a proxy; looking makes nothing."""
    found = existing(open_causes.backends, DEFAULT_ACCOUNT_ID, "aws")
    known = {} if found is None else found.by_id
    return {name: each for name, each in known.items() if each.host == host}
