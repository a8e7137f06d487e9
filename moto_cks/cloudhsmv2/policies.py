"""Resource policies, with which a backup is shared with other accounts.

See "Working with shared backups" in the AWS CloudHSM User Guide and ``PutResourcePolicy`` in the
AWS CloudHSM API Reference. A policy is kept and shown; access to the backup does not depend on it.
"""

from __future__ import annotations

import json

from moto_cks.cloudhsmv2.backups import CloudHsmBackup
from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException, no_such
from moto_cks.cloudhsmv2.vault import BackupVault


def policy_holder(vault: BackupVault, resource_arn: str | None) -> CloudHsmBackup:
    """The backup that a request about a policy names.

    Raises:
        CloudHsmInvalidRequestException: no ARN is given, or that of a cluster or an HSM.
        CloudHsmResourceNotFoundException: there is no such backup in this account and Region.
    """
    if resource_arn is None:
        raise CloudHsmInvalidRequestException("ResourceArn must be specified")
    kind, resource_id = resource_arn.split(":")[-1].split("/")
    if kind != "backup":
        raise CloudHsmInvalidRequestException("Only backups support resource policies")
    backup = vault.find(resource_id)
    if backup is None or backup.backup_arn != resource_arn:
        raise no_such("Backup", resource_arn)
    return backup


def check_policy(policy: str | None) -> str:
    """The policy document of a request.

    Raises:
        CloudHsmInvalidRequestException: it is missing or not a JSON object.
    """
    if policy is None:
        raise CloudHsmInvalidRequestException("Policy must be specified")
    try:
        document = json.loads(policy)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise CloudHsmInvalidRequestException("The policy is not a valid JSON document")
    return policy
