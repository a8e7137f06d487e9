"""The exceptions that operations document, with what AWS says of each and its HTTP status.

The "Errors" sections and the common errors of the API References, from botocore's service models.
"""

from __future__ import annotations

import html
import re
from typing import Any

from moto_cks.world.botocore_session import service_model

THROTTLED = (
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
)

SERVICES = ("kms", "cloudhsmv2")

COMMON_ERRORS = {
    "AccessDeniedException": "You do not have sufficient access to perform this action.",
    "ThrottlingException": THROTTLED,
    "ValidationException": (
        "The input fails to satisfy the constraints specified by an AWS service."
    ),
}
"""The errors that every operation can end with, and what they say."""

STATUSES = {
    "CloudHsmInternalFailureException": 500,
    "DependencyTimeoutException": 503,
    "KMSInternalException": 500,
    "KeyUnavailableException": 500,
}
"""The HTTP statuses that are not 400; the service models do not have them."""

BAD_REQUEST = 400
_FIRST_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def find_operation(operation: str) -> tuple[str, str]:
    """The service and the name of an operation.

    Raises:
        ValueError: there is none, or more than one.
    """
    service, colon, name = operation.rpartition(":")
    having = [
        candidate
        for candidate in SERVICES
        if (not colon or candidate == service) and name in service_model(candidate).operation_names
    ]
    if not having:
        raise ValueError(f"There is no operation {operation!r} in {' or '.join(SERVICES)}.")
    if len(having) > 1:
        possible = " or ".join(f"{candidate}:{name}" for candidate in having)
        raise ValueError(f"Say which {name}: {possible}.")
    return having[0], name


def documented_errors(service: str, operation: str) -> dict[str, str]:
    """The exceptions that an operation can end with, and what AWS says of each."""
    shapes = service_model(service).operation_model(operation).error_shapes
    return {**COMMON_ERRORS, **{shape.name: _first_paragraph(shape) for shape in shapes}}


def _first_paragraph(shape: Any) -> str:
    documentation = shape.documentation or ""
    found = _FIRST_PARAGRAPH.search(documentation)
    text = _TAG.sub("", found[1] if found else documentation)
    return " ".join(html.unescape(text).split())
