"""CloudTrail and the timeline, over the control API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.api import Api
from tests.server.conftest import Server


def test_trail(api: Api, server: Server) -> None:
    kms = server.client("kms")
    kms.create_key()
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="12345678-1234-1234-1234-123456789012")
    server.client("kms", "eu-west-1").create_key()

    def names(**query: str) -> list[str]:
        events = api("GET", "/trail/events", query=query).body["events"]
        return [event["eventName"] for event in events]

    assert names() == ["CreateKey", "DescribeKey", "CreateKey"]
    assert names(region="eu-west-1") == ["CreateKey"]
    assert names(event_name="DescribeKey", event_source="kms.amazonaws.com") == ["DescribeKey"]
    assert names(error_code="NotFoundException") == ["DescribeKey"]
    assert names(succeeded="true") == ["CreateKey", "CreateKey"]
    assert names(succeeded="false") == ["DescribeKey"]
    assert names(account_id="111111111111") == []
    api.refused(400, "GET", "/trail/events", query={"succeeded": "true", "error_code": "x"})
    api.refused(400, "GET", "/trail/events", query={"succeeded": "maybe"})
    assert "colour" in api.refused(400, "GET", "/trail/events", query={"colour": "red"})
    assert api("POST", "/trail/deliver", {}).status == 204


def test_the_timeline(api: Api, cluster: dict[str, Any]) -> None:
    entries = api("GET", "/timeline").body["entries"]
    assert [entry["what"] for entry in entries][:2] == [
        "CreateCluster",
        "CREATE_IN_PROGRESS -> UNINITIALIZED",
    ]
    moment = api("POST", "/clock/advance", {"days": 2}).body["now"]
    (clock,) = api("GET", "/timeline", query={"kind": "clock"}).body["entries"]
    assert clock["what"] == "2 days, 0:00:00 pass"
    query = {"since": moment, "subject": cluster["id"]}
    assert api("GET", "/timeline", query=query).body == {"entries": []}
    assert "kind must be call or" in api.refused(400, "GET", "/timeline", query={"kind": "colour"})
    assert "since" in api.refused(400, "GET", "/timeline", query={"since": "yesterday"})
