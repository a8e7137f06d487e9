"""What newer versions of ``cryptography`` have of FIPS 203 and 204, looked up once.

The modules are missing in older versions, some parameter sets in all; the backend has a say, too.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm


@cache
def private_key_class(module: str, name: str, method: str) -> Any:
    """A class of private keys.

    Args:
        module: the module of ``cryptography.hazmat.primitives.asymmetric``.
        name: the class.
        method: a method that it must have.

    Returns:
        The class; ``None`` where it is missing, or cannot make a key.
    """
    try:
        found = importlib.import_module(f"cryptography.hazmat.primitives.asymmetric.{module}")
    except ModuleNotFoundError:
        return None
    kind = getattr(found, name, None)
    if kind is None or not hasattr(kind, method):
        return None
    try:
        kind.generate()
    except UnsupportedAlgorithm:
        return None
    return kind
