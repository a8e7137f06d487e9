"""``mock_cks``: every way to use it, what it leaves of moto, and moto's own tools inside it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import json
import os
import sys
import threading
import unittest
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudhsmv2.models import CloudHSMV2Backend, cloudhsmv2_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.config import default_user_config
from moto.core.exceptions import ServiceNotWhitelisted
from moto.kms.models import KmsBackend, kms_backends
from moto.moto_api import recorder, state_manager
from moto.moto_api._internal import mock_random
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from moto_cks import cks, mock_cks

ORIGINALS = (KmsBackend, CloudHSMV2Backend)
REGION = "us-east-1"
OTHER_ACCOUNT = "111122223333"
MOTO_API = "http://motoapi.amazonaws.com/moto-api"


@functools.cache
def session() -> boto3.Session:
    """One session for all tests: reading the service models takes longer than all the calls."""
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@functools.cache
def client(service: str, region: str = REGION, account_id: str = DEFAULT_ACCOUNT_ID) -> Any:
    made = session().client(service, region)

    def set_account(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = account_id

    made.meta.events.register("before-call", set_account)
    return made


def key_stores(**where: str) -> list[str]:
    """The names of the custom key stores, if the plugin is on."""
    answer = client("kms", **where).describe_custom_key_stores()
    return [store["CustomKeyStoreName"] for store in answer["CustomKeyStores"]]


def plugin_is_on() -> bool:
    return (kms_backends.backend, cloudhsmv2_backends.backend) != ORIGINALS


def leave_mark(name: str) -> None:
    """Something small that is found again, and not in another world."""
    kms = client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key_id)


def marks() -> list[str]:
    """What :func:`leave_mark` left in this world, where the plugin is on."""
    assert key_stores() == []  # moto alone would not know the operation
    names = (item["AliasName"] for item in client("kms").list_aliases()["Aliases"])
    return [name.removeprefix("alias/") for name in names if not name.startswith("alias/aws/")]


def state_of(key_store_id: str) -> str:
    answer = client("kms").describe_custom_key_stores(CustomKeyStoreId=key_store_id)
    return str(answer["CustomKeyStores"][0]["ConnectionState"])


@contextlib.contextmanager
def refused(*codes: str) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] in codes


def classes_in_use() -> set[type]:
    """The classes of moto's KMS and CloudHSM, wherever it keeps them."""
    found: set[type] = set()
    for backends in (kms_backends, cloudhsmv2_backends):
        found.add(backends.backend)
        for account in backends.values():
            found.add(account.backend)
            found.update(type(backend) for backend in account.values())
    return found


def settings_of_moto() -> Any:
    config = json.dumps(default_user_config, sort_keys=True)
    variables = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    return config, variables, boto3.DEFAULT_SESSION


@pytest.fixture(autouse=True)
def moto_untouched() -> Iterator[None]:
    """Whatever a test does, moto's classes are afterwards what they were before."""
    assert classes_in_use() == set(ORIGINALS)
    yield
    assert classes_in_use() == set(ORIGINALS)
    assert (kms_backends.backend, cloudhsmv2_backends.backend) == ORIGINALS


# Every way to use it ----------------------------------------------------------------------------


@mock_cks
def test_m1_function() -> None:
    store = cks.create_key_store()
    assert state_of(store.id) == "CONNECTED"


@mock_cks()
def test_m1_function_with_parentheses() -> None:
    assert key_stores() == []


@pytest.mark.parametrize("name", ["first", "second"])
@mock_cks
def test_m1_function_with_parameters(name: str, tmp_path: Path) -> None:
    leave_mark(name)
    assert marks() == [name]
    assert tmp_path.exists()


def test_m1_the_mock_is_on_inside_the_function_alone() -> None:
    @mock_cks
    def names() -> list[str]:
        leave_mark("inside")
        return marks()

    assert names() == ["inside"]
    assert names() == ["inside"]  # the first world is forgotten
    assert not plugin_is_on()


@pytest.mark.asyncio
@mock_cks
async def test_m1_coroutine() -> None:
    store = cks.create_key_store()
    await asyncio.sleep(0)
    assert state_of(store.id) == "CONNECTED"


def test_m1_coroutine_is_mocked_while_it_runs() -> None:
    @mock_cks
    async def create(name: str) -> list[str]:
        leave_mark(name)
        await asyncio.sleep(0)
        return marks()

    waiting = create("late")
    assert not plugin_is_on()
    assert asyncio.run(waiting) == ["late"]
    assert not plugin_is_on()


