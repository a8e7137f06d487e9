"""What the tests of ``cks.faults`` share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from tests.kms import NO_COMMUNICATION

UNREACHABLE = ("KMSInvalidStateException", NO_COMMUNICATION)
THROTTLED = (
    "ThrottlingException",
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
)
THREADS = 8


def in_threads(call: Callable[[], Any], times: int) -> list[str]:
    """Call something in many threads; the error codes, "" where there was none."""

    def outcome(_: int) -> str:
        try:
            call()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(outcome, range(times)))
