"""What is read of the answer to a call, in each of the formats that errors come in."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from moto_cks import cks, mock_cks
from moto_cks.frontend.calls import Answer
from tests.aws import client

XML = "<ErrorResponse><Error><Code>{}</Code>\n<Message>{}</Message></Error></ErrorResponse>"
UNKNOWN = "InternalFailure"

ERRORS: dict[str, tuple[str | bytes, tuple[str, str | None]]] = {
    "JSON": ('{"__type": "Refused", "message": "no"}', ("Refused", "no")),
    "the other spelling": ('{"__type": "Refused", "Message": "no"}', ("Refused", "no")),
    "both": ('{"__type": "Refused", "message": "a", "Message": "b"}', ("Refused", "a")),
    "a namespace": ('{"__type": "com.amazonaws.kms#Refused"}', ("Refused", None)),
    "no type": ('{"message": "no"}', (UNKNOWN, "no")),
    "a message that is none": ('{"__type": "Refused", "message": ["no"]}', ("Refused", None)),
    "bytes": (b'{"__type": "Refused", "message": "\xc3\xa9"}', ("Refused", "é")),
    "XML": (XML.format("Refused", "no"), ("Refused", "no")),
    "XML in bytes": (XML.format("Refused", "é").encode(), ("Refused", "é")),
    "XML of many lines": (XML.format("Refused", "one\ntwo"), ("Refused", "one\ntwo")),
    "XML that tells two": (2 * XML.format("Refused", "no"), ("Refused", "no")),
    "XML without a code": ("<Error><Message>no</Message></Error>", (UNKNOWN, None)),
    "XML without a message": ("<Error><Code>Refused</Code></Error>", (UNKNOWN, None)),
    "JSON of another kind": ('["Refused"]', (UNKNOWN, None)),
    "a number": ("5", (UNKNOWN, None)),
    "a text": ("Service Unavailable", (UNKNOWN, None)),
    "nothing": ("", (UNKNOWN, None)),
    "no bytes": (b"", (UNKNOWN, None)),
}


@pytest.mark.parametrize("body", ERRORS)
def test_t1_an_error_is_read_in_every_format(body: str) -> None:
    text, expected = ERRORS[body]
    assert Answer(False, "an ID", text).error == expected


@pytest.mark.parametrize(("body", "members"), [('{"a": 1}', {"a": 1}), ("", {}), (b"", {})])
def test_t1_an_answer_may_have_no_members(body: str | bytes, members: dict[str, Any]) -> None:
    assert Answer(True, "an ID", body).members == members


@mock_aws
@set_initial_no_auth_action_count(0)
def test_t1_an_error_that_moto_writes_in_xml_is_recorded_as_any_other() -> None:
    with mock_cks():
        with pytest.raises(ClientError):
            client("kms").list_keys()
        (record,) = cks.trail.events(event_name="ListKeys")
        assert (record["errorCode"], record["errorMessage"]) == (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
