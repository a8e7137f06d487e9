"""Which clients have connected to the HSMs of a cluster, as far as a migration asks for it.

See "Prerequisites for migrating to hsm2m.medium" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from moto_cks.cloudhsmv2.settings import OLDER_HSM_TYPE
from moto_cks.world import clock
from moto_cks.world.journal import Kind, note

LOOKED_BACK = timedelta(days=7)
"""How far back AWS looks at the clients before it migrates a cluster."""

EXEMPT_AFTER = timedelta(days=14)
"""A cluster to which nobody has connected for so long need not have been connected to."""


@dataclass(slots=True)
class Connections:
    """When clients have connected.

    Attributes:
        latest: any client.
        latest_of_sdk_3: one of Client SDK 3, as the two older tools are.
        told: whether the timeline says that such a client does not work with these HSMs.
    """

    latest: datetime | None = None
    latest_of_sdk_3: datetime | None = None
    told: bool = False

    def note_sdk_3(self, tool: str, cluster_id: str, hsm_type: str) -> None:
        """A tool of Client SDK 3 connects, which on AWS it could not to every type of HSMs.

        Args:
            tool: the name of the tool.
            cluster_id: to which cluster.
            hsm_type: the type of its HSMs.
        """
        self.latest = self.latest_of_sdk_3 = clock.now()
        if hsm_type != OLDER_HSM_TYPE and not self.told:
            self.told = True
            note(
                Kind.LOGIN,
                cluster_id,
                f"{tool} is of Client SDK 3, with which {hsm_type} does not work on AWS",
            )

    def against_migration(self, *, connected: bool) -> str | None:
        """What of the clients forbids a migration, if anything does.

        Args:
            connected: whether anybody is connected now.
        """
        now = clock.now()
        since = now - LOOKED_BACK
        if self.latest_of_sdk_3 is not None and self.latest_of_sdk_3 > since:
            return "a client older than Client SDK 5.9 has connected in the last 7 days"
        if connected or self.latest is None or self.latest > since:
            return None
        if self.latest > now - EXEMPT_AFTER:
            return "no client has connected in the last 7 days"
        return None
