"""Delivers events to the log group of a trail, in CloudWatch Logs.

AWS CloudTrail User Guide: "Sending events to CloudWatch Logs", "CloudWatch log group and log stream
naming for CloudTrail".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from moto.backends import get_backend
from moto.cloudtrail.models import Trail
from moto.core.exceptions import JsonRESTError

from moto_cks.account import log_streams
from moto_cks.cloudtrail.events import Event
from moto_cks.world import clock

LOG_GROUP_ARN = re.compile(
    r"arn:[\w-]+:logs:(?P<region>[\w-]+):(?P<account_id>\d+):log-group:(?P<name>[^:]+)(:.*)?"
)


def put(trail: Trail, region: str, events: Sequence[Event]) -> None:
    """Put events into the log stream of their Region, which is made where there is none.

    Args:
        trail: a trail with a log group.
        region: in which Region the events are.
        events: the events.

    Raises:
        ServiceException: what CloudWatch Logs says.
    """
    found = LOG_GROUP_ARN.fullmatch(trail.cw_log_group_arn)
    backends = get_backend("logs")
    if found is None or found["region"] not in backends[found["account_id"]]:
        raise JsonRESTError("ResourceNotFoundException", "The specified log group does not exist.")
    messages = [
        (event.time, json.dumps(event.render()))
        for event in sorted(events, key=lambda event: (event.time, event.number))
    ]
    log_streams.put(
        backends[found["account_id"]][found["region"]],
        found["name"],
        f"{trail.account_id}_CloudTrail_{region}",
        messages,
        clock.now(),
    )
