"""Faults that are injected: for what has no cause that a person could bring about.

Everything else that fails here fails because of what somebody did to hardware, a network or a
user. What is left: KMS's own errors, a network that drops out for a while, HSMs without a free
session, quotas, and whatever else an operation documents.

AWS pages: "Troubleshooting a custom key store", "Throttling AWS KMS requests" and "Request quotas"
in the AWS KMS Developer Guide; the "Errors" sections and the common errors of the API References.
"""

from moto_cks.faults.effects import (
    call_fault,
    coming_busy_fault,
    coming_call_fault,
    coming_connection_fault,
    coming_session_fault,
    connection_error_of,
    exhausted_quota,
    hsms_busy,
    out_of_reach,
    resource_quotas,
    session_taken,
    within_quota,
    within_request_quota,
)
from moto_cks.faults.pending import FaultsBackend

__all__ = [
    "FaultsBackend",
    "call_fault",
    "coming_busy_fault",
    "coming_call_fault",
    "coming_connection_fault",
    "coming_session_fault",
    "connection_error_of",
    "exhausted_quota",
    "hsms_busy",
    "out_of_reach",
    "resource_quotas",
    "session_taken",
    "within_quota",
    "within_request_quota",
]
