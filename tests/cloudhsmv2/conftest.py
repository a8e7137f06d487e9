from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.moto_api import state_manager

from moto_cks import mock_cks

from .world import World, session


@pytest.fixture
def cks() -> Iterator[Any]:
    with mock_cks() as handle:
        yield handle


@pytest.fixture
def world(cks: Any) -> World:
    return World(cks)


@pytest.fixture
def other_account(cks: Any) -> World:
    credentials = (
        session()
        .client("sts", "us-east-1")
        .assume_role(RoleArn="arn:aws:iam::111122223333:role/other", RoleSessionName="other")[
            "Credentials"
        ]
    )
    return World(
        cks,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


@pytest.fixture
def transition() -> Iterator[Callable[..., None]]:
    """Sets moto's state transition of ``cloudhsmv2::`` models until the end of the test."""
    models: list[str] = []

    def set_transition(model: str, **how: Any) -> None:
        models.append(f"cloudhsmv2::{model}")
        state_manager.set_transition(models[-1], how)

    yield set_transition
    for model in models:
        state_manager.unset_transition(model)