@pytest.fixture
@mock_cks
def store_of_a_fixture() -> Iterator[Any]:
    yield cks.create_key_store("made by a fixture")
    assert plugin_is_on()


def test_m1_generator_fixture(store_of_a_fixture: Any) -> None:
    assert key_stores() == ["made by a fixture"]
    assert state_of(store_of_a_fixture.id) == "CONNECTED"


def test_m1_generator() -> None:
    @mock_cks
    def steps() -> Iterator[Any]:
        leave_mark("of-a-generator")
        received = yield marks()
        return received

    generator: Any = steps()
    assert not plugin_is_on()
    assert next(generator) == ["of-a-generator"]
    with pytest.raises(StopIteration) as end:
        generator.send("sent")
    assert end.value.value == "sent"
    assert not plugin_is_on()


def test_m1_generator_that_is_closed_early() -> None:
    @mock_cks
    def steps() -> Iterator[list[str]]:
        yield marks()

    generator: Any = steps()
    next(generator)
    generator.close()
    assert not plugin_is_on()


def test_m1_async_generator() -> None:
    @mock_cks
    async def steps() -> AsyncIterator[list[str]]:
        leave_mark("of-a-generator")
        yield marks()
        await asyncio.sleep(0)
        yield marks()

    async def collect() -> list[list[str]]:
        return [names async for names in steps()]

    assert asyncio.run(collect()) == [["of-a-generator"]] * 2
    assert not plugin_is_on()


def test_m1_async_generator_that_is_closed_early() -> None:
    @mock_cks
    async def steps() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            key_stores()  # still inside

    async def first() -> int:
        generator: Any = steps()
        item: int = await anext(generator)
        await generator.aclose()
        return item

    assert asyncio.run(first()) == 1
    assert not plugin_is_on()


class TestMethod:
    @mock_cks
    def test_m1_method(self) -> None:
        assert key_stores() == []
        assert isinstance(self, TestMethod)


@mock_cks
class TestClass:
    attribute = "value"

    def test_m1_class(self) -> None:
        leave_mark("in-a-class")
        assert marks() == ["in-a-class"]

    def test_m1_class_each_method_has_its_world(self) -> None:
        leave_mark("in-a-class")
        assert marks() == ["in-a-class"]
        assert self.static() == "static"

    @staticmethod
    def static() -> str:
        return "static"


@mock_cks
class TestClassWithSetup:
    def setup_method(self, *_: Any) -> None:  # pytest cannot see through moto's decorator
        leave_mark("made-in-setup")

    def test_m1_class_keeps_what_setup_made(self) -> None:
        assert marks() == ["made-in-setup"]

    def test_m1_class_sets_up_again(self) -> None:
        assert marks() == ["made-in-setup"]


@mock_cks
class UnitTestWithSetUp(unittest.TestCase):
    def setUp(self) -> None:
        self.store = cks.create_key_store("made in setUp")
        self.key_id = self.store.create_key()

    def test_m1_unittest_keeps_what_set_up_made(self) -> None:
        assert key_stores() == ["made in setUp"]
        client("kms").encrypt(KeyId=self.key_id, Plaintext=b"x")

    def test_m1_unittest_sets_up_again(self) -> None:
        assert key_stores() == ["made in setUp"]
        assert len(client("kms").list_keys()["Keys"]) == 1


@mock_cks
class UnitTestWithoutSetUp(unittest.TestCase):
    def test_m1_unittest_one(self) -> None:
        leave_mark("same-name")
        assert marks() == ["same-name"]

    def test_m1_unittest_two(self) -> None:
        leave_mark("same-name")
        assert marks() == ["same-name"]


def test_m1_with_statement_gives_the_handle() -> None:
    with mock_cks() as handle:
        assert handle is cks
        assert key_stores() == []


def test_m1_start_and_stop() -> None:
    mock = mock_cks()
    mock.start()
    assert key_stores() == []
    mock.stop()
    assert not plugin_is_on()


def test_m1_one_mock_can_be_started_again() -> None:
    mock = mock_cks()
    for _ in range(2):
        mock.start()
        leave_mark("again")
        assert marks() == ["again"]
        mock.stop()
    assert not plugin_is_on()


def test_m1_stop_without_start() -> None:
    with pytest.raises(RuntimeError, match="before start"):
        mock_cks().stop()


