"""The attributes of keys, as the tools of Client SDK 3 number, show and set them.

See "Key Attribute Reference" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from moto_cks.hsm import HsmError, KeyObject, ReturnCode

KEY_TYPES = {"GENERIC_SECRET": 16, "DES3": 21, "AES": 31}
"""OBJ_ATTR_KEY_TYPE by the type of a key. RC4 (18) is not allowed in FIPS mode."""

SECRET_KEY_CLASS = 4
"""OBJ_ATTR_CLASS of symmetric keys; there are no others here."""

LABEL = 3
TOKEN = 1
ALL = 512
"""OBJ_ATTR_ALL."""


class Form(Enum):
    """How a value is written."""

    SHORT = 2
    """A number of two hexadecimal digits among others, of eight alone."""
    LONG = 8
    """A number of eight hexadecimal digits."""
    TEXT = 0
    """As it is."""


@dataclass(frozen=True)
class Attribute:
    """What the tools know of an attribute that keys have.

    Attributes:
        name: ``OBJ_ATTR_...``.
        number: the constant that stands for it.
        read: its value; ``None`` where keys of that type do not have it.
        form: how it is written.
        setting: the flag of the key's template that ``setAttribute`` in cloudhsm_mgmt_util sets.
    """

    name: str
    number: int
    read: Callable[[KeyObject], int | str | None]
    form: Form = Form.SHORT
    setting: str | None = None

    def show(self, key: KeyObject, *, alone: bool = True) -> str:
        """Its name and value, each in a line.

        Args:
            key: whose.
            alone: whether no other attribute is shown with it.

        Raises:
            HsmError: ATTRIBUTE_NOT_FOUND.
        """
        value = self.read(key)
        if value is None:
            raise HsmError(ReturnCode.ATTRIBUTE_NOT_FOUND)
        if isinstance(value, str):
            return f"{self.name}\n{value}\n"
        digits = Form.LONG.value if alone else self.form.value
        return f"{self.name}\n0x{value:0{digits}x}\n"


def _flag(name: str, number: int, field: str, *, settable: bool = False) -> Attribute:
    return Attribute(
        name,
        number,
        lambda key: int(getattr(key.template, field)),
        setting=field if settable else None,
    )


def _missing(name: str, number: int) -> Attribute:
    return Attribute(name, number, lambda key: None)


def _check_value(key: KeyObject) -> str | None:
    value = key.check_value()
    return None if value is None else f"0x{value.hex()}"


ATTRIBUTES = (
    Attribute("OBJ_ATTR_CLASS", 0, lambda key: SECRET_KEY_CLASS),
    _flag("OBJ_ATTR_TOKEN", TOKEN, "token"),
    _flag("OBJ_ATTR_PRIVATE", 2, "private"),
    Attribute("OBJ_ATTR_LABEL", LABEL, lambda key: key.label, Form.TEXT),
    _flag("OBJ_ATTR_TRUSTED", 134, "trusted"),
    Attribute("OBJ_ATTR_KEY_TYPE", 256, lambda key: KEY_TYPES[key.template.key_type]),
    Attribute("OBJ_ATTR_ID", 258, lambda key: key.key_id, Form.TEXT),
    _flag("OBJ_ATTR_SENSITIVE", 259, "sensitive"),
    _flag("OBJ_ATTR_ENCRYPT", 260, "encrypt", settable=True),
    _flag("OBJ_ATTR_DECRYPT", 261, "decrypt", settable=True),
    _flag("OBJ_ATTR_WRAP", 262, "wrap", settable=True),
    _flag("OBJ_ATTR_UNWRAP", 263, "unwrap", settable=True),
    _flag("OBJ_ATTR_SIGN", 264, "sign", settable=True),
    _flag("OBJ_ATTR_VERIFY", 266, "verify", settable=True),
    _flag("OBJ_ATTR_DERIVE", 268, "derive", settable=True),
    _flag("OBJ_ATTR_LOCAL", 355, "local"),
    _missing("OBJ_ATTR_MODULUS", 288),
    _missing("OBJ_ATTR_MODULUS_BITS", 289),
    _missing("OBJ_ATTR_PUBLIC_EXPONENT", 290),
    Attribute("OBJ_ATTR_VALUE_LEN", 353, lambda key: key.template.value_length, Form.LONG),
    _flag("OBJ_ATTR_EXTRACTABLE", 354, "extractable"),
    Attribute("OBJ_ATTR_NEVER_EXTRACTABLE", 356, lambda key: int(not key.template.extractable)),
    _flag("OBJ_ATTR_ALWAYS_SENSITIVE", 357, "sensitive"),
    _flag("OBJ_ATTR_DESTROYABLE", 370, "destroyable", settable=True),
    Attribute("OBJ_ATTR_KCV", 371, _check_value, Form.TEXT),
    _flag("OBJ_ATTR_WRAP_WITH_TRUSTED", 528, "wrap_with_trusted", settable=True),
    _missing("OBJ_ATTR_WRAP_TEMPLATE", 1073742353),
    _missing("OBJ_ATTR_UNWRAP_TEMPLATE", 1073742354),
)
"""In the order in which ``listAttributes`` of cloudhsm_mgmt_util lists them."""

_BY_NUMBER = {attribute.number: attribute for attribute in ATTRIBUTES}

_ALL_IN_ORDER = (0, 256, 1, 2, 260, 261, 262, 263, 264, 266, 355, 259, 354, 3, 258, 353, 371)
"""What OBJ_ATTR_ALL stands for, in the order of the guide's examples."""


