"""A call of KMS that another service of AWS makes: by the front door, so that all rules hold.

Where the service acts on a request of a client, the call is made with the client's credentials, and
CloudTrail's record of it names the service as ``invokedBy``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from moto_cks.frontend import behalf
from moto_cks.frontend.calls import Answer
from moto_cks.kms.responses import CksKmsResponse

FIRST_ERROR = 400
"""The HTTP statuses of failures begin here."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What KMS has answered to a service.

    Attributes:
        members: the members of the answer, which may be none; ``None`` of an error.
        code: the exception, empty of a success, and so is the message.
        message: its message.
        status: the HTTP status.
        request_id: the request ID.
    """

    members: dict[str, Any] | None
    code: str
    message: str
    status: int
    request_id: str


def call_kms(
    principal: str,
    account_id: str,
    region: str,
    operation: str,
    parameters: Mapping[str, Any],
    *,
    recorded: bool,
) -> Reply:
    """Call KMS.

    Args:
        principal: the service that calls, as ``s3.amazonaws.com``.
        account_id: the account that is called.
        region: the Region.
        operation: the name of the operation.
        parameters: its parameters, as JSON has them.
        recorded: whether CloudTrail records it if it is made for a client.
    """
    authorization = behalf.authorization()
    headers = {
        "Authorization": authorization or "",
        "User-Agent": principal,
        "X-Amz-Target": f"TrentService.{operation}",
        "x-moto-account-id": account_id,
    }
    url, body = f"https://kms.{region}.amazonaws.com/", json.dumps(parameters).encode()
    request = AWSPreparedRequest("POST", url, headers, body, False)
    observed = recorded and authorization is not None
    status, sent, content = CksKmsResponse.answer_service(
        request, region, principal, observed=observed
    )
    answer = Answer(int(status) < FIRST_ERROR, sent["x-amzn-requestid"], content)
    if answer.succeeded:
        return Reply(answer.members or {}, "", "", int(status), answer.request_id)
    code, message = answer.error
    return Reply(None, code, message or "", int(status), answer.request_id)
