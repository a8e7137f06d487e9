"""Each account and Region is a world of its own (M3)."""

from __future__ import annotations

import pytest
from moto.core import DEFAULT_ACCOUNT_ID

from moto_cks import cks, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client

from . import (
    key_stores,
    refused,
)

WORLDS = [
    {"region": REGION, "account_id": DEFAULT_ACCOUNT_ID},
    {"region": OTHER_REGION, "account_id": DEFAULT_ACCOUNT_ID},
    {"region": REGION, "account_id": OTHER_ACCOUNT},
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
