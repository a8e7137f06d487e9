"""What a customer chooses for a cluster, and which choices go together.

See "Create a cluster", "AWS CloudHSM cluster modes", "Configuring backup retention" and "Migrating
from hsm1.medium to hsm2m.medium" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException
from moto_cks.world.complaints import warn

OLDER_HSM_TYPE = "hsm1.medium"
HSM_TYPE = "hsm2m.medium"
"""The type of new clusters."""

DEFAULT_MODE = "FIPS"
DEFAULT_NETWORK_TYPE = "IPV4"


@dataclass(frozen=True)
class HsmType:
    """What goes with a type of HSMs.

    Attributes:
        modes: the modes in which a cluster of it can be.
        network_types: the network types that it can have.
        sources: the types of clusters whose backups can be restored into it.
        retired: whether AWS makes no new clusters of it.
    """

    modes: tuple[str, ...]
    network_types: tuple[str, ...]
    sources: tuple[str, ...]
    retired: bool = False


HSM_TYPES: Mapping[str, HsmType] = MappingProxyType(
    {
        OLDER_HSM_TYPE: HsmType(
            modes=(DEFAULT_MODE,),
            network_types=(DEFAULT_NETWORK_TYPE,),
            sources=(OLDER_HSM_TYPE,),
            retired=True,
        ),
        HSM_TYPE: HsmType(
            modes=(DEFAULT_MODE, "NON_FIPS"),
            network_types=(DEFAULT_NETWORK_TYPE, "DUALSTACK"),
            sources=(OLDER_HSM_TYPE, HSM_TYPE),
        ),
    }
)
"""The types of HSMs. See "HSM types in AWS CloudHSM" in the User Guide."""


class RetiredHsmTypeWarning(UserWarning):
    """A cluster of a type was made of which AWS makes no new ones.

    See "Deprecation notifications" in the AWS CloudHSM User Guide: hsm1.medium, since April 2025.
    """


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


@dataclass(frozen=True)
class Origin:
    """What counts of the cluster of which a source backup was made.

    Attributes:
        hsm_type: the type of its HSMs at that time.
        mode: its mode.
    """

    hsm_type: str
    mode: str


def choose_settings(
    hsm_type: str,
    mode: str | None,
    origin: Origin | None,
    network_type: str | None,
    backup_retention_policy: Mapping[str, str] | None,
) -> Settings:
    """The settings of a new cluster, from the parameters of ``CreateCluster``.

    Args:
        origin: of the source backup; ``None`` without one.

    Raises:
        CloudHsmInvalidRequestException: the type, mode, network type or retention is not possible,
            or not with that backup.
    """
    kind = HSM_TYPES[check_hsm_type(hsm_type)]
    if origin is not None and origin.hsm_type not in kind.sources:
        raise CloudHsmInvalidRequestException(
            f"A backup of a cluster with HsmType {origin.hsm_type} cannot be restored into a "
            f"cluster with HsmType {hsm_type}"
        )
    chosen = network_type or DEFAULT_NETWORK_TYPE
    if chosen not in kind.network_types:
        raise CloudHsmInvalidRequestException(
            f"HsmType {hsm_type} does not support network type {chosen}"
        )
    return Settings(
        hsm_type=hsm_type,
        mode=_choose_mode(hsm_type, mode, origin),
        network_type=chosen,
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


def _choose_mode(hsm_type: str, mode: str | None, origin: Origin | None) -> str:
    """The mode of a new cluster, which must be given for every type but hsm1.medium."""
    if mode is None and hsm_type != OLDER_HSM_TYPE:
        raise CloudHsmInvalidRequestException(f"Mode must be specified for HsmType {hsm_type}")
    chosen = mode or DEFAULT_MODE
    if chosen not in HSM_TYPES[hsm_type].modes:
        raise CloudHsmInvalidRequestException(f"HsmType {hsm_type} does not support mode {chosen}")
    if origin is not None and origin.mode != chosen:
        raise CloudHsmInvalidRequestException(
            f"A backup of a cluster in mode {origin.mode} cannot be restored in mode {chosen}"
        )
    return chosen


_past = threading.local()


@contextmanager
def as_before_retirement() -> Iterator[None]:
    """A context in which this thread makes clusters as they were made in former times."""
    _past.on = True
    try:
        yield
    finally:
        _past.on = False


def warn_of_retired(hsm_type: str) -> None:
    """Warn of a new cluster of a retired type.

    Warns:
        RetiredHsmTypeWarning: AWS would refuse it.
    """
    if HSM_TYPES[hsm_type].retired and not getattr(_past, "on", False):
        warn(
            f"AWS would refuse that: no new {hsm_type} cluster can be created since April 2025. "
            f"Create one of {HSM_TYPE}, in FIPS mode, to which backups of {hsm_type} can be "
            "restored.",
            RetiredHsmTypeWarning,
        )


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
