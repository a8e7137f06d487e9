"""The commands of key_mgmt_util that delete and change keys."""

from __future__ import annotations

import argparse

from moto_cks.hsm import HsmError, ReturnCode, Session
from moto_cks.tools import key_attributes
from moto_cks.tools.key_mgmt_util.session import Connection
from moto_cks.tools.return_codes import RESULTS, SUCCESS
from moto_cks.tools.session import Question, Script

VALUE = Question("          Enter the boolean attribute value (0 or 1):")


def delete(connection: Connection, args: argparse.Namespace) -> Script:
    """``deleteKey``: delete a key of the user from every HSM."""
    nodes = connection.on_each(lambda session: session.delete_key(args.k))
    missing = RESULTS[ReturnCode.KEY_NOT_FOUND]
    refusal = next((result for result in nodes.values() if result is not missing), None)
    words = connection.words
    if SUCCESS in nodes.values():
        yield words.returned(args.call, SUCCESS) + words.cluster_status(nodes)
        return 0
    if refusal is None:
        yield words.returned(words.undeleted, missing) + words.cluster_status(nodes)
    else:
        yield words.returned(args.call, refusal)
    return 1


def set_attribute(connection: Connection, args: argparse.Namespace) -> Script:
    """``setAttribute``: turn a session key into a persistent one."""
    connection.client.key(args.o)
    yield "         This attribute is defined as a boolean value.\n"
    value = yield VALUE
    if value != "1":
        raise HsmError(ReturnCode.ATTRIBUTE_FIXED)

    def make_persistent(session: Session) -> None:
        session.store_key(key_attributes.persistent(session.own_key(args.o)))

    nodes = connection.on_each(make_persistent)
    result = next((o for o in nodes.values() if o is not SUCCESS), SUCCESS)
    yield connection.words.returned(args.call, result) + connection.words.cluster_status(nodes)
    return 0 if result is SUCCESS else 1
