"""What KMS requires of a CloudHSM cluster, and refuses with an exception where it is not so.

See "Assemble the prerequisites" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/create-keystore.html
What KMS only comes upon while it connects is in
:mod:`moto_cks.kms.keystores.cloudhsm.connection_errors`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from moto.cloudhsmv2.models import cloudhsmv2_backends

from moto_cks.account.network import HSM_PORTS, ClosedPorts, Denial, Network
from moto_cks.cloudhsmv2.cluster_states import ClusterState
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import Hsm
from moto_cks.kms.exceptions import KmsException, KMSInternalException
from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keystores.cloudhsm.exceptions import (
    CloudHsmClusterInvalidConfigurationException,
    CloudHsmClusterNotActiveException,
    CloudHsmClusterNotFoundException,
    CloudHsmClusterNotRelatedException,
    IncorrectTrustAnchorException,
)
from moto_cks.world.backends import backend_of

MINIMUM_ZONES = 2

NO_CERTIFICATE = ""
"""What KMS has to show to an HSM that asks for a client certificate."""

TOO_FEW_HSMS = "CloudHSM cluster must contain active HSMs in at least two Availability Zones"
TOO_FEW_SUBNETS = (
    "The CloudHSM cluster must be configured with private subnets in at least two "
    "Availability Zones in the Region."
)
PORTS_CLOSED = (
    "The security group of the CloudHSM cluster ({group}) must include inbound rules and outbound "
    f"rules that allow TCP traffic over IPv4 on ports {HSM_PORTS[0]}-{HSM_PORTS[-1]} within the "
    "group."
)
NOT_ACTIVE = "The CloudHSM cluster {cluster} is not active: its state is {state}."
LIMITED_WRITES = (
    "The key material could not be generated: the HSM type of the CloudHSM cluster {cluster} is "
    "being changed, and meanwhile it takes no new keys."
)
FULL = (
    "The key material could not be generated: the CloudHSM cluster {cluster} has no room for "
    "another key."
)


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


# The checks: each is one small function that looks at the world. --------------------------------

Check: TypeAlias = Callable[[CloudHsmCluster, Network], "Finding | None"]

CAUSES: Mapping[ClusterState, str] = MappingProxyType(
    {
        ClusterState.CREATE_IN_PROGRESS: "cluster-not-ready",
        ClusterState.INITIALIZE_IN_PROGRESS: "cluster-not-ready",
        # A cluster does not leave these by itself.
        ClusterState.UNINITIALIZED: "cluster-not-activated",
        ClusterState.INITIALIZED: "cluster-not-activated",
        ClusterState.MODIFY_IN_PROGRESS: "migration-under-way",
        ClusterState.ROLLBACK_IN_PROGRESS: "migration-under-way",
    }
)
"""Why a cluster is not active, where it is not being deleted."""


def not_active(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """The cluster is in another state than ACTIVE."""
    state = cluster.state
    if state is ClusterState.ACTIVE:
        return None
    cause = CAUSES.get(state, "cluster-not-active")
    facts = {"cluster": cluster.cluster_id, "state": state.value}
    return Finding(cause, facts, cluster.state_since)


def hsms_in_one_zone(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """There are no active HSMs in two Availability Zones."""
    zones = sorted({hsm.availability_zone for hsm in cluster.active_hsms()})
    if len(zones) >= MINIMUM_ZONES:
        return None
    facts = {
        "cluster": cluster.cluster_id,
        "hsm_zones": zones,
        "hsms": {hsm.hsm_id: hsm.state.value for hsm in cluster.hsms},
    }
    return Finding("one-hsm-left" if zones else "all-hsms-deleted", facts)


def subnets_in_one_zone(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """The cluster has no subnets in two Availability Zones."""
    zones = sorted(cluster.subnet_mapping)
    if len(zones) >= MINIMUM_ZONES:
        return None
    return Finding("subnets-in-one-zone", {"cluster": cluster.cluster_id, "subnet_zones": zones})


def ports_closed(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """The security group does not let its members reach the HSM ports."""
    closed = network.closed_hsm_ports(cluster.security_group_id, cluster.vpc_id)
    return None if closed is None else told_of_ports(closed)


def told_of_ports(closed: ClosedPorts) -> Finding:
    """What there is to say of closed ports."""
    return Finding("hsm-ports-closed", {**asdict(closed), "directions": list(closed.directions)})


def told_of_acls(denials: Iterable[Denial], *, reconnects: bool) -> Finding:
    """What there is to say of network ACLs that deny the HSM ports.

    Args:
        denials: where they do.
        reconnects: whether the key store has to connect again when that is over.
    """
    facts = {"acls": list(map(asdict, denials)), "reconnects": reconnects}
    return Finding("network-acl-denies", facts)


def ports_closed_before_connecting(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """The same, where the key store is about to connect."""
    finding = ports_closed(cluster, network)
    if finding is None:
        return None
    return replace(finding, cause="hsm-ports-closed-before-connecting", otherwise=finding.cause)


def mtls_enforced(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """HSMs let in only clients with a certificate, and KMS has none."""
    hsms = cluster.hardware.hsms
    closed = [hsm.id for hsm in hsms.values() if not hsm.admits(NO_CERTIFICATE)]
    if not closed:
        return None
    return Finding(
        "mtls-enforced", {"cluster": cluster.cluster_id, "hsms": closed, "of": len(hsms)}
    )


def limited_writes(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """The HSMs take no new keys while their type is being changed."""
    if not cluster.hardware.condition.limited_writes:
        return None
    return not_active(cluster, network)


def full(cluster: CloudHsmCluster, network: Network) -> Finding | None:
    """An HSM has no room for another key."""
    hardware = cluster.hardware
    numbers = {hsm.id: len(hsm.keys) for hsm in hardware.hsms.values()}
    full = [hsm_id for hsm_id, keys in numbers.items() if hardware.condition.is_full(keys)]
    if not full:
        return None
    facts = {
        "cluster": cluster.cluster_id,
        "keys": max(numbers.values()),
        "hsm_type": cluster.hsm_type,
        "hsms": full,
        "of": len(numbers),
        "owner": _owner_of_most(hardware.hsms[full[0]]),
    }
    return Finding("cluster-full", facts)


def _owner_of_most(hsm: Hsm) -> str:
    """The crypto user who owns most of the keys in an HSM."""
    ((owner, _),) = Counter(key.owner for key in hsm.keys.values()).most_common(1)
    return owner


# What is required when --------------------------------------------------------------------------


@dataclass(frozen=True)
class Requirement:
    """What must not be found, and the exception where it is.

    Attributes:
        check: finds it.
        error: the exception.
        message: what that says, with facts of the finding.
    """

    check: Check
    error: type[KmsException]
    message: str


ACTIVE = Requirement(not_active, CloudHsmClusterNotActiveException, NOT_ACTIVE)
TWO_HSMS = Requirement(hsms_in_one_zone, CloudHsmClusterInvalidConfigurationException, TOO_FEW_HSMS)
TWO_SUBNETS = Requirement(
    subnets_in_one_zone, CloudHsmClusterInvalidConfigurationException, TOO_FEW_SUBNETS
)
OPEN_PORTS = Requirement(ports_closed, CloudHsmClusterInvalidConfigurationException, PORTS_CLOSED)
OPEN_PORTS_TO_CONNECT = replace(OPEN_PORTS, check=ports_closed_before_connecting)

OF_A_CLUSTER = (ACTIVE, TWO_SUBNETS, OPEN_PORTS, TWO_HSMS)
"""What CreateCustomKeyStore and UpdateCustomKeyStore require of every cluster.

