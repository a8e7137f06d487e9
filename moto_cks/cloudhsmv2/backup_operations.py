"""The operations on backups, and on what backups and clusters have in common: tags.

See the actions of these names in the AWS CloudHSM API Reference.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, cast

from moto.cloudhsmv2.models import CloudHSMV2Backend, cloudhsmv2_backends
from moto.utilities.utils import get_partition

from moto_cks.cloudhsmv2.backups import COPY, SHARE, CloudHsmBackup
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException, no_such
from moto_cks.cloudhsmv2.filters import BACKUP_FILTERS, Description, Filters, Selection
from moto_cks.cloudhsmv2.inherited import inherited_backups
from moto_cks.cloudhsmv2.paging import Pages
from moto_cks.cloudhsmv2.policies import check_policy, policy_holder
from moto_cks.cloudhsmv2.tags import TagList, add_tags, read_tags, show_tags
from moto_cks.cloudhsmv2.vault import BackupVault

BACKUPS_PAGE, TAGS_PAGE = 50, 100
"""The most items on a page."""


class BackupOperations(CloudHSMV2Backend):
    """The part of the backend that acts on backups and tags.

    Attributes:
        vault: the backups of the account in the Region.
    """

    vault: BackupVault

    def find_cluster(self, cluster_id: str) -> CloudHsmCluster | None:
        """A cluster, or ``None`` if there is none or it is deleted."""
        raise NotImplementedError

    # Backups ---------------------------------------------------------------------------------

    def _backup(self, backup_id: str, named: str | None = None) -> CloudHsmBackup:
        backup = self.vault.find(backup_id)
        if backup is None or named not in (None, backup_id, backup.backup_arn):
            raise no_such("Backup", named or backup_id)
        return backup

    def describe_backups(  # type: ignore[override]
        self,
        filters: Filters | None = None,
        shared: bool | None = None,
        sort_ascending: bool | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> tuple[list[Description], str | None]:
        """``DescribeBackups``: a page of backups, newest first, and the next page's token.

        Raises:
            CloudHsmInvalidRequestException: a filter or the token is not valid.
        """
        selection = Selection(filters, BACKUP_FILTERS)
        ascending, shared = bool(sort_ascending), bool(shared)
        pages = Pages(["DescribeBackups", selection.filters, ascending, shared], next_token)
        name = itemgetter("BackupId")
        inherited = [] if shared else inherited_backups(self)
        own = [] if shared else list(self._selected_backups(selection))
        pages.check([*map(name, inherited), *(backup.backup_id for backup in own)])
        for backup in own:
            backup.advance()
        # Sorting is stable: of two backups of one moment, the one that was made first is first.
        own.sort(key=lambda backup: backup.create_timestamp)
        shown = [*inherited, *(backup.describe() for backup in own)]
        if not ascending:
            shown.reverse()
        return pages.page(shown, name, int(max_results or BACKUPS_PAGE), selection.__contains__)

    def _selected_backups(self, selection: Selection) -> list[CloudHsmBackup]:
        backup_ids = selection.ids("backupIds")
        if backup_ids is None:
            return list(self.vault)
        found = (self.vault.find(backup_id) for backup_id in backup_ids)
        return [backup for backup in found if backup is not None]

    def delete_backup(self, backup_id: str) -> Description:
        """Begin the days after which a backup is gone.

        Raises:
            CloudHsmResourceNotFoundException: there is no such backup.
            CloudHsmInvalidRequestException: it is not READY.
        """
        backup = self._backup(backup_id)
        backup.delete()
        return backup.describe()

    def restore_backup(self, backup_id: str) -> Description:
        """Keep a backup that was to be gone in a few days.

        Raises:
            CloudHsmResourceNotFoundException: there is no such backup.
            CloudHsmInvalidRequestException: it is not PENDING_DELETION.
        """
        backup = self._backup(backup_id)
        backup.restore()
        return backup.describe()

    def modify_backup_attributes(self, backup_id: str, never_expires: bool) -> Description:
        """Exempt a backup from the retention policy of its cluster, or no more.

        Raises:
            CloudHsmResourceNotFoundException: there is no such backup.
            CloudHsmInvalidRequestException: it is not READY.
        """
        backup = self._backup(backup_id)
        backup.exempt(never_expires)
        return backup.describe()

    def copy_backup_to_region(
        self,
        destination_region: str,
        backup_id: str,
        tag_list: list[dict[str, str]] | None = None,
    ) -> Description:
        """Copy a backup, with all that it holds, to another Region of the account.

        Returns:
            The copy, as the API shows it (``DestinationBackup``).

        Raises:
            CloudHsmResourceNotFoundException: there is no such backup.
            CloudHsmInvalidRequestException: the backup is still being made, or the Region is this
                one, unknown, or in another partition.
            CloudHsmTagException: see :func:`moto_cks.cloudhsmv2.tags.read_tags`.
        """
        source = self._backup(backup_id)
        source.require(COPY)
        vault = self._vault_in(destination_region)
        tags = dict(source.tags) if tag_list is None else read_tags(tag_list)
        copy = vault.copy(source)
        copy.tags = tags
        return {"CreateTimestamp": copy.create_timestamp, **copy.describe_origin()}

    def _vault_in(self, region: str) -> BackupVault:
        account = cloudhsmv2_backends[self.account_id]
        if region == self.region_name:
            raise CloudHsmInvalidRequestException("A backup is copied to another Region")
        if region not in account.regions or get_partition(region) != self.partition:
            raise CloudHsmInvalidRequestException(f"'{region}' is not a Region to copy backups to")
        return cast(BackupOperations, account[region]).vault

    # Tags ------------------------------------------------------------------------------------

    def _tags_of(self, resource_id: str) -> dict[str, str]:
        resource = self.find_cluster(resource_id) or self.vault.find(resource_id)
        if resource is None:
            raise no_such("Resource", resource_id)
        return resource.tags

    def list_tags(
        self, resource_id: str, next_token: str | None = None, max_results: int | None = None
    ) -> tuple[TagList, str | None]:
        """``ListTags``: a page of tags, by key, and the next page's token.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster or backup.
            CloudHsmInvalidRequestException: the token is not valid.
        """
        tags = show_tags(self._tags_of(resource_id))
        pages = Pages(["ListTags", resource_id], next_token)
        return pages.page(tags, itemgetter("Key"), int(max_results or TAGS_PAGE))

    def tag_resource(self, resource_id: str, tag_list: list[dict[str, str]]) -> dict[str, Any]:
        """Set tags of a cluster or a backup; those with other keys stay.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster or backup.
            CloudHsmTagException, CloudHsmResourceLimitExceededException: see
                :func:`moto_cks.cloudhsmv2.tags.add_tags`.
        """
        add_tags(self._tags_of(resource_id), tag_list)
        return {}

    def untag_resource(self, resource_id: str, tag_key_list: list[str]) -> dict[str, Any]:
        """``UntagResource``; keys that are not there are ignored.

        Raises:
            CloudHsmResourceNotFoundException: there is no such cluster or backup.
        """
        tags = self._tags_of(resource_id)
        for key in tag_key_list:
            tags.pop(key, None)
        return {}

    # Resource policies -----------------------------------------------------------------------

    def put_resource_policy(
        self, resource_arn: str | None = None, policy: str | None = None
    ) -> dict[str, str]:
        """Say who else may use a backup.

        Raises:
            CloudHsmInvalidRequestException: ARN or policy is missing or not possible, or the
                backup is not READY.
            CloudHsmResourceNotFoundException: there is no such backup.
        """
        backup = policy_holder(self.vault, resource_arn)
        document = check_policy(policy)
        backup.require(SHARE)
        backup.policy = document
        return {"ResourceArn": backup.backup_arn, "Policy": document}

    def get_resource_policy(self, resource_arn: str | None = None) -> str | None:
        """``GetResourcePolicy``: the policy, or ``None`` where there is none.

        Raises:
            CloudHsmInvalidRequestException, CloudHsmResourceNotFoundException: see
                :func:`moto_cks.cloudhsmv2.policies.policy_holder`.
        """
        return policy_holder(self.vault, resource_arn).policy

    def delete_resource_policy(self, resource_arn: str | None = None) -> dict[str, str | None]:
        """``DeleteResourcePolicy``: what was deleted; nothing where there was no policy.

        Raises:
            CloudHsmInvalidRequestException, CloudHsmResourceNotFoundException: see
                :func:`moto_cks.cloudhsmv2.policies.policy_holder`.
        """
        backup = policy_holder(self.vault, resource_arn)
        policy, backup.policy = backup.policy, None
        return {"ResourceArn": backup.backup_arn, "Policy": policy}
