"""Rotation of key material by the calendar and on demand (G6, Y9, Y24, W17)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from moto_cks import KeyStore, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of

DAY = timedelta(days=1)


@pytest.fixture
def key_id(kms: Any) -> str:
    return new_key(kms)


def new_key(kms: Any, **kind: Any) -> str:
    key_id: str = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    return key_id


def current(kms: Any, key_id: str) -> str:
    """CurrentKeyMaterialId."""
    material_id: str = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    return material_id


def next_date(kms: Any, key_id: str) -> datetime:
    date: datetime = kms.get_key_rotation_status(KeyId=key_id)["NextRotationDate"]
    return date


def rotations(kms: Any, key_id: str, **more: Any) -> list[dict[str, Any]]:
    answer = kms.list_key_rotations(KeyId=key_id, **more)
    assert answer["Truncated"] is False
    return list(answer["Rotations"])


# By the calendar ----------------------------------------------------------------------------------


def test_g6_rotation_on_the_simulated_clock(noon: Any, world: Any, kms: Any, key_id: str) -> None:
    first, begun = current(kms, key_id), world.clock.now()
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    assert next_date(kms, key_id) == begun + 90 * DAY
    blobs = [kms.encrypt(KeyId=key_id, Plaintext=b"first")["CiphertextBlob"]]
    world.clock.advance(days=89)
    assert current(kms, key_id) == first
    world.clock.advance(days=1)
    second = current(kms, key_id)
    assert second != first
    blobs.append(kms.encrypt(KeyId=key_id, Plaintext=b"second")["CiphertextBlob"])
    assert next_date(kms, key_id) == begun + 180 * DAY
    found = [kms.decrypt(CiphertextBlob=blob) for blob in blobs]
    assert [(each["Plaintext"], each["KeyMaterialId"]) for each in found] == [
        (b"first", first),
        (b"second", second),
    ]


def test_g6_years_that_pass_in_one_step_rotate_each(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    begun = world.clock.now()
    kms.enable_key_rotation(KeyId=key_id)
    world.clock.advance(days=3 * 365 + 1)
    found = rotations(kms, key_id)
    assert [entry["RotationDate"] for entry in found] == [
        begun + number * 365 * DAY for number in (1, 2, 3)
    ]
    assert {entry["RotationType"] for entry in found} == {"AUTOMATIC"}
    assert len({entry["KeyMaterialId"] for entry in found}) == 3
    assert next_date(kms, key_id) == begun + 4 * 365 * DAY


@given(days=st.integers(90, 2560), passed=st.integers(0, 6000))
def test_g6_the_number_of_rotations_follows_from_the_time(days: int, passed: int) -> None:
    with freeze_time("2026-01-01"), mock_cks() as cks:
        kms = client("kms")
        key_id = new_key(kms)
        kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=days)
        cks.clock.advance(days=passed)
        assert len(rotations(kms, key_id)) == passed // days
        assert next_date(kms, key_id) - cks.clock.now() == (days - passed % days) * DAY


def test_g6_another_period_counts_from_now(noon: Any, world: Any, kms: Any, key_id: str) -> None:
    begun = world.clock.now()
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=180)
    world.clock.advance(days=100)
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=180)
    assert next_date(kms, key_id) == begun + 180 * DAY
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    assert next_date(kms, key_id) == begun + 190 * DAY
    kms.enable_key_rotation(KeyId=key_id)
    assert kms.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 365
    world.clock.advance(days=364)
    assert rotations(kms, key_id) == []


def test_g6_no_rotation_after_it_was_disabled(world: Any, kms: Any, key_id: str) -> None:
    kms.enable_key_rotation(KeyId=key_id)
    kms.disable_key_rotation(KeyId=key_id)
    kms.disable_key_rotation(KeyId=key_id)
    world.clock.advance(days=800)
    assert rotations(kms, key_id) == []
    status = kms.get_key_rotation_status(KeyId=key_id)
    assert status["KeyRotationEnabled"] is False
    assert not {"NextRotationDate", "RotationPeriodInDays"} & set(status)


@pytest.mark.parametrize("days", [0, 89, 2561])
def test_g6_periods_that_there_are_not(kms: Any, key_id: str, days: int) -> None:
    asked = client("kms", parameter_validation=False)
    code, message = error_of(asked.enable_key_rotation, KeyId=key_id, RotationPeriodInDays=days)
    assert code == "ValidationException"
    assert "rotationPeriodInDays" in message
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False


def test_g6_a_disabled_key_is_rotated_when_it_is_enabled_again(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    first = current(kms, key_id)
    kms.enable_key_rotation(KeyId=key_id)
    kms.disable_key(KeyId=key_id)
    assert error_of(kms.enable_key_rotation, KeyId=key_id)[0] == "DisabledException"
    assert error_of(kms.disable_key_rotation, KeyId=key_id)[0] == "DisabledException"
    world.clock.advance(days=400)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    assert (rotations(kms, key_id), current(kms, key_id)) == ([], first)
    kms.enable_key(KeyId=key_id)
    (rotation,) = rotations(kms, key_id)
    assert (rotation["RotationDate"], rotation["RotationType"]) == (world.clock.now(), "AUTOMATIC")
    assert next_date(kms, key_id) == world.clock.now() + 365 * DAY


def test_g6_a_disabled_key_is_rotated_if_it_is_enabled_at_the_very_moment(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    kms.enable_key_rotation(KeyId=key_id)
    due = next_date(kms, key_id)
    kms.disable_key(KeyId=key_id)
    world.clock.advance_to(due)
    assert rotations(kms, key_id) == []
    kms.enable_key(KeyId=key_id)
    (rotation,) = rotations(kms, key_id)
    assert rotation["RotationDate"] == due
    assert next_date(kms, key_id) == due + 365 * DAY


def test_g6_a_key_that_was_disabled_for_a_while_keeps_its_schedule(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    kms.enable_key_rotation(KeyId=key_id)
    due = next_date(kms, key_id)
    kms.disable_key(KeyId=key_id)
    world.clock.advance(days=100)
    kms.enable_key(KeyId=key_id)
    assert (next_date(kms, key_id), rotations(kms, key_id)) == (due, [])


def test_g6_no_rotation_while_pending_deletion(world: Any, kms: Any, key_id: str) -> None:
    kms.enable_key_rotation(KeyId=key_id)
    world.clock.advance(days=360)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=30)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False
    for call in (kms.enable_key_rotation, kms.disable_key_rotation, kms.rotate_key_on_demand):
        assert error_of(call, KeyId=key_id)[0] == "KMSInvalidStateException"
    world.clock.advance(days=10)
    assert rotations(kms, key_id) == []
    kms.cancel_key_deletion(KeyId=key_id)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    assert rotations(kms, key_id) == []
    kms.enable_key(KeyId=key_id)
    assert len(rotations(kms, key_id)) == 1


def test_g6_a_deleted_key_is_rotated_no_more(world: Any, kms: Any, key_id: str) -> None:
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=200)
    assert world.trail.events(event_name="RotateKey") == []


def test_g6_nor_on_demand_when_that_had_begun(
    world: Any, kms: Any, key_id: str, transition: Any
) -> None:
    transition("kms::rotation", progression="time", seconds=30 * 24 * 60 * 60)
    kms.rotate_key_on_demand(KeyId=key_id)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=60)
    assert world.trail.events(event_name="RotateKey") == []
    assert [entry.what for entry in world.timeline.entries()][-1:] == ["DeleteKey by AWS"]


# On demand ----------------------------------------------------------------------------------------


def test_g6_rotations_on_demand_beside_the_calendar(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    kms.enable_key_rotation(KeyId=key_id)
    due = next_date(kms, key_id)
    world.clock.advance(days=10)
    kms.rotate_key_on_demand(KeyId=key_id)
    assert next_date(kms, key_id) == due
    world.clock.advance(days=355)
    assert [entry["RotationType"] for entry in rotations(kms, key_id)] == ["ON_DEMAND", "AUTOMATIC"]


def test_y9_at_most_25_on_demand_and_those_of_the_calendar_do_not_count(
    world: Any, kms: Any, key_id: str
) -> None:
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    world.clock.advance(days=91)
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"old")["CiphertextBlob"]
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key_id)
    before = rotations(kms, key_id)
    assert len(before) == 26
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    assert error_of(kms.rotate_key_on_demand, KeyId=key_id) == (
        "LimitExceededException",
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
        f"rotations can be performed for this key: {arn}",
    )
    assert rotations(kms, key_id) == before
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"old"
    other = new_key(kms)
    kms.rotate_key_on_demand(KeyId=other)


@pytest.mark.parametrize("minutes", [20, 1])
def test_y9_not_when_the_calendar_is_about_to_rotate(
    noon: Any, world: Any, kms: Any, key_id: str, minutes: int
) -> None:
    kms.enable_key_rotation(KeyId=key_id)
    world.clock.advance(timedelta(days=365) - timedelta(minutes=minutes))
    assert error_of(kms.rotate_key_on_demand, KeyId=key_id) == (
        "ConflictException",
        "The request was rejected because an automatic rotation of this key is currently in "
        "progress or scheduled to begin within the next 20 minutes.",
    )
    assert rotations(kms, key_id) == []
    world.clock.advance(minutes=minutes)
    kms.rotate_key_on_demand(KeyId=key_id)
    assert len(rotations(kms, key_id)) == 2


def test_y9_a_little_earlier_it_may_be_rotated(
    noon: Any, world: Any, kms: Any, key_id: str
) -> None:
    kms.enable_key_rotation(KeyId=key_id)
    world.clock.advance(timedelta(days=365) - timedelta(minutes=20, seconds=1))
    kms.rotate_key_on_demand(KeyId=key_id)
    assert [entry["RotationType"] for entry in rotations(kms, key_id)] == ["ON_DEMAND"]


def test_g6_a_rotation_that_takes_its_time(
    noon: Any, world: Any, kms: Any, key_id: str, transition: Any
) -> None:
    transition("kms::rotation", progression="time", seconds=300)
    first, begun = current(kms, key_id), world.clock.now()
    kms.rotate_key_on_demand(KeyId=key_id)
    assert kms.get_key_rotation_status(KeyId=key_id)["OnDemandRotationStartDate"] == begun
    assert current(kms, key_id) == first
    assert error_of(kms.rotate_key_on_demand, KeyId=key_id) == (
        "ConflictException",
        "The request was rejected because an on-demand rotation of this key is in progress.",
    )
    world.clock.advance(minutes=5)
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key_id)
    assert current(kms, key_id) != first
    (rotation,) = rotations(kms, key_id)
    assert rotation["RotationDate"] == begun + timedelta(minutes=5)
    (record,) = world.trail.events(event_name="RotateKey")
    assert {**record["serviceEventDetails"], "keyId": None} == {
        "keyId": None,
        "rotationType": "ON_DEMAND",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": first,
        "currentKeyMaterialId": current(kms, key_id),
    }
    kms.rotate_key_on_demand(KeyId=key_id)


def test_g6_a_rotation_that_progresses_with_descriptions(
    kms: Any, key_id: str, transition: Any
) -> None:
    transition("kms::rotation", progression="manual", times=2)
    kms.rotate_key_on_demand(KeyId=key_id)
    seen = [kms.get_key_rotation_status(KeyId=key_id) for _ in range(2)]
    assert ["OnDemandRotationStartDate" in status for status in seen] == [True, False]


def test_g6_the_record_comes_after_that_of_the_call(world: Any, kms: Any, key_id: str) -> None:
    kms.rotate_key_on_demand(KeyId=key_id)
    names = [record["eventName"] for record in world.trail.events()]
    assert names.index("RotateKeyOnDemand") < names.index("RotateKey")


# Which keys ---------------------------------------------------------------------------------------

CALLS = (
    "enable_key_rotation",
    "disable_key_rotation",
    "rotate_key_on_demand",
    "list_key_rotations",
)
OTHER_KINDS = [
    {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
]


@pytest.mark.parametrize("kind", OTHER_KINDS, ids=lambda kind: kind["KeySpec"])
def test_g2_g6_only_symmetric_encryption_keys_are_rotated(kms: Any, kind: dict[str, str]) -> None:
    key_id = new_key(kms, **kind)
    for call in CALLS:
        assert error_of(getattr(kms, call), KeyId=key_id)[0] == "UnsupportedOperationException"
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False


def test_g6_keys_in_a_key_store_are_not_rotated(kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    for call in (*CALLS, "get_key_rotation_status"):
        code, message = error_of(getattr(kms, call), KeyId=key_id)
        assert (code, "origin is AWS_CLOUDHSM" in message) == (
            "UnsupportedOperationException",
            True,
        )


def test_g6_keys_of_another_account_or_region_are_not_known(kms: Any, key_id: str) -> None:
    for other in (client("kms", account_id=OTHER_ACCOUNT), client("kms", OTHER_REGION)):
        for call in CALLS:
            assert error_of(getattr(other, call), KeyId=key_id)[0] == "NotFoundException"
    assert rotations(kms, key_id) == []


# ListKeyRotations ---------------------------------------------------------------------------------


def test_w17_all_key_material(noon: Any, world: Any, kms: Any, key_id: str) -> None:
    first = current(kms, key_id)
    kms.rotate_key_on_demand(KeyId=key_id)
    both = rotations(kms, key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert both == [
        {"KeyId": key_id, "KeyMaterialId": first, "KeyMaterialState": "NON_CURRENT"},
        {
            "KeyId": key_id,
            "KeyMaterialId": current(kms, key_id),
            "KeyMaterialState": "CURRENT",
            "RotationDate": world.clock.now(),
            "RotationType": "ON_DEMAND",
        },
    ]
    assert rotations(kms, key_id, IncludeKeyMaterial="ROTATIONS_ONLY") == both[1:]


def test_g11_rotations_have_pages(kms: Any, key_id: str) -> None:
    for _ in range(5):
        kms.rotate_key_on_demand(KeyId=key_id)
    found, marker = [], {}
    while True:
        page = kms.list_key_rotations(KeyId=key_id, Limit=2, **marker)
        found += page["Rotations"]
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert found == rotations(kms, key_id)
    code, _ = error_of(kms.list_key_rotations, KeyId=key_id, Marker="of another list")
    assert code == "InvalidMarkerException"
