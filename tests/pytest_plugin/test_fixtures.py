"""The fixtures: each test has a world of its own, whatever stands around it."""

from __future__ import annotations

import pytest

from .conftest import Run

WORLDS = """
import boto3
import pytest
import unittest
from moto import mock_aws
from moto_cks import Cluster, ExternalKeyStore, KeyStore, XksProxy, cks as handle, mock_cks


def kms(region="us-east-1"):
    return boto3.client("kms", region_name=region)


def stores(region="us-east-1"):
    return [one["ConnectionState"] for one in
            kms(region).describe_custom_key_stores()["CustomKeyStores"]]
"""


def test_each_fixture_builds_what_its_name_says(run_anew: Run) -> None:
    result = run_anew(
        WORLDS
        + """
def test_cks(cks):
    assert cks is handle
    assert stores() == []
    assert cks.create_key_store().id

def test_cluster(cks, cks_cluster):
    assert isinstance(cks_cluster, Cluster)
    assert len(cks_cluster.hsms) == 2
    assert stores() == []

def test_key_store(cks_key_store, cks_cluster):
    assert isinstance(cks_key_store, KeyStore)
    assert cks_key_store.cluster.id == cks_cluster.id
    assert stores() == ["CONNECTED"]
    assert kms().encrypt(KeyId=cks_key_store.create_key(), Plaintext=b"x")

def test_external_key_store(cks_external_key_store, cks_xks_proxy):
    assert isinstance(cks_external_key_store, ExternalKeyStore)
    assert isinstance(cks_xks_proxy, XksProxy)
    assert cks_external_key_store.proxy == cks_xks_proxy
    assert stores() == ["CONNECTED"]
    assert kms().encrypt(KeyId=cks_external_key_store.create_key(), Plaintext=b"x")

def test_xks_proxy(cks_xks_proxy):
    assert stores() == []
    assert cks_xks_proxy.endpoint == "https://xks.example.com"

def test_next_one_is_empty(cks):
    assert stores() == []
    assert len(cks.timeline) == 1  # the look at the stores

class TestMethods:
    def test_method(self, cks_key_store):
        assert stores() == ["CONNECTED"]

@pytest.mark.usefixtures("cks_key_store")
class TestUnittest(unittest.TestCase):
    def test_one(self):
        assert stores() == ["CONNECTED"]
        kms().disconnect_custom_key_store(
            CustomKeyStoreId=kms().describe_custom_key_stores()["CustomKeyStores"][0]
            ["CustomKeyStoreId"])

    def test_two(self):
        assert stores() == ["CONNECTED"]

def test_no_mock_is_left():
    from moto.core.models import MockAWS
    from moto_cks.world.switch import switch
    assert not MockAWS._mocks_active
    assert not switch.on
"""
    )
    result.assert_outcomes(passed=10)


@pytest.mark.parametrize(
    ("scope", "mock"), [("session", "mock_aws"), ("session", "mock_cks"), ("class", "mock_cks")]
)
def test_what_stands_around_is_put_aside_and_found_again(run: Run, scope: str, mock: str) -> None:
    result = run(
        WORLDS
        + f"""
@pytest.fixture(scope="{scope}")
def around():
    with {mock}():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="ours")
        key = kms().create_key()["KeyMetadata"]["KeyId"]
        if {mock} is mock_cks:
            handle.create_key_store("Ours")
            handle.clock.advance(days=3)
        yield key

class TestIt:
    def test_before(self, around):
        assert kms().describe_key(KeyId=around)

    def test_own_world(self, around, cks_key_store):
        from moto_cks.world.clock import now
        from datetime import datetime, timezone
        assert stores() == ["CONNECTED"]
        assert boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"] == []
        with pytest.raises(kms().exceptions.NotFoundException):
            kms().describe_key(KeyId=around)
        assert (now() - datetime.now(timezone.utc)).total_seconds() < 60
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="mine")

    def test_another_world(self, around, cks):
        assert stores() == []
        assert boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"] == []

    def test_found_again(self, around):
        buckets = boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"]
        assert [one["Name"] for one in buckets] == ["ours"]
        assert kms().describe_key(KeyId=around)
        if {mock} is mock_cks:
            assert stores() == ["CONNECTED"]
            assert [one["KeyId"] for one in kms().list_keys()["Keys"]] == [around]
"""
    )
    result.assert_outcomes(passed=4)


def test_a_mock_within_the_test_shares_its_world(run: Run) -> None:
    result = run(
        WORLDS
        + """
@mock_aws
def test_inner(cks_key_store):
    assert stores() == ["CONNECTED"]

@mock_cks
def test_inner_cks(cks_key_store):
    assert stores() == ["CONNECTED"]
"""
    )
    result.assert_outcomes(passed=2)


def test_coroutines(run: Run) -> None:
    result = run(
        WORLDS
        + """
@pytest.mark.asyncio
@pytest.mark.parametrize("turn", [1, 2])
async def test_coroutine(cks_key_store, turn):
    import asyncio
    await asyncio.sleep(0)
    assert stores() == ["CONNECTED"]

@pytest.mark.asyncio
@pytest.mark.cks_failures("store-disconnected")
async def test_failure(cks_key_store, cks_failure):
    with cks_failure:
        assert stores() == ["DISCONNECTED"]
    assert stores() == ["CONNECTED"]
"""
    )
    result.assert_outcomes(passed=3)


def test_local_fixtures_win(run: Run) -> None:
    result = run(
        """
import pytest

@pytest.fixture
def cks():
    return "mine"

def test_it(cks):
    assert cks == "mine"
"""
    )
    result.assert_outcomes(passed=1)


def test_a_server_answers_from_the_world_of_the_test(run: Run) -> None:
    result = run(
        WORLDS
        + '''
import os, subprocess, sys

PROGRAM = """
import boto3
kms = boto3.client("kms")
(store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
kms.disconnect_custom_key_store(CustomKeyStoreId=store["CustomKeyStoreId"])
print(store["ConnectionState"])
"""

@pytest.mark.cks(region="eu-central-1")
def test_another_process(cks_key_store, cks_server):
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**os.environ, **cks_server.environment},
        capture_output=True, text=True)
    assert ended.stdout.strip() == "CONNECTED", ended.stderr
    assert stores("eu-central-1") == ["DISCONNECTED"]
    assert cks_server.url == f"http://{cks_server.host}:{cks_server.port}"

def test_another_client(cks, cks_server):
    client = boto3.client("kms", region_name="us-east-1", endpoint_url=cks_server.url)
    assert client.describe_custom_key_stores()["CustomKeyStores"] == []
    key = client.create_key()["KeyMetadata"]["KeyId"]
    assert kms().describe_key(KeyId=key)

def test_it_has_stopped():
    import threading
    assert not [one for one in threading.enumerate() if one.name == "moto-cks-server"]
'''
    )
    result.assert_outcomes(passed=3)
