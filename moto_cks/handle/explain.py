"""``cks.explain`` on the world in this process: what is found, what is said of it, what mends it.

What is found comes from the checks that decide (:mod:`moto_cks.kms.findings`), what is said of it
and the documented steps from :mod:`moto_cks.failures`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.models import find_cluster_anywhere
from moto_cks.failures import mending
from moto_cks.failures.sentences import row_of
from moto_cks.failures.telling import Told
from moto_cks.handle.explanation_text import Spoken, capital, written
from moto_cks.handle.protocols.explanation import Explanation, Reason, Step, write_time
from moto_cks.kms.findings import Reason as Found
from moto_cks.kms.findings import Situation, When
from moto_cks.kms.keystores.cloudhsm.cluster_reasons import cluster_situation
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.situations import key_situation, key_store_situation, key_stores_in
from moto_cks.world import clock


def explanation_of(name: str) -> Explanation:
    """Why something cannot be used; with the WORLD locked.

    What has fallen due is done before, as by every call. Else nothing is changed or counted.

    Args:
        name: the ID of a key store or cluster, or the ID, ARN, alias name or alias ARN of a key,
            of any account and Region.

    Raises:
        KeyError: there is no such thing.
        ValueError: there is more than one.
    """
    now = clock.keep_appointments()
    situation = _situation(name)
    told = _told(situation, now)
    return Explanation(
        subject=situation.id,
        kind=situation.kind.value,
        usable=_usable(told),
        state=dict(situation.state),
        reasons=tuple(each.reason for each in told),
        text=written(situation, told),
    )


def _usable(told: Sequence[Spoken]) -> bool | None:
    if any(each.reason.decides for each in told):
        return False
    return None if any(each.reason.when == When.UNKNOWN for each in told) else True


def _situation(name: str) -> Situation:
    if name.startswith("cks-"):
        return key_store_situation(name)
    if not name.startswith("cluster-"):
        return key_situation(name)
    cluster, account_id, region = find_cluster_anywhere(name)
    stores = (
        store
        for store in key_stores_in(account_id, region)
        if isinstance(store, CloudHsmKeyStore) and store.cluster_id == name
    )
    return cluster_situation(cluster, Network(account_id, region), next(stores, None))


def _told(situation: Situation, now: datetime) -> list[Spoken]:
    deciding = next((found for found in situation.reasons if found.blocks), None)
    return [_spoken(found, situation, now, found is deciding) for found in situation.reasons]


def _spoken(found: Found, situation: Situation, now: datetime, decides: bool) -> Spoken:
    finding = found.finding
    around = {**situation.surroundings, **finding.facts}
    row = row_of(finding.cause, finding.facts)
    sentences = row.say(Told(around, found.error, finding.since, now))
    reason = Reason(
        failure=finding.cause if mending.is_documented(finding.cause) else None,
        cause=finding.cause,
        error=found.error,
        when=found.when.value,
        decides=decides,
        since=finding.since,
        what=". ".join([capital(sentences[0]), *sentences[1:]]) + ".",
        facts=_plain(finding.facts),
        beyond_aws=row.beyond_aws,
        page=mending.page_of(finding.cause),
        steps=tuple(
            Step(number, step.name, step.text, step.commands, step.python)
            for number, step in enumerate(mending.steps_of(finding.cause, around), start=1)
        ),
    )
    return Spoken(reason, tuple(sentences))


def _plain(value: Any) -> Any:
    """A fact as JSON has it."""
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
