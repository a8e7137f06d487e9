"""Digest files: what proves that a trail's log files are as CloudTrail delivered them.

AWS CloudTrail User Guide: "CloudTrail digest file structure", "Custom implementations of CloudTrail
log file integrity validation".
"""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.cloudtrail.models import Trail

from moto_cks.cloudtrail import bucket
from moto_cks.cloudtrail.exceptions import InvalidTimeRangeException
from moto_cks.cloudtrail.selectors import trails_of
from moto_cks.world import clock

INTERVAL = timedelta(hours=1)
SIGNATURE_ALGORITHM = "SHA256withRSA"
HASH_ALGORITHM = "SHA-256"

IN_USE = (
    datetime(2013, 11, 1, tzinfo=timezone.utc),
    datetime(2100, 1, 1, tzinfo=timezone.utc),
)
"""When the key pairs are used; AWS changes them now and then."""


@dataclass(frozen=True)
class LogFile:
    """A log file that has been delivered.

    Attributes:
        bucket: the name of its bucket.
        key: the key of the object.
        hash: the SHA-256 of its uncompressed content.
        oldest: the time of its oldest event.
        newest: the time of its newest event.
    """

    bucket: str
    key: str
    hash: str
    oldest: datetime
    newest: datetime

    def entry(self) -> dict[str, str]:
        """What a digest file says of it."""
        return {
            "s3Bucket": self.bucket,
            "s3Object": self.key,
            "hashValue": self.hash,
            "hashAlgorithm": HASH_ALGORITHM,
            "newestEventTime": self.newest.strftime(bucket.TIME),
            "oldestEventTime": self.oldest.strftime(bucket.TIME),
        }


@dataclass(frozen=True)
class Digest:
    """A digest file, as the next one refers to it."""

    bucket: str | None = None
    key: str | None = None
    hash: str | None = None
    signature: str | None = None

    def link(self) -> dict[str, str | None]:
        """What the next digest file says of it; the first of a chain has nothing to say."""
        return {
            "previousDigestS3Bucket": self.bucket,
            "previousDigestS3Object": self.key,
            "previousDigestHashValue": self.hash,
            "previousDigestHashAlgorithm": HASH_ALGORITHM if self.hash else None,
            "previousDigestSignature": self.signature,
        }


class DigestChain:
    """The digest files of a trail for the events of one Region, one an hour.

    The chain ends when the trail stops logging or validating, and begins anew after that.
    """

    def __init__(self, trail: Trail, region: str) -> None:
        self.trail = trail
        self.region = region
        self._log_files: list[LogFile] = []
        self._previous = Digest()
        self._since: datetime | None = None

    def start(self) -> None:
        """Begin with the chain, unless that is done."""
        if self._since is None:
            self._since = clock.now()
            self._previous = Digest()
            clock.at(self._since + INTERVAL, self._fall_due)

    def add(self, log_file: LogFile) -> None:
        """Have a log file in the next digest file."""
        self.start()
        self._log_files.append(log_file)

    def _fall_due(self) -> None:
        if self.trail not in trails_of(self.trail.account_id, self.region):
            return  # deleted
        self._deliver()
        if self.trail.log_validation and self.trail.status.is_logging:
            clock.at(clock.now() + INTERVAL, self._fall_due)
        else:
            self._since = None

    def _deliver(self) -> None:
        status = bucket.status_of(self.trail)
        now = clock.now()
        name = f"{self.trail.trail_name}_{self.trail.region_name}_{now:%Y%m%dT%H%M%SZ}"
        key = bucket.key_of(self.trail, "CloudTrail-Digest", self.region, now, name)
        content = bucket.json_bytes(self._content(key, now))
        signature = self._sign(key, now, content)
        metadata = {
            "x-amz-meta-signature": signature,
            "x-amz-meta-signature-algorithm": SIGNATURE_ALGORITHM,
        }
        try:
            bucket.put(self.trail, key, content, metadata)
        except bucket.SERVICE_ERRORS as error:
            status.failed("DigestDelivery", error)
            return  # the next one has what this one would have had
        status.succeeded("DigestDelivery")
        self._previous = Digest(self.trail.bucket_name, key, bucket.hash_of(content), signature)
        self._since = now
        self._log_files = []

    def _content(self, key: str, end: datetime) -> dict[str, Any]:
        files = self._log_files
        newest = max((file.newest for file in files), default=None)
        oldest = min((file.oldest for file in files), default=None)
        return {
            "awsAccountId": self.trail.account_id,
            "digestStartTime": _text(self._since),
            "digestEndTime": _text(end),
            "digestS3Bucket": self.trail.bucket_name,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": fingerprint(self.region),
            "digestSignatureAlgorithm": SIGNATURE_ALGORITHM,
            "newestEventTime": _text(newest),
            "oldestEventTime": _text(oldest),
            **self._previous.link(),
            "logFiles": [file.entry() for file in files],
        }

    def _sign(self, key: str, end: datetime, content: bytes) -> str:
        to_sign = "\n".join(
            [
                end.strftime(bucket.TIME),
                f"{self.trail.bucket_name}/{key}",
                bucket.hash_of(content),
                self._previous.signature or "null",
            ]
        )
        key_pair = _key_pair(self.region)
        return key_pair.sign(to_sign.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()


def _text(time: datetime | None) -> str | None:
    return time.strftime(bucket.TIME) if time is not None else None


@functools.cache
def _key_pair(region: str) -> rsa.RSAPrivateKey:
    """CloudTrail's key pair of a Region; each Region has its own."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_keys(region: str, start: float | None, end: float | None) -> list[dict[str, Any]]:
    """The public keys that were in use in a Region at some time; here it is always the same one.

    Args:
        region: the Region.
        start: from when, in seconds since the epoch; by default now.
        end: until when; by default now.

    Raises:
        InvalidTimeRangeException
    """
    now = clock.timestamp()
    first, last = (now if moment is None else moment for moment in (start, end))
    if first > last:
        raise InvalidTimeRangeException
    if last < IN_USE[0].timestamp() or first > IN_USE[1].timestamp():
        return []
    return [
        {
            "Value": base64.b64encode(public_key(region)).decode(),
            "ValidityStartTime": IN_USE[0].timestamp(),
            "ValidityEndTime": IN_USE[1].timestamp(),
            "Fingerprint": fingerprint(region),
        }
    ]


def public_key(region: str) -> bytes:
    """The public key of a Region, DER-encoded PKCS #1 as ListPublicKeys gives it."""
    return _key_pair(region).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def fingerprint(region: str) -> str:
    """The fingerprint of the public key of a Region."""
    return hashlib.md5(public_key(region), usedforsecurity=False).hexdigest()
