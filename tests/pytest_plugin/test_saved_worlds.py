"""Tests that begin in a saved world: the argument ``world`` of the marker ``cks``; snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest

# pytester forgets the modules that a test loads first, and handles keep them.
import moto_cks.handle.snapshots  # noqa: F401
from moto_cks import cks, mock_cks

from .conftest import Run
from .test_fixtures import WORLDS


def save(path: Path, failure: str | None = None, stores: int = 1) -> None:
    """Save a world with key stores, to the first of which something has happened."""
    with mock_cks():
        made = [cks.create_key_store(f"Store{number}") for number in range(stores)]
        if failure is not None:
            cks.failures[failure].happen(made[0])
        cks.save(path)


def test_a_fresh_copy_for_each_test(run: Run, pytester: pytest.Pytester) -> None:
    save(pytester.path / "locked-out.world", "user-locked-out")
    result = run(
        WORLDS
        + """
pytestmark = pytest.mark.cks(world="locked-out.world")

@pytest.mark.parametrize("time", [1, 2])
def test_it_can_be_repaired(cks, cks_key_store, time):
    assert stores() == ["FAILED"]
    assert cks_key_store.name == "Store0"
    cks.failures["user-locked-out"].repair(cks_key_store)
    assert stores() == ["CONNECTED"]

def test_the_cluster_is_the_one_that_was_saved(cks, cks_cluster, cks_key_store):
    assert cks_key_store.cluster.id == cks_cluster.id
    assert len(cks_cluster.hsms) == 2

@pytest.mark.cks(clock="2030-01-01T00:00:00Z")
def test_the_clock_can_be_set(cks):
    assert cks.clock.now().year == 2030

def test_through_a_server(cks_server):
    kms = boto3.client("kms", endpoint_url=cks_server.url, region_name="us-east-1")
    assert kms.describe_custom_key_stores()["CustomKeyStores"][0]["ConnectionState"] == "FAILED"
""",
        "-n",
        "2",
    )
    result.assert_outcomes(passed=5)


def test_beside_the_test_or_at_the_root(run: Run, pytester: pytest.Pytester) -> None:
    save(pytester.path / "worlds.world", stores=0)
    folder = pytester.mkdir("folder")
    save(folder / "worlds.world")
    (folder / "test_below.py").write_text(
        WORLDS
        + """
@pytest.mark.cks(world="worlds.world")
def test_beside_it(cks):
    assert stores() == ["CONNECTED"]
"""
    )
    (pytester.mkdir("other") / "test_other.py").write_text(
        WORLDS
        + f"""
@pytest.mark.cks(world="worlds.world")
def test_at_the_root(cks):
    assert stores() == []

@pytest.mark.cks(world={str(folder / "worlds.world")!r})
def test_by_its_whole_path(cks):
    assert stores() == ["CONNECTED"]
"""
    )
    (pytester.path / "pytest.ini").write_text("[pytest]\n")
    result = run("")
    result.assert_outcomes(passed=3)


def test_a_world_without_a_key_store_gets_one(run: Run, pytester: pytest.Pytester) -> None:
    save(pytester.path / "empty.world", stores=0)
    result = run(
        WORLDS
        + """
@pytest.mark.cks(world="empty.world")
def test_a_new_one(cks_key_store):
    assert stores() == ["CONNECTED"]
"""
    )
    result.assert_outcomes(passed=1)


def test_what_is_wrong_is_said(run: Run, pytester: pytest.Pytester) -> None:
    save(pytester.path / "two.world", stores=2)
    (pytester.path / "none.world").write_text("nothing")
    result = run(
        WORLDS
        + """
@pytest.mark.cks(world="missing.world")
def test_missing(cks): pass

@pytest.mark.cks(world="none.world")
def test_no_world(cks): pass

@pytest.mark.cks(world=7)
def test_no_path(cks): pass

@pytest.mark.cks(world="two.world")
def test_which_of_them(cks_key_store): pass
"""
    )
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        [
            "There is no world *missing.world.",
            "*none.world: This is no saved world of moto_cks.",
            "The world of the marker cks is the path of a file, and not 7.",
            "The saved world has 2 CustomKeyStores in us-east-1: take one by ID.",
        ]
    )


def test_a_set_up_once_a_session_and_a_copy_for_each_test(run: Run) -> None:
    result = run(
        WORLDS
        + """
from moto_cks import mock_cks

@pytest.fixture(scope="session")
def prepared():
    with mock_cks() as cks:
        store = cks.create_key_store()
        yield store, store.create_key(), cks.snapshot()

@pytest.fixture
def key(prepared, cks):
    store, key_id, snapshot = prepared
    cks.restore(snapshot)
    return store, key_id

@pytest.mark.parametrize("time", [1, 2, 3])
def test_it(key, time):
    store, key_id = key
    kms().schedule_key_deletion(KeyId=key_id)  # would fail if it had been done before
    assert len(kms().list_keys()["Keys"]) == 1
    store.create_key()

def test_what_stands_around_is_as_it_was(prepared):
    store, key_id, _ = prepared
    assert [key["KeyId"] for key in kms().list_keys()["Keys"]] == [key_id]
    assert store.create_key()
"""
    )
    result.assert_outcomes(passed=4)
