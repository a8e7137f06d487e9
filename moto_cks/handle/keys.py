"""KMS keys that are known before they are created, in this process."""

from __future__ import annotations

from typing import Any

from moto_cks.handle.builder import Clients
from moto_cks.kms import births
from moto_cks.kms.models import kms_backend
from moto_cks.kms.specs import SYMMETRIC_DEFAULT
from moto_cks.world.lock import WORLD

SPECS = ("KeySpec", "CustomerMasterKeySpec")
"""The parameters of CreateKey that name the key spec."""


def create_key(clients: Clients, birth: births.Birth, parameters: dict[str, Any]) -> str:
    """Create a key; returns its ID.

    Args:
        clients: of the account and Region.
        birth: what is known of it.
        parameters: of CreateKey.

    Raises:
        ValueError: there is a key with that ID, it is not of the kind that is asked for, or no key
            of that kind has key material that can be given.
        botocore.exceptions.ClientError: what CreateKey answers.
    """
    if birth.multi_region:
        parameters = {"MultiRegion": True, **parameters}
    if birth.key_id is not None and bool(parameters.get("MultiRegion")) is not birth.multi_region:
        raise ValueError("The ID of a multi-Region key begins with mrk-, and no other does.")
    spec = next((parameters[name] for name in SPECS if name in parameters), SYMMETRIC_DEFAULT)
    if birth.material is not None and spec != SYMMETRIC_DEFAULT:
        raise ValueError(f"Key material is given to {SYMMETRIC_DEFAULT} keys, not to {spec} ones.")
    with WORLD:
        if birth.key_id in kms_backend(clients.account_id, clients.region).keys:
            raise ValueError(f"There is a key {birth.key_id} already.")
        with births.coming(birth):
            answer = clients.kms.create_key(**parameters)
    return str(answer["KeyMetadata"]["KeyId"])
