"""The mock answers as AWS was recorded to answer: every row of the table (G1 to G14, T6, Y24, Y25).

What the package does not give yet is listed in NOT_YET, by the IDs of the rows. A row that begins
to pass fails there until it is taken off the list.
"""

from __future__ import annotations

import importlib
import json
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws import client

from . import (
    agreeing,
    aliasing,
    creating,
    datakeys,
    deleting,
    encrypting,
    granting,
    importing,
    macs,
    managing,
    naming,
    paging,
    policies,
    recording,
    replicating,
    rotating,
    signing,
    storing,
    tagging,
)
from .not_yet import NOT_YET
from .rows import Row, Scene, Some

TABLES = (
    creating,
    naming,
    encrypting,
    datakeys,
    signing,
    macs,
    agreeing,
    importing,
    rotating,
    replicating,
    granting,
    aliasing,
    tagging,
    policies,
    deleting,
    managing,
    paging,
    storing,
    recording,
)
ROWS: tuple[Row, ...] = tuple(row for table in TABLES for row in table.ROWS)


NEW_IN_CRYPTOGRAPHY = {
    "ML_DSA": ("mldsa", "MLDSA44PrivateKey", "sign_mu"),
    "ML_KEM": ("mlkem", "MLKEM768PrivateKey", "decapsulate"),
}
"""Module, class and method that cryptography has where it computes with such keys."""


def computed(spec: str) -> bool:
    """Whether cryptography, which may be old, computes with keys of a spec."""
    module, kind, method = NEW_IN_CRYPTOGRAPHY.get(
        spec[:6], ("ed25519", "Ed25519PrivateKey", "sign")
    )
    try:
        found = importlib.import_module(f"cryptography.hazmat.primitives.asymmetric.{module}")
    except ImportError:
        return False
    return hasattr(getattr(found, kind, None), method)


def unknown(row: Row) -> str | None:
    """What a library, which may be old, does not know of what is asked."""
    model = client(row.service).meta.service_model
    if row.request is not None and row.operation not in model.operation_names:
        return f"this botocore does not know {row.operation}"
    if row.spec is not None and row.spec not in model.shape_for("KeySpec").enum:
        return f"this botocore does not know {row.spec}"
    if row.spec is not None and not computed(row.spec):
        return f"this cryptography does not know {row.spec}"
    return None


def marked(row: Row) -> Any:
    marks = []
    if reason := unknown(row):
        marks = [pytest.mark.skip(reason=reason)]
    elif row.id in NOT_YET:
        marks = [pytest.mark.xfail(strict=True, reason="not yet")]
    return pytest.param(row, id=row.id, marks=marks)


def ask(scene: Scene, row: Row) -> tuple[Any, tuple[str, str] | None]:
    """The answer of the row's call, or its error's code and message."""
    if row.request is None:
        return None, None
    try:
        return scene.call(row.operation, row.service, row.region, row.request), None
    except ClientError as caught:
        error = caught.response["Error"]
        return None, (error["Code"], error.get("Message", ""))


def events(scene: Scene) -> list[Any]:
    """The details of the events that the rule of steps.bus has let through."""
    asked = {"QueueUrl": scene.names["queue"], "MaxNumberOfMessages": 10}
    messages = client("sqs").receive_message(**asked).get("Messages", [])
    return [json.loads(message["Body"])["detail"] for message in messages]


def differences(found: Any, expected: Any, at: str = "") -> list[str]:
    """What is other than expected, member by member."""
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        return [
            line
            for number, pair in enumerate(zip(found, expected, strict=True))
            for line in differences(*pair, f"{at}[{number}]")
        ]
    if isinstance(expected, Some) and isinstance(found, dict):
        compared = {*expected.members, *expected.without}
        asked = {name: value for name, value in found.items() if name in compared}
        return differences(asked, expected.members, at)
    if isinstance(expected, dict) and isinstance(found, dict):
        names = {**dict.fromkeys(expected), **dict.fromkeys(found)}
        absent = "nothing"
        return [
            line
            for name in names
            for line in differences(
                found.get(name, absent), expected.get(name, absent), f"{at}.{name}"
            )
        ]
    return [] if found == expected else [f"{at}: {found!r} is not {expected!r}"]


@pytest.mark.parametrize("row", [marked(row) for row in ROWS])
def test_g1_g2_g3_g4_g5_g6_g7_g8_g9_g10_g11_g12_g13_t6_y24_y25_as_recorded(
    world: Any, row: Row
) -> None:
    scene = Scene(world)
    for step in row.situation:
        step(scene)
    answer, error = ask(scene, row)
    if row.error is not None:
        assert error == (row.error[0], scene.filled(row.error[1]))
        return
    assert error is None
    if row.answer is not None:
        assert differences(answer, scene.filled(row.answer)) == []
    if row.record is not None:
        records = world.trail.events(event_name=row.operation)
        assert differences(records[-1:], [scene.filled(row.record)]) == []
    if row.event is not None:
        assert differences(events(scene), [scene.filled(row.event)]) == []


def test_every_row_is_a_fact_of_its_own() -> None:
    counted = Counter(row.id for row in ROWS)
    assert [name for name, times in counted.items() if times > 1] == []
    for row in ROWS:
        expected = (row.error, row.answer, row.record, row.event)
        assert sum(each is not None for each in expected) == 1, row.id
        assert row.source, row.id


def test_what_is_not_yet_given_are_rows() -> None:
    assert sorted(NOT_YET - {row.id for row in ROWS}) == []


def test_every_operation_of_kms_has_a_row() -> None:
    operations = set(client("kms").meta.service_model.operation_names)
    in_situations = {"RetireGrant", "UpdatePrimaryRegion"}  # They answer nothing.
    assert operations - {row.operation for row in ROWS} - in_situations == set()
