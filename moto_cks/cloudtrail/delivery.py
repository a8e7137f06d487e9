"""Delivers events to the trails of their account: to S3, with word of it by SNS, and to their logs.

AWS CloudTrail User Guide: "How CloudTrail works", "Finding your CloudTrail log files", "Configuring
Amazon SNS notifications for CloudTrail".

CloudTrail delivers about every five minutes; here it is whenever five minutes are full on the
simulated clock. Where the bucket cannot be reached it tries again each time, for 30 days.
"""

from __future__ import annotations

import json
import string
from datetime import datetime, timedelta

from moto.backends import get_backend
from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.moto_api._internal import mock_random

from moto_cks.cloudtrail import bucket, log_group
from moto_cks.cloudtrail.digests import DigestChain, LogFile
from moto_cks.cloudtrail.events import Event
from moto_cks.cloudtrail.selectors import selects, trails_of
from moto_cks.world import clock
from moto_cks.world.lock import WORLD

INTERVAL = timedelta(minutes=5)
"""How often log files are delivered."""

RETRIED_FOR = timedelta(days=30)
"""How long CloudTrail tries to deliver an event."""

UNIQUE_CHARACTERS = string.ascii_letters + string.digits
"""What the unique string in the name of a log file is made of."""

Pile = dict[Trail, list[Event]]
"""Events by the trail that they are for."""


class Desk:
    """What delivers the events of one account and Region.

    It is the backend's, so that moto's reset forgets what is on it.

    Attributes:
        pending: the events that wait for their delivery to the bucket, by trail.
        unlogged: those that wait for their delivery to the log group.
        chains: the digest files of the trails that have their log files validated.
    """

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id = account_id
        self.region = region
        self.pending: Pile = {}
        self.unlogged: Pile = {}
        self.chains: dict[Trail, DigestChain] = {}
        self._appointment: clock.Appointment | None = None

    def take(self, event: Event) -> None:
        """Keep an event for each trail that logs it now."""
        for trail in trails_of(self.account_id, self.region):
            bucket.status_of(trail)
            if not trail.status.is_logging:
                continue
            if trail.log_validation:
                self._chain_of(trail).start()
            if selects(trail, event):
                self.pending.setdefault(trail, []).append(event)
                if trail.cw_log_group_arn:
                    self.unlogged.setdefault(trail, []).append(event)
                self._make_appointment()

    def deliver(self) -> None:
        """Deliver what is pending; what cannot be delivered stays so."""
        if self._appointment is not None:
            self._appointment.cancel()
            self._appointment = None
        pending, self.pending = self.pending, {}
        unlogged, self.unlogged = self.unlogged, {}
        trails = set(trails_of(self.account_id, self.region))
        for trail, events in pending.items():
            if trail in trails and not self._deliver_to(trail, events):
                self._keep(self.pending, trail, events)
        for trail, events in unlogged.items():
            if trail in trails and not self._log(trail, events):
                self._keep(self.unlogged, trail, events)

    def _log(self, trail: Trail, events: list[Event]) -> bool:
        if not trail.cw_log_group_arn:  # taken away meanwhile
            return True
        try:
            log_group.put(trail, self.region, events)
        except bucket.SERVICE_ERRORS as error:
            bucket.status_of(trail).failed("CloudWatchLogsDelivery", error)
            return False
        bucket.status_of(trail).succeeded("CloudWatchLogsDelivery")
        return True

    def _deliver_to(self, trail: Trail, events: list[Event]) -> bool:
        status = bucket.status_of(trail)
        try:
            bucket.check(trail)
            log_file = self._write(trail, events)
        except bucket.SERVICE_ERRORS as error:
            status.failed("Delivery", error)
            return False
        status.succeeded("Delivery")
        if trail.log_validation:
            self._chain_of(trail).add(log_file)
        _notify(trail, log_file.key)
        return True

    def _write(self, trail: Trail, events: list[Event]) -> LogFile:
        content = bucket.json_bytes({"Records": [event.render() for event in events]})
        now = clock.now()
        unique = "".join(mock_random.choice(UNIQUE_CHARACTERS) for _ in range(16))
        key = bucket.key_of(trail, "CloudTrail", self.region, now, f"{now:%Y%m%dT%H%MZ}_{unique}")
        bucket.put(trail, key, content)
        times = [event.time for event in events]
        return LogFile(trail.bucket_name, key, bucket.hash_of(content), min(times), max(times))

    def _keep(self, pile: Pile, trail: Trail, events: list[Event]) -> None:
        oldest = clock.now() - RETRIED_FOR
        kept = [event for event in events if event.time > oldest]
        if kept:
            pile[trail] = kept
            self._make_appointment()

    def _chain_of(self, trail: Trail) -> DigestChain:
        if trail not in self.chains:
            self.chains[trail] = DigestChain(trail, self.region)
        return self.chains[trail]

    def _make_appointment(self) -> None:
        if self._appointment is None:
            self._appointment = clock.at(_next_delivery(), self.deliver)


def _next_delivery() -> datetime:
    now = clock.now()
    return now + INTERVAL - timedelta(seconds=now.timestamp() % INTERVAL.total_seconds())


def _notify(trail: Trail, key: str) -> None:
    """Tell the trail's SNS topic, if it has one, of a log file."""
    if trail.topic_arn is None:
        return
    message = json.dumps({"s3Bucket": trail.bucket_name, "s3ObjectKey": [key]})
    topics = get_backend("sns")[trail.account_id][trail.region_name]
    try:
        topics.publish(message, arn=trail.topic_arn)
    except bucket.SERVICE_ERRORS as error:
        bucket.status_of(trail).failed("Notification", error)
    else:
        bucket.status_of(trail).succeeded("Notification")


def detach(backend: CloudTrailBackend) -> None:
    """Leave a backend's trails as moto knows them."""
    for trail in backend.trails.values():
        bucket.give_back_status(trail)


def deliver_now() -> None:
    """Deliver the pending events of all accounts, without waiting for the five minutes."""
    with WORLD:
        for account in list(cloudtrail_backends.values()):
            for backend in list(account.values()):
                desk = getattr(backend, "desk", None)
                if desk is not None:
                    desk.deliver()
