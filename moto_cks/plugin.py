"""Puts this package's backends in the place of moto's, and puts moto's back.

Every ``BackendDict`` of moto keeps the class that it instantiates in ``.backend``, and so does each
account in it. While the plugin is on, that class is the subclass of this package; backends that
exist already become instances of it, with everything that they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.cloudhsmv2.models import CloudHSMV2Backend, cloudhsmv2_backends
from moto.cloudtrail.models import CloudTrailBackend, cloudtrail_backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.kms.models import KmsBackend, kms_backends
from moto.moto_api._internal.models import MotoAPIBackend, moto_api_backend

from moto_cks.account import ec2
from moto_cks.cloudhsmv2.models import CksCloudHSMV2Backend
from moto_cks.cloudhsmv2.responses import CksCloudHSMV2Response
from moto_cks.cloudtrail.models import CksCloudTrailBackend
from moto_cks.cloudtrail.recorder import Recorder
from moto_cks.cloudtrail.responses import CksCloudTrailResponse
from moto_cks.consumers import exchange
from moto_cks.control.models import CksMotoAPIBackend
from moto_cks.failures import transitions
from moto_cks.frontend import calls
from moto_cks.frontend.dispatch import WorldResponse, close_shortcut, open_shortcut
from moto_cks.kms.models import CksKmsBackend
from moto_cks.kms.responses import CksKmsResponse
from moto_cks.world.backends import instances_of, set_class
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch
from moto_cks.world.transitions import begin_keeping, end_keeping

__all__ = ["install", "switch", "uninstall"]


@dataclass(frozen=True)
class Replacement:
    """A backend class of moto and the subclass that stands in for it."""

    backends: BackendDict[Any]
    original: type[BaseBackend]
    plugin: type[Any]


# CloudTrail first, as the others are recorded there; CloudHSM before KMS: key stores look at
# clusters.
REPLACEMENTS = (
    Replacement(cloudtrail_backends, CloudTrailBackend, CksCloudTrailBackend),
    Replacement(cloudhsmv2_backends, CloudHSMV2Backend, CksCloudHSMV2Backend),
    Replacement(kms_backends, KmsBackend, CksKmsBackend),
)

RESPONSES: dict[str, type[WorldResponse]] = {
    "kms": CksKmsResponse,
    "cloudhsmv2": CksCloudHSMV2Response,
    "cloudhsm": CksCloudHSMV2Response,
    "cloudtrail": CksCloudTrailResponse,
}
"""What answers requests, by the first part of the host that they are sent to."""

RECORDER = Recorder()


def install() -> None:
    """Switch to this package's backends."""
    with WORLD:
        for replacement in REPLACEMENTS:
            set_class(replacement.backends, replacement.plugin)
            for backend in instances_of(replacement.backends):
                backend.__class__ = replacement.plugin
                backend.adopt()
        # The one backend that is not in a BackendDict: moto's own API, for its URLs.
        moto_api_backend.__class__ = CksMotoAPIBackend
        exchange.install(replacement.backends for replacement in REPLACEMENTS)
        begin_keeping()
        calls.observers.append(RECORDER)
        open_shortcut(RESPONSES)


def uninstall() -> None:
    """Switch back to moto's backends."""
    with WORLD:
        close_shortcut()
        calls.observers.remove(RECORDER)
        transitions.put_back()
        end_keeping()
        ec2.release()
        exchange.uninstall()
        moto_api_backend.__class__ = MotoAPIBackend
        for replacement in reversed(REPLACEMENTS):
            set_class(replacement.backends, replacement.original)
            for backend in instances_of(replacement.backends):
                backend.release()
                backend.__class__ = replacement.original


switch.install, switch.uninstall = install, uninstall
