"""Identifiers in the formats of the service models; they follow moto's seed."""

from __future__ import annotations

from moto.moto_api._internal import mock_random

BASE_32 = "abcdefghijklmnopqrstuvwxyz234567"
HEX = "0123456789abcdef"


def cloudhsm_id(kind: str) -> str:
    """A CloudHSM identifier: ``kind`` is cluster, hsm or backup."""
    return f"{kind}-" + "".join(mock_random.choice(BASE_32) for _ in range(11))


def custom_key_store_id() -> str:
    """A custom key store identifier, which has 17 hexadecimal digits."""
    return "cks-" + "".join(mock_random.choice(HEX) for _ in range(17))


def in_region(arn: str, region: str) -> str:
    """The ARN of the same resource in another Region; of related multi-Region keys, for one.

    Args:
        arn: an ARN.
        region: the Region; empty for what is the same in all of them.
    """
    parts = arn.split(":", 4)
    parts[3] = region
    return ":".join(parts)
