"""The world as a whole."""

from __future__ import annotations

import platform
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

import moto
from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends

from moto_cks.cloudhsmv2.models import CksCloudHSMV2Backend, clusters_anywhere
from moto_cks.handle.cks import LOCAL
from moto_cks.handle.protocols.cks import DEFAULT_REGION
from moto_cks.kms.models import CksKmsBackend
from moto_cks.world.clock import keep_appointments
from moto_cks.world.identity import identity, world_id
from moto_cks.world.lock import WORLD


def get_world() -> dict[str, Any]:
    """Which world this is."""
    with WORLD:
        now = identity()
        return {"id": now.moments[-1], "moments": list(now.moments), "run": now.run}


def reset_world() -> None:
    """Begin a fresh world."""
    LOCAL.reset()


def get_health() -> dict[str, Any]:
    """Whether the server is well: that it answers, and how much there is in its world."""
    with WORLD:
        now = keep_appointments()
        kms = [cast(CksKmsBackend, backend) for _, _, backend in kms_backends.iter_backends()]
        return {
            "status": "ok",
            "versions": {
                "moto_cks": _version(),
                "moto": moto.__version__,
                "python": platform.python_version(),
            },
            "world": world_id(),
            "now": now.isoformat(),
            "counts": {
                "key_stores": sum(len(list(backend.key_stores)) for backend in kms),
                "keys": sum(len(backend.keys) for backend in kms),
                "clusters": sum(1 for _ in clusters_anywhere()),
                "timeline": len(LOCAL.timeline),
            },
        }


def _version() -> str:
    # The package itself is above all floors: it is not imported, it is loaded already.
    version: str = sys.modules["moto_cks"].__version__
    return version


def list_accounts() -> dict[str, Any]:
    """The accounts and Regions in which there is something; the default ones always."""
    regions = defaultdict(set, {DEFAULT_ACCOUNT_ID: {DEFAULT_REGION}})
    with WORLD:
        for account_id, region, found in kms_backends.iter_backends():
            backend = cast(CksKmsBackend, found)
            if backend.keys or any(True for _ in backend.key_stores):
                regions[account_id].add(region)
        for account_id, region, clusters in cloudhsmv2_backends.iter_backends():
            if cast(CksCloudHSMV2Backend, clusters).hsm_clusters:
                regions[account_id].add(region)
    return {
        "accounts": [
            {"account_id": account_id, "regions": sorted(regions[account_id])}
            for account_id in sorted(regions)
        ]
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    "get_world": get_world,
    "reset_world": reset_world,
    "get_health": get_health,
    "list_accounts": list_accounts,
}
