"""Who owns and who shares a key, as ``getKeyInfo`` of the tools of Client SDK 3 shows it."""

from __future__ import annotations

from moto_cks.hsm import Hsm, KeyObject, UserType


def users_of(hsm: Hsm, key: KeyObject) -> str:
    """The owner of a key and who shares it, by their user IDs on an HSM.

    Raises:
        HsmError: USER_NOT_FOUND, the HSM lacks one of them.
    """
    shown = f"        Owned by user {_user_id(hsm, key.owner)}\n"
    if key.shared_with:
        ids = sorted(_user_id(hsm, name) for name in key.shared_with)
        shown += f"\n        also, shared to following {len(ids)} user(s):\n\n"
        shown += "".join(f"{'':17}{user_id}\n" for user_id in ids)
    return shown


def _user_id(hsm: Hsm, name: str) -> int:
    return hsm.user(UserType.CU, name).id
