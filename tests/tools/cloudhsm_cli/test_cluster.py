"""cloudhsm-cli: session and cluster activate, as "Reference for CloudHSM CLI commands" has them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from moto_cks import Cks, Cluster, cks
from moto_cks.handle import builder
from moto_cks.handle.protocols.parameters import ClusterParameters
from moto_cks.hsm import ReturnCode
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_cli.answers import REFUSALS
from tests.aws import client
from tests.tools.cloudhsm_cli.world import (
    AS_KMSUSER,
    PASSWORD,
    data,
    log_in_as_admin,
    refusal,
)


def initialized(world: Cks) -> Cluster:
    """A cluster with one HSM that is initialized and not activated."""
    clients = builder.Clients("123456789012", "us-east-1")
    cluster_id = builder.create_cluster(clients, ClusterParameters(), ExitStack())
    builder.add_hsm(clients, cluster_id, 0)
    cluster = world.cluster(cluster_id)
    signed_certificate, trust_anchor = cluster.sign_csr()
    clients.cloudhsmv2.initialize_cluster(
        ClusterId=cluster_id, SignedCert=signed_certificate, TrustAnchor=trust_anchor
    )
    return cluster


def cluster_state(cluster: Cluster) -> str:
    hsm = client("cloudhsmv2", cluster.region)
    (found,) = hsm.describe_clusters(Filters={"clusterIds": [cluster.id]})["Clusters"]
    return str(found["State"])


def test_l3_prompt_and_greeting(cli: CloudHsmCli) -> None:
    assert (cli.greeting, cli.prompt, cli.name) == ("", "aws-cloudhsm > ", "cloudhsm-cli")
    assert cli.run("") == cli.run("   ") == ""


@pytest.mark.parametrize("command", ["quit", "exit"])
def test_l4_quit_ends_the_login(cli: CloudHsmCli, cluster: Cluster, command: str) -> None:
    data(cli, AS_KMSUSER, PASSWORD)
    assert cli.run(command) == ""
    assert cli.closed
    with pytest.raises(RuntimeError):
        cli.run("user list")
    cli.close()
    cluster.delete_user("CU", "kmsuser")  # nobody is logged in


def test_there_is_no_session_without_a_cluster(world: Cks) -> None:
    with pytest.raises(KeyError, match="cluster-unknown"):
        world.cloudhsm_cli("cluster-unknown")


def test_there_is_no_session_without_the_mock() -> None:
    with pytest.raises(RuntimeError):
        cks.cloudhsm_cli("cluster-unknown")


def test_every_refusal_of_an_hsm_has_its_words() -> None:
    assert REFUSALS.keys() == set(ReturnCode)


# cluster activate --------------------------------------------------------------------------------

UNACTIVATED = """{
  "error_code": 0,
  "data": {
    "users": [
      {
        "username": "admin",
        "role": "unactivated-admin",
        "locked": "false",
        "mfa": [],
        "quorum": [],
        "cluster-coverage": "full"
      },
      {
        "username": "app_user",
        "role": "internal(APPLIANCE_USER)",
        "locked": "false",
        "mfa": [],
        "quorum": [],
        "cluster-coverage": "full"
      }
    ]
  }
}
"""

ACTIVATED = """Enter password:
Confirm password:
{
  "error_code": 0,
  "data": "Cluster activation successful"
}
"""


def test_h4_l3_activate_a_cluster_as_documented(world: Cks) -> None:
    cluster = initialized(world)
    with world.cloudhsm_cli(cluster.id) as cli:
        assert cli.run("user list") == UNACTIVATED
        assert cluster_state(cluster) == "INITIALIZED"
        assert cli.run("cluster activate", "NewPassword", "NewPassword") == ACTIVATED
        assert cluster_state(cluster) == "ACTIVE"
        assert cli.run("user list") == UNACTIVATED.replace("unactivated-admin", "admin")
        assert data(cli, "login --username admin --role admin", "NewPassword") == {
            "username": "admin",
            "role": "admin",
        }


def test_h4_a_cluster_is_activated_once(cluster: Cluster, cli: CloudHsmCli) -> None:
    said = refusal(cli, "cluster activate --password another1")
    assert said == "Cluster has already been activated"
    log_in_as_admin(cli, cluster)  # the password is what it was


@pytest.mark.parametrize("answers", [("NewPassword", "another1"), ("short", "short")])
def test_h4_a_bad_password_activates_nothing(world: Cks, answers: tuple[str, str]) -> None:
    cluster = initialized(world)
    with world.cloudhsm_cli(cluster.id) as cli:
        refusal(cli, "cluster activate", *answers)
        assert cli.run("user list") == UNACTIVATED
    assert cluster_state(cluster) == "INITIALIZED"


def test_h4_an_uninitialized_cluster_cannot_be_activated(world: Cks) -> None:
    clients = builder.Clients("123456789012", "us-east-1")
    cluster_id = builder.create_cluster(clients, ClusterParameters(), ExitStack())
    with world.cloudhsm_cli(cluster_id) as cli:
        activate = "cluster activate --password NewPassword"
        assert refusal(cli, activate) == "Unable to connect to the cluster"
        builder.add_hsm(clients, cluster_id, 0)
        assert refusal(cli, activate) == refusal(cli, "user list") == "Cluster is not initialized"
    assert cluster_state(world.cluster(cluster_id)) == "UNINITIALIZED"


def test_h4_the_unactivated_admin_may_also_log_in_and_change_its_password(world: Cks) -> None:
    cluster = initialized(world)
    with world.cloudhsm_cli(cluster.id) as cli:
        login = data(cli, "login --username admin --role admin --password password")
        assert login == {"username": "admin", "role": "unactivated-admin"}
        assert "permission" in refusal(
            cli, "user create --username alice --role crypto-user --password alicePswd1"
        )
        assert "permission" in refusal(cli, "key list")
        data(cli, "user change-password --username admin --role admin --password NewPassword")
        assert cluster_state(cluster) == "ACTIVE"
        data(cli, "user create --username alice --role crypto-user --password alicePswd1")
        data(cli, "user change-password --username admin --role admin --password another1")
