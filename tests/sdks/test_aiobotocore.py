"""aiobotocore: an asynchronous service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Cks, KeyStore

if TYPE_CHECKING:
    from moto_cks.pytest_plugin.server import Server

aiobotocore_session = pytest.importorskip("aiobotocore.session")

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def client(server: Server, service: str = "kms") -> AsyncIterator[Any]:
    made = aiobotocore_session.get_session().create_client(
        service,
        region_name=server.region,
        endpoint_url=server.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    async with made as entered:
        yield entered


async def test_a_key_in_a_key_store_encrypts_and_decrypts(
    cks_key_store: KeyStore, cks_server: Server
) -> None:
    async with client(cks_server) as kms:
        created = await kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=cks_key_store.id)
        key = {"KeyId": created["KeyMetadata"]["KeyId"], "EncryptionContext": {"of": "cards"}}
        sealed = (await kms.encrypt(**key, Plaintext=b"4111 1111"))["CiphertextBlob"]
        answer = await kms.decrypt(**key, CiphertextBlob=sealed)
    assert answer["Plaintext"] == b"4111 1111"
    assert cks_key_store.cluster.key_of(key["KeyId"])


async def test_ten_calls_at_the_same_time(
    cks: Cks, cks_key_store: KeyStore, cks_server: Server
) -> None:
    key_id = cks_key_store.create_key()
    plaintexts = [f"card {number}".encode() for number in range(10)]
    async with client(cks_server) as kms:
        sealed = await asyncio.gather(
            *(kms.encrypt(KeyId=key_id, Plaintext=plaintext) for plaintext in plaintexts)
        )
        opened = await asyncio.gather(
            *(kms.decrypt(CiphertextBlob=answer["CiphertextBlob"]) for answer in sealed)
        )
    assert [answer["Plaintext"] for answer in opened] == plaintexts
    assert len({answer["CiphertextBlob"] for answer in sealed}) == 10
    assert len(cks.trail.events(event_name="Encrypt")) == 10


async def test_a_failure_is_an_exception_of_its_client_until_it_is_repaired(
    cks: Cks, cks_key_store: KeyStore, cks_server: Server
) -> None:
    key_id = cks_key_store.create_key()
    failure = cks.failures["user-locked-out"]
    async with client(cks_server) as kms:
        sealed = (await kms.encrypt(KeyId=key_id, Plaintext=b"4111 1111"))["CiphertextBlob"]
        failure.happen(cks_key_store)
        with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is unavailable"):
            await kms.decrypt(CiphertextBlob=sealed)
        (store,) = (await kms.describe_custom_key_stores())["CustomKeyStores"]
        assert store["ConnectionErrorCode"] == "USER_LOCKED_OUT"
        failure.repair(cks_key_store)
        assert (await kms.decrypt(CiphertextBlob=sealed))["Plaintext"] == b"4111 1111"


async def test_the_client_retries_an_internal_error_and_no_other(
    cks: Cks, cks_key_store: KeyStore, cks_server: Server
) -> None:
    key_id = cks_key_store.create_key()
    async with client(cks_server) as kms:
        cks.faults.fail("Encrypt", "KMSInternalException", times=1)
        await kms.encrypt(KeyId=key_id, Plaintext=b"4111 1111")
        cks.faults.fail("Encrypt", "DisabledException", times=1)
        with pytest.raises(ClientError, match="DisabledException"):
            await kms.encrypt(KeyId=key_id, Plaintext=b"4111 1111")
    assert len(cks.trail.events(event_name="Encrypt")) == 3


async def test_clusters_are_seen_too(cks_key_store: KeyStore, cks_server: Server) -> None:
    async with client(cks_server, "cloudhsmv2") as cloudhsm:
        (cluster,) = (await cloudhsm.describe_clusters())["Clusters"]
    assert cluster["ClusterId"] == cks_key_store.cluster.id
    assert cluster["State"] == "ACTIVE"