def test_m1_stop_without_start_inside_mock_aws_takes_nothing_from_it() -> None:
    with mock_aws():
        with pytest.raises(RuntimeError, match="before start"):
            mock_cks().stop()
        assert client("kms").list_keys()["Keys"] == []


def test_m1_one_stop_too_many() -> None:
    mock = mock_cks()
    mock.start()
    mock.stop()
    with pytest.raises(RuntimeError, match="before start"):
        mock.stop()


def test_m1_start_without_reset_keeps_what_was_there() -> None:
    first = mock_cks()
    first.start()
    store = cks.create_key_store()
    first.stop(remove_data=False)
    second = mock_cks()
    second.start(reset=False)
    assert state_of(store.id) == "CONNECTED"
    assert store.create_key()
    second.stop()


def test_m1_reset() -> None:
    mock = mock_cks()
    with mock:
        leave_mark("forgotten")
        mock.reset()
        assert marks() == []


def test_m1_config_passes_through() -> None:
    with mock_cks(config={"core": {"service_whitelist": ["kms"]}}):
        assert key_stores() == []
        with pytest.raises(ServiceNotWhitelisted):
            client("ec2").describe_vpcs()
    with mock_cks():
        client("ec2").describe_vpcs()


def test_m1_config_of_a_decorator() -> None:
    @mock_cks(config={"core": {"mock_credentials": False, "reset_boto3_session": False}})
    def credentials() -> tuple[str | None, Any]:
        return os.environ.get("AWS_ACCESS_KEY_ID"), boto3.DEFAULT_SESSION

    assert credentials() == (os.environ.get("AWS_ACCESS_KEY_ID"), boto3.DEFAULT_SESSION)
    with mock_cks():
        assert os.environ["AWS_ACCESS_KEY_ID"] == "FOOBARKEY"


def plain(key: str, *, number: int = 1) -> str:
    """What it does."""
    return key * number


async def coroutine(key: str) -> str:
    """What it does."""
    return key


def generator(key: str) -> Iterator[str]:
    """What it does."""
    yield key


async def async_generator(key: str) -> AsyncIterator[str]:
    """What it does."""
    yield key


@pytest.mark.parametrize("function", [plain, coroutine, generator, async_generator])
def test_m1_a_decorated_function_looks_like_itself(function: Any) -> None:
    decorated = mock_cks(function)
    assert decorated is not function
    assert decorated.__wrapped__ is function
    assert (decorated.__name__, decorated.__qualname__) == (function.__name__,) * 2
    assert (decorated.__doc__, decorated.__module__) == ("What it does.", __name__)
    assert inspect.signature(decorated) == inspect.signature(function)
    for kind in (
        inspect.iscoroutinefunction,
        inspect.isgeneratorfunction,
        inspect.isasyncgenfunction,
    ):
        assert kind(decorated) == kind(function)


def test_m1_a_decorated_function_returns_what_it_returns() -> None:
    assert mock_cks(plain)("ab", number=2) == "abab"


def test_m1_a_decorated_class_is_itself() -> None:
    assert TestClass.attribute == "value"
    assert TestClass.__name__ == "TestClass"


# It is mock_aws and more ------------------------------------------------------------------------


@mock_cks
def test_m2_the_other_services_work() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"body")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"body"
    assert client("sts").get_caller_identity()["Account"] == DEFAULT_ACCOUNT_ID


@mock_cks
def test_m2_another_service_uses_the_keys_of_a_store() -> None:
    key_id = cks.create_key_store().create_key()
    volume = client("ec2").create_volume(
        AvailabilityZone="us-east-1a", Size=1, Encrypted=True, KmsKeyId=key_id
    )
    assert key_id in volume["KmsKeyId"]


def test_m2_mock_aws_inside() -> None:
    with mock_cks() as handle:
        store = handle.create_key_store()
        with mock_aws():
            assert state_of(store.id) == "CONNECTED"
        assert store.create_key()


def test_m2_mock_aws_outside() -> None:
    with mock_aws():
        bucket = client("s3").create_bucket(Bucket="bucket")
        with mock_cks() as handle:
            store = handle.create_key_store()
            assert client("s3").list_buckets()["Buckets"][0]["Name"] == "bucket"
            assert state_of(store.id) == "CONNECTED"
        assert bucket
        assert client("s3").list_buckets()["Buckets"][0]["Name"] == "bucket"
        assert client("ec2").describe_subnets(SubnetIds=store.cluster.subnet_ids)


