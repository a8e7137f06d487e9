"""What a run has done, counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from moto.core.utils import get_service_model

DONE: Counter[str] = Counter()
"""What was done by this process, by the names of the report's rows."""

COMMON = {
    *("AccessDeniedException", "NotAuthorizedException", "SerializationException"),
    *("ThrottlingException", "ValidationException"),
}
"""Errors that every operation can end with: "Common errors" of the API References."""

SERVICES = ("kms", "cloudhsmv2")


def documented(service: str, operation: str) -> set[str]:
    """The errors that an operation can end with."""
    shapes = get_service_model(service).operation_model(operation).error_shapes
    return {shape.name for shape in shapes} | COMMON


def model(service: str, operation: str) -> Any:
    """An operation as botocore's service model has it."""
    return get_service_model(service).operation_model(operation)
