"""Whatever is in a body, the answer is one of AWS's, and what is refused changes nothing (K9).

Every operation, each of its members in turn, with every kind of JSON value in the place of the
right one; as no SDK would send it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.moto_api import state_manager

from moto_cks import cks
from tests.whole import refused_without_a_trace
from tests.wrong_values import bodies, send, valid

from .requests import MODEL, good_requests
from .world import World

COMMON = {"SerializationException"}

KNOWN = {"Filters": {"states": ["ACTIVE"]}, "NextToken": "x"}
"""Values of members that no good request has."""


def refused(operation: str, body: bytes) -> bool:
    """Whether a request was refused, by an error that the operation documents."""
    status, text = send("cloudhsmv2", operation, body)
    if status == 200:
        return False
    documented = {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    assert status == 400, (body, status, text)
    assert json.loads(text)["__type"] in documented | COMMON, (body, text)
    return True


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_k9_every_member_with_every_wrong_type(noon: Any, world: World, operation: str) -> None:
    shape = MODEL.operation_model(operation).input_shape
    request = valid(shape, {**KNOWN, **good_requests(world)[operation]})
    assert refused_without_a_trace(lambda body: refused(operation, body), bodies(shape, request))


# The wrong state ---------------------------------------------------------------------------------


class Situation:
    """Good requests, before something happens to what they name."""

    def __init__(self, world: World) -> None:
        self.world, self.requests = world, good_requests(world)
        self.cluster_id = self.requests["DeleteCluster"]["ClusterId"]
        self.backup_id = self.requests["DeleteBackup"]["BackupId"]

    def name(self, kind: str, resource_id: str) -> None:
        for request in self.requests.values():
            for member in request.keys() & {kind, "ResourceId", "ResourceArn"}:
                request[member] = resource_id

    def delete_cluster(self) -> None:
        self.world.remove_hsms(self.cluster_id)
        self.world.hsm.delete_cluster(ClusterId=self.cluster_id)

    def begin_another(self) -> None:
        state_manager.set_transition("cloudhsmv2::cluster", {"progression": "manual", "times": 99})
        self.name("ClusterId", self.world.create_cluster())

    def fail(self) -> None:
        for operation in self.requests:
            cks.faults.fail(
                f"cloudhsmv2:{operation}", "CloudHsmInternalFailureException", times=None
            )

    def refuses(self, operation: str) -> str | None:
        try:
            self.world.hsm._make_api_call(operation, self.requests[operation])
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None


INVALID, NOT_FOUND = "CloudHsmInvalidRequestException", "CloudHsmResourceNotFoundException"

SITUATIONS: dict[str, tuple[Callable[[Situation], object], str, str]] = {
    "nothing": (lambda s: None, "InitializeCluster", INVALID),
    "unknown cluster": (
        lambda s: s.name("ClusterId", "cluster-abcdefghijk"),
        "DeleteCluster",
        NOT_FOUND,
    ),
    "unknown backup": (
        lambda s: s.name("BackupId", "backup-abcdefghijk"),
        "DeleteBackup",
        NOT_FOUND,
    ),
    "cluster deleted": (Situation.delete_cluster, "CreateHsm", NOT_FOUND),
    "cluster not initialized": (
        lambda s: s.name("ClusterId", s.world.create_cluster(HsmType="hsm1.medium")),
        "ModifyCluster",
        INVALID,
    ),
    "cluster not made yet": (Situation.begin_another, "CreateHsm", INVALID),
    "backup pending deletion": (
        lambda s: s.world.hsm.delete_backup(BackupId=s.backup_id),
        "DeleteBackup",
        INVALID,
    ),
    "something fails": (Situation.fail, "DescribeClusters", "CloudHsmInternalFailureException"),
}
"""What happens, and an error that shows that it has happened."""


@pytest.mark.parametrize("situation", SITUATIONS)
def test_k9_an_error_leaves_the_world_as_it_was(noon: Any, world: World, situation: str) -> None:
    happen, operation, code = SITUATIONS[situation]
    subject = Situation(world)
    happen(subject)
    assert subject.refuses(operation) == code
    of_faults = ("Journal", "FaultsBackend") if situation == "something fails" else ()
    refused_without_a_trace(
        lambda name: subject.refuses(name) is not None, subject.requests, but=of_faults
    )
