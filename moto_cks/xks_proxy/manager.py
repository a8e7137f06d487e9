"""The external key manager: instances, and how it encrypts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from moto_cks.xks_proxy.causes import Cause, InEffect
from moto_cks.xks_proxy.errors import DEPENDENCY_TIMEOUT, INTERNAL, XksError
from moto_cks.xks_proxy.instances import Instance, Instances
from moto_cks.xks_proxy.keys import ExternalKey
from moto_cks.xks_proxy.protocol import MAX_METADATA, VECTOR_SIZES
from moto_cks.xks_proxy.values import checked_number, checked_seconds, fixed, is_whole

TIMEOUT = 0.2
"""The seconds that a proxy waits for its key manager, so that AWS KMS still gets an answer."""

MAX_CACHED = 60
"""The most seconds that the result of a health check may be old."""

METADATA = b"key_version="
"""What the metadata of a ciphertext begins with by default, as in the specification's example."""

_VERSION = re.compile(rb"[0-9]{1,9}\Z")


class Seen(NamedTuple):
    """What a health check has found of an instance."""

    id: str
    model: str
    health: str


class KeyManager:
    """An external key manager.

    Args:
        instances: the IDs of its instances.

    Attributes:
        instances: its instances.

    Raises:
        ValueError: the instances cannot be.
    """

    instances: Instances = fixed("The instances of a key manager")

    def __init__(self, instances: Sequence[str]) -> None:
        self.instances = Instances(instances)
        self._timeout = TIMEOUT
        self._vector_size = VECTOR_SIZES[0]
        self._metadata: bytes | None = METADATA
        self._cached_for = InEffect(0.0)
        self._last: tuple[datetime, tuple[Seen, ...]] | None = None

    def __repr__(self) -> str:
        return f"<KeyManager {self.instances!r}>"

    @property
    def timeout(self) -> float:
        """The seconds that the proxy waits for it.

        Raises:
            ValueError: set to no number from 0 on.
        """
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._timeout = checked_seconds(seconds)

    @property
    def vector_size(self) -> int:
        """The size of its initialization vectors, 12 or 16 bytes.

        Raises:
            ValueError: set to another size.
        """
        return self._vector_size

    @vector_size.setter
    def vector_size(self, size: int) -> None:
        if not is_whole(size) or size not in VECTOR_SIZES:
            raise ValueError(f"An initialization vector has 12 or 16 bytes, not {size!r}.")
        self._vector_size = size

    @property
    def metadata(self) -> bytes | None:
        """What stands before the number of the key version in ciphertext metadata.

        ``None`` is for no metadata at all.

        Raises:
            ValueError: it would be too long, or the version not be told from it.
        """
        return self._metadata

    @metadata.setter
    def metadata(self, metadata: bytes | None) -> None:
        if metadata is not None:
            if not isinstance(metadata, bytes):
                raise ValueError(f"Ciphertext metadata is bytes, not {metadata!r}.")
            if len(metadata) >= MAX_METADATA:
                raise ValueError(
                    f"Ciphertext metadata has at most {MAX_METADATA} bytes with the version of the "
                    f"key: at most {MAX_METADATA - 1} before it, not {len(metadata)}."
                )
            if _VERSION.search(metadata):
                raise ValueError("A digit before the version of the key would belong to it.")
        self._metadata = metadata

    def cache_health_checks(self, seconds: float) -> Cause:
        """Answer health checks with what was found at most so long ago.

        Raises:
            ValueError: that is not from 0 to 60 seconds.
        """
        age = checked_number(seconds, "Seconds")
        if not 0 <= age <= MAX_CACHED:
            raise ValueError(f"A result is at most {MAX_CACHED} seconds old, not {seconds}.")
        return self._cached_for.set(age)

    def require(self, instance: Instance | None) -> None:
        """Refuse a request that no instance serves, or not in time.

        Args:
            instance: that which would serve it; ``None`` where none can.

        Raises:
            XksError: InternalException, where none can; DependencyTimeoutException, where it takes
                longer than the proxy waits.
        """
        if instance is None:
            raise XksError(INTERNAL, detail="No instance of the external key manager can be used.")
        if instance.delay > self._timeout:
            raise XksError(
                DEPENDENCY_TIMEOUT,
                detail=f"{instance.id} did not answer within {self._timeout} seconds.",
            )

    def cached(self, now: datetime) -> tuple[Seen, ...] | None:
        """What the last health check has found, if that may be answered still."""
        if self._last is None:
            return None
        age = now - self._last[0]
        fresh = timedelta() <= age < timedelta(seconds=self._cached_for.value)
        return self._last[1] if fresh else None

    def look(self, now: datetime) -> tuple[Seen, ...]:
        """What a health check finds of the instances.

        Raises:
            XksError: no instance can be reached, or the one that serves not in time.
        """
        best = self.instances.best()
        if best is not None or not self._any_reachable():
            self.require(best)
        seen = tuple(Seen(each.id, each.model, each.seen_health) for each in self.instances)
        self._last = now, seen
        return seen

    def _any_reachable(self) -> bool:
        return any(each.is_reachable for each in self.instances)

    def metadata_of(self, key: ExternalKey) -> bytes | None:
        """The ciphertext metadata of what a key encrypts now.

        Raises:
            XksError: InternalException; the number of the version has no room in it.
        """
        if self._metadata is None:
            return None
        metadata = self._metadata + str(key.versions[-1]).encode()
        if len(metadata) > MAX_METADATA:
            raise XksError(INTERNAL, detail="The version of the key has no room in the metadata.")
        return metadata

    def version_in(self, metadata: bytes | None) -> int | None:
        """Which version of a key ciphertext metadata names; ``None`` where it names none."""
        found = None if metadata is None else _VERSION.search(metadata)
        return None if found is None else int(found[0])
