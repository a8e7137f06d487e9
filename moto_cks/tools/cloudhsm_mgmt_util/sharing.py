"""The commands of cloudhsm_mgmt_util that change and copy keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from moto_cks.hsm import HsmError, KeyObject, ReturnCode, UserType
from moto_cks.tools import key_attributes
from moto_cks.tools.cloudhsm_mgmt_util.changes import (
    Change,
    Undo,
    confirmed,
    made,
    nothing_to_undo,
    said,
)
from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.nodes import Node
from moto_cks.tools.return_codes import INVALID_INPUT
from moto_cks.tools.session import Script


def set_attribute(connection: Connection, args: list[str]) -> Script:
    """``setAttribute``: set the label or a flag of a key of the user."""
    number, value = int(args[1]), args[2]
    return (
        yield from _changed(
            connection,
            "setAttribute",
            int(args[0]),
            lambda node, key: key_attributes.changed(key, number, value),
        )
    )


def share_key(connection: Connection, args: list[str]) -> Script:
    """``shareKey``: share a key of the user with another one, or no more."""
    user_id, share = int(args[1]), args[2] == "1"

    def shared(node: Node, key: KeyObject) -> KeyObject:
        user = node.hardware.user_by_id(user_id)
        if user.type is not UserType.CU or user.name == key.owner:
            raise HsmError(ReturnCode.INVALID_USER_TYPE)
        names = key.shared_with | {user.name} if share else key.shared_with - {user.name}
        return replace(key, shared_with=names)

    return (yield from _changed(connection, "shareKey", int(args[0]), shared, word=_of_a_share))


def _of_a_share(refusal: HsmError) -> str:
    unfit = (ReturnCode.USER_NOT_FOUND, ReturnCode.INVALID_USER_TYPE)
    return INVALID_INPUT if refusal.code in unfit else said(refusal)


def _changed(
    connection: Connection,
    command: str,
    handle: int,
    change: Callable[[Node, KeyObject], KeyObject],
    *,
    word: Callable[[HsmError], str] = said,
) -> Script:
    if (yield from confirmed(connection)):
        return 1

    def on(node: Node) -> Undo:
        session = connection.session(node)
        session.store_key(change(node, session.own_key(handle)))
        return nothing_to_undo

    wording = Change(
        command,
        f"{command} failed on server {{server}}",
        "",
        f"{command} success on server {{server}}",
    )
    return (yield from made(connection, wording, on, word=word))


def sync_key(connection: Connection, args: list[str]) -> Script:
    """``syncKey``: copy a key from this server to another one."""
    destination = connection.node(int(args[1]))
    if destination is None:
        yield f"There is no server {args[1]}.\n"
        return 1
    try:
        key = connection.session(connection.targets[0]).extract_key(int(args[0]))
        connection.session(destination).insert_key(key)
    except HsmError as refusal:
        yield f"syncKey failed: {said(refusal)}\n"
        return 1
    yield "syncKey success\n"
    return 0
