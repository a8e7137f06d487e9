"""The commands of cloudhsm_mgmt_util that show keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from moto_cks.hsm import EVERYBODY, Hsm, KeyObject
from moto_cks.tools import key_attributes
from moto_cks.tools.cloudhsm_mgmt_util.changes import answered, server
from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.key_users import users_of
from moto_cks.tools.nodes import Node
from moto_cks.tools.session import Script


def list_attributes(connection: Connection, args: list[str]) -> Script:
    """``listAttributes``: the constants for the attributes of keys."""
    yield "\nFollowing are the possible attribute values for getAttribute:\n\n"
    yield key_attributes.listing()
    return 0


def find_all_keys(connection: Connection, args: list[str]) -> Script:
    """``findAllKeys``: the keys that a user owns or shares on each server; of user 0, all."""
    user_id, with_hash = int(args[0]), args[1] == "1"

    def mark(node: Node, key: KeyObject) -> str:
        if user_id == EVERYBODY:
            return ""
        return "(o)" if key.owner == node.hardware.user_by_id(user_id).name else "(s)"

    def on(node: Node) -> str:
        found = connection.session(node).keys_of(user_id)
        shown = f"Keys on server {server(node)}:\nNumber of keys found {len(found)}\n"
        if found:
            shown += f"number of keys matched from start index 0::{len(found)}\n"
            shown += ",".join(f"{key.handle}{mark(node, key)}" for key in found) + "\n"
        if found and with_hash:
            shown += f"Key Hash:\n{_hash(node.hardware)}\n\n"
        after = "" if with_hash or node is connection.targets[-1] else "\n"
        return f"{shown}findAllKeys success on server {server(node)}\n{after}"

    return (yield from _printed_or_saved(connection, "findAllKeys", on, args[2:]))


def _hash(hsm: Hsm) -> str:
    """A hash of who owns and shares the keys of an HSM."""
    ownership = sorted(
        (key.handle, key.owner, sorted(key.shared_with)) for key in hsm.keys.values()
    )
    return hashlib.sha256(repr(ownership).encode()).hexdigest()


def get_attribute(connection: Connection, args: list[str]) -> Script:
    """``getAttribute``: one attribute of a key, or all (512), on each server."""
    handle, number = int(args[0]), int(args[1])

    def on(node: Node) -> str:
        shown = key_attributes.show(connection.session(node).key(handle), number)
        return f"\nAttribute Value on server {server(node)}:\n{shown.text}"

    return (yield from _printed_or_saved(connection, "getAttribute", on, args[2:]))


def get_key_info(connection: Connection, args: list[str]) -> Script:
    """``getKeyInfo``: who owns and who shares a key, on each server."""
    handle = int(args[0])

    def on(node: Node) -> str:
        key = connection.session(node).key(handle)
        shown = f"Key Info on server {server(node)}:\n\n        Token/Flash Key,\n\n"
        return shown + users_of(node.hardware, key)

    return (yield from _printed_or_saved(connection, "getKeyInfo", on, args[1:]))


def _printed_or_saved(
    connection: Connection, command: str, on: Callable[[Node], str], path: list[str]
) -> Script:
    if not path:
        return (yield from answered(connection, command, on))
    collected: list[str] = []

    def collect(node: Node) -> str:
        collected.append(on(node))
        return ""

    status = yield from answered(connection, command, collect)
    try:
        connection.save(path[0], "".join(collected))
    except OSError as error:
        yield f"Cannot write {path[0]}: {error.strerror}\n"
        return 1
    return status
