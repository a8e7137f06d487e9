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
