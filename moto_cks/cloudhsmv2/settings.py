"""What a customer chooses for a cluster, and which choices go together.

See "Create a cluster", "AWS CloudHSM cluster modes", "Configuring backup retention" and "Migrating
from hsm1.medium to hsm2m.medium" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException

OLDER_HSM_TYPE = "hsm1.medium"

HSM_TYPES: Mapping[str, tuple[str, ...]] = {
    OLDER_HSM_TYPE: ("FIPS",),
    "hsm2m.medium": ("FIPS", "NON_FIPS"),
}
"""The types of HSMs, and the modes in which a cluster of each can be."""

DEFAULT_MODE = "FIPS"
DEFAULT_NETWORK_TYPE = "IPV4"

RETENTION_DAYS = range(7, 380)
DEFAULT_RETENTION_DAYS = 90


@dataclass(frozen=True)
class Settings:
    """What a customer chooses for a cluster.

    Attributes:
        hsm_type: the type of its HSMs.
        mode: FIPS or NON_FIPS.
        network_type: IPV4 or DUALSTACK.
        retention_days: for how many days its backups are kept.
    """

    hsm_type: str
    mode: str
    network_type: str
    retention_days: int


@dataclass(frozen=True)
class Placement:
    """Where in the customer's network a cluster is.

    Attributes:
        vpc_id: the VPC of all its subnets.
        subnet_mapping: its subnet in each Availability Zone.
    """

    vpc_id: str
    subnet_mapping: dict[str, str]


def choose_settings(
    hsm_type: str,
    mode: str | None,
    mode_of_backup: str | None,
    network_type: str | None,
    backup_retention_policy: Mapping[str, str] | None,
) -> Settings:
    """The settings of a new cluster, from the parameters of ``CreateCluster``.

    Args:
        mode_of_backup: of the source backup; ``None`` without one.

    Raises:
        CloudHsmInvalidRequestException: the type, mode or retention is not possible.
    """
    check_hsm_type(hsm_type)
    return Settings(
        hsm_type=hsm_type,
        mode=choose_mode(hsm_type, mode, mode_of_backup),
        network_type=network_type or DEFAULT_NETWORK_TYPE,
        retention_days=retention_days(backup_retention_policy),
    )


def check_hsm_type(hsm_type: str) -> str:
    """A type of HSMs that exists.

    Raises:
        CloudHsmInvalidRequestException: there is no such type.
    """
    if hsm_type not in HSM_TYPES:
        raise CloudHsmInvalidRequestException("Provided HsmType is not supported.")
    return hsm_type


def choose_mode(hsm_type: str, mode: str | None, mode_of_backup: str | None) -> str:
    """The mode of a new cluster; by default that of its source backup, else FIPS.

    Raises:
        CloudHsmInvalidRequestException: HSMs of that type have no such mode, or the source backup
            was made in another mode.
    """
    chosen = mode or mode_of_backup or DEFAULT_MODE
    if chosen not in HSM_TYPES[hsm_type]:
        raise CloudHsmInvalidRequestException(f"HsmType {hsm_type} does not support mode {chosen}")
    if mode_of_backup not in (None, chosen):
        raise CloudHsmInvalidRequestException(
            f"A backup of a cluster in mode {mode_of_backup} cannot be restored in mode {chosen}"
        )
    return chosen


def retention_days(policy: Mapping[str, str] | None) -> int:
    """The days for which a ``BackupRetentionPolicy`` keeps backups.

    Raises:
        CloudHsmInvalidRequestException: it is not 7 to 379 days.
    """
    if policy is None:
        return DEFAULT_RETENTION_DAYS
    days = policy.get("Value")
    if days is None or int(days) not in RETENTION_DAYS:
        raise CloudHsmInvalidRequestException(
            f"Backups are retained for {RETENTION_DAYS[0]} to {RETENTION_DAYS[-1]} days"
        )
    return int(days)


def place(network: Network, subnet_ids: Iterable[str]) -> Placement:
    """Look up the subnets of a new cluster.

    Raises:
        CloudHsmInvalidRequestException: a subnet does not exist or is named twice, they belong to
            several VPCs, or two of them are in one Availability Zone.
    """
    mapping: dict[str, str] = {}
    vpc_ids: set[str] = set()
    for subnet_id in subnet_ids:
        subnet = network.subnet(subnet_id)
        if subnet is None:
            raise CloudHsmInvalidRequestException(f"Subnet '{subnet_id}' does not exist")
        if subnet_id in mapping.values():
            raise CloudHsmInvalidRequestException(f"Subnet '{subnet_id}' is specified twice")
        if subnet.availability_zone in mapping:
            raise CloudHsmInvalidRequestException(
                "Only one subnet can be specified per Availability Zone, and there are two in "
                f"'{subnet.availability_zone}'"
            )
        mapping[subnet.availability_zone] = subnet_id
        vpc_ids.add(subnet.vpc_id)
    if len(vpc_ids) > 1:
        raise CloudHsmInvalidRequestException("All subnets must be in the same VPC")
    return Placement(vpc_ids.pop(), mapping)
