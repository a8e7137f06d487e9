"""The parameters of :meth:`moto_cks.Cks.create_cluster`, and what they can be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.handle.protocols.cks import (
    CIDR,
    DEFAULT_REGION,
    HSM_TYPE,
    HSMS,
    KMSUSER_PASSWORD,
    SUBNET_PREFIX,
    HsmTypeName,
)

STRINGS = ("region", "account_id", "kmsuser_password", "cidr", "hsm_type")
LISTS = ("subnet_ids", "zones")
SUBNET_PREFIXES = range(16, 29)
"""How large EC2 makes subnets."""
ACCOUNT_ID = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, kw_only=True)
class ClusterParameters:
    """What a cluster is to be like.

    Attributes:
        hsms: how many HSMs.
        region: where.
        account_id: whose.
        kmsuser_password: the password of the crypto user kmsuser.
        vpc_id: an existing VPC; by default a new one.
        subnet_ids: existing subnets; the rest is then of no use.
        cidr: the block of a new VPC, and what its subnets are cut from.
        subnet_prefix: prefix length of a new subnet.
        zones: Availability Zones of new subnets; by default the first three of the Region.
        hsm_type: the type of the HSMs.

    Raises:
        TypeError: one of them is of another type.
        ValueError: one of them cannot be.
    """

    hsms: int = HSMS
    region: str = DEFAULT_REGION
    account_id: str = DEFAULT_ACCOUNT_ID
    kmsuser_password: str = field(default=KMSUSER_PASSWORD, repr=False)
    vpc_id: str | None = None
    subnet_ids: Sequence[str] = ()
    cidr: str = CIDR
    subnet_prefix: int = SUBNET_PREFIX
    zones: Sequence[str] = ()
    hsm_type: HsmTypeName = HSM_TYPE

    def __post_init__(self) -> None:
        for name in STRINGS:
            _require(name, getattr(self, name), str, "a string")
        for name in ("hsms", "subnet_prefix"):
            _require(name, getattr(self, name), int, "a whole number")
        for name in LISTS:
            _require_strings(name, getattr(self, name))
        if self.vpc_id is not None:
            _require("vpc_id", self.vpc_id, str, "a string")
        if self.hsms < 1:
            raise ValueError(f"hsms is at least 1, not {self.hsms}.")
        if self.subnet_prefix not in SUBNET_PREFIXES:
            shortest, longest = SUBNET_PREFIXES[0], SUBNET_PREFIXES[-1]
            raise ValueError(
                f"subnet_prefix is from {shortest} to {longest}, not {self.subnet_prefix}."
            )
        if self.hsm_type not in get_args(HsmTypeName):
            possible = " or ".join(get_args(HsmTypeName))
            raise ValueError(f"hsm_type is {possible}, not {self.hsm_type!r}.")
        if not ACCOUNT_ID.fullmatch(self.account_id):
            raise ValueError(f"An account_id has 12 digits, not {self.account_id!r}.")


def parameters_of_new(
    cluster: object, kmsuser_password: str, **parameters: Any
) -> ClusterParameters | None:
    """The parameters of the new cluster of a key store; ``None`` where the cluster is given.

    Args:
        cluster: the cluster, or ``None``.
        kmsuser_password: the password of kmsuser.
        parameters: those of a new cluster; ``None`` is none.

    Raises:
        TypeError: both are given, or see :class:`ClusterParameters`.
        ValueError: see :class:`ClusterParameters`.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if cluster is None:
        return ClusterParameters(kmsuser_password=kmsuser_password, **given)
    if given:
        raise TypeError(f"The cluster is given; what for {', '.join(given)}?")
    return None


def _require(name: str, value: Any, kind: type, words: str) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{name} is {words}, and not of the type {type(value).__name__}.")


def _require_strings(name: str, values: Any) -> None:
    is_list = isinstance(values, Sequence) and not isinstance(values, (str, bytes))
    if not is_list or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{name} is a list of strings.")
