"""The commands of key_mgmt_util that find and show keys."""

from __future__ import annotations

import argparse

from moto_cks.hsm import Hsm, KeyObject, Session
from moto_cks.tools import key_attributes
from moto_cks.tools.key_attributes import ALL, KEY_TYPES, SECRET_KEY_CLASS
from moto_cks.tools.key_mgmt_util.session import Connection
from moto_cks.tools.key_users import users_of
from moto_cks.tools.return_codes import SUCCESS
from moto_cks.tools.session import Script

SIZE_OF_ALL = 444
"""The size that the tool reports for all attributes of a symmetric key, in bytes."""

LISTED = (0, 1, 2, 3, 256, 260, 261, 262, 263, 264, 266, 355, 288, 289, 290, 353, 354, 371)
"""The attributes that ``listAttributes`` lists, in its order."""


def list_attributes(connection: Connection, args: argparse.Namespace) -> Script:
    """``listAttributes``: the constants for the attributes of keys."""
    yield "\nFollowing are the possible attribute values for getAttributes:\n\n"
    yield key_attributes.listing(LISTED)
    return 0


def find(connection: Connection, args: argparse.Namespace) -> Script:
    """``findKey``: the keys that the user may use and that have these attributes."""
    sessions = connection.client.sessions()
    session = sessions[0]
    found = [
        handle for handle in session.find_keys() if _matches(session, session.key(handle), args)
    ]
    words = connection.words
    yield words.found(found)
    yield words.cluster_status(connection.succeeded(sessions)) + words.returned(args.call, SUCCESS)
    return 0


def _matches(session: Session, key: KeyObject, args: argparse.Namespace) -> bool:
    wanted = (
        (args.c, SECRET_KEY_CLASS),
        (args.t, KEY_TYPES[key.template.key_type]),
        (args.l, key.label),
        (args.id, key.key_id),
        (args.sess, int(not key.template.token)),
        (args.kcv and args.kcv.lower().removeprefix("0x"), _check_value(key)),
        (args.m, None),  # symmetric keys have no modulus
    )
    return all(want in (None, have) for want, have in wanted) and all(
        _usable_by(session.hsm, key, user_id) for user_id in args.u or ()
    )


def _check_value(key: KeyObject) -> str | None:
    value = key.check_value()
    return None if value is None else value.hex()


def _usable_by(hsm: Hsm, key: KeyObject, user_id: int) -> bool:
    return any(user.id == user_id and key.usable_by(user.name) for user in hsm.users)


def find_single(connection: Connection, args: argparse.Namespace) -> Script:
    """``findSingleKey``: whether a key is on every HSM."""
    nodes = connection.on_each(lambda session: session.key(args.k))
    result = next((result for result in nodes.values() if result is not SUCCESS), SUCCESS)
    words = connection.words
    yield words.returned(args.call, result, left=True) + words.cluster_status(nodes)
    return 0 if result is SUCCESS else 1


def get_key_info(connection: Connection, args: argparse.Namespace) -> Script:
    """``getKeyInfo``: who owns and who shares a key."""
    key = connection.client.key(args.k)
    hsm = next(session.hsm for session in connection.client.sessions() if session.holds(args.k))
    yield f"{connection.words.returned(args.call, SUCCESS)}\n{users_of(hsm, key)}"
    return 0


def get_attribute(connection: Connection, args: argparse.Namespace) -> Script:
    """``getAttribute``: write an attribute of a key, or all (512), to a file."""
    shown = key_attributes.show(connection.client.key(args.o), args.a)
    try:
        connection.save(args.out, shown.text)
    except OSError as error:
        yield f"\n        Error: Cannot write {args.out}: {error.strerror}\n"
        return 1
    if args.a == ALL:
        yield f"\ngot all attributes of size {SIZE_OF_ALL} attr cnt {shown.count}\n"
    yield f"Attributes dumped into {args.out} file\n"
    if args.a == ALL:
        yield connection.words.returned(args.call, SUCCESS)
    return 0