def test_m2_mock_cks_inside_mock_cks() -> None:
    with mock_cks() as handle:
        store = handle.create_key_store()
        with mock_cks() as inner:
            assert inner is handle
            assert state_of(store.id) == "CONNECTED"
            inner_key = store.create_key()
        assert client("kms").describe_key(KeyId=inner_key)["KeyMetadata"]["Enabled"]


def test_m2_the_same_function_decorated_twice() -> None:
    before = settings_of_moto()

    @mock_cks
    @mock_cks
    def names() -> list[str]:
        leave_mark("twice")
        return marks()

    assert names() == ["twice"]
    assert names() == ["twice"]
    assert settings_of_moto() == before


@pytest.mark.parametrize("outer", [mock_aws, mock_cks])
def test_m2_interleaved(outer: Any) -> None:
    first, second = outer(), mock_cks()
    first.start()
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    second.start()
    store = cks.create_key_store()
    first.stop()
    assert state_of(store.id) == "CONNECTED"
    assert client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
    second.stop()


def test_m2_mock_cks_stops_before_the_mock_aws_inside_it() -> None:
    first, second = mock_cks(), mock_aws()
    first.start()
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    stored = cks.create_key_store().create_key()
    second.start()
    first.stop()
    assert not plugin_is_on()
    assert [key["KeyId"] for key in client("kms").list_keys()["Keys"]] == [key_id]
    with refused("NotFoundException"):
        client("kms").describe_key(KeyId=stored)
    second.stop()


@pytest.mark.parametrize("outer", [contextlib.nullcontext, mock_aws, mock_cks])
def test_m2_an_exception_inside(outer: Any) -> None:
    class Boom(Exception):
        pass

    def explode() -> None:
        with mock_cks() as handle:
            handle.create_cluster()
            raise Boom

    with outer():
        classes, settings = classes_in_use(), settings_of_moto()
        with pytest.raises(Boom):
            explode()
        assert (classes_in_use(), settings_of_moto()) == (classes, settings)


@mock_aws
def test_m2_backends_become_moto_s_again() -> None:
    client("kms").create_key()
    ((_, _, backend),) = kms_backends.iter_backends()
    with mock_cks() as handle:
        assert not classes_in_use() & set(ORIGINALS)
        handle.create_key_store(region="eu-west-1", account_id=OTHER_ACCOUNT)
        assert not classes_in_use() & set(ORIGINALS)
    assert classes_in_use() == set(ORIGINALS)
    assert kms_backends[DEFAULT_ACCOUNT_ID][REGION] is backend
    assert type(kms_backends[OTHER_ACCOUNT]["eu-west-1"]) is KmsBackend
    assert type(cloudhsmv2_backends[OTHER_ACCOUNT]["eu-west-1"]) is CloudHSMV2Backend


@mock_aws
def test_m2_nothing_created_before_entering_is_lost() -> None:
    kms = client("kms")
    key_id = kms.create_key(Description="before", Tags=[{"TagKey": "k", "TagValue": "v"}])[
        "KeyMetadata"
    ]["KeyId"]
    kms.create_alias(AliasName="alias/before", TargetKeyId=key_id)
    grant = kms.create_grant(KeyId=key_id, GranteePrincipal="arn:aws:iam::1:root", Operations=[])
    ciphertext = kms.encrypt(KeyId="alias/before", Plaintext=b"plaintext")["CiphertextBlob"]
    kms.disable_key(KeyId=key_id)

    def check() -> None:
        metadata = kms.describe_key(KeyId="alias/before")["KeyMetadata"]
        assert (metadata["KeyId"], metadata["Description"]) == (key_id, "before")
        assert metadata["KeyState"] == "Disabled"
        assert [item["AliasName"] for item in kms.list_aliases(KeyId=key_id)["Aliases"]] == [
            "alias/before"
        ]
        assert kms.list_grants(KeyId=key_id)["Grants"][0]["GrantId"] == grant["GrantId"]
        assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "k", "TagValue": "v"}]

    check()
    with mock_cks():
        check()
        with refused("DisabledException"):  # what moto lets through
            kms.decrypt(CiphertextBlob=ciphertext)
        kms.enable_key(KeyId=key_id)
        assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"plaintext"
        inside = kms.create_key(Description="inside")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/inside", TargetKeyId=inside)
        second = kms.encrypt(KeyId=inside, Plaintext=b"inside")["CiphertextBlob"]
        kms.disable_key(KeyId=key_id)
    check()
    assert kms.decrypt(CiphertextBlob=second)["Plaintext"] == b"inside"
    assert kms.describe_key(KeyId="alias/inside")["KeyMetadata"]["KeyId"] == inside
    assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"plaintext"


