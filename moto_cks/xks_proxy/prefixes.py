"""Path prefixes: isolated clients of one proxy, each with keys, credentials, rules and a quota."""

from __future__ import annotations

import json
from collections.abc import Iterable

from moto_cks.xks_proxy.authorization import Authorization
from moto_cks.xks_proxy.causes import Cause, InEffect
from moto_cks.xks_proxy.credentials import Credential, Credentials
from moto_cks.xks_proxy.keys import ExternalKeys
from moto_cks.xks_proxy.names import each_of
from moto_cks.xks_proxy.protocol import MAX_PATH, PATH_END, PATH_PREFIX
from moto_cks.xks_proxy.quota import Quota


def checked_prefix(path_prefix: str) -> str:
    """A path prefix that AWS KMS accepts.

    Raises:
        ValueError: it has not the form, or is too long.
    """
    most = MAX_PATH - len(PATH_END)
    if not PATH_PREFIX.fullmatch(path_prefix) or len(path_prefix) > most:
        raise ValueError(
            f"A path prefix is empty, or steps as in '/example', of letters, digits, '-' and '_', "
            f"with at most {most} characters; not {path_prefix!r}."
        )
    return path_prefix


class PathPrefix:
    """What is found under a path prefix. One credential is valid from the beginning.

    Attributes:
        path_prefix: what comes before ``/kms/xks/v1``; may be empty.
        region: the Region that signatures have to name; ``None`` for any.
        keys: its external keys.
        credentials: who may ask.
        authorization: the rules for what they ask.

    Raises:
        ValueError: the prefix or an external key ID cannot be.
    """

    def __init__(self, path_prefix: str, region: str | None, keys: Iterable[str]) -> None:
        self.path_prefix = checked_prefix(path_prefix)
        self.region = region
        self.keys = ExternalKeys()
        for each in each_of(keys):
            self.keys.create(each)
        self.credentials = Credentials()
        self.credentials.add()
        self.authorization = Authorization()
        self._quota = InEffect(Quota())
        self._blocked = InEffect(False)

    def __repr__(self) -> str:
        return f"<PathPrefix {self.path_prefix!r}>"

    @property
    def path(self) -> str:
        """Its XksProxyUriPath."""
        return self.path_prefix + PATH_END

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
