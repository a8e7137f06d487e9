"""The certificate authorities of a world: whom KMS trusts, and who vouches for KMS."""

from __future__ import annotations

from functools import cache

from moto.core.base_backend import BaseBackend

from moto_cks.world.backends import WorldState
from moto_cks.world.lock import WORLD
from moto_cks.xks_proxy.certificates import Authority, Subject


class Authorities(BaseBackend):
    """Two authorities, which stand in for the public ones and for Amazon Trust Services.

    A backend, so that moto's reset forgets them.

    Attributes:
        public: the authority that the certificates of embedded proxies are of, unless somebody
            says otherwise; KMS trusts it.
        amazon: the authority that KMS's own certificates are of. Worlds of one process share it: a
            proxy outside, which trusts it, is not started again with each of them.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.public = Authority("Stand-in for the public CAs")
        with WORLD:
            self.amazon = _amazon()
        self._certificates: dict[str, str] = {}

    def certificate_of_kms(self, region: str) -> str:
        """What KMS shows to a proxy that asks who it is: its certificate with its key, PEM."""
        if region not in self._certificates:
            # An alternative name, too: many a TLS library looks at no common name.
            name = f"cks.kms.{region}.amazonaws.com"
            issued = self.amazon.issue(Subject(name, (name,)), client=True)
            self._certificates[region] = issued.chain + issued.key
        return self._certificates[region]


@cache
def _amazon() -> Authority:
    return Authority("Stand-in for Amazon Trust Services")


authorities = WorldState(Authorities)
"""Those of this world."""
