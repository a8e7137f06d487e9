"""What KMS signs its requests to a proxy with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credential:
    """The XksProxyAuthenticationCredential of a key store.

    Attributes:
        access_key_id: AccessKeyId.
        secret: RawSecretAccessKey, which is shown nowhere.
    """

    access_key_id: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, parameter: Mapping[str, str]) -> Credential:
        """That of a request."""
        return cls(parameter["AccessKeyId"], parameter["RawSecretAccessKey"])
