"""How the keys of an account and Region are enabled, disabled, replicated and deleted.

AWS KMS Developer Guide: "Deleting AWS KMS keys", "Multi-Region keys in AWS KMS".
"""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import cast

from moto.kms.models import kms_backends

from moto_cks.account.callers import Caller
from moto_cks.account.service_roles import MULTI_REGION_ROLE, ServiceRoles
from moto_cks.frontend.calls import Deed, announce
from moto_cks.kms.aliases import AliasBackend
from moto_cks.kms.exceptions import AlreadyExistsException, UnsupportedOperationException
from moto_cks.kms.keys import names, states
from moto_cks.kms.keys.deleted import Deletion
from moto_cks.kms.keys.kinds import CustomKeyStoreKey, KmsKey
from moto_cks.kms.keys.multi_region import UPDATE
from moto_cks.kms.keys.policies import check_new_policy
from moto_cks.kms.keys.states import PENDING_REPLICA_DELETION, KeyState
from moto_cks.kms.keys.tags import check_tags
from moto_cks.kms.pages import Catalogue
from moto_cks.world import clock
from moto_cks.world.backends import backend_of
from moto_cks.world.ids import in_region


class LifetimeBackend(AliasBackend):
    """The life of KMS keys.

    Attributes:
        keys: all KMS keys by ID.
        deleted_keys: the keys whose waiting period is over, by ID; no client sees them.
    """

    keys: Catalogue[KmsKey]  # type: ignore[assignment] # moto's is a dict of its keys
    deleted_keys: dict[str, Deletion]
    _deletions: dict[str, clock.Appointment]

    def _key(self, key_id: str) -> KmsKey:
        """A key by its ID or ARN; its existence has been checked."""
        return self.keys[self.get_key_id(key_id)]

    def _in(self, region: str) -> LifetimeBackend:
        """KMS in another Region of the account."""
        return cast(LifetimeBackend, backend_of(kms_backends, self.account_id, region))

    def enable_key(self, key_id: str) -> None:
        """EnableKey; a rotation that fell due meanwhile is made up for."""
        key = self._key(key_id)
        key.key_state = KeyState.ENABLED.value
        leads = key.relatives is None or key.relatives.primary is key
        if leads and key.key_rotation_status:
            key.schedule.resume()

    def disable_key(self, key_id: str) -> None:
        """DisableKey."""
        self._key(key_id).key_state = KeyState.DISABLED.value

    # Deletion --------------------------------------------------------------------------------

    def schedule_key_deletion(  # type: ignore[override] # moto knows no replicas
        self, key_id: str, pending_window_in_days: int
    ) -> float | None:
        """ScheduleKeyDeletion on the simulated clock.

        Returns:
            The deletion date, in seconds since the epoch; ``None`` for a primary key that has
            replicas: its waiting period begins when the last of them is deleted.
        """
        key = self._key(key_id)
        key.waiting_days = pending_window_in_days
        if key.relatives is not None and key.relatives.primary is key and key.relatives.replicas:
            key.key_state = PENDING_REPLICA_DELETION
            return None
        return self._begin_waiting_period(key)

    def _begin_waiting_period(self, key: KmsKey) -> float:
        assert key.waiting_days is not None  # ScheduleKeyDeletion has said it
        deletion_date = clock.now() + timedelta(days=key.waiting_days)
        self._deletions[key.id] = clock.at(deletion_date, self._end_waiting_period, key)
        key.deletion_date = deletion_date.replace(tzinfo=None)  # moto's dates are naive
        key.key_state = KeyState.PENDING_DELETION.value
        return deletion_date.timestamp()

    def cancel_key_deletion(self, key_id: str) -> None:
        """CancelKeyDeletion."""
        key = self._key(key_id)
        key.key_state = KeyState.DISABLED.value
        key.deletion_date = key.waiting_days = None
        appointment = self._deletions.pop(key.id, None)
        if appointment is not None:
            appointment.cancel()

    def _end_waiting_period(self, key: KmsKey) -> None:
        """Delete a KMS key, try once to delete its key material, and record what came of it.

        Where scheduling or cancelling was interrupted, the key may be due later, or not at all.
        """
        due = key.deletion_date
        if key.id in self.deleted_keys or key.kept_state != KeyState.PENDING_DELETION.value:
            return
        if due is None or due.replace(tzinfo=timezone.utc) > clock.now():
            return
        self.delete_key(key.id)
        data, deletion = None, Deletion(key.arn, clock.now())
        if isinstance(key, CustomKeyStoreKey):
            store = key.key_store
            deleted = store.delete_key_material(key.backing_key)
            data = store.deletion_data(key.arn, key.backing_key, deleted)
            deletion = Deletion(key.arn, clock.now(), store, key.backing_key, deleted)
        announce(Deed("kms", "DeleteKey", self.account_id, self.region_name, (key.arn,), data))
        self.deleted_keys[key.id] = deletion

    def _depart(self, key: KmsKey) -> None:
        """See to what else there was of a key that is deleted."""
        relatives = key.relatives
        key.end()
        if relatives is None:
            return
        primary = relatives.primary
        if primary is None or relatives.replicas:
            return
        if primary.kept_state == PENDING_REPLICA_DELETION:
            self._in(primary.region)._begin_waiting_period(cast(KmsKey, primary))

    # Multi-Region keys -----------------------------------------------------------------------

    def ensure_multi_region_role(self) -> None:
        """Make the service-linked role with which KMS synchronizes multi-Region keys."""
        ServiceRoles(self.account_id, self.region_name).ensure(MULTI_REGION_ROLE)

    def replicate_key(
        self,
        key_id: str,
        replica_region: str,
        policy: str | None = None,
        description: str = "",
        tags: list[dict[str, str]] | None = None,
        author: Caller | None = None,
    ) -> KmsKey:
        """ReplicateKey of a primary key; the replica is being created.

        Raises:
            AlreadyExistsException: there is a key of that ID in the Region.
            MalformedPolicyDocumentException, LimitExceededException, TagException
        """
        key = self._key(key_id)
        assert key.relatives is not None  # its role has been checked
        if replica_region in key.relatives.members:
            arn = in_region(key.arn, replica_region)
            raise AlreadyExistsException(f"The key {arn} already exists")
        there = self._in(replica_region)
        there._check_new_key(policy, tags or [], author)
        replica = key.replica(replica_region, policy, description)
        there._add_key(replica, tags or [])
        replica.begin_as_replica()
        return replica

    def _check_new_key(
        self, policy: str | None, tags: list[dict[str, str]], author: Caller | None
    ) -> None:
        if policy:
            like_its_arn = f"{self.home}key/new"
            check_new_policy(policy, self.account_id, self.region_name, author, like_its_arn)
        check_tags(tags)

    def _add_key(self, key: KmsKey, tags: list[dict[str, str]]) -> None:
        self.keys[key.id] = key
        if tags:
            self.tagger.tag_resource(key.id, tags)  # moto's tag_resource differs by version

    def update_primary_region(self, key: KmsKey, region: str) -> None:
        """UpdatePrimaryRegion of a primary key.

        Raises:
            NotFoundException: there is no replica in the Region.
            DisabledException, KMSInvalidStateException: the state of the replica does not allow it.
            UnsupportedOperationException: that is its Region already.
        """
        relatives = key.relatives
        assert relatives is not None  # its role has been checked
        if region == relatives.primary_region:
            raise UnsupportedOperationException(f"{key.arn} is the primary key already.")
        replica = relatives.members.get(region)
        if replica is None:
            raise names.not_found(key.id, self._in(region).home, region, aliases=False)
        states.check(UPDATE, replica.key_state, replica)
        relatives.primary_region = region
        for each in (key, replica):
            each.pass_through(UPDATE)

    def relate(self, key: KmsKey) -> None:
        """Find the related keys of a multi-Region key that moto has made."""
        if key.relatives is None:
            return
        for _, region, backend in kms_backends.iter_backends():
            other = cast(LifetimeBackend, backend).keys.get(key.id)
            if other is key or not isinstance(other, KmsKey) or region == key.region:
                continue
            if other.account_id == key.account_id and other.relatives is not None:
                key.join(other)
                return
