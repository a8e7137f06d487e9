"""What CloudWatch shows of an external key store while it is connected.

AWS KMS Developer Guide: "Monitor KMS keys with Amazon CloudWatch".
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from moto_cks.kms.keystores.external.protocol import HEALTH
from moto_cks.kms.metering import CERTIFICATE_DAYS, CREDENTIAL_AGE, MANAGER_STATES, Meter
from moto_cks.kms.published import DaysSince, DaysUntil, Number, Others, Value

WILDCARD = "*"


class Certificate(NamedTuple):
    """What KMS notes of the certificate that a proxy has shown.

    Attributes:
        name: the common name of its subject; ``None`` where it has none.
        expires: when it does, in seconds since the epoch.
    """

    name: str | None
    expires: float


@dataclass
class Seen:
    """What there is to show.

    Attributes:
        credential_given: when KMS was given the credential, in seconds since the epoch.
        certificate: the proxy's, at the last handshake; ``None`` where there was none.
        fleet: the health of each external key manager instance, at the last health check; nothing
            where that has failed.
    """

    credential_given: float
    certificate: Certificate | None = None
    fleet: tuple[str, ...] = ()


def show(meter: Meter, key_store_id: str, seen: Seen, now: datetime) -> None:
    """Show it from now on, instead of what was shown before.

    Args:
        meter: of the account and Region.
        key_store_id: of which key store.
        seen: what.
        now: when, an aware datetime.
    """
    show_on = meter.published.show
    show_on((CREDENTIAL_AGE, key_store_id), {(): DaysSince(seen.credential_given)}, now)
    certificate, days = seen.certificate, dict[Others, Value]()
    name = None if certificate is None else certificate.name
    if certificate is not None and name is not None and WILDCARD not in name:
        days[name,] = DaysUntil(certificate.expires)
    show_on((CERTIFICATE_DAYS, key_store_id), days, now)
    count, states = Counter(seen.fleet), dict[Others, Value]()
    if seen.fleet:
        states = {(health.capitalize(),): Number(count[health]) for health in HEALTH}
    # Once the certificate has expired KMS cannot ask, however far the clock goes in one step.
    until = None if certificate is None else certificate.expires
    show_on((MANAGER_STATES, key_store_id), states, now, until)


def show_nothing(meter: Meter, key_store_id: str, now: datetime) -> None:
    """Show nothing any more.

    Args:
        meter: of the account and Region.
        key_store_id: of which key store.
        now: when, an aware datetime.
    """
    for name in (CREDENTIAL_AGE, CERTIFICATE_DAYS, MANAGER_STATES):
        meter.published.show((name, key_store_id), {}, now)
