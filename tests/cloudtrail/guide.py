"""What the examples of AWS's guides are made of: a world with Alice in it, and what is expected.

Names in angle brackets stand for what is different each time.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks import Cks, KeyStore
from tests.aws import REGION, client, client_as, error_of

KEY = ("<arn>",)
SYMMETRIC = "SYMMETRIC_DEFAULT"
ABSENT = object()


class Like:
    """Equal to what matches a pattern."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self.pattern, other) is not None

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Like({self.pattern!r})"


UUID = Like("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = Like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MATERIAL_ID = Like("[0-9a-f]{64}")
ANSWERED = {"keyId": "<arn>"}
"""What an operation that answers nothing is recorded to have answered, since December 2022."""

HOSTS = {"kms.amazonaws.com": "kms", "cloudhsm.amazonaws.com": "cloudhsmv2"}


def tls(service: str) -> dict[str, str]:
    """The tlsDetails of a call to a service."""
    return {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": f"{service}.{REGION}.amazonaws.com",
        "keyExchange": "X25519MLKEM768",
    }


DATE = Like(r"[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d:\d\d [AP]M")


class Scene:
    """A world in which Alice calls.

    Attributes:
        names: what the names in angle brackets stand for.
        error: how her last call failed.
    """

    def __init__(self, world: Cks) -> None:
        self.world = world
        iam = client("iam")
        self.user = iam.create_user(UserName="Alice")["User"]
        self.access_key = iam.create_access_key(UserName="Alice")["AccessKey"]
        self.kms = self.client("kms")
        self.names: dict[str, str] = {}
        self.error: tuple[str, str] | None = None

    def client(self, service: str) -> Any:
        return client_as(self.access_key, service)

    def key(self, prefix: str = "", **parameters: Any) -> str:
        """Create a key: ``<key>`` and ``<arn>``, after a prefix if one is given."""
        metadata = self.kms.create_key(**parameters)["KeyMetadata"]
        self.names[f"{prefix}key"] = metadata["KeyId"]
        self.names[f"{prefix}arn"] = metadata["Arn"]
        return str(metadata["Arn"])

    def store(self, connect: bool = True) -> KeyStore:
        """Create a key store: ``<store>``, ``<cluster>``."""
        store = self.world.create_key_store("ExampleKeyStore", connect=connect)
        self.names.update(store=store.id, cluster=store.cluster.id)
        return store

    def key_in_store(self) -> str:
        """Create a key in a new key store."""
        return self.key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=self.store().id)

    def fails(self, call: Callable[..., Any], **parameters: Any) -> None:
        self.error = error_of(call, **parameters)

    def newest(self, event_name: str) -> dict[str, Any]:
        """The newest record of an operation, from LookupEvents."""
        attribute = {"AttributeKey": "EventName", "AttributeValue": event_name}
        events = client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
        record: dict[str, Any] = json.loads(events[0]["CloudTrailEvent"])
        return record


@dataclasses.dataclass(frozen=True)
class Example:
    """What a record of an example holds, apart from what all have in common.

    Attributes:
        page: where the example is, and which it is if there are several.
        situation: makes its call.
        event_name: the operation.
        request: the requestParameters.
        response: the responseElements.
        additional: the additionalEventData; absent where it is not given.
        resources: the ARNs; ``None`` where there is no such element.
        read_only: the readOnly.
        error: the errorCode.
        details: the serviceEventDetails of an AwsServiceEvent.
    """

    page: str
    situation: Callable[[Scene], object]
    event_name: str
    request: Any = None
    response: Any = None
    additional: Any = ABSENT
    resources: tuple[str, ...] | None = KEY
    read_only: bool = False
    error: str | None = None
    is_service_event: bool = False
    details: Any = ABSENT
    source: str = "kms.amazonaws.com"

    def expected(self, scene: Scene) -> dict[str, Any]:
        """The record as the guide has it, with what is different each time."""
        record: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": self._caller(scene),
            "eventTime": TIME,
            "eventSource": self.source,
            "eventName": self.event_name,
            "awsRegion": REGION,
            "sourceIPAddress": "AWS Internal" if self.is_service_event else "127.0.0.1",
            "userAgent": "AWS Internal" if self.is_service_event else Like("Boto3/.*"),
            "requestParameters": self.request,
            "responseElements": self.response,
            "eventID": UUID,
            "readOnly": self.read_only,
            "eventType": "AwsServiceEvent" if self.is_service_event else "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": DEFAULT_ACCOUNT_ID,
            "eventCategory": "Management",
        }
        if not self.is_service_event:
            record["requestID"] = UUID
            record["tlsDetails"] = tls(HOSTS[self.source])
        if self.error is not None:
            assert scene.error is not None
            record.update(errorCode=self.error, errorMessage=scene.error[1])
        if self.resources is not None:
            record["resources"] = [
                {"accountId": DEFAULT_ACCOUNT_ID, "type": "AWS::KMS::Key", "ARN": arn}
                for arn in self.resources
            ]
        for name, value in (
            ("additionalEventData", self.additional),
            ("serviceEventDetails", self.details),
        ):
            if value is not ABSENT:
                record[name] = value
        filled: dict[str, Any] = fill(record, scene.names)
        return filled

    def _caller(self, scene: Scene) -> dict[str, str]:
        if self.is_service_event:
            return {"accountId": DEFAULT_ACCOUNT_ID, "invokedBy": "AWS Internal"}
        return {
            "type": "IAMUser",
            "principalId": scene.user["UserId"],
            "arn": scene.user["Arn"],
            "accountId": DEFAULT_ACCOUNT_ID,
            "accessKeyId": scene.access_key["AccessKeyId"],
            "userName": "Alice",
        }


def fill(value: Any, names: Mapping[str, str]) -> Any:
    """Put in what the names in angle brackets stand for."""
    if isinstance(value, Mapping):
        return {name: fill(entry, names) for name, entry in value.items()}
    if isinstance(value, list):
        return [fill(entry, names) for entry in value]
    if isinstance(value, str):
        return re.sub("<([a-z_]+)>", lambda match: names[match[1]], value)
    return value


EXAMPLES: list[Example] = []


def example(page: str, event_name: str, request: Any = None, **fields: Any) -> Callable[..., Any]:
    """Say what the record of the call in a function holds."""

    def add(situation: Callable[[Scene], object]) -> Callable[[Scene], object]:
        EXAMPLES.append(Example(page, situation, event_name, request, **fields))
        return situation

    return add