In the order in which their pages list it: a cluster with subnets in one zone only cannot have HSMs
in two."""

BEFORE_CONNECTING = (ACTIVE, TWO_SUBNETS, OPEN_PORTS_TO_CONNECT)
"""What ConnectCustomKeyStore requires at once."""

BEFORE_CREATING_KEY = (TWO_HSMS, TWO_SUBNETS, OPEN_PORTS)
"""What CreateKey requires."""

TO_GENERATE_KEY = (
    Requirement(limited_writes, KMSInternalException, LIMITED_WRITES),
    Requirement(full, KMSInternalException, FULL),
)
"""What the HSMs require of CreateKey, when KMS has come to them."""


def require(
    requirements: Iterable[Requirement], cluster: CloudHsmCluster, network: Network
) -> None:
    """Refuse a cluster that does not meet a requirement.

    Raises:
        CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException: the first
            that it does not meet.
    """
    for requirement in requirements:
        finding = requirement.check(cluster, network)
        if finding is not None:
            raise requirement.error(requirement.message.format(**finding.facts))


def unmet(
    requirements: Iterable[Requirement], cluster: CloudHsmCluster, network: Network, when: When
) -> Iterator[Reason]:
    """All requirements that a cluster does not meet.

    Args:
        requirements: what is required.
        cluster: the cluster.
        network: the network of its account and Region.
        when: when they are.
    """
    for requirement in requirements:
        finding = requirement.check(cluster, network)
        if finding is not None:
            yield Reason(finding, requirement.error.__name__, when)


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
