"""The service-linked roles with which CloudHSM and KMS act in an account.

Pages: "Authorizing AWS KMS to manage AWS CloudHSM and Amazon EC2 resources" and "Authorizing AWS
KMS to synchronize multi-Region keys" in the AWS KMS Developer Guide, "Service-linked roles for AWS
CloudHSM" in the AWS CloudHSM User Guide, and the AWS Managed Policy Reference Guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from moto_cks.world.backends import backend_of

if TYPE_CHECKING:
    from moto.iam.models import IAMBackend, Role

POLICY_PATH = "/aws-service-role/"
"""The path of the managed policies that are for service-linked roles."""

MAX_SESSION_DURATION = "3600"
"""In seconds."""


@dataclass(frozen=True)
class ManagedPolicy:
    """An AWS managed policy for a service-linked role.

    Attributes:
        name: its name.
        version: the ID of its default version.
        created: when AWS made it, in ISO 8601.
        updated: when AWS last changed it.
        statement: the only statement of its document, but for its effect, which is to allow.
    """

    name: str
    version: str
    created: str
    updated: str
    statement: Mapping[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """As moto keeps managed policies."""
        return {
            "CreateDate": self.created,
            "UpdateDate": self.updated,
            "DefaultVersionId": self.version,
            "Path": POLICY_PATH,
            "Document": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", **self.statement}],
            },
        }


@dataclass(frozen=True)
class ServiceRole:
    """A service-linked role.

    Attributes:
        name: its name, the same in each account.
        principal: the service that assumes it.
        policy: what the service may do.
    """

    name: str
    principal: str
    policy: ManagedPolicy

    def __str__(self) -> str:
        return self.name


KMS_ROLE = ServiceRole(
    "AWSServiceRoleForKeyManagementServiceCustomKeyStores",
    "cks.kms.amazonaws.com",
    ManagedPolicy(
        "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
        version="v2",
        created="2018-11-14T20:10:53+00:00",
        updated="2023-11-10T19:03:34+00:00",
        statement={
            "Action": [
                "cloudhsm:Describe*",
                "ec2:CreateNetworkInterface",
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:CreateSecurityGroup",
                "ec2:DescribeSecurityGroups",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:DeleteSecurityGroup",
                "ec2:DescribeVpcs",
                "ec2:DescribeNetworkAcls",
                "ec2:DescribeNetworkInterfaces",
            ],
            "Resource": "*",
        },
    ),
)

MULTI_REGION_ROLE = ServiceRole(
    "AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
    "mrk.kms.amazonaws.com",
    ManagedPolicy(
        "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
        version="v2",
        created="2021-06-16T15:37:37+00:00",
        updated="2024-11-13T22:53:54+00:00",
        statement={
            "Sid": "KMSSynchronizeMultiRegionKey",
            "Action": ["kms:SynchronizeMultiRegionKey"],
            "Resource": "*",
        },
    ),
)

CLOUDHSM_ROLE = ServiceRole(
    "AWSServiceRoleForCloudHSM",
    "cloudhsm.amazonaws.com",
    ManagedPolicy(
        "CloudHSMServiceRolePolicy",
        version="v1",
        created="2017-11-06T19:12:46+00:00",
        updated="2017-11-06T19:12:46+00:00",
        statement={
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "logs:DescribeLogStreams",
            ],
            "Resource": ["arn:aws:logs:*:*:*"],
        },
    ),
)

ROLES = (KMS_ROLE, MULTI_REGION_ROLE, CLOUDHSM_ROLE)
"""All of them."""


class ServiceRoles:
    """The service-linked roles of an account.

    Args:
        account_id: the account.
        region: a Region of its partition; roles are those of all Regions.
    """

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id = account_id
        self.region = region

    @property
    def _iam(self) -> IAMBackend:
        # Imported late, as EC2, and looked up each time, for a reset of moto replaces the backend.
        from moto.iam.models import iam_backends  # noqa: PLC0415

        return backend_of(iam_backends, self.account_id, get_partition(self.region))

    def has(self, role: ServiceRole) -> bool:
        """Whether a service has its role in the account."""
        return any(known.name == role.name for known in self._iam.get_roles())

    def ensure(self, role: ServiceRole) -> None:
        """Create the role with which a service acts in the account, unless it is there."""
        if not self.has(role):
            create(self._iam, role)

    def remove(self, role: ServiceRole) -> None:
        """Remove the role of a service again, unless it is gone already."""
        for known in tuple(self._iam.get_roles()):
            if known.name == role.name:
                detach_policies(known)
                del self._iam.roles[known.id]


def create(iam: IAMBackend, role: ServiceRole, description: str = "") -> Role:
    """Create a service-linked role, with its policy."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": role.principal},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    made = iam.create_role(
        role.name,
        json.dumps(trust),
        f"/aws-service-role/{role.principal}/",
        permissions_boundary=None,
        description=description,
        tags=[],
        max_session_duration=MAX_SESSION_DURATION,
        linked_service=role.principal,
    )
    _managed(iam, role.policy).attach_to(made)
    return made


def detach_policies(role: Role) -> None:
    """Detach all managed policies from a role."""
    for policy in tuple(role.managed_policies.values()):
        policy.detach_from(role)


def _managed(iam: IAMBackend, policy: ManagedPolicy) -> Any:
    # moto has the managed policies of AWS only where it is told to load them all.
    from moto.iam.models import AWSManagedPolicy  # noqa: PLC0415 - late, as IAM itself

    made = AWSManagedPolicy.from_data(policy.name, iam.account_id, iam.region_name, policy.data)
    if made.arn not in iam.managed_policies:
        iam.managed_policies[made.arn] = made
        iam.aws_managed_policies.append(made)
    return iam.managed_policies[made.arn]
