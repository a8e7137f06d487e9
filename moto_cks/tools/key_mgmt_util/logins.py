"""The commands of key_mgmt_util on logins, users and return codes."""

from __future__ import annotations

import argparse

from moto_cks.hsm import HsmError, LoginRefused, ReturnCode, User, UserType
from moto_cks.tools.key_mgmt_util.session import Connection
from moto_cks.tools.return_codes import OUTDATED, RESULTS, SUCCESS
from moto_cks.tools.session import Question, Script

PASSWORD = Question("Enter password: ", hidden=True)

USERS_HEADER = (
    "        Index       User ID     User Type       User Name           MofnPubKey    "
    "LoginFailureCnt         2FA\n"
)


def log_in(connection: Connection, args: argparse.Namespace) -> Script:
    """``loginHSM``: log in on every HSM; only crypto users can."""
    password = args.p
    if args.hpswd:
        password = yield PASSWORD
        yield "\n"
    if args.u != UserType.CU.value:
        result = RESULTS[ReturnCode.INVALID_USER_TYPE]
        yield connection.words.returned(args.call, result, left=True)
        return 1
    try:
        nodes = connection.succeeded(connection.log_in(args.s, password))
        result = SUCCESS
    except LoginRefused as refusal:
        result = RESULTS[refusal.code]
        nodes = {
            connection.node_id(hsm_id): SUCCESS if code is None else RESULTS[code]
            for hsm_id, code in refusal.answers.items()
        }
    yield connection.words.returned(args.call, result, left=True)
    yield connection.words.cluster_status(nodes, left=True)
    return 0 if result is SUCCESS else 1


def log_out(connection: Connection, args: argparse.Namespace) -> Script:
    """``logoutHSM``: log out of every HSM."""
    try:
        sessions = connection.client.sessions()
    except HsmError as refusal:
        connection.log_out()
        yield connection.words.returned(args.call, RESULTS[refusal.code], left=True)
        return 1
    connection.log_out()
    nodes = connection.succeeded(sessions)
    yield connection.words.returned(args.call, SUCCESS, left=True)
    yield connection.words.cluster_status(nodes, left=True)
    return 0


def list_users(connection: Connection, args: argparse.Namespace) -> Script:
    """``listUsers``: the users of an HSM, which stands for all."""
    users = sorted(connection.client.sessions()[0].hsm.users, key=lambda user: user.id)
    yield f"\n        Number Of Users found {len(users)}\n\n{USERS_HEADER}"
    for index, user in enumerate(users, start=1):
        yield _row(index, user)
    yield connection.words.returned(args.call, SUCCESS)
    return 0


def _row(index: int, user: User) -> str:
    # Nobody has registered a key for quorum authentication (MofnPubKey), which comes with 2FA.
    second_factor = "YES" if user.two_factor else "NO"
    return (
        f"        {index:<8}{user.id:>10}      {user.type.value:<16}{user.name:<26}"
        f"{second_factor:<17}{user.login_failures:<16}{second_factor}\n"
    )


def error_to_string(connection: Connection, args: argparse.Namespace) -> Script:
    """``Error2String``: the text of a return code."""
    texts = {result.number: result.text for result in (SUCCESS, *RESULTS.values(), *OUTDATED)}
    text = texts.get(args.r, "an unknown error")
    yield f"\n        Error Code {args.r:x} maps to {text}\n"
    return 0
