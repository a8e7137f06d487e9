"""What there is to say of HSMs that refuse the login of KMS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import Hsm, ReturnCode, User
from moto_cks.hsm.users import LOCKOUT_THRESHOLD
from moto_cks.kms.findings import Finding
from moto_cks.kms.keystores.cloudhsm.kmsuser import KnownPassword, kmsuser_of


@dataclass(frozen=True, slots=True)
class Login:
    """A login of KMS that HSMs refuse for one and the same reason.

    Attributes:
        cluster: where.
        password: what KMS logs in with.
        hsm_ids: the HSMs that refuse it.
    """

    cluster: CloudHsmCluster
    password: KnownPassword = field(repr=False)
    hsm_ids: Sequence[str]

    @property
    def present(self) -> Mapping[str, Hsm]:
        """The HSMs that there are, by ID, in the order in which the tools number them."""
        return self.cluster.hardware.hsms

    @property
    def hsms(self) -> list[Hsm]:
        """The HSMs that refuse it."""
        return [self.present[hsm_id] for hsm_id in self.hsm_ids]

    def users(self) -> list[User]:
        """kmsuser on each of them that has it; but where there is none, all have."""
        return [user for user in map(kmsuser_of, self.hsms) if user is not None]

    @property
    def facts(self) -> dict[str, Any]:
        """Which HSMs, and of how many."""
        return {"hsms": list(self.hsm_ids), "of": len(self.present)}


def user_not_found(login: Login) -> Finding:
    """There is no kmsuser."""
    places = [str(place) for place, hsm_id in enumerate(login.present) if hsm_id in login.hsm_ids]
    return Finding("user-not-found", {**login.facts, "servers": places})


def user_logged_in(login: Login) -> Finding:
    """Somebody else is logged in as kmsuser."""
    sessions = [
        len(list(hsm.sessions_of(user)))
        for hsm in login.hsms
        if (user := kmsuser_of(hsm)) is not None
    ]
    return Finding("user-logged-in", {**login.facts, "logins": max(sessions)})


def user_locked_out(login: Login) -> Finding:
    """Wrong logins have locked kmsuser."""
    users = login.users()
    last = _latest(user.last_failure for user in users)
    failures = max(user.login_failures for user in users)
    return Finding("user-locked-out", {**login.facts, "failures": failures, "last": last}, last)


def invalid_credentials(login: Login) -> Finding:
    """kmsuser has another password than KMS thinks."""
    users = login.users()
    newest = max(users, key=lambda user: _moment(user.password_since))
    changed, known = newest.password_since, login.password
    facts = {
        **login.facts,
        "known_since": known.since,
        "known_by": "setting" if known.set_by_kms else "telling",
        "changed": changed,
        "by": newest.password_set_by,
        "attempts_left": LOCKOUT_THRESHOLD - max(user.login_failures for user in users),
        "source_backup": login.cluster.source_backup_id,
    }
    return Finding(_credentials_cause(login, changed), facts, _latest((known.since, changed)))


def _credentials_cause(login: Login, changed: datetime | None) -> str:
    """How it came that the passwords differ."""
    if len(login.hsm_ids) < len(login.present):
        return "password-changed-on-one-hsm"
    known = login.password
    older = changed is not None and changed < known.since
    if known.set_by_kms and older and login.cluster.source_backup_id is not None:
        return "restored-from-old-backup"
    return "invalid-credentials"


def second_factor(login: Login) -> Finding:
    """kmsuser has a second factor, and KMS has none to offer."""
    return Finding("kmsuser-second-factor", login.facts)


TELLING: Mapping[ReturnCode, Callable[[Login], Finding]] = MappingProxyType(
    {
        ReturnCode.USER_NOT_FOUND: user_not_found,
        ReturnCode.USER_LOGGED_IN: user_logged_in,
        ReturnCode.USER_LOCKED_OUT: user_locked_out,
        ReturnCode.AUTHENTICATION_FAILED: invalid_credentials,
        ReturnCode.SECOND_FACTOR_REQUIRED: second_factor,
    }
)
"""What is said, by what the HSMs answer."""


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _moment(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()
