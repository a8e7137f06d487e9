"""What the tests of cloudhsm-cli share."""

from __future__ import annotations

import json
from typing import Any

from moto_cks import Cluster, KeyStore
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.session import Turn
from tests.aws import client

PASSWORD = "kmsPswd1"
TODAY = "hsm2m.medium"
AS_ADMIN = "login --username admin --role admin"
AS_KMSUSER = "login --username kmsuser --role crypto-user"


def answer(cli: CloudHsmCli, command: str, *answers: str) -> Any:
    """The JSON that a command answers."""
    output = cli.run(command, *answers)
    found = json.loads(output[output.index("{") :])
    assert list(found) == ["error_code", "data"]
    return found


def data(cli: CloudHsmCli, command: str, *answers: str) -> Any:
    """What a command that works answers."""
    found = answer(cli, command, *answers)
    assert found["error_code"] == 0, found
    return found["data"]


def refusal(cli: CloudHsmCli, command: str, *answers: str) -> str:
    """What a command that does not work answers."""
    found = answer(cli, command, *answers)
    assert found["error_code"] == 1, found
    assert isinstance(found["data"], str)
    return found["data"]


def hsm_type(cluster: Cluster) -> str:
    """The type of the HSMs of a cluster."""
    filters = {"clusterIds": [cluster.id]}
    (shown,) = client("cloudhsmv2").describe_clusters(Filters=filters)["Clusters"]
    return str(shown["HsmType"])


def of_today(cluster: Cluster) -> Cluster:
    """The cluster with HSMs of hsm2m.medium, which know mutual TLS."""
    if hsm_type(cluster) != TODAY:
        client("cloudhsmv2").modify_cluster(ClusterId=cluster.id, HsmType=TODAY)
    return cluster


def admin_password(cluster: Cluster) -> str:
    assert cluster.admin_password is not None
    return cluster.admin_password


def log_in_as_admin(cli: CloudHsmCli, cluster: Cluster) -> None:
    assert data(cli, AS_ADMIN, admin_password(cluster)) == {"username": "admin", "role": "admin"}


def row(cli: CloudHsmCli, username: str) -> dict[str, Any]:
    """The only entry of a user in the list."""
    (found,) = [user for user in data(cli, "user list")["users"] if user["username"] == username]
    return dict(found)


def names(cluster: Cluster) -> list[list[str]]:
    """The users of each HSM."""
    return [[user.name for user in hsm.users] for hsm in cluster.hsms]


def state(kms: Any, store: KeyStore) -> tuple[str, str | None]:
    """Connection state and error of a key store."""
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return entry["ConnectionState"], entry.get("ConnectionErrorCode")


def kms_client() -> Any:
    return client("kms")


def settled(turn: Turn) -> Any:
    """The JSON of a turn that is over."""
    assert turn.question is None
    return json.loads(turn.output)
