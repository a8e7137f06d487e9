"""What the tests of ``mock_cks`` share."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from moto.cloudhsmv2.models import CloudHSMV2Backend, cloudhsmv2_backends
from moto.core.config import default_user_config
from moto.kms.models import KmsBackend, kms_backends

from tests.aws import client

ORIGINALS = (KmsBackend, CloudHSMV2Backend)
MOTO_API = "http://motoapi.amazonaws.com/moto-api"


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


def moto_api(path: str, **body: Any) -> requests.Response:
    answer = requests.post(f"{MOTO_API}/{path}", json=body or None)
    assert answer.ok
    return answer
