"""Who may ask: access key IDs with their secret access keys, several valid at once.

See "SigV4 Credentials Rotation" of the specification, and its "Appendix A" for their forms.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from moto_cks.xks_proxy.lock import LOCK

ACCESS_KEY_ID = re.compile(r"[A-Z2-7]{20,30}")
SECRET_ACCESS_KEY = re.compile(r"[A-Za-z0-9/+=]{43,64}")


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key ID and its secret.

    Raises:
        ValueError: one of them has not the form that AWS KMS accepts.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _fits(ACCESS_KEY_ID, self.access_key_id):
            raise ValueError("An access key ID has 20 to 30 characters, A to Z and 2 to 7.")
        if not _fits(SECRET_ACCESS_KEY, self.secret_access_key):
            raise ValueError(
                "A secret access key has 43 to 64 characters: letters, digits, '/', '+' and '='."
            )

    @classmethod
    def generate(cls) -> Credential:
        """A new one: an ID that says nothing, and 256 random bits."""
        name = base64.b32encode(secrets.token_bytes(15)).decode()
        return cls(name, base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="))


def _fits(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


class Credentials(Sequence[Credential]):
    """The credentials that are valid, the oldest first."""

    def __init__(self) -> None:
        self._valid: dict[str, Credential] = {}

    def __repr__(self) -> str:
        return f"<Credentials {list(self._valid)}>"

    @overload
    def __getitem__(self, index: int) -> Credential: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Credential]: ...
    def __getitem__(self, index: int | slice) -> Credential | Sequence[Credential]:
        return list(self._valid.values())[index]

    def __len__(self) -> int:
        return len(self._valid)

    def __iter__(self) -> Iterator[Credential]:
        return iter(list(self._valid.values()))

    def find(self, access_key_id: str) -> Credential | None:
        """The one with an access key ID, if it is valid."""
        return self._valid.get(access_key_id) if isinstance(access_key_id, str) else None

    def add(
        self, access_key_id: str | None = None, secret_access_key: str | None = None
    ) -> Credential:
        """Accept another credential, from now on.

        Args:
            access_key_id: 20 to 30 characters of A to Z and 2 to 7; by default a random one.
            secret_access_key: 43 to 64 letters, digits, ``/``, ``+``, ``=``; by default a random
                one.

        Raises:
            ValueError: a form is wrong, or there is one with this access key ID.
        """
        new = Credential.generate()
        added = Credential(
            new.access_key_id if access_key_id is None else access_key_id,
            new.secret_access_key if secret_access_key is None else secret_access_key,
        )
        with LOCK:
            if added.access_key_id in self._valid:
                raise ValueError(f"There is a credential {added.access_key_id} already.")
            self._valid[added.access_key_id] = added
        return added

    def remove(self, access_key_id: str) -> None:
        """Accept a credential no longer.

        Raises:
            ValueError: there is none with this access key ID.
        """
        with LOCK:
            if self.find(access_key_id) is None:
                raise ValueError(
                    f"There is no credential {access_key_id}; there are {list(self._valid)}."
                )
            del self._valid[access_key_id]

    def rotate(self) -> Credential:
        """Accept a new credential in the place of all others, and give it."""
        new = Credential.generate()
        with LOCK:
            self._valid = {new.access_key_id: new}
        return new
