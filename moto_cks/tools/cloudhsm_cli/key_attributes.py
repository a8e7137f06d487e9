"""The attributes of a key, by the names of cloudhsm-cli.

See "Key attributes for CloudHSM CLI" in the AWS CloudHSM User Guide, and ``key list`` for their
order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moto_cks.hsm import KeyObject


def reference(key: KeyObject) -> str:
    """The key reference."""
    return f"0x{key.handle:016x}"


ATTRIBUTES: Mapping[str, Callable[[KeyObject], object]] = {
    "key-type": lambda key: key.template.key_type.lower(),
    "label": lambda key: key.label,
    "id": lambda key: "",
    "check-value": lambda key: f"0x{key.check_value().hex()}",
    "class": lambda key: "secret-key",
    "encrypt": lambda key: key.template.encrypt,
    "decrypt": lambda key: key.template.decrypt,
    "token": lambda key: key.template.token,
    "always-sensitive": lambda key: key.template.sensitive,
    "derive": lambda key: False,
    "destroyable": lambda key: key.template.destroyable,
    "extractable": lambda key: key.template.extractable,
    "local": lambda key: key.template.local,
    "modifiable": lambda key: True,
    "never-extractable": lambda key: not key.template.extractable,
    "private": lambda key: key.template.private,
    "sensitive": lambda key: key.template.sensitive,
    "sign": lambda key: False,
    "trusted": lambda key: False,
    "unwrap": lambda key: key.template.unwrap,
    "verify": lambda key: False,
    "wrap": lambda key: key.template.wrap,
    "wrap-with-trusted": lambda key: False,
    "key-length-bytes": lambda key: key.template.value_length,
}
"""How each attribute is read. The HSMs hold symmetric keys only, and no key ever changes."""


def attributes(key: KeyObject) -> dict[str, object]:
    """All attributes of a key."""
    return {name: read(key) for name, read in ATTRIBUTES.items()}
