"""What KMS asks of a CloudHSM cluster before and while it connects a key store.

Two lists: requirements, which are refused with an exception at once ("Assemble the prerequisites"),
and the connection errors of "How to fix a connection failure", in the order in which KMS comes upon
them. Each check is one small function that looks at the world and knows one error.
"""

from __future__ import annotations

from collections.abc import Callable

from moto_cks import faults
from moto_cks.account.network import HSM_PORTS, Network
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import ReturnCode
from moto_cks.kms.exceptions import (
    CloudHsmClusterInvalidConfigurationException,
    CloudHsmClusterNotActiveException,
)
from moto_cks.kms.keystores.connection import ConnectionErrorCode

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

# Requirements ----------------------------------------------------------------------------------


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
    """What CreateCustomKeyStore and UpdateCustomKeyStore require of a cluster."""
    require_active(cluster)
    require_two_hsms(cluster)
    require_network_configuration(cluster, network)


def certificate_of(cluster: CloudHsmCluster) -> str:
    """The cluster certificate, PEM; clusters that share a backup history share it."""
    certificates = cluster.certificates
    return certificates.cluster if certificates is not None else ""


# Connection errors -----------------------------------------------------------------------------


def _subnets_missing(cluster: CloudHsmCluster, network: Network) -> bool:
    return any(network.subnet(subnet) is None for subnet in cluster.subnet_mapping.values())


def _no_active_hsm(cluster: CloudHsmCluster, network: Network) -> bool:
    return not cluster.active_hsms()


def _subnet_full(cluster: CloudHsmCluster, network: Network) -> bool:
    subnets = (network.subnet(subnet) for subnet in cluster.subnet_mapping.values())
    return any(subnet is not None and subnet.free_addresses < 1 for subnet in subnets)


def _ports_closed(cluster: CloudHsmCluster, network: Network) -> bool:
    # They were open when the attempt began: require_network_configuration.
    return not network.hsm_ports_open(cluster.security_group_id, cluster.vpc_id)


def _acls_deny(cluster: CloudHsmCluster, network: Network) -> bool:
    addresses = [hsm.eni_ip for hsm in cluster.active_hsms()]
    return not network.acls_allow_hsm_ports(cluster.subnet_mapping.values(), addresses)


def _out_of_reach(cluster: CloudHsmCluster, network: Network) -> bool:
    return faults.out_of_reach(cluster.cluster_id)


Check = Callable[[CloudHsmCluster, Network], bool]

CONNECTION_CHECKS: tuple[tuple[Check, ConnectionErrorCode], ...] = (
    (_subnets_missing, ConnectionErrorCode.SUBNET_NOT_FOUND),
    (_no_active_hsm, ConnectionErrorCode.INSUFFICIENT_CLOUDHSM_HSMS),
    (_subnet_full, ConnectionErrorCode.INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET),
    (_ports_closed, ConnectionErrorCode.NETWORK_ERRORS),
    (_acls_deny, ConnectionErrorCode.NETWORK_ERRORS),
    (_out_of_reach, ConnectionErrorCode.NETWORK_ERRORS),
)
"""After the cluster has been found, and before KMS logs in."""

LOGIN_ERRORS = {
    ReturnCode.USER_NOT_FOUND: ConnectionErrorCode.USER_NOT_FOUND,
    ReturnCode.USER_LOGGED_IN: ConnectionErrorCode.USER_LOGGED_IN,
    ReturnCode.USER_LOCKED_OUT: ConnectionErrorCode.USER_LOCKED_OUT,
    ReturnCode.AUTHENTICATION_FAILED: ConnectionErrorCode.INVALID_CREDENTIALS,
    # KMS has no second factor to offer.
    ReturnCode.SECOND_FACTOR_REQUIRED: ConnectionErrorCode.INVALID_CREDENTIALS,
}
"""What KMS makes of the answer of an HSM that refuses kmsuser."""


def first_connection_error(
    cluster: CloudHsmCluster | None, network: Network
) -> ConnectionErrorCode | None:
    """The first thing that keeps KMS from reaching the HSMs of a cluster."""
    if cluster is None:
        return ConnectionErrorCode.CLUSTER_NOT_FOUND
    for fails, error_code in CONNECTION_CHECKS:
        if fails(cluster, network):
            return error_code
    return None
