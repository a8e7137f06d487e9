"""The operations on aliases."""

from __future__ import annotations

import json

from moto_cks.kms.aliases import AliasList, KmsAlias, ManagedAlias, check_not_reserved
from moto_cks.kms.pages import page_of
from moto_cks.kms.request import NO_CONTENT, KmsRequest, checked


class AliasOperations(KmsRequest):
    """Requests on aliases, and their answers."""

    @checked
    def create_alias(self) -> str:
        """CreateAlias."""
        name, target = self._named()
        self.kms_backend.create_alias(target, name)
        return NO_CONTENT

    @checked
    def update_alias(self) -> str:
        """UpdateAlias."""
        name, target = self._named()
        self.kms_backend.update_alias(target, name)
        return NO_CONTENT

    def _named(self) -> tuple[str, str]:
        """The alias that is changed, and its new key."""
        name = self.json_body["AliasName"]
        check_not_reserved(name)
        return name, self.json_body["TargetKeyId"]

    @checked
    def delete_alias(self) -> str:
        """DeleteAlias."""
        name = self.json_body["AliasName"]
        check_not_reserved(name)
        self.kms_backend.delete_alias(name)
        return NO_CONTENT

    @checked
    def list_aliases(self) -> str:
        """ListAliases, of all keys or of one."""
        backend, key = self.kms_backend, self.requested[0].named
        aliases = (
            AliasList(backend.aliases, backend.home, backend.aliases)
            if key is None
            else AliasList(key.aliases, backend.home, backend.aliases, key.id)  # type: ignore[arg-type]
        )
        page = page_of(
            "Aliases", aliases, self.json_body, _shown, 50, "" if key is None else key.id
        )
        return json.dumps(page)


def _shown(alias: KmsAlias | ManagedAlias) -> dict[str, str | float]:
    return alias.to_dict()