@mock_aws
def test_m2_key_stores_and_their_keys_leave_with_the_mock() -> None:
    kms = client("kms")
    before = kms.create_key()["KeyMetadata"]["KeyId"]
    with mock_cks() as handle:
        store = handle.create_key_store()
        key_id = store.create_key()
        kms.create_alias(AliasName="alias/stored", TargetKeyId=key_id)
        ciphertext = kms.encrypt(KeyId=key_id, Plaintext=b"plaintext")["CiphertextBlob"]
        assert {key["KeyId"] for key in kms.list_keys()["Keys"]} == {before, key_id}
    assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == [before]
    assert "alias/stored" not in [item["AliasName"] for item in kms.list_aliases()["Aliases"]]
    with refused("NotFoundException"):
        kms.describe_key(KeyId=key_id)
    with mock_cks():  # the same world goes on
        assert state_of(store.id) == "CONNECTED"
        assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"plaintext"
        assert kms.describe_key(KeyId="alias/stored")["KeyMetadata"]["KeyId"] == key_id


@mock_aws
def test_m2_moto_s_cloudhsm_works_as_before() -> None:
    cloudhsm = client("cloudhsmv2")
    before = cloudhsm.create_cluster(HsmType="hsm1.medium", SubnetIds=["subnet-12345678"])
    described = cloudhsm.describe_clusters()["Clusters"]
    with mock_cks() as handle:
        cluster = handle.create_cluster()
        ids = [item["ClusterId"] for item in cloudhsm.describe_clusters()["Clusters"]]
        assert ids == [before["Cluster"]["ClusterId"], cluster.id]
    assert cloudhsm.describe_clusters()["Clusters"] == described
    after = cloudhsm.create_cluster(HsmType="hsm1.medium", SubnetIds=["subnet-12345678"])
    assert len(cloudhsm.describe_clusters()["Clusters"]) == 2
    assert after["Cluster"]["State"] == before["Cluster"]["State"]


@mock_aws
def test_m2_moto_s_kms_works_as_before() -> None:
    kms = client("kms")
    with mock_cks() as handle:
        handle.create_key_store()
    for spec, usage in [("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY")]:
        key_id = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeySpec"] == spec
    with pytest.raises((ClientError, NotImplementedError)):
        kms.describe_custom_key_stores()


# Accounts and Regions ---------------------------------------------------------------------------

WORLDS = [
    {"region": "us-east-1", "account_id": DEFAULT_ACCOUNT_ID},
    {"region": "eu-west-1", "account_id": DEFAULT_ACCOUNT_ID},
    {"region": "us-east-1", "account_id": OTHER_ACCOUNT},
]


@mock_cks
def test_m3_every_account_and_region_is_its_own_world() -> None:
    stores = [cks.create_key_store("same name", **where) for where in WORLDS]
    keys = [store.create_key() for store in stores]
    assert len({store.id for store in stores}) == len(WORLDS)
    for where, store, key_id in zip(WORLDS, stores, keys, strict=True):
        kms, cloudhsm = client("kms", **where), client("cloudhsmv2", **where)
        assert key_stores(**where) == ["same name"]
        assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == [key_id]
        clusters = cloudhsm.describe_clusters()["Clusters"]
        assert [cluster["ClusterId"] for cluster in clusters] == [store.cluster.id]
        metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        assert (metadata["AWSAccountId"], metadata["Arn"].split(":")[3]) == (
            where["account_id"],
            where["region"],
        )


@mock_cks
def test_m3_what_is_done_in_one_world_leaves_the_others() -> None:
    stores = [cks.create_key_store(**where) for where in WORLDS]
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=stores[0].id)
    states = [
        client("kms", **where).describe_custom_key_stores()["CustomKeyStores"][0]["ConnectionState"]
        for where in WORLDS
    ]
    assert states == ["DISCONNECTED", "CONNECTED", "CONNECTED"]


