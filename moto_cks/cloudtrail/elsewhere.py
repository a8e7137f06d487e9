"""The second record of a call that KMS carries out in another Region, too.

AWS KMS Developer Guide, log examples: "UpdatePrimaryRegion" writes one record in the Region of the
old primary key and one in that of the new one; a "ReplicateKey" is a CreateKey in the Region of the
replica.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

from moto_cks.cloudtrail.events import ENCODE, Event
from moto_cks.world.ids import in_region
from moto_cks.world.journal import next_number

CALLED_BY = "kms.amazonaws.com"


def _update_primary_region(event: Event, parameters: dict[str, Any]) -> Event:
    region = parameters["primaryRegion"]
    assert event.resources is not None  # the primary key
    arn = in_region(event.resources[0], region)
    return dataclasses.replace(
        event,
        region=region,
        parameters=ENCODE({**parameters, "keyId": arn}),
        elements=ENCODE({"keyId": arn}),
        resources=None,
    )


def _replicate_key(event: Event, parameters: dict[str, Any]) -> Event:
    metadata = json.loads(event.elements or "{}")["replicaKeyMetadata"]
    inherited = {name: metadata[name] for name in ("keyUsage", "keySpec", "origin", "multiRegion")}
    own = {name: value for name, value in parameters.items() if name in SAME_PARAMETERS}
    return dataclasses.replace(
        event,
        event_name="CreateKey",
        region=parameters["replicaRegion"],
        parameters=ENCODE({**own, **inherited}),
        elements=ENCODE({"keyMetadata": metadata}),
        resources=(metadata["arn"],),
    )


SAME_PARAMETERS = frozenset({"bypassPolicyLockoutSafetyCheck", "description", "policy", "tags"})
"""What a ReplicateKey says of the replica as a CreateKey would."""

SECONDS: Mapping[str, Callable[[Event, dict[str, Any]], Event]] = {
    "ReplicateKey": _replicate_key,
    "UpdatePrimaryRegion": _update_primary_region,
}
"""By the operation that was called."""


def second_of(event: Event) -> Event:
    """The record in the other Region of a call that has succeeded.

    Args:
        event: the record in the Region that was called; its operation is one of :data:`SECONDS`.
    """
    second = SECONDS[event.event_name](event, json.loads(event.parameters or "{}"))
    return dataclasses.replace(
        second, number=next_number(), invoked_by=CALLED_BY, host="", is_second=True
    )
