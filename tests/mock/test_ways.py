"""``mock_cks``: every way to use it (M1)."""

from __future__ import annotations

import asyncio
import inspect
import os
import unittest
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.exceptions import ServiceNotWhitelisted

from moto_cks import cks, mock_cks
from tests.aws import client

from . import (
    key_stores,
    leave_mark,
    marks,
    plugin_is_on,
    state_of,
)


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
