"""moto's own API on moto-cks-server."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import Server


def moto_api(server: Server, path: str, body: Any = None, method: str = "POST") -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.endpoint}/moto-api/{path}", data, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def test_m5_dashboard(server: Server) -> None:
    server.control.post("key-stores")
    assert b"<html" in moto_api(server, "", method="GET").lower()
    data = json.loads(moto_api(server, "data.json", method="GET"))
    assert len(data["cloudhsmv2"]["CloudHsmCluster"]) == 1


def test_m5_reset(server: Server) -> None:
    server.control.post("key-stores")
    server.control.post("clock", "advance", body={"days": 3})
    server.reset()
    assert server.client("kms").describe_custom_key_stores()["CustomKeyStores"] == []
    assert server.control.get("clusters") == {"clusters": []}
    now = datetime.fromisoformat(server.control.get("clock")["now"])
    assert abs((now - datetime.now(timezone.utc)).total_seconds()) < 60


def test_m5_seed(server: Server) -> None:
    def some_key() -> str:
        moto_api(server, "seed?a=42")
        return server.client("kms").create_key()["KeyMetadata"]["KeyId"]

    assert some_key() == some_key()


def test_m5_state_transitions(server: Server) -> None:
    store = server.control.post("key-stores", body={"connect": False})
    kms = server.client("kms")
    transition = {"progression": "time", "seconds": 900}
    moto_api(
        server,
        "state-manager/set-transition",
        {"model_name": "cks::connection", "transition": transition},
    )
    try:
        kms.connect_custom_key_store(CustomKeyStoreId=store["id"])
        assert _state(kms) == "CONNECTING"
        server.control.post("clock", "advance", body={"minutes": 15})
        assert _state(kms) == "CONNECTED"
        shown = moto_api(
            server, "state-manager/get-transition?model_name=cks::connection", method="GET"
        )
        assert json.loads(shown) == transition
    finally:
        moto_api(server, "state-manager/unset-transition", {"model_name": "cks::connection"})


def _state(kms: Any) -> str:
    (store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    return str(store["ConnectionState"])


def test_m5_recorder(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the recorder writes to the working directory
    moto_api(server, "recorder/reset-recording", {})
    moto_api(server, "recorder/start-recording", {})
    kms = server.client("kms")
    kms.create_key(Description="recorded")
    moto_api(server, "recorder/stop-recording", {})
    kms.create_key(Description="not recorded")
    lines = moto_api(server, "recorder/download-recording", method="GET").splitlines()
    assert [json.loads(line)["headers"]["X-Amz-Target"] for line in lines] == [
        "TrentService.CreateKey"
    ]
    server.reset()
    moto_api(server, "recorder/replay-recording", {})
    (key,) = kms.list_keys()["Keys"]
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] == "recorded"
    moto_api(server, "recorder/reset-recording", {})


def test_m5_config(server: Server) -> None:
    config = json.loads(moto_api(server, "config", method="GET"))
    assert config["lambda"] == {"use_docker": True}
