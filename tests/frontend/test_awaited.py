"""What a client of aiobotocore is told, which awaits what moto answers."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto.core.models import botocore_stubber

from moto_cks import mock_cks
from tests.aws import REGION, client, session

CALLS = [("kms", "list_keys"), ("cloudhsmv2", "describe_clusters"), ("sts", "get_caller_identity")]
IDS = [service for service, _ in CALLS]


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with mock_cks():
        yield


@pytest.fixture
def aiobotocore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody in this process has loaded it."""
    monkeypatch.setitem(sys.modules, "aiobotocore", ModuleType("aiobotocore"))


def answer(service: str, operation: str) -> AWSResponse:
    """What moto answers to a request, before a client has read it."""
    made = session().client(service, REGION)  # its own, since it is listened to
    answers: list[Any] = []

    def keep(request: Any, event_name: str, **_: Any) -> Any:
        answers.append(botocore_stubber(event_name, request))
        return answers[-1]

    made.meta.events.register_first("before-send", keep)
    getattr(made, operation)()
    return answers[0]


async def awaited(content: Any) -> Any:
    """The content, read as aiobotocore reads it."""
    return await content


@pytest.mark.parametrize(("service", "operation"), CALLS, ids=IDS)
def test_it_is_told_what_to_do_instead(aiobotocore: None, service: str, operation: str) -> None:
    content = answer(service, operation).content
    with pytest.raises(RuntimeError, match=r"cks_server.*moto-cks-server.*endpoint_url\.$"):
        asyncio.run(awaited(content))


def test_who_knows_how_to_take_an_answer_takes_it(aiobotocore: None) -> None:
    content = answer("kms", "list_keys").content
    assert isinstance(content, bytes)
    assert json.loads(content)["Keys"] == []


def test_other_clients_are_answered_as_ever(aiobotocore: None) -> None:
    kms = client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == [key_id]
    with pytest.raises(kms.exceptions.NotFoundException, match="unknown"):
        kms.describe_key(KeyId="unknown")


@pytest.mark.parametrize(("service", "operation"), CALLS, ids=IDS)
def test_without_it_nothing_is_different(service: str, operation: str) -> None:
    assert "aiobotocore" not in sys.modules
    assert type(answer(service, operation)) is AWSResponse
