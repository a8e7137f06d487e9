"""Snapshots and known keys over the control API, as JSON and by the remote handle."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moto_cks import cks, mock_cks
from moto_cks.control.operations import snapshots
from moto_cks.handle.remote.cks import RemoteCks
from moto_cks.server import ThreadedCksServer
from tests.control.api import Api
from tests.server.conftest import Server

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MATERIAL = bytes(range(32))


def test_take_restore_and_delete(api: Api) -> None:
    before = api("POST", "/snapshots", {}).body
    assert re.fullmatch("snapshot-[0-9a-f]{32}", before["id"])
    assert before["left_out"] == {}
    api("POST", "/key-stores", {})
    world = api("GET", "/world").body
    assert api("POST", f"/snapshots/{before['id']}/restore", {}).status == 204
    now = api("GET", "/world").body
    assert now["run"] != world["run"]
    assert now["moments"][:-1] == world["moments"][:-1]
    assert now["id"] == now["moments"][-1] != world["id"]
    assert before in api("GET", "/snapshots").body["snapshots"]
    assert api("GET", f"/snapshots/{before['id']}").body == before
    assert api("DELETE", f"/snapshots/{before['id']}").status == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/file"), ("POST", "/restore")):
        gone = api(method, f"/snapshots/{before['id']}{path}")
        assert gone.status == 404
        assert gone.body["message"] == f"There is no snapshot {before['id']}."


def test_a_snapshot_outlives_a_reset(api: Api) -> None:
    api("POST", "/key-stores", {})
    kept = api("POST", "/snapshots", {}).body["id"]
    api("POST", "/reset", {})
    assert api("POST", f"/snapshots/{kept}/restore", {}).status == 204
    assert "CONNECTED" in str(api("GET", "/timeline").body)


def test_a_file_goes_out_and_in(api: Api) -> None:
    store = api("POST", "/key-stores", {}).body
    kept = api("POST", "/snapshots", {}).body["id"]
    file = api("GET", f"/snapshots/{kept}/file").body["file"]
    api("POST", "/reset", {})
    loaded = api("POST", "/snapshots", {"file": file})
    assert loaded.status == 201
    assert api("POST", "/snapshots", {"file": file}).body == loaded.body  # it is the same one
    api("POST", f"/snapshots/{loaded.body['id']}/restore", {})
    assert api("GET", f"/key-stores/{store['id']}").body == store


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("*", "The file must be in base64."),
        ("", "This is no saved world of moto_cks."),
        (base64.b64encode(b"cos\nsystem\n.").decode(), "This is no saved world of moto_cks."),
    ],
)
def test_a_file_that_is_none_is_refused(api: Api, file: str, message: str) -> None:
    refused = api("POST", "/snapshots", {"file": file})
    assert (refused.status, refused.body["message"]) == (400, message)


def test_a_server_keeps_so_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST", len(api("GET", "/snapshots").body["snapshots"]) + 1)
    kept = api("POST", "/snapshots", {}).body["id"]
    refused = api("POST", "/snapshots", {})
    assert refused.status == 409
    assert refused.body["message"].endswith("snapshots already; delete one.")
    api("DELETE", f"/snapshots/{kept}")


def test_known_keys(api: Api) -> None:
    store = api("POST", "/key-stores", {}).body
    material = base64.b64encode(MATERIAL).decode()
    body = {"key_id": KEY_ID, "material": material, "key_store_id": store["id"]}
    made = api("POST", "/keys", {**body, "parameters": {"Description": "cards"}})
    assert (made.status, made.body) == (201, {"key_id": KEY_ID})
    for wrong, status in (
        (body, 400),
        ({"key_id": "cards"}, 400),
        ({"material": "*"}, 400),
        ({"material": "AAAA"}, 400),
        ({"key_store_id": "cks-0"}, 404),
        ({"parameters": {"CustomKeyStoreId": store["id"]}}, 400),
        ({"parameters": {"Origin": "AWS_CLOUDHSM"}}, 422),
        ({"colour": "red"}, 400),
    ):
        refused = api("POST", "/keys", wrong)
        assert refused.status == status
        assert material not in str(refused.body)


# The remote handle --------------------------------------------------------------------------------


@pytest.fixture
def remote(server: Server) -> RemoteCks:
    return RemoteCks(server.endpoint)


def test_handles_of_before_go_on_and_handles_of_after_do_not(remote: RemoteCks) -> None:
    store = remote.create_key_store()
    session = store.cluster.login("CO", "admin", "adminPswd1")
    tool = remote.key_mgmt_util(store.cluster)
    before = remote.snapshot()
    later = remote.create_key_store("Later", region="eu-west-1")
    remote.restore(before)
    assert store.create_key()
    assert store.cluster.admin_password == "adminPswd1"
    assert remote.key_store(store.id).name == "ExampleKeyStore"
    uses: list[Callable[[], Any]] = [later.create_key, lambda: tool.run("listUsers")]
    for use in uses:
        with pytest.raises(RuntimeError, match="is of a world that is over"):
            use()
    session.logout()
    tool.close()
    with pytest.raises(KeyError, match=later.id):
        remote.key_store(later.id)


def test_faults_can_be_ended_after_restoring(remote: RemoteCks) -> None:
    lasting = remote.faults.fail("kms:ListKeys", "KMSInternalException", times=None)
    before = remote.snapshot()
    remote.restore(before)
    lasting.end()
    remote.restore(before)
    lasting.end()
    assert "over: " in str(remote.timeline)


def test_files_are_those_of_the_client(remote: RemoteCks, tmp_path: Path) -> None:
    store = remote.create_key_store()
    saved = remote.save(tmp_path / "a.world")
    remote.reset()
    loaded = remote.load(tmp_path / "a.world")
    assert (loaded.time, loaded.left_out) == (saved.time, {})
    assert remote.key_store(store.id).cluster.id == store.cluster.id
    with mock_cks():  # and in a process of its own
        cks.load(tmp_path / "a.world")
        assert cks.key_store(store.id).create_key()
    (tmp_path / "a.world").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="This is no saved world"):
        remote.load(tmp_path / "a.world")


def test_a_snapshot_of_another_place_is_refused(remote: RemoteCks) -> None:
    with mock_cks():
        here = cks.snapshot()
    with pytest.raises(TypeError, match="A snapshot of http://"):
        remote.restore(here)
    with ThreadedCksServer(port=0) as other:
        host, port = other.get_host_and_port()
        there = RemoteCks(f"http://{host}:{port}").snapshot()
    with pytest.raises(TypeError, match="A snapshot of http://"):
        remote.restore(there)


def test_known_keys_of_a_server(remote: RemoteCks) -> None:
    store = remote.create_key_store()
    made = remote.create_key(key_id=KEY_ID, material=MATERIAL, key_store=store, Description="cards")
    assert made == KEY_ID
    with pytest.raises(ValueError, match="There is a key"):
        remote.create_key(key_id=KEY_ID)
    with pytest.raises(ValueError, match="is no key ID"):
        remote.create_key(key_id="cards")
