"""Path prefixes: isolated clients of one proxy, each with keys, credentials, rules and a quota."""

from __future__ import annotations

import json
from collections.abc import Iterable

from moto_cks.xks_proxy.authorization import Authorization
from moto_cks.xks_proxy.causes import Cause, InEffect
from moto_cks.xks_proxy.credentials import Credential, Credentials
from moto_cks.xks_proxy.keys import ExternalKeys
from moto_cks.xks_proxy.names import checked_region_or_any, listed
from moto_cks.xks_proxy.protocol import MAX_PATH, PATH_END, PATH_PREFIX
from moto_cks.xks_proxy.quota import Quota
from moto_cks.xks_proxy.values import checked, fixed


def checked_prefix(path_prefix: str) -> str:
    """A path prefix that AWS KMS accepts.

    Raises:
        ValueError: it has not the form, or is too long.
    """
    most = MAX_PATH - len(PATH_END)
    is_text = isinstance(path_prefix, str)
    if not is_text or not PATH_PREFIX.fullmatch(path_prefix) or len(path_prefix) > most:
        raise ValueError(
            f"A path prefix is empty, or steps as in '/example', of letters, digits, '-' and '_', "
            f"with at most {most} characters; not {path_prefix!r}."
        )
    return path_prefix


class PathPrefix:
    """What is found under a path prefix. One credential is valid from the beginning.

    Attributes:
        region: the Region that signatures have to name; ``None`` for any.
        keys: its external keys.
        credentials: who may ask.
        authorization: the rules for what they ask.

    Raises:
        ValueError: the prefix, the Region or an external key ID cannot be.
    """

    region: str | None = checked(checked_region_or_any)
    keys: ExternalKeys = fixed("The keys of a path prefix")
    credentials: Credentials = fixed("The credentials of a path prefix")
    authorization: Authorization = fixed("The rules of a path prefix")

    def __init__(self, path_prefix: str, region: str | None, keys: Iterable[str]) -> None:
        self._path_prefix = checked_prefix(path_prefix)
        self.region = region
        self.keys = ExternalKeys()
        for each in listed(keys):
            self.keys.create(each)
        self.credentials = Credentials()
        self.credentials.add()
        self.authorization = Authorization()
        self._quota = InEffect(Quota())
        self._blocked = InEffect(False)

    def __repr__(self) -> str:
        return f"<PathPrefix {self.path_prefix!r}>"

    @property
    def path_prefix(self) -> str:
        """What comes before ``/kms/xks/v1``; may be empty."""
        return self._path_prefix

    def move_to(self, path_prefix: str) -> None:
        """Learn that it is found elsewhere now."""
        self._path_prefix = path_prefix

    @property
    def path(self) -> str:
        """Its XksProxyUriPath."""
        return self._path_prefix + PATH_END

    @property
    def credential(self) -> Credential:
        """The newest credential.

        Raises:
            ValueError: none is valid.
        """
        if not self.credentials:
            raise ValueError("No credential is valid.")
        return self.credentials[-1]

    @property
    def request_quota(self) -> Quota:
        """How often its client may ask."""
        return self._quota.value

    @property
    def blocked(self) -> bool:
        """Whether it is out of use as a whole."""
        return self._blocked.value

    def quota(self, requests_per_second: int) -> Cause:
        """Answer more requests than so many a second with ThrottlingException.

        Raises:
            ValueError: that is no number from 1 on.
        """
        return self._quota.set(Quota(requests_per_second))

    def block(self) -> Cause:
        """Put it out of use, whatever is asked: InvalidStateException."""
        return self._blocked.set(True)

    def configuration_file(self) -> str:
        """The file that the AWS KMS console takes, JSON. It has the newest credential's secret.

        See "XKS proxy configuration in AWS KMS console" of the specification.

        Raises:
            ValueError: no credential is valid.
        """
        credential = self.credential
        content = {
            "XksProxyUriPath": self.path,
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": credential.access_key_id,
                "RawSecretAccessKey": credential.secret_access_key,
            },
        }
        return json.dumps(content, indent=4) + "\n"
