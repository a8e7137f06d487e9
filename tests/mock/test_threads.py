"""``mock_cks`` with many threads (M2)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from moto_cks import cks, mock_cks
from tests.aws import client

from . import (
    key_stores,
)

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
