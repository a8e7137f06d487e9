"""``--state``: the world of a server over its end, over a kill, and over what cannot be."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from moto_cks import cks, mock_cks
from moto_cks.handle.remote.cks import RemoteCks
from moto_cks.handle.remote.control_api import ControlApi
from moto_cks.server import ThreadedCksServer
from moto_cks.server.state import AT_MOST, may_change
from tests.aws import client_of
from tests.control.test_external_key_stores import CAUSES
from tests.server.process import ServerProcess, running

PATIENCE = 20 * AT_MOST
"""Seconds to wait for what takes no more than AT_MOST on a machine that has nothing else to do."""


def written_after(path: Path, moment: float) -> None:
    """Wait until a file is newer."""
    until = time.monotonic() + PATIENCE
    while not path.exists() or path.stat().st_mtime < moment:
        assert time.monotonic() < until
        time.sleep(0.02)


def states(endpoint: str) -> list[Any]:
    stores = client_of(endpoint, "kms").describe_custom_key_stores()["CustomKeyStores"]
    return [store["ConnectionState"] for store in stores]


def test_over_a_restart(tmp_path: Path) -> None:
    file = str(tmp_path / "a.state")
    with running("--state", file) as first:
        store = RemoteCks(first.endpoint).create_key_store()
        key_id = store.create_key()
        kms = client_of(first.endpoint, "kms")
        card = kms.encrypt(KeyId=key_id, Plaintext=b"4111 1111")["CiphertextBlob"]
        client_of(first.endpoint, "s3").create_bucket(Bucket="example")
    with running("--state", file) as second:
        assert states(second.endpoint) == ["CONNECTED"]
        opened = client_of(second.endpoint, "kms").decrypt(CiphertextBlob=card)
        assert opened["Plaintext"] == b"4111 1111"
        buckets = client_of(second.endpoint, "s3").list_buckets()["Buckets"]
        assert [bucket["Name"] for bucket in buckets] == ["example"]
        RemoteCks(second.endpoint).reset()
    with running("--state", file) as third:
        assert states(third.endpoint) == []


def test_x72_causes_are_taken_back_by_their_ids_after_a_restart(tmp_path: Path) -> None:
    file, at = str(tmp_path / "a.state"), ("xks-proxies", "xks.example.com")
    # The path prefix moves when all that names it is set up.
    causes = sorted(CAUSES.items(), key=lambda each: each[0] == "move")
    with running("--state", file) as first:
        control = ControlApi(first.endpoint)
        key_id = RemoteCks(first.endpoint).create_external_key_store().create_key()
        ids = [control.post(*at, "causes", body={kind: given})["id"] for kind, given in causes]
        shown = control.get(*at)["causes"]
        assert [each["id"] for each in shown] == ids
        assert {each["kind"] for each in shown} == CAUSES.keys()
    with running("--state", file) as second:
        control = ControlApi(second.endpoint)
        assert control.get(*at)["causes"] == shown
        assert not control.get(*at)["running"]
        for cause_id in ids:
            control.delete(*at, "causes", cause_id)
        control.post("clock", "advance", body={"seconds": 2})
        proxy = control.get(*at)
        assert (proxy["causes"], proxy["running"], proxy["defects"]) == ([], True, [])
        kms = client_of(second.endpoint, "kms")
        card = kms.encrypt(KeyId=key_id, Plaintext=b"4111 1111")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=card)["Plaintext"] == b"4111 1111"


def test_over_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "a.state"
    server = ServerProcess("-p", "0", "--state", str(path))
    RemoteCks(server.endpoint).create_key_store()
    made = time.time()
    client_of(server.endpoint, "kms").create_key()  # what is written for it has the key store, too
    written_after(path, made)
    os.kill(server.process.pid, signal.SIGKILL)
    status, _ = server.end()
    assert status == -signal.SIGKILL
    assert os.listdir(tmp_path) == ["a.state"]
    with running("--state", str(path)) as again:
        assert states(again.endpoint) == ["CONNECTED"]


def test_while_calls_keep_coming_it_is_written_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.state"
    with ThreadedCksServer(port=0, state=str(path)) as server:
        host, port = server.get_host_and_port()
        kms = client_of(f"http://{host}:{port}", "kms")
        until = time.monotonic() + PATIENCE
        while not path.exists():
            kms.create_key()
            assert time.monotonic() < until


def test_who_only_reads_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.state"
    with ThreadedCksServer(port=0, state=str(path)) as server:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        client_of(endpoint, "kms").list_keys()
        client_of(endpoint, "s3").list_buckets()
        RemoteCks(endpoint).trail.events()
        time.sleep(2 * AT_MOST)
        assert not path.exists()
    assert path.exists()


@pytest.mark.parametrize(
    ("method", "target", "changes"),
    [
        ("GET", None, False),
        ("HEAD", None, False),
        ("PUT", None, True),
        ("POST", None, True),
        ("POST", "TrentService.DescribeKey", False),
        ("POST", "TrentService.ScheduleKeyDeletion", True),
        ("POST", "DynamoDB_20120810.PutItem", True),
        ("POST", "AmazonSQS.ReceiveMessage", True),
    ],
)
def test_which_requests_may_change_something(
    method: str, target: str | None, changes: bool
) -> None:
    environ = {"REQUEST_METHOD": method} | ({"HTTP_X_AMZ_TARGET": target} if target else {})
    assert may_change(environ) is changes


def test_time_goes_on_meanwhile(tmp_path: Path) -> None:
    file = str(tmp_path / "a.state")
    with running("--state", file) as first:
        before = RemoteCks(first.endpoint).clock.advance(days=3)
    stopped = time.time()
    with running("--state", file) as second:
        passed = (RemoteCks(second.endpoint).clock.now() - before).total_seconds()
        assert 0 < time.time() - stopped < passed < 300


def test_a_saved_world_is_a_state(tmp_path: Path) -> None:
    path = tmp_path / "a.world"
    with mock_cks():
        cks.create_key_store("Saved")
        cks.save(path)
    with running("--state", str(path)) as server:
        (store,) = client_of(server.endpoint, "kms").describe_custom_key_stores()["CustomKeyStores"]
        assert store["CustomKeyStoreName"] == "Saved"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"nothing", "a.state: This is no saved world of moto_cks."), (None, "There is no folder ")],
)
def test_what_cannot_be_ends_it_in_a_sentence(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "a.state" if content is not None else tmp_path / "none" / "a.state"
    if content is not None:
        path.write_bytes(content)
    server = ServerProcess("-p", "0", "--state", str(path), module="moto_cks.server.main")
    status, errors = server.end()
    assert status == 1
    assert message in errors
    assert "Traceback" not in errors
    if content is not None:
        assert path.read_bytes() == content


def test_a_file_that_cannot_be_written_is_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    server = ThreadedCksServer(port=0, state=str(folder / "a.state"))
    server.start()
    folder.rmdir()
    server.stop()
    assert "a.state cannot be written" in capfd.readouterr().err


def test_a_port_that_is_taken_leaves_the_state(tmp_path: Path) -> None:
    path = tmp_path / "a.state"
    with ThreadedCksServer(port=0) as first:
        _, port = first.get_host_and_port()
        with pytest.raises(OSError, match="in use"):
            ThreadedCksServer(port=port, state=str(path)).start()
    assert not path.exists()
