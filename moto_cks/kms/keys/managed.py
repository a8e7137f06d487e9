"""AWS managed keys: those that AWS services keep in an account, ``alias/aws/s3`` and the others.

AWS KMS Developer Guide: "AWS KMS keys", "AWS managed keys". They exist from when they are first
used or looked up. Their key policies let the service use them for the account, and the account
look at them; nobody can manage them. The descriptions of those of S3 and DynamoDB were recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import NAMESPACE_URL, uuid5

from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS
from moto.utilities.utils import get_partition

from moto_cks.account.callers import Caller
from moto_cks.kms.exceptions import AccessDeniedException
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.keys.materials import KeyMaterials
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT

AWS = "AWS"
"""KeyManager."""

ALIAS_PREFIX = "alias/aws/"

DESCRIPTION = "Default key that protects my {} when no other key is defined"

DENIED = (
    "User: {caller} is not authorized to perform: kms:{operation} on resource: {key} because no "
    "resource-based policy allows the kms:{operation} action"
)

OF_THE_ACCOUNT = ("Describe", "Get", "List")
"""How the operations begin that the key policies allow the account."""


BY_ALIAS = frozenset({"DeleteAlias"})
"""What is refused for the name of the alias, not by the key policy."""


@dataclass(frozen=True)
class Service:
    """A service that has a key in the accounts that use it.

    Attributes:
        protects: what it protects with the key.
        endpoint: how its endpoints begin, where not as the alias is named.
    """

    protects: str
    endpoint: str = ""


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        f"{ALIAS_PREFIX}{name}": service
        for name, service in {
            "acm": Service("ACM private keys"),
            "backup": Service("Backup data"),
            "cloud9": Service("Cloud9 environments"),
            "codecommit": Service("CodeCommit repositories"),
            "connect": Service("Connect data"),
            "dms": Service("DMS replication instances"),
            "dynamodb": Service("DynamoDB data"),
            "ebs": Service("EBS volumes", "ec2"),
            "elasticfilesystem": Service("EFS filesystems"),
            "es": Service("Elasticsearch data"),
            "fsx": Service("FSx resources"),
            "glue": Service("Glue data"),
            "kafka": Service("MSK data"),
            "kinesis": Service("Kinesis data"),
            "kinesisvideo": Service("Kinesis video streams"),
            "lambda": Service("Lambda functions"),
            "mq": Service("MQ data"),
            "rds": Service("RDS database volumes"),
            "redshift": Service("Redshift clusters"),
            "s3": Service("S3 objects"),
            "secretsmanager": Service("Secrets Manager data"),
            "sns": Service("SNS data"),
            "sqs": Service("SQS messages"),
            "ssm": Service("SSM parameters"),
            "workspaces": Service("WorkSpaces volumes"),
            "xray": Service("X-Ray data"),
        }.items()
    }
)
"""By the name of the alias."""

KEY_IDS: Mapping[str, str] = MappingProxyType(
    {alias: str(uuid5(NAMESPACE_URL, alias)) for alias in SERVICES} | RESERVED_ALIASE_TARGET_KEY_IDS
)
"""The key IDs, which on AWS differ by account and Region; most are those that moto lists."""

ALIASES: Mapping[str, str] = MappingProxyType({key_id: alias for alias, key_id in KEY_IDS.items()})
"""The other way round."""


class ManagedKey(KmsKey):
    """A key that AWS manages; its key material is rotated every year.

    Args:
        alias_name: one of :data:`SERVICES`.
        account_id: in which account.
        region: in which Region.
    """

    def __init__(self, alias_name: str, account_id: str, region: str) -> None:
        service = SERVICES[alias_name]
        description = DESCRIPTION.format(service.protects)
        policy = _policy(alias_name.removeprefix(ALIAS_PREFIX), service, account_id, region)
        super().__init__(
            policy, ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT, description, account_id, region
        )
        self.key_manager = AWS
        self.rename(KEY_IDS[alias_name])
        self._settle(KeyMaterials(self.spec, self.id))
        self.schedule.enable()


def _policy(name: str, service: Service, account_id: str, region: str) -> str:
    via = f"{service.endpoint or name}.{region}.amazonaws.com"
    statements = [
        {
            "Sid": f"Allow access through {name} for all principals in the account that are "
            f"authorized to use {name}",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:CreateGrant",
                "kms:DescribeKey",
            ],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:CallerAccount": account_id, "kms:ViaService": via}},
        },
        {
            "Sid": "Allow direct access to key metadata to the account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{get_partition(region)}:iam::{account_id}:root"},
            "Action": [f"kms:{verb}*" for verb in OF_THE_ACCOUNT],
            "Resource": "*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Id": f"auto-{name}-1", "Statement": statements})


def check(operation: str, key: KmsKey, caller: Caller) -> None:
    """Refuse what nobody in the account may do with a key of AWS.

    Args:
        operation: the operation.
        key: a key that AWS manages.
        caller: who calls.

    Raises:
        AccessDeniedException
    """
    if operation not in BY_ALIAS and not operation.startswith(OF_THE_ACCOUNT):
        raise AccessDeniedException(
            DENIED.format(caller=caller.identity["arn"], operation=operation, key=key.arn)
        )
