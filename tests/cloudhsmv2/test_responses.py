"""Bad input for every operation, made from the service model: refused, and nothing changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.aws import REGION, session

from .requests import MODEL, good_requests
from .world import World

OPERATIONS = sorted(MODEL.operation_names)
REFUSALS = {"CloudHsmInvalidRequestException", "SerializationException"}
JUNK = "\x07*\n"


def bad_values(shape: Any) -> Iterator[Any]:
    """Values that break the constraints or the type of a shape."""
    limits, kind = shape.metadata, shape.type_name
    if kind == "string":
        yield from (1, True, ["x"], {"x": "y"})
        if "pattern" in limits or "enum" in limits:
            yield JUNK
        if "max" in limits:
            yield "a" * (limits["max"] + 1)
        if limits.get("min"):
            yield ""
    elif kind == "integer":
        yield from ("1", limits["min"] - 1, limits["max"] + 1, [1])
    elif kind == "boolean":
        yield from ("true", 1, [])
    elif kind == "list":
        yield from ("x", {"x": "y"})
        good = "x" * 4
        yield from ([bad] for bad in bad_values(shape.member))
        if limits.get("min"):
            yield []
        if "max" in limits:
            yield [good] * (limits["max"] + 1)
    elif kind == "map":
        yield from ("x", ["x"], {JUNK: ["x"]})
        yield from ({"states": bad} for bad in bad_values(shape.value))
    else:
        yield from ("x", ["x"])
        for name, member in shape.members.items():
            yield from ({name: bad} for bad in bad_values(member))


class RawClient:
    """Sends any JSON as the body of an operation."""

    def __init__(self) -> None:
        config = Config(parameter_validation=False)
        self._client = session().client("cloudhsmv2", REGION, config=config)
        self._client.meta.events.register("before-call", self._replace_body)
        self._body: Any = None

    def _replace_body(self, params: dict[str, Any], **_: Any) -> None:
        params["body"] = json.dumps(self._body).encode()

    def __call__(self, operation: str, body: Any) -> Any:
        self._body = body
        return self._client._make_api_call(operation, {})

    def refusal(self, operation: str, body: Any) -> str:
        with pytest.raises(ClientError) as caught:
            self(operation, body)
        return str(caught.value.response["Error"]["Code"])


def test_h1_all_18_operations() -> None:
    assert len(OPERATIONS) == 18


@pytest.mark.parametrize("operation", OPERATIONS)
def test_k9_bad_input_is_refused_and_changes_nothing(world: World, operation: str) -> None:
    raw = RawClient()
    good = good_requests(world)[operation]
    shape = MODEL.operation_model(operation).input_shape
    before = world.everything()
    for body in ("x", 1, ["x"]):
        assert raw.refusal(operation, body) == "SerializationException"
    for name in shape.required_members:
        without = {key: good[key] for key in good if key != name}
        assert raw.refusal(operation, without) in REFUSALS
        assert raw.refusal(operation, {**good, name: None}) in REFUSALS
    for name, member in shape.members.items():
        for value in bad_values(member):
            assert raw.refusal(operation, {**good, name: value}) in REFUSALS, (name, value)
    assert world.everything() == before


def test_k9_nulls_and_unknown_members_are_ignored(world: World) -> None:
    raw = RawClient()
    body = {
        "HsmType": "hsm2m.medium",
        "Mode": "FIPS",
        "SubnetIds": [None, *world.subnet_ids],
        "BackupRetentionPolicy": None,
        "SourceBackupId": None,
        "Nonsense": 1,
    }
    cluster = raw("CreateCluster", body)["Cluster"]
    assert len(cluster["SubnetMapping"]) == 3
    answer = raw("DescribeClusters", {"Filters": {"states": None}, "MaxResults": 1.0})
    assert len(answer["Clusters"]) == 1


def test_k9_error_names_the_member(world: World) -> None:
    with pytest.raises(ClientError, match=r"1 validation error detected: Value 'x' at 'clusterId'"):
        world.hsm.delete_cluster(ClusterId="x")


def test_h1_absent_members_are_omitted(world: World) -> None:
    seen = []

    def keep(http_response: Any, **_: Any) -> None:
        seen.append(http_response.text)

    world.hsm = session().client("cloudhsmv2", REGION)  # its own, since it is listened to
    world.hsm.meta.events.register("after-call", keep)
    cluster_id = world.active_cluster()
    world.describe(cluster_id)
    world.backups()
    world.hsm.list_tags(ResourceId=cluster_id)
    world.hsm.get_resource_policy(ResourceArn=world.backups()[0]["BackupArn"])
    assert len(seen) > 8
    assert not any("null" in text for text in seen)