@mock_cks
@pytest.mark.parametrize("there", WORLDS[1:], ids=["other Region", "other account"])
def test_m3_nothing_is_found_from_another_world(there: dict[str, str]) -> None:
    store = cks.create_key_store(connect=True)
    key_id = store.create_key()
    kms = client("kms")
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    ciphertext = kms.encrypt(KeyId=key_id, Plaintext=b"plaintext")["CiphertextBlob"]
    elsewhere = client("kms", **there)
    with refused("CustomKeyStoreNotFoundException"):
        elsewhere.connect_custom_key_store(CustomKeyStoreId=store.id)
    with refused("CloudHsmClusterNotFoundException"):
        elsewhere.create_custom_key_store(
            CustomKeyStoreName="stolen",
            CloudHsmClusterId=store.cluster.id,
            TrustAnchorCertificate=store.cluster.trust_anchor,
            KeyStorePassword="kmsPswd1",
        )
    with refused("CloudHsmResourceNotFoundException"):
        client("cloudhsmv2", **there).delete_cluster(ClusterId=store.cluster.id)
    for name in (key_id, arn):
        with refused("NotFoundException"):
            elsewhere.describe_key(KeyId=name)
    with refused("NotFoundException", "InvalidCiphertextException", "AccessDeniedException"):
        elsewhere.decrypt(CiphertextBlob=ciphertext)


# moto's own tools -------------------------------------------------------------------------------


def moto_api(path: str, **body: Any) -> requests.Response:
    answer = requests.post(f"{MOTO_API}/{path}", json=body or None)
    assert answer.ok
    return answer


@mock_cks
def test_m5_reset() -> None:
    store = cks.create_key_store()
    store.create_key()
    cks.clock.advance(days=1)
    moto_api("reset")
    assert key_stores() == []
    assert client("kms").list_keys()["Keys"] == []
    assert client("cloudhsmv2").describe_clusters()["Clusters"] == []
    assert client("cloudhsmv2").describe_backups()["Backups"] == []
    assert cks.create_key_store().create_key()  # the plugin is still on
    with pytest.raises(KeyError):
        cks.cluster(store.cluster.id)


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


# Threads ----------------------------------------------------------------------------------------

DOCUMENTED = ("KMSInvalidStateException", "CustomKeyStoreInvalidStateException")


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@mock_cks
def test_m2_eight_threads_with_one_client_lose_nothing(restless: None) -> None:
    store = cks.create_key_store()
    kms = client("kms")
    done = threading.Event()

    def work(number: int) -> tuple[list[str], dict[bytes, bytes], list[str]]:
        keys: list[str] = []
        sealed: dict[bytes, bytes] = {}
        errors: list[str] = []
        for turn in range(12):
            plaintext = f"{number} {turn}".encode()
            try:
                key = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store.id)
                keys.append(key["KeyMetadata"]["KeyId"])
                blob = kms.encrypt(KeyId=keys[-1], Plaintext=plaintext)["CiphertextBlob"]
                sealed[plaintext] = blob
                assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext
            except ClientError as error:
                errors.append(error.response["Error"]["Code"])
        return keys, sealed, errors

    def disturb() -> int:
        turns = 0
        while not done.is_set():
            kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
            kms.connect_custom_key_store(CustomKeyStoreId=store.id)
            turns += 1
        return turns

    with ThreadPoolExecutor(9) as pool:
        disturber = pool.submit(disturb)
        try:
            results = [worker.result(60) for worker in [pool.submit(work, n) for n in range(8)]]
        finally:
            done.set()
        assert disturber.result(60) > 0

    assert {code for _, _, errors in results for code in errors} <= set(DOCUMENTED)
    keys = [key for made, _, _ in results for key in made]
    assert len(set(keys)) == len(keys) > 0
    pages = kms.get_paginator("list_keys").paginate()
    assert {key["KeyId"] for page in pages for key in page["Keys"]} == set(keys)
    handles = [key.handle for key in store.cluster.hsms[0].keys]
    assert len(handles) == len(keys)
    for _, sealed, _ in results:
        for plaintext, blob in sealed.items():
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext


@mock_cks
def test_m2_threads_that_build_worlds_of_their_own() -> None:
    accounts = [f"{number:012}" for number in range(1, 5)]
    with ThreadPoolExecutor(len(accounts)) as pool:
        stores = list(pool.map(lambda account: cks.create_key_store(account_id=account), accounts))
    for account, store in zip(accounts, stores, strict=True):
        assert store.cluster.account_id == account
        assert key_stores(account_id=account) == ["ExampleKeyStore"]
