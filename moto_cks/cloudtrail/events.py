"""One event, small; its record is put together when somebody wants to see it.

AWS CloudTrail User Guide: "CloudTrail record contents".
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto_cks.account.callers import Caller
from moto_cks.cloudtrail import records

EVENT_VERSION = "1.11"
AWS_INTERNAL = "AWS Internal"
LOCAL_ADDRESS = "127.0.0.1"
KEY_TYPE = "AWS::KMS::Key"

ENCODE = json.JSONEncoder(check_circular=False).encode
"""What an event keeps of a request and an answer is JSON."""


SUBJECTS = (
    "customKeyStoreId",
    "customKeyStoreName",
    "hsmId",
    "backupId",
    "clusterId",
    "name",
)
"""The members of a request or an answer that say what a call is about, the narrowest first."""


def _find_subject(members: Any) -> str:
    """The first of the subjects in a request or an answer, or in the one object that it holds."""
    if not isinstance(members, dict):
        return ""
    found = next((members[name] for name in SUBJECTS if isinstance(members.get(name), str)), "")
    if not found and len(members) == 1:
        return _find_subject(next(iter(members.values())))
    return str(found)


def event_id_of(token: str) -> str:
    """The ID of an event, of its token: of a call, that is the request ID."""
    return str(uuid.UUID(bytes=hashlib.sha256(token.encode()).digest()[:16], version=4))


@dataclass(slots=True, eq=False)
class Event:
    """A call of an API, or something that a service did on its own.

    Attributes:
        event_source: the service, as ``kms.amazonaws.com``.
        event_name: the operation.
        account_id: the account that was called.
        region: the Region.
        time: when, an aware datetime in UTC.
        number: the order of events at the same time.
        token: unlike that of any other event; of a call, the request ID.
        caller: who called; ``None`` for what a service did.
        user_agent: what called.
        parameters: JSON of what may be shown of the request; equal requests share it.
        elements: JSON of what may be shown of the answer.
        additional: the additionalEventData.
        resources: the ARNs of KMS keys and aliases; ``None`` where the record has no such element.
        error_code: the exception of a call that failed.
        error_message: its message.
        host: the host name that the client has called; empty where no client has.
        details: what there is to tell of a service event, by the names of a record.
        invoked_by: the service that called on the caller's behalf, as ``s3.amazonaws.com``.
        is_second: whether the call has another event, in the Region where it came.
    """

    event_source: str
    event_name: str
    account_id: str
    region: str
    time: datetime
    number: int
    token: str
    caller: Caller | None = None
    user_agent: str = AWS_INTERNAL
    parameters: str | None = None
    elements: str | None = None
    additional: dict[str, str] | None = None
    resources: tuple[str, ...] | None = None
    error_code: str | None = None
    error_message: str | None = None
    host: str = ""
    details: dict[str, str] | None = None
    invoked_by: str | None = None
    is_second: bool = False

    @property
    def event_id(self) -> str:
        """The ID of the event; it follows from the token."""
        return event_id_of(f"{self.token} {self.region}" if self.is_second else self.token)

    @property
    def is_service_event(self) -> bool:
        """Whether it is an AwsServiceEvent, as most of what a service does on its own."""
        return self.caller is None and self.event_name not in records.INTERNAL_CALLS

    @property
    def failed(self) -> bool:
        """Whether the call failed."""
        return self.error_code is not None

    @property
    def read_only(self) -> bool:
        """Whether it changed nothing, as operations go."""
        return records.is_read_only(self.event_name)

    @property
    def user_name(self) -> str | None:
        """The user, or the session of a role."""
        return self.caller.user_name if self.caller is not None else None

    @property
    def access_key_id(self) -> str | None:
        """The access key of the call."""
        return self.caller.access_key_id if self.caller is not None else None

    @property
    def subject(self) -> str:
        """The ID of what it was about: a key, alias, key store, cluster, HSM, backup or trail."""
        if self.resources:
            return self.resources[-1].rpartition(":")[2].removeprefix("key/")
        for text in (self.elements, self.parameters):
            subject = _find_subject(json.loads(text)) if text is not None else ""
            if subject:
                return subject
        return _find_subject(self.additional)

    def render(self) -> dict[str, Any]:
        """The record, new each time."""
        record: dict[str, Any] = {
            "eventVersion": EVENT_VERSION,
            "userIdentity": self._user_identity(),
            "eventTime": f"{self.time:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": self.event_source,
            "eventName": self.event_name,
            "awsRegion": self.region,
            "sourceIPAddress": self._source(),
            "userAgent": AWS_INTERNAL if self.is_second else self.user_agent,
        }
        if self.error_code is not None:
            record["errorCode"] = self.error_code
        if self.error_message is not None:
            record["errorMessage"] = self.error_message
        record["requestParameters"] = self._request_parameters()
        record["responseElements"] = self._response_elements()
        if self.additional is not None:
            record["additionalEventData"] = dict(self.additional)
        if not self.is_service_event:
            record["requestID"] = self.token
        record["eventID"] = self.event_id
        record["readOnly"] = self.read_only
        if self.resources is not None:
            record["resources"] = [
                {"accountId": arn.split(":")[4], "type": KEY_TYPE, "ARN": arn}
                for arn in self.resources
            ]
        record["eventType"] = "AwsServiceEvent" if self.is_service_event else "AwsApiCall"
        record["managementEvent"] = True
        record["recipientAccountId"] = self.account_id
        if self.is_service_event:
            details = records.service_event_details(
                self.event_name, self.details or {}, self.resources or ()
            )
            if details is not None:
                record["serviceEventDetails"] = details
        record["eventCategory"] = "Management"
        if self.host:
            record["tlsDetails"] = records.tls_details(self.host)
        return record

    def _user_identity(self) -> dict[str, Any]:
        if self.caller is None:
            return {"accountId": self.account_id, "invokedBy": AWS_INTERNAL}
        identity: dict[str, Any] = json.loads(json.dumps(self.caller.identity))
        if self.invoked_by is not None:
            identity["invokedBy"] = self.invoked_by
        return identity

    def _source(self) -> str:
        if self.caller is None:
            return AWS_INTERNAL
        return LOCAL_ADDRESS if self.is_second else self.invoked_by or LOCAL_ADDRESS

    def _request_parameters(self) -> dict[str, Any] | None:
        if self.caller is None:
            return None
        return records.request_parameters(self.event_name, json.loads(self.parameters or "{}"))

    def _response_elements(self) -> dict[str, Any] | None:
        if self.failed:
            return None
        elements = json.loads(self.elements or "{}")
        return records.response_elements(self.event_name, elements, self.resources or ())
