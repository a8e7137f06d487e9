"""RSA keys of the simulated hardware, made once in a process and used again in the next world.

An RSA key takes longer to make than everything else in a cluster. In one world no key is given
twice: two clusters with one key would be related, and one CA could vouch for another. When a world
has been forgotten, nobody has its keys any more, and nobody has ever seen a private one; so the
next world begins with the same ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.asymmetric import rsa

KEY_SIZE = 2048
MAX_KEPT = 32
"""How many keys are kept; a world with more makes the rest for itself."""

KeySource = Callable[[], rsa.RSAPrivateKey]
"""Gives a key that nothing else in its world has."""

# By number, since what is kept must not depend on which thread comes first.
_kept: dict[int, rsa.RSAPrivateKey] = {}


def new_key() -> rsa.RSAPrivateKey:
    """A key that nobody has had before."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)


class WorldKeys:
    """The keys of one world. A key is made when it is needed, and not before.

    Only for keys whose private half stays in this package.
    """

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count()

    def __repr__(self) -> str:
        return "<WorldKeys>"

    def take(self) -> rsa.RSAPrivateKey:
        """A key that has not been given in this world."""
        number = next(self._numbers)
        if number >= MAX_KEPT:
            return new_key()
        if number not in _kept:
            _kept.setdefault(number, new_key())
        return _kept[number]
