"""Worlds in files: what another process finds in them, and which are refused."""

from __future__ import annotations

import base64
import json
import os
import stat
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from moto_cks import Cks, KeyStore
from tests.aws import client
from tests.snapshots.elsewhere import run_on

STATE = """
(entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
tell([entry["ConnectionState"], entry.get("ConnectionErrorCode")])
"""


def test_another_process_decrypts_what_was_encrypted_here(
    world: Cks, store: KeyStore, tmp_path: Path
) -> None:
    key_id = store.create_key()
    plain = client("kms").create_key()["KeyMetadata"]["KeyId"]
    cards = [
        client("kms").encrypt(KeyId=key, Plaintext=b"4111 1111")["CiphertextBlob"]
        for key in (key_id, plain)
    ]
    world.save(tmp_path / "cards.world")
    found = run_on(
        tmp_path / "cards.world",
        'tell([kms.decrypt(CiphertextBlob=base64.b64decode(card))["Plaintext"].decode() '
        'for card in given["cards"]])',
        cards=[base64.b64encode(card).decode() for card in cards],
    )
    assert found == ["4111 1111"] * 2


def test_another_process_repairs_what_happens(world: Cks, store: KeyStore, tmp_path: Path) -> None:
    world.failures["user-locked-out"].happen(store)
    world.save(tmp_path / "locked-out.world")
    assert run_on(tmp_path / "locked-out.world", STATE) == ["FAILED", "USER_LOCKED_OUT"]
    repaired = """
(happening,) = cks.failures.happening()
cks.failures["user-locked-out"].repair(happening.key_store_id)
store = cks.key_store(happening.key_store_id)
tell([store.name, store.cluster.admin_password, store.create_key() != ""])
"""
    found = run_on(tmp_path / "locked-out.world", repaired)
    assert found == ["ExampleKeyStore", "adminPswd1", True]


def test_the_certificates_and_signing_keys_are_the_same(
    world: Cks, store: KeyStore, tmp_path: Path
) -> None:
    kms = client("kms")
    key_id = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    request = {"KeyId": key_id, "Message": b"m", "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"}
    signature = kms.sign(**request)["Signature"]
    world.save(tmp_path / "signed.world")
    body = """
(entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
store = cks.key_store(entry["CustomKeyStoreId"])
verified = kms.verify(
    KeyId=given["key_id"],
    Message=b"m",
    SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
    Signature=base64.b64decode(given["signature"]),
)
tell([verified["SignatureValid"], store.cluster.trust_anchor])
"""
    given = {"key_id": key_id, "signature": base64.b64encode(signature).decode()}
    found = run_on(tmp_path / "signed.world", body, **given)
    assert found == [True, store.cluster.trust_anchor]


def test_what_is_still_to_come_comes_there(world: Cks, store: KeyStore, tmp_path: Path) -> None:
    key_id = store.create_key()
    world.clock.advance(days=100)
    client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    saved = world.save(tmp_path / "pending.world")
    body = """
keys = len(kms.list_keys()["Keys"])
now = cks.clock.now().isoformat()
cks.clock.advance(days=7)
tell([now, keys, len(kms.list_keys()["Keys"]), len(cks.trail.events(event_name="DeleteKey"))])
"""
    now, *keys = run_on(tmp_path / "pending.world", body)
    assert timedelta() <= datetime.fromisoformat(now) - saved.time < timedelta(hours=1)
    assert keys == [1, 0, 1]


def test_a_file_is_replaced_as_a_whole_and_is_for_its_owner_only(
    world: Cks, tmp_path: Path
) -> None:
    path = tmp_path / "a.world"
    path.write_bytes(b"before")
    world.save(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["a.world"]
    with pytest.raises(FileNotFoundError):
        world.save(tmp_path / "no folder" / "a.world")
    assert os.listdir(tmp_path) == ["a.world"]


def test_a_file_that_cannot_be_written_leaves_the_one_before(world: Cks, tmp_path: Path) -> None:
    folder = tmp_path / "a.world"
    folder.mkdir()
    with pytest.raises(IsADirectoryError):
        world.save(folder)
    assert os.listdir(tmp_path) == ["a.world"]


def test_many_processes_can_save_one_file_at_once(world: Cks, tmp_path: Path) -> None:
    path = tmp_path / "a.world"
    threads = [threading.Thread(target=world.save, args=(path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.load(path)
    assert os.listdir(tmp_path) == ["a.world"]


# What is refused ----------------------------------------------------------------------------------


def _changed(path: Path, **changes: Any) -> None:
    magic, about, rest = path.read_bytes().split(b"\n", 2)
    told = json.loads(about)
    told["made_with"] |= changes
    path.write_bytes(b"\n".join([magic, json.dumps(told).encode(), rest]))


@pytest.fixture
def file(world: Cks, tmp_path: Path) -> Path:
    """The file of a world with a bucket; the world has another one by now."""
    client("s3").create_bucket(Bucket="saved")
    world.save(tmp_path / "a.world")
    client("s3").create_bucket(Bucket="later")
    return tmp_path / "a.world"


def refused(world: Cks, path: Path) -> str:
    """What is said of a file that changes nothing."""
    before = list(world.timeline)
    with pytest.raises(ValueError, match="saved") as error:
        world.load(path)
    buckets = client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["saved", "later"]
    assert list(world.timeline) == before
    return str(error.value)


@pytest.mark.parametrize(
    ("what", "version"), [("moto", "4.0.0"), ("moto_cks", "9.9.9"), ("format", 2), ("moto", None)]
)
def test_another_version_is_refused(world: Cks, file: Path, what: str, version: Any) -> None:
    _changed(file, **{what: version})
    said = refused(world, file)
    assert said.startswith(f"The world was saved with {'the format' if what == 'format' else what}")
    assert said.endswith("Build it again, and save it.")
    assert str(version) in said


def test_other_versions_of_what_does_not_matter_are_taken(world: Cks, file: Path) -> None:
    _changed(file, boto3="1.0", cryptography="1.0", python="3.0")
    world.load(file)
    assert len(client("s3").list_buckets()["Buckets"]) == 1


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x80\x05N.", b"moto_cks world\n"])
def test_what_is_no_saved_world_is_refused(world: Cks, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "saved world" in refused(world, file)


def test_a_file_that_was_cut_anywhere_is_refused(world: Cks, file: Path) -> None:
    content = file.read_bytes()
    for length in [*range(0, 600, 37), *range(600, len(content), len(content) // 20)]:
        file.write_bytes(content[:length])
        assert "saved world" in refused(world, file)


def test_a_file_in_which_bytes_have_changed_is_refused(world: Cks, file: Path) -> None:
    content = file.read_bytes()
    for place in range(content.index(b"\n", 20) + 1, len(content), len(content) // 30):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert "damaged" in refused(world, file)


def test_a_file_that_is_not_there(world: Cks, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        world.load(tmp_path / "none.world")


def test_nothing_secret_is_shown(world: Cks, store: KeyStore) -> None:
    shown = repr(world.snapshot())
    assert "adminPswd1" not in shown
    assert len(shown) < 400


def test_clients_that_were_made_before_go_on(world: Cks, tmp_path: Path) -> None:
    mine = boto3.client("kms", region_name="us-east-1")
    key_id = mine.create_key()["KeyMetadata"]["KeyId"]
    world.save(tmp_path / "a.world")
    world.reset()
    assert mine.list_keys()["Keys"] == []
    world.load(tmp_path / "a.world")
    assert [key["KeyId"] for key in mine.list_keys()["Keys"]] == [key_id]
