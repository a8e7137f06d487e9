"""What CloudTrail puts into a trail's bucket, and what it says about it in GetTrailStatus."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend
from moto.cloudtrail.models import Trail, TrailStatus
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from moto_cks.world import clock

if TYPE_CHECKING:
    from moto.s3.models import FakeKey, S3Backend

TIME = "%Y-%m-%dT%H:%M:%SZ"
"""How CloudTrail writes a time."""

SERVICE_ERRORS = (ServiceException, HTTPException)
"""What moto's services answer with; the second is the base of the older ones."""

KINDS_WITH_ATTEMPTS = frozenset({"Delivery", "Notification"})
"""The kinds of delivery that GetTrailStatus also has the older, textual fields for."""


class DeliveryStatus(TrailStatus):
    """A trail's status with what became of its deliveries.

    moto lets a trail that is logging have delivered just now. That stands until something has
    really been delivered, or could not be.

    Attributes:
        fields: fields of GetTrailStatus that stand in for moto's; those that are None are absent.
    """

    def __init__(self, status: TrailStatus) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        vars(self).update(vars(status))

    def description(self) -> dict[str, Any]:
        """The answer to GetTrailStatus."""
        answer = super().description() | self.fields
        return {name: value for name, value in answer.items() if value is not None}

    def succeeded(self, kind: str) -> None:
        """Note a delivery of a kind (Delivery, Notification, DigestDelivery)."""
        self.fields[f"Latest{kind}Time"] = int(clock.timestamp())
        self.fields[f"Latest{kind}Error"] = None
        self._note_attempt(kind, "AttemptTime", "AttemptSucceeded")

    def failed(self, kind: str, error: Exception) -> None:
        """Note that a delivery of a kind has failed, and why."""
        self.fields.setdefault(f"Latest{kind}Time", None)
        self.fields[f"Latest{kind}Error"] = _code(error)
        self._note_attempt(kind, "AttemptTime")

    def _note_attempt(self, kind: str, *names: str) -> None:
        if kind in KINDS_WITH_ATTEMPTS:
            for name in names:
                self.fields[f"Latest{kind}{name}"] = clock.now().strftime(TIME)


def _code(error: Exception) -> str:
    return str(getattr(error, "error_type", None) or getattr(error, "code", type(error).__name__))


def status_of(trail: Trail) -> DeliveryStatus:
    """The status of a trail, which from now on says what became of its deliveries."""
    if not isinstance(trail.status, DeliveryStatus):
        trail.status = DeliveryStatus(trail.status)
    return trail.status


def give_back_status(trail: Trail) -> None:
    """Give a trail moto's own status again."""
    if isinstance(trail.status, DeliveryStatus):
        plain = TrailStatus()
        vars(plain).update({name: vars(trail.status)[name] for name in vars(plain)})
        trail.status = plain


def key_of(trail: Trail, folder: str, region: str, time: datetime, name: str) -> str:
    """The key of an object that CloudTrail makes.

    AWS CloudTrail User Guide: "Finding your CloudTrail log files", "CloudTrail digest file
    structure".

    Args:
        trail: for which trail.
        folder: CloudTrail or CloudTrail-Digest.
        region: the Region of the events.
        time: when it is delivered.
        name: the last part of the object's name.
    """
    account_id = trail.account_id
    parts = [
        *([trail.s3_key_prefix.rstrip("/")] if trail.s3_key_prefix else []),
        f"AWSLogs/{account_id}/{folder}/{region}/{time:%Y/%m/%d}",
        f"{account_id}_{folder}_{region}_{name}.json.gz",
    ]
    return "/".join(parts)


def check(trail: Trail) -> None:
    """Raise one of SERVICE_ERRORS where a trail's bucket cannot be reached."""
    _s3(trail).get_bucket(trail.bucket_name)


def hash_of(content: bytes) -> str:
    """The SHA-256 of a file's uncompressed content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """A JSON object as CloudTrail writes it, before it is compressed."""
    return json.dumps(content, separators=(",", ":")).encode()


def put(trail: Trail, key: str, content: bytes, metadata: Mapping[str, str] | None = None) -> None:
    """Put an object into a trail's bucket, compressed.

    It is encrypted under the trail's KMS key where the trail has one.

    Raises:
        ServiceException: what S3 says.
    """
    stored: FakeKey = _s3(trail).put_object(
        trail.bucket_name,
        key,
        gzip.compress(content, mtime=int(clock.timestamp())),
        encryption="aws:kms" if trail.kms_key_id else None,
        kms_key_id=trail.kms_key_id or None,
    )
    stored.set_metadata(
        {"Content-Type": "application/json", "Content-Encoding": "gzip", **(metadata or {})}
    )


def _s3(trail: Trail) -> S3Backend:
    return get_backend("s3")[trail.account_id][trail.partition]
