"""What the tests of the handle ask, with boto3 or through it."""

from __future__ import annotations

from typing import Any

from moto_cks import Cluster, KeyStore
from tests.aws import client

ACCOUNT = "123456789012"


def described(cluster: Cluster) -> Any:
    """The entry of a cluster in DescribeClusters."""
    hsm = client("cloudhsmv2", cluster.region, cluster.account_id)
    (found,) = hsm.describe_clusters(Filters={"clusterIds": [cluster.id]})["Clusters"]
    return found


def key_store(store: KeyStore) -> Any:
    """The entry of a key store in DescribeCustomKeyStores."""
    kms = client("kms", store.region, store.cluster.account_id)
    (found,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return found


def users_of(cluster: Cluster) -> list[list[str]]:
    """The names of the crypto users, HSM by HSM."""
    return [[user.name for user in hsm.users if user.type == "CU"] for hsm in cluster.hsms]
