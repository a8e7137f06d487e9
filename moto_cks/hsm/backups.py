"""What a backup of a cluster holds.

See "Managing AWS CloudHSM backups" in the AWS CloudHSM User Guide: users with the passwords of
the moment, keys, certificates and policies; never login sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from moto_cks.hsm.certificates import Certificates
from moto_cks.hsm.keys import KeyObject
from moto_cks.hsm.policies import Policies
from moto_cks.hsm.users import User


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The content of one HSM at one moment, and of the cluster around it.

    Attributes:
        certificates: the cluster's identity. A cluster that is made from this snapshot has the
            same cluster certificate: the two are related.
        handles: the handles of keys that are still to be made. Related clusters share them: a
            handle never means one key here and another one there.
        policies: quorum values, trust anchors, and whether mutual TLS is enforced.
    """

    users: tuple[User, ...] = field(repr=False)
    keys: dict[int, KeyObject] = field(repr=False)
    certificates: Certificates
    handles: Iterator[int] = field(repr=False)
    next_user_id: int
    policies: Policies = field(default_factory=Policies)
