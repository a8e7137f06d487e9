"""``cks.explain`` in moto's server mode: the same as in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import settings

from moto_cks import cks, mock_cks
from moto_cks.handle.remote.cks import RemoteCks
from tests.server.conftest import Server, _running_server, server

__all__ = ["_running_server", "server"]


@pytest.fixture
def world(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(settings, "TEST_SERVER_MODE", True)
    monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", server.endpoint)
    with mock_cks() as remote:
        assert isinstance(remote, RemoteCks)
        yield remote


def test_every_kind_of_name(world: Any, server: Server) -> None:
    store = world.create_key_store()
    key = store.create_key()
    kms = server.client("kms")
    kms.create_alias(AliasName="alias/payments", TargetKeyId=key)
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    for subject in (store, store.id, store.cluster, store.cluster.id, key, arn, "alias/payments"):
        explanation = world.explain(subject)
        assert explanation
        assert explanation.reasons == ()
        assert str(explanation).split("\n")[0].endswith(" can be used.")
    assert world.explain(arn).subject == world.explain("alias/payments").subject == key


def test_what_is_wrong(world: Any, server: Server) -> None:
    store = world.create_key_store()
    key = store.create_key()
    kms = server.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "somebodyElse1")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(minutes=2)
    explanation = world.explain(store)
    assert not explanation
    assert explanation.state == {
        "ConnectionState": "FAILED",
        "ConnectionErrorCode": "INVALID_CREDENTIALS",
    }
    (reason,) = explanation.reasons
    assert (reason.failure, reason.decides, reason.beyond_aws) == (
        "invalid-credentials",
        True,
        True,
    )
    assert (world.clock.now() - reason.since).total_seconds() > 100
    assert [step.name for step in reason.steps] == [
        "disconnect",
        "set-password",
        "tell-password",
        "connect",
    ]
    assert "changed 2 minutes ago by CO admin on 2 of 2 HSMs." in str(explanation)
    assert world.explain(key).reasons == explanation.reasons
    shown = server.control.get("explain", store.id)
    assert shown == explanation.to_dict()


def test_what_there_is_not(world: Any, server: Server) -> None:
    for name in ("cks-1234567890abcdef0", "cluster-abcdefghijk", "alias/unknown", "1234"):
        with pytest.raises(KeyError, match="There is no "):
            world.explain(name)
    for region in ("us-east-1", "eu-west-1"):
        kms = server.client("kms", region)
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/payments", TargetKeyId=key)
    with pytest.raises(ValueError, match="Say which alias/payments: arn:aws:kms:"):
        world.explain("alias/payments")
    with pytest.raises(TypeError):
        world.explain(7)
    assert cks.explain(key)
