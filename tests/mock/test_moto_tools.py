"""moto's own tools inside ``mock_cks``: reset, seed, dashboard, recorder, transitions (M5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from moto.moto_api import recorder, state_manager
from moto.moto_api._internal import mock_random
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from moto_cks import cks, mock_cks
from tests.aws import client

from . import (
    MOTO_API,
    key_stores,
    moto_api,
    state_of,
)


@mock_cks
def test_m5_reset() -> None:
    store = cks.create_key_store()
    store.create_key()
    cluster_id = store.cluster.id
    cks.clock.advance(days=1)
    moto_api("reset")
    assert key_stores() == []
    assert client("kms").list_keys()["Keys"] == []
    assert client("cloudhsmv2").describe_clusters()["Clusters"] == []
    assert client("cloudhsmv2").describe_backups()["Backups"] == []
    assert cks.create_key_store().create_key()  # the plugin is still on
    with pytest.raises(KeyError):
        cks.cluster(cluster_id)


def ids_of_a_new_world() -> list[str]:
    moto_api("seed?a=42")
    store = cks.create_key_store()
    return [
        store.id,
        store.cluster.id,
        store.create_key(),
        *(hsm.id for hsm in store.cluster.hsms),
        *store.cluster.subnet_ids,
        *(backup["BackupId"] for backup in client("cloudhsmv2").describe_backups()["Backups"]),
    ]


def test_m5_the_same_seed_gives_the_same_ids() -> None:
    state = mock_random.getstate()
    try:
        with mock_cks():
            first = ids_of_a_new_world()
            moto_api("reset")
            second = ids_of_a_new_world()
    finally:
        mock_random.setstate(state)
    assert first == second
    assert len(set(first)) == len(first)


@mock_cks
def test_m5_dashboard() -> None:
    store = cks.create_key_store("on the dashboard")
    key_id = store.create_key()
    data = requests.get(f"{MOTO_API}/data.json").json()
    (shown,) = data["kms"]["CloudHsmKeyStore"]
    assert shown["custom_key_store_id"] == store.id
    assert (shown["name"], shown["connection_state"]) == ("on the dashboard", "CONNECTED")
    assert shown["cluster_id"] == store.cluster.id
    assert [key["id"] for key in data["kms"]["CustomKeyStoreKey"]] == [key_id]
    (cluster,) = data["cloudhsmv2"]["CloudHsmCluster"]
    assert (cluster["cluster_id"], cluster["state"]) == (store.cluster.id, "ACTIVE")
    hsms = [hsm["hsm_id"] for hsm in data["cloudhsmv2"]["CloudHsm"]]
    assert hsms == [hsm.id for hsm in store.cluster.hsms]
    backups = client("cloudhsmv2").describe_backups()["Backups"]
    assert {item["backup_id"] for item in data["cloudhsmv2"]["CloudHsmBackup"]} == {
        backup["BackupId"] for backup in backups
    }


@mock_cks
def test_m5_the_dashboard_changes_nothing(transition: Any) -> None:
    transition("cks::connection", progression="manual", times=2)
    store = cks.create_key_store()
    for _ in range(2):
        requests.get(f"{MOTO_API}/data.json")
    assert state_of(store.id) == "CONNECTING"


def test_m5_dashboard_of_the_server() -> None:
    with mock_cks() as handle:
        store = handle.create_key_store()
        server = Client(DomainDispatcherApplication(create_backend_app))
        data = server.get("/moto-api/data.json").get_json(force=True)
        assert data["kms"]["CloudHsmKeyStore"][0]["custom_key_store_id"] == store.id
        assert server.get("/moto-api/").status_code == 200


def test_m5_server() -> None:
    with mock_cks() as handle:
        store = handle.create_key_store()
        server = Client(DomainDispatcherApplication(create_backend_app))
        scope = "Credential=testing/20200101/us-east-1/kms/aws4_request"

        def call(operation: str, **parameters: str) -> Any:
            return server.post(
                "/",
                data=json.dumps(parameters),
                headers={
                    "X-Amz-Target": f"TrentService.{operation}",
                    "Content-Type": "application/x-amz-json-1.1",
                    "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=x",
                },
            )

        described = call("DescribeCustomKeyStores").get_json(force=True)
        assert described["CustomKeyStores"][0]["CustomKeyStoreId"] == store.id
        assert call("DisconnectCustomKeyStore", CustomKeyStoreId=store.id).status_code == 200
        refusal = call("CreateKey", Origin="AWS_CLOUDHSM", CustomKeyStoreId=store.id)
        assert refusal.status_code == 400
        assert refusal.get_json(force=True)["__type"] == "CustomKeyStoreInvalidStateException"


@mock_cks
def test_m5_recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the recorder writes to the working directory
    kms, cluster = client("kms"), cks.create_cluster()
    first = cks.create_key_store(cluster=cluster, connect=False)  # makes the service-linked role
    kms.delete_custom_key_store(CustomKeyStoreId=first.id)
    moto_api("seed?a=42")  # for the same key store ID again
    recorder.start_recording()
    store = cks.create_key_store("recorded", cluster=cluster)
    recorder.stop_recording()
    targets = [
        json.loads(line)["headers"]["X-Amz-Target"].split(".")[1]
        for line in recorder.download_recording().splitlines()
    ]
    assert targets == ["CreateCustomKeyStore", "ConnectCustomKeyStore"]

    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    cluster.change_password("CU", "kmsuser", "kmsPswd1")
    assert key_stores() == []
    moto_api("seed?a=42")
    recorder.replay_recording()
    assert key_stores() == ["recorded"]
    assert state_of(store.id) == "CONNECTED"
    assert store.create_key()


@pytest.fixture
def transition() -> Iterator[Any]:
    """Sets moto's state transition of a model until the end of the test."""
    models: list[str] = []

    def set_transition(model: str, **how: Any) -> None:
        models.append(model)
        moto_api("state-manager/set-transition", model_name=model, transition=how)

    yield set_transition
    for model in models:
        state_manager.unset_transition(model)


@mock_cks
def test_m5_transitions_are_immediate_by_default() -> None:
    for model in ("cks::connection", *(f"cloudhsmv2::{m}" for m in ("cluster", "hsm", "backup"))):
        answer = requests.get(f"{MOTO_API}/state-manager/get-transition?model_name={model}")
        assert answer.json() == {"progression": "immediate"}
        assert model in state_manager.get_registered_models()


@mock_cks
def test_m5_manual_transition(transition: Any) -> None:
    store = cks.create_key_store(connect=False)
    transition("cks::connection", progression="manual", times=3)
    client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)
    states = [state_of(store.id) for _ in range(4)]
    assert states == ["CONNECTING", "CONNECTING", "CONNECTED", "CONNECTED"]
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    states = [state_of(store.id) for _ in range(3)]
    assert states == ["DISCONNECTING", "DISCONNECTING", "DISCONNECTED"]


@mock_cks
def test_m5_time_transition_on_the_simulated_clock(transition: Any) -> None:
    store = cks.create_key_store(connect=False)
    transition("cks::connection", progression="time", seconds=1200)
    client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store.id) == "CONNECTING"
    cks.clock.advance(minutes=19)
    assert state_of(store.id) == "CONNECTING"
    cks.clock.advance(minutes=1)
    assert state_of(store.id) == "CONNECTED"


@mock_cks
def test_m5_unset_transition(transition: Any) -> None:
    transition("cks::connection", progression="manual", times=3)
    moto_api("state-manager/unset-transition", model_name="cks::connection")
    assert state_of(cks.create_key_store().id) == "CONNECTED"
