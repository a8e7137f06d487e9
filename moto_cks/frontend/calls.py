"""Calls of the AWS APIs, and who listens to them.

An observer is told of each call with its answer, and of what a service does without being called.
Nobody below the plugin knows who the observers are; CloudTrail is one of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from moto_cks.world import clock
from moto_cks.world.journal import next_number
from moto_cks.world.lock import WORLD

_XML_ERROR = re.compile(r"<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", re.DOTALL)


@dataclass(slots=True, eq=False)
class Answer:
    """What a call was answered.

    Attributes:
        succeeded: whether it is no error.
        request_id: the request ID.
        body: the body.
    """

    succeeded: bool
    request_id: str
    body: str | bytes

    @property
    def members(self) -> dict[str, Any]:
        """The members of an answer that is no error."""
        return json.loads(self.body) if self.body else {}

    @property
    def error(self) -> tuple[str, str | None]:
        """The exception and the message of an error."""
        text = self.body.decode() if isinstance(self.body, bytes) else str(self.body or "")
        try:
            error = json.loads(text)
        except ValueError:
            error = None
        if isinstance(error, dict):
            code = str(error.get("__type", "InternalFailure")).rpartition("#")[2]
            message = error.get("message", error.get("Message"))
            return code, message if isinstance(message, str) else None
        match = _XML_ERROR.search(text)
        return (match[1], match[2]) if match else ("InternalFailure", None)


@dataclass(slots=True, eq=False)
class Subject:
    """What a call is about, as the service says it that is called.

    It is made before the call, since that may be the last that is seen of it.

    Attributes:
        resources: the ARNs of keys and aliases; ``None`` where a record has no such element.
        additional_data: what belongs into the ``additionalEventData``.
        update: makes this of it what the call has left of it, once that is answered.
    """

    resources: tuple[str, ...] | None = None
    additional_data: dict[str, str] | None = None
    update: Callable[[Answer], None] | None = None


NO_SUBJECT = Subject()
"""Of a call to a service that says nothing of it."""


@dataclass(slots=True, eq=False)
class Call:
    """A call of an operation.

    Attributes:
        service: the name of the service in botocore.
        operation: the name of the operation.
        account_id: the account that is called.
        region: the Region.
        access_key: the access key ID of who calls.
        user_agent: what calls.
        parameters: the members of the request, as it said them.
        time: when it came, an aware datetime in UTC.
        invoked_by: the service of AWS that calls for the caller, as ``s3.amazonaws.com``.
        number: its place in the order of what happens.
        subject: what it is about.
        host: the host name that the client has called; empty where a service of AWS calls.
    """

    service: str
    operation: str
    account_id: str
    region: str
    access_key: str
    user_agent: str
    parameters: dict[str, Any]
    time: datetime
    invoked_by: str | None = None
    number: int = field(default_factory=next_number)
    subject: Subject = NO_SUBJECT
    host: str = ""


@dataclass(slots=True, eq=False)
class Deed:
    """Something that a service does without being called, such as DeleteKey.

    Attributes:
        service: the name of the service in botocore.
        name: what it does, as CloudTrail names it.
        account_id: in which account.
        region: in which Region.
        resources: the ARNs of the keys.
        additional_data: the ``additionalEventData``.
        details: what there is to tell of it, by the names of the ``serviceEventDetails``; the key
            ID is not among it.
        time: when, an aware datetime in UTC.
        number: its place in the order of what happens.
    """

    service: str
    name: str
    account_id: str
    region: str
    resources: tuple[str, ...] = ()
    additional_data: dict[str, str] | None = None
    details: dict[str, str] = field(default_factory=dict)
    time: datetime = field(default_factory=clock.now)
    number: int = field(default_factory=next_number)


class Observer(Protocol):
    """Who listens; it is told with the WORLD locked."""

    def answered(self, call: Call, answer: Answer) -> None:
        """Hear of a call that was answered; of none that moto has not implemented."""

    def done(self, deed: Deed) -> None:
        """Hear of what a service did."""


observers: list[Observer] = []
"""Who listens now, in the order in which they are told."""


def announce(deed: Deed) -> None:
    """Tell the observers what a service has done."""
    with WORLD:
        for observer in observers:
            observer.done(deed)
