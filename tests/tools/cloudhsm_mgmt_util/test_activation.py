"""cloudhsm_mgmt_util: the precrypto officer activates a cluster.

What is printed is held against "Troubleshooting a custom key store" and the pages of the commands
in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from moto_cks import cks
from tests.tools.world import World


def initialized_cluster(world: World) -> str:
    """A cluster that is initialized and has one HSM."""
    backup_free = world.hsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=world.cluster.subnet_ids
    )["Cluster"]["ClusterId"]
    zone = world.cluster.hsms[0].availability_zone
    world.hsm.create_hsm(ClusterId=backup_free, AvailabilityZone=zone)
    return str(backup_free)


def initialize(world: World, cluster_id: str) -> None:
    signed, anchor = cks.cluster(cluster_id).sign_csr()
    world.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=signed, TrustAnchor=anchor)


def state(world: World, cluster_id: str) -> str:
    filters = {"clusterIds": [cluster_id]}
    return str(world.hsm.describe_clusters(Filters=filters)["Clusters"][0]["State"])


def test_h4_l1_the_precrypto_officer_activates_the_cluster(world: World) -> None:
    cluster_id = initialized_cluster(world)
    tool = cks.cloudhsm_mgmt_util(cluster_id)
    early = tool.run("loginHSM PRECO admin password")
    assert "loginHSM failed: HSM Error: The cluster is not initialized\n" in early
    initialize(world, cluster_id)
    assert "              PRECO           admin  " in tool.run("listUsers")

    tool.run("loginHSM PRECO admin password")
    assert state(world, cluster_id) == "INITIALIZED"
    assert tool.run("changePswd PRECO admin 735782961", "y").endswith(
        "Changing password for admin(PRECO) on 1 nodes\n"
        f"changePswd success on server 0({cks.cluster(cluster_id).hsms[0].eni_ip})\n"
    )
    assert state(world, cluster_id) == "ACTIVE"
    assert "              CO              admin  " in tool.run("listUsers")
    tool.run("logoutHSM")
    assert "failed" in tool.run("loginHSM PRECO admin password")
    assert "success" in tool.run("loginHSM CO admin 735782961")


def test_h4_a_refused_password_activates_nothing(world: World) -> None:
    cluster_id = initialized_cluster(world)
    initialize(world, cluster_id)
    with cks.cloudhsm_mgmt_util(cluster_id) as tool:
        tool.run("loginHSM preCO admin password")
        assert "min pswd len 7 and max pswd len 32" in tool.run(
            "changePswd preCO admin short", "y", "A"
        )
    assert state(world, cluster_id) == "INITIALIZED"