@dataclass(frozen=True)
class Shown:
    """Attributes of a key as the tools print them.

    Attributes:
        text: their names and values.
        count: how many they are.
    """

    text: str
    count: int


def show(key: KeyObject, number: int) -> Shown:
    """One attribute of a key, or all (512).

    Raises:
        HsmError: ATTRIBUTE_NOT_FOUND.
    """
    if number != ALL:
        attribute = _BY_NUMBER.get(number)
        if attribute is None:
            raise HsmError(ReturnCode.ATTRIBUTE_NOT_FOUND)
        return Shown(attribute.show(key), 1)
    present = [
        _BY_NUMBER[listed].show(key, alone=False)
        for listed in _ALL_IN_ORDER
        if _BY_NUMBER[listed].read(key) is not None
    ]
    return Shown("".join(present), len(present))


def changed(key: KeyObject, number: int, value: str) -> KeyObject:
    """A key with another value of an attribute, as ``setAttribute`` in cloudhsm_mgmt_util sets it.

    Args:
        key: as it is.
        number: the attribute: the label, or one of the flags that can be set.
        value: the label, or ``0`` or ``1``.

    Raises:
        HsmError: ATTRIBUTE_NOT_FOUND, ATTRIBUTE_FIXED.
    """
    if number == LABEL:
        return replace(key, label=value)
    attribute = _BY_NUMBER.get(number)
    if attribute is None:
        raise HsmError(ReturnCode.ATTRIBUTE_NOT_FOUND)
    if attribute.setting is None or value not in ("0", "1"):
        raise HsmError(ReturnCode.ATTRIBUTE_FIXED)
    setting: dict[str, Any] = {attribute.setting: value == "1"}
    return replace(key, template=replace(key.template, **setting))


def persistent(key: KeyObject) -> KeyObject:
    """A session key as a persistent one."""
    return replace(key, template=replace(key.template, token=True))


def listing(numbers: tuple[int, ...] | None = None) -> str:
    """The constants, one a line.

    Args:
        numbers: only these, in this order; by default all, and the one for all.
    """
    chosen = ATTRIBUTES if numbers is None else [_BY_NUMBER[number] for number in numbers]
    lines = [(attribute.name, attribute.number) for attribute in chosen]
    if numbers is None:
        lines.append(("OBJ_ATTR_ALL", ALL))
    return "".join(f"      {name:<32}= {number}\n" for name, number in lines)
