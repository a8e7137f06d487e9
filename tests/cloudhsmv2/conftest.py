from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cks import mock_cks
from tests.aws import client
from tests.moments import NOON

from .world import World, customer_ca


@pytest.fixture
def cks() -> Iterator[Any]:
    with mock_cks() as handle:
        yield handle


@pytest.fixture
def world(cks: Any) -> World:
    return World(cks)


@pytest.fixture
def other_account(cks: Any) -> World:
    credentials = client("sts").assume_role(
        RoleArn="arn:aws:iam::111122223333:role/other", RoleSessionName="other"
    )["Credentials"]
    return World(cks, credentials=credentials)


@pytest.fixture
def noon() -> Iterator[Any]:
    """Real time stands still."""
    customer_ca()  # cryptography keeps the first datetime class that it sees
    with freeze_time(NOON) as frozen:
        yield frozen
