"""The model of a cluster: its HSMs with what counts of them, which is kmsuser and key material."""

from __future__ import annotations

from dataclasses import dataclass, field

ATTEMPTS = 5
"""Failed logins that lock a user (P4)."""


@dataclass
class KmsUser:
    """The crypto user of KMS on one HSM."""

    password: str
    failures: int = 0

    @property
    def locked(self) -> bool:
        return self.failures >= ATTEMPTS


@dataclass(frozen=True)
class Content:
    """What a backup holds (P5, H6), and what a new HSM comes up with (H5, F4)."""

    user: tuple[str, int] | None
    material: frozenset[str]


@dataclass
class Hsm:
    """An HSM: kmsuser or none, the keys whose material it has, and who is logged in as kmsuser."""

    zone: str
    user: KmsUser | None
    material: set[str]
    kms: bool = False
    tools: set[int] = field(default_factory=set)

    @classmethod
    def holding(cls, zone: str, content: Content) -> Hsm:
        user = None if content.user is None else KmsUser(*content.user)
        return cls(zone, user, set(content.material))

    @property
    def content(self) -> Content:
        user = None if self.user is None else (self.user.password, self.user.failures)
        return Content(user, frozenset(self.material))

    @property
    def in_use(self) -> bool:
        return self.kms or bool(self.tools)

    def admit(self, password: str) -> str | None:
        """Let KMS log in; what ConnectionErrorCode says where it cannot (C5.5, C5.8 to C5.10)."""
        if self.user is None:
            return "USER_NOT_FOUND"
        if self.tools:
            return "USER_LOGGED_IN"
        if self.user.locked:
            return "USER_LOCKED_OUT"
        if self.user.password != password:
            self.user.failures += 1
            return "INVALID_CREDENTIALS"
        self.user.failures = 0
        return None


@dataclass
class Cluster:
    """A cluster, and the way to it.

    Attributes:
        family: clusters with one cluster certificate are of one family (H7).
        zones: where it has subnets.
        hsms: oldest first.
        last: what the last of its HSMs had when it went (F4).
        ports: whether its security group lets KMS in.
        cut_off: whether it is out of reach.
        exhausted: how many cryptographic operations find no PKCS #11 session.
    """

    family: int
    zones: tuple[str, ...]
    hsms: list[Hsm]
    last: Content
    deleted: bool = False
    ports: bool = True
    cut_off: bool = False
    exhausted: int = 0

    @property
    def reachable(self) -> bool:
        """Whether KMS gets through to an HSM (F4, F5, F9)."""
        return not self.deleted and bool(self.hsms) and self.ports and not self.cut_off

    @property
    def spans_two_zones(self) -> bool:
        """Whether its active HSMs are in two Availability Zones (F8)."""
        return len({hsm.zone for hsm in self.hsms}) >= 2

    @property
    def alike(self) -> bool:
        """Whether all HSMs hold the same."""
        return len({hsm.content for hsm in self.hsms}) <= 1

    @property
    def in_use(self) -> bool:
        return any(hsm.in_use for hsm in self.hsms)

    def add(self, zone: str, *, kms: bool) -> None:
        """A new HSM comes up with what the oldest has; the first with what the last one had."""
        content = self.hsms[0].content if self.hsms else self.last
        self.hsms.append(Hsm.holding(zone, content))
        self.hsms[-1].kms = kms

    def remove(self, number: int) -> None:
        self.last = self.hsms.pop(number).content

    def has_material(self, key: str) -> bool:
        """Whether an HSM has a key's material; one is enough."""
        return any(key in hsm.material for hsm in self.hsms)

    def erase(self, key: str) -> None:
        for hsm in self.hsms:
            hsm.material.discard(key)

    def take_session(self) -> bool:
        """Take a PKCS #11 session; there may be none (F6)."""
        if self.exhausted:
            self.exhausted -= 1
            return False
        return True
