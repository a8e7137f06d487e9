"""What KMS requires of a CloudHSM cluster, and refuses with an exception where it is not so.

See "Assemble the prerequisites" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/create-keystore.html
What KMS only comes upon while it connects is in
:mod:`moto_cks.kms.keystores.cloudhsm.connection_errors`.
"""

from __future__ import annotations

from moto.cloudhsmv2.models import cloudhsmv2_backends

from moto_cks.account.network import HSM_PORTS, Network
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.kms.keystores.cloudhsm.exceptions import (
    CloudHsmClusterInvalidConfigurationException,
    CloudHsmClusterNotActiveException,
    CloudHsmClusterNotFoundException,
    CloudHsmClusterNotRelatedException,
    IncorrectTrustAnchorException,
)
from moto_cks.world.backends import backend_of

MINIMUM_ZONES = 2

TOO_FEW_HSMS = "CloudHSM cluster must contain active HSMs in at least two Availability Zones"
TOO_FEW_SUBNETS = (
    "The CloudHSM cluster must be configured with private subnets in at least two "
    "Availability Zones in the Region."
)
PORTS_CLOSED = (
    "The security group of the CloudHSM cluster ({group}) must include inbound rules and outbound "
    f"rules that allow TCP traffic on ports {HSM_PORTS[0]}-{HSM_PORTS[-1]} within the group."
)
NOT_ACTIVE = "The CloudHSM cluster {cluster_id} is not active: its state is {state}."


def find_cluster(account_id: str, region: str, cluster_id: str) -> CloudHsmCluster | None:
    """A cluster that CloudHSM has in that account and Region, or ``None``."""
    backend = backend_of(cloudhsmv2_backends, account_id, region)
    found: CloudHsmCluster | None = backend.find_cluster(cluster_id)  # type: ignore[attr-defined]
    return found


def certificate_of(cluster: CloudHsmCluster) -> str:
    """The cluster certificate, PEM; clusters that share a backup history share it."""
    certificates = cluster.certificates
    return certificates.cluster if certificates is not None else ""


def require_cluster(account_id: str, region: str, cluster_id: str) -> CloudHsmCluster:
    """The cluster must be in the account and Region.

    Raises:
        CloudHsmClusterNotFoundException
    """
    cluster = find_cluster(account_id, region, cluster_id)
    if cluster is None:
        raise CloudHsmClusterNotFoundException(f"The CloudHSM cluster {cluster_id} was not found.")
    return cluster


def require_active(cluster: CloudHsmCluster) -> None:
    """The cluster must be ACTIVE.

    Raises:
        CloudHsmClusterNotActiveException
    """
    if cluster.state != "ACTIVE":
        raise CloudHsmClusterNotActiveException(
            NOT_ACTIVE.format(cluster_id=cluster.cluster_id, state=cluster.state)
        )


def require_two_hsms(cluster: CloudHsmCluster) -> None:
    """There must be active HSMs in two Availability Zones.

    Raises:
        CloudHsmClusterInvalidConfigurationException
    """
    if len({hsm.availability_zone for hsm in cluster.active_hsms()}) < MINIMUM_ZONES:
        raise CloudHsmClusterInvalidConfigurationException(TOO_FEW_HSMS)


def require_network_configuration(cluster: CloudHsmCluster, network: Network) -> None:
    """There must be subnets in two Availability Zones, and open ports within the security group.

    Raises:
        CloudHsmClusterInvalidConfigurationException
    """
    if len(cluster.subnet_mapping) < MINIMUM_ZONES:
        raise CloudHsmClusterInvalidConfigurationException(TOO_FEW_SUBNETS)
    if not network.hsm_ports_open(cluster.security_group_id, cluster.vpc_id):
        raise CloudHsmClusterInvalidConfigurationException(
            PORTS_CLOSED.format(group=cluster.security_group_id)
        )


def require_all(cluster: CloudHsmCluster, network: Network) -> None:
    """What CreateCustomKeyStore and UpdateCustomKeyStore require of every cluster.

    In the order in which their pages list it: a cluster with subnets in one zone only cannot have
    HSMs in two.

    Raises:
        CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException
    """
    require_active(cluster)
    require_network_configuration(cluster, network)
    require_two_hsms(cluster)


def require_trust_anchor(cluster: CloudHsmCluster, trust_anchor: str) -> None:
    """The trust anchor certificate must be the one with which the cluster was initialized.

    Raises:
        IncorrectTrustAnchorException
    """
    certificates = cluster.certificates
    if certificates is None or not certificates.is_anchored_by(trust_anchor):
        raise IncorrectTrustAnchorException(
            "The trust anchor certificate is not the one with which the CloudHSM cluster "
            f"{cluster.cluster_id} was initialized."
        )


def require_related(cluster: CloudHsmCluster, certificate: str) -> None:
    """The cluster must have the cluster certificate of the one that the key store began with.

    Raises:
        CloudHsmClusterNotRelatedException
    """
    if certificate_of(cluster) != certificate:
        raise CloudHsmClusterNotRelatedException(
            f"The CloudHSM cluster {cluster.cluster_id} has a different cluster certificate than "
            "the cluster of the custom key store."
        )
