"""Identifiers in the formats of the service models; they follow moto's seed."""

from __future__ import annotations

from moto.moto_api._internal import mock_random

BASE_32 = "abcdefghijklmnopqrstuvwxyz234567"
HEX = "0123456789abcdef"

_VARIANTS = {digit: "89ab"[place % 4] for place, digit in enumerate(HEX)}
"""The first digit of the fourth group of a UUID (RFC 9562, section 4.1), by what is drawn."""


def cloudhsm_id(kind: str) -> str:
    """A CloudHSM identifier: ``kind`` is cluster, hsm or backup."""
    return f"{kind}-" + "".join(mock_random.choice(BASE_32) for _ in range(11))


def custom_key_store_id() -> str:
    """A custom key store identifier, which has 17 hexadecimal digits."""
    return "cks-" + "".join(mock_random.choice(HEX) for _ in range(17))


def random_uuid() -> str:
    """A UUID, as moto's ``mock_random.uuid4()`` would be next; every answer has one."""
    digits = f"{mock_random.getrandbits(128):032x}"
    variant = _VARIANTS[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def in_region(arn: str, region: str) -> str:
    """The ARN of the same resource in another Region; of related multi-Region keys, for one.

    Args:
        arn: an ARN.
        region: the Region; empty for what is the same in all of them.
    """
    parts = arn.split(":", 4)
    parts[3] = region
    return ":".join(parts)
