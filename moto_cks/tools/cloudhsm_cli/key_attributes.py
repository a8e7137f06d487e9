"""The attributes of a key, by the names of cloudhsm-cli.

See "Key attributes for CloudHSM CLI" in the AWS CloudHSM User Guide, and ``key list`` for their
order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from moto_cks.hsm import HsmError, KeyObject, ReturnCode


def reference(key: KeyObject) -> str:
    """How ``key list`` names a key."""
    return f"0x{key.handle:016x}"


KEY_TYPES = {"AES": "aes", "DES3": "des3", "GENERIC_SECRET": "generic-secret"}


def _check_value(key: KeyObject) -> str:
    value = key.check_value()
    return "" if value is None else f"0x{value.hex()}"


ATTRIBUTES: Mapping[str, Callable[[KeyObject], object]] = {
    "key-type": lambda key: KEY_TYPES[key.template.key_type],
    "label": lambda key: key.label,
    "id": lambda key: f"0x{key.key_id.encode().hex()}" if key.key_id else "",
    "check-value": _check_value,
    "class": lambda key: "secret-key",
    "encrypt": lambda key: key.template.encrypt,
    "decrypt": lambda key: key.template.decrypt,
    "token": lambda key: key.template.token,
    "always-sensitive": lambda key: key.template.sensitive,
    "derive": lambda key: key.template.derive,
    "destroyable": lambda key: key.template.destroyable,
    "extractable": lambda key: key.template.extractable,
    "local": lambda key: key.template.local,
    "modifiable": lambda key: True,
    "never-extractable": lambda key: not key.template.extractable,
    "private": lambda key: key.template.private,
    "sensitive": lambda key: key.template.sensitive,
    "sign": lambda key: key.template.sign,
    "trusted": lambda key: key.template.trusted,
    "unwrap": lambda key: key.template.unwrap,
    "verify": lambda key: key.template.verify,
    "wrap": lambda key: key.template.wrap,
    "wrap-with-trusted": lambda key: key.template.wrap_with_trusted,
    "key-length-bytes": lambda key: key.template.value_length,
}
"""How each attribute is read. The HSMs hold symmetric keys only."""


def attributes(key: KeyObject) -> dict[str, object]:
    """All attributes of a key."""
    return {name: read(key) for name, read in ATTRIBUTES.items()}


FLAGS: Mapping[str, str] = {
    name: name.replace("-", "_")
    for name in (
        "encrypt",
        "decrypt",
        "wrap",
        "unwrap",
        "sign",
        "verify",
        "derive",
        "destroyable",
        "wrap-with-trusted",
    )
}
"""The flags that can be set, and what a key's template calls them."""

TRUTH = {"true": True, "false": False}


def changed(key: KeyObject, name: str, value: str, *, newer: bool) -> KeyObject:
    """A key with another value of an attribute.

    Args:
        key: the key.
        name: the attribute.
        value: its value, as cloudhsm-cli takes it.
        newer: whether the HSMs are newer ones than hsm1.medium: those let the id be set.

    Raises:
        HsmError: ATTRIBUTE_NOT_FOUND; ATTRIBUTE_FIXED, it cannot be set, or not to that.
    """
    if name not in ATTRIBUTES:
        raise HsmError(ReturnCode.ATTRIBUTE_NOT_FOUND)
    if name == "label":
        return replace(key, label=value)
    if name == "id" and newer:
        return replace(key, key_id=_text_of(value))
    if name not in FLAGS or value not in TRUTH:
        raise HsmError(ReturnCode.ATTRIBUTE_FIXED)
    setting: dict[str, Any] = {FLAGS[name]: TRUTH[value]}
    return replace(key, template=replace(key.template, **setting))


def _text_of(value: str) -> str:
    """The text that an id of hexadecimal digits stands for."""
    try:
        return bytes.fromhex(value.removeprefix("0x")).decode()
    except ValueError:
        raise HsmError(ReturnCode.ATTRIBUTE_FIXED) from None
