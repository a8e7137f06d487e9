"""``examples/advice.py``: AWS's advice, held against a cluster."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.aws import client

EXAMPLE = Path(__file__).parent.parent / "examples" / "advice.py"


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLE))


def test_w21_what_aws_advises(world: Any, example: dict[str, Any]) -> None:
    cluster = world.create_cluster()
    hsms, zones, admins, users = example["RULES"]
    assert example["advice"](cluster) == [hsms, admins]
    cluster.create_user("CO", "second", "secondPswd1", hsms=cluster.hsms[:1])
    assert example["advice"](cluster) == [hsms, admins, users]
    cluster.create_user("CO", "second", "secondPswd1", hsms=cluster.hsms[1:])
    zone = cluster.hsms[0].availability_zone
    client("cloudhsmv2").create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)
    assert example["advice"](cluster) == []
    with world.cloudhsm_cli(cluster.id) as tool:
        for _ in range(5):
            tool.run("login --username second --role admin", "wrongPswd1")
    assert example["advice"](cluster) == [admins]
    for hsm in cluster.hsms:
        if hsm.availability_zone != zone:
            client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    assert example["advice"](cluster)[:2] == [hsms, zones]
