"""What moto's own CloudHSM backend had made before this package took its place.

Such clusters and backups have no hardware and IDs that the API does not accept. They stay visible
in listings as moto described them, and nothing else is done with them.
"""

from __future__ import annotations

from typing import Any

from moto.cloudhsmv2.models import CloudHSMV2Backend


def inherited_clusters(backend: CloudHSMV2Backend) -> list[dict[str, Any]]:
    """The clusters that moto had made, oldest first."""
    return [cluster.to_dict() for cluster in backend.clusters.values()]


def inherited_backups(backend: CloudHSMV2Backend) -> list[dict[str, Any]]:
    """The backups that moto had made, oldest first."""
    return [backup.to_dict() for backup in backend.backups.values()]
