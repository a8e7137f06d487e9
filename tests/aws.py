"""Clients of the simulated AWS, and what its errors say: the one place where tests make clients."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION, OTHER_REGION = "us-east-1", "eu-west-1"
OTHER_ACCOUNT = "111122223333"


@functools.cache
def session() -> boto3.Session:
    """One session for all tests: reading the service models takes longer than all the calls."""
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@functools.cache
def client(
    service: str,
    region: str = REGION,
    account_id: str | None = None,
    *,
    parameter_validation: bool = True,
) -> Any:
    """A boto3 client that does not retry, one for all tests: to listen to one, make another.

    Args:
        service: which service.
        region: in which Region.
        account_id: as which account; by default moto's own.
        parameter_validation: whether botocore checks the parameters before it sends them.
    """
    config = Config(parameter_validation=parameter_validation, retries={"total_max_attempts": 1})
    made = session().client(service, region, config=config)
    if account_id is not None:
        made.meta.events.register(
            "before-call",
            lambda params, **_: params["headers"].update({"x-moto-account-id": account_id}),
        )
    return made


def client_as(
    credentials: Mapping[str, Any], service: str, region: str = REGION, **settings: Any
) -> Any:
    """A boto3 client with an access key of IAM's, or with the credentials of a role's session."""
    return session().client(
        service,
        region,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        **settings,
    )


def client_of(endpoint: str, service: str, region: str = REGION, **settings: Any) -> Any:
    """A boto3 client of a server."""
    return session().client(service, region, endpoint_url=endpoint, **settings)


def failure(call: Callable[..., Any], **parameters: Any) -> tuple[str, str, int]:
    """The code, the message and the HTTP status of the error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], response["Error"]["Message"], status


def error_of(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """The code and the message of the error that a call must end with."""
    return failure(call, **parameters)[:2]
