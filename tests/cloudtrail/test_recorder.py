"""What leaves an event, and where."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from moto.cloudtrail.models import CloudTrailBackend, cloudtrail_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks import mock_cks
from moto_cks.cloudtrail.events import Event
from moto_cks.cloudtrail.models import trail_backend
from moto_cks.frontend.calls import Deed, announce
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client, error_of, session

from . import last

KEY_ARN = f"arn:aws:kms:{REGION}:{DEFAULT_ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_t1_one_event_a_call_in_order(world: Any) -> None:
    kms = client("kms")
    for _ in range(3):
        kms.list_keys()
        kms.list_aliases()
    assert [event["eventName"] for event in world.trail.events()] == ["ListKeys", "ListAliases"] * 3


def test_t1_events_stay_in_their_region_and_account(world: Any) -> None:
    client("kms").list_keys()
    client("kms", OTHER_REGION).list_aliases()
    client("kms", account_id=OTHER_ACCOUNT).list_keys()
    names = [event["eventName"] for event in world.trail.events(region="eu-west-1")]
    assert names == ["ListAliases"]
    (elsewhere,) = world.trail.events(account_id=OTHER_ACCOUNT)
    assert elsewhere["recipientAccountId"] == OTHER_ACCOUNT
    assert elsewhere["userIdentity"]["accountId"] == OTHER_ACCOUNT


def test_t1_calls_that_are_not_implemented_leave_nothing(world: Any) -> None:
    with pytest.raises(NotImplementedError):
        client("cloudtrail").list_channels()
    assert world.trail.events(event_name="ListChannels") == []


def test_t1_requests_that_are_not_json_leave_an_event(world: Any) -> None:
    kms = session().client("kms", REGION)  # its own, since its requests are spoilt
    kms.meta.events.register("before-sign", lambda request, **_: request.__setattr__("data", b"{"))
    assert error_of(kms.describe_custom_key_stores)[0] == "SerializationException"
    record = last(world)
    assert record["errorCode"] == "SerializationException"
    assert record["requestParameters"] is None


def test_t1_filters(world: Any) -> None:
    kms = client("kms")
    kms.list_keys()
    error_of(kms.describe_key, KeyId=KEY_ARN)
    client("cloudtrail").describe_trails()
    sources = {"kms.amazonaws.com": 2, "cloudtrail.amazonaws.com": 1}
    for source, number in sources.items():
        assert len(world.trail.events(event_source=source)) == number
    assert len(world.trail.events(error_code="NotFoundException")) == 1
    assert len(world.trail.events(error_code=None)) == 2
    with pytest.raises(TypeError, match="colour"):
        world.trail.events(colour="blue")


def test_o3_service_events(world: Any) -> None:
    data = {
        "customKeyStoreId": "cks-1234567890abcdef0",
        "clusterId": "cluster-1a23b4cdefg",
        "backingKeys": json.dumps([{"keyHandle": "01", "backingKeyId": "b"}]),
    }
    announce(Deed("kms", "DeleteKey", DEFAULT_ACCOUNT_ID, REGION, (KEY_ARN,), data))
    record = last(world, event_name="DeleteKey")
    assert record["userIdentity"] == {"accountId": DEFAULT_ACCOUNT_ID, "invokedBy": "AWS Internal"}
    assert record["sourceIPAddress"] == record["userAgent"] == "AWS Internal"
    assert record["requestParameters"] is None
    assert record["responseElements"] == {"keyId": KEY_ARN}
    assert record["additionalEventData"] == data
    assert record["eventType"] == "AwsServiceEvent"
    assert record["readOnly"] is False
    assert "requestID" not in record
    resource = {"accountId": DEFAULT_ACCOUNT_ID, "type": "AWS::KMS::Key", "ARN": KEY_ARN}
    assert record["resources"] == [resource]


def test_t4_sinks_get_events_after_the_history(world: Any) -> None:
    seen: list[tuple[str, int]] = []
    backend = trail_backend(DEFAULT_ACCOUNT_ID, REGION)

    def sink(event: Event) -> None:
        seen.append((event.event_name, len(backend.history)))

    backend.sinks.append(sink)
    client("kms").list_keys()
    assert seen == [("ListKeys", 1)]


def test_t1_reset_forgets() -> None:
    for _ in range(2):
        with mock_cks() as cks:
            client("kms").list_keys()
            assert len(cks.trail.events()) == 1
    assert cloudtrail_backends[DEFAULT_ACCOUNT_ID].backend is CloudTrailBackend


def test_t1_recording_is_cheap_and_small(world: Any) -> None:
    kms = client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    number = 500
    kms.encrypt(KeyId=key_id, Plaintext=b"x")
    history = trail_backend(DEFAULT_ACCOUNT_ID, REGION).history
    before = len(history)
    tracemalloc.start()
    try:
        start = tracemalloc.get_traced_memory()[0]
        for index in range(number):
            kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"id": str(index)})
        size = (tracemalloc.get_traced_memory()[0] - start) / number
    finally:
        tracemalloc.stop()
    assert len(history) == before + number
    assert size < 2000  # all that a call leaves; of it, an event takes up less than 600


def test_t1_records_do_not_share(world: Any) -> None:
    client("kms").list_keys()
    last(world)["userIdentity"]["userName"] = "somebody else"
    assert last(world)["userIdentity"]["userName"] != "somebody else"
