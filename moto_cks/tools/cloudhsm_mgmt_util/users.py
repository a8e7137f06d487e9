"""The commands on users and logins of cloudhsm_mgmt_util."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial

from moto_cks.hsm import HsmError, ReturnCode, User, UserType
from moto_cks.tools.client_sdk import Wording
from moto_cks.tools.cloudhsm_mgmt_util.changes import (
    ROLL_BACK_OR_GO_ON,
    Change,
    Undo,
    answered,
    confirmed,
    made,
    nothing_to_undo,
    said,
    server,
)
from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.nodes import Node
from moto_cks.tools.return_codes import LOGGED_IN_USER, RESULTS, SUCCESS
from moto_cks.tools.session import Question, Script

USER_TYPES = {
    "CO": UserType.CO,
    "PCO": UserType.CO,
    "CU": UserType.CU,
    "AU": UserType.AU,
    "PRECO": UserType.PRECO,
    "preCO": UserType.PRECO,
}
"""The user types by the words for them, which are case-sensitive. A PCO is a CO."""

INVALID_TYPE = "Invalid user type. User types are CO, CU, PCO, PRECO and preCO.\n"

HIDDEN = "-hpswd"
PASSWORD = Question("Enter password: ", hidden=True)
PASSWORD_AGAIN = Question("Re-enter password: ", hidden=True)
NEW_PASSWORD = Question("Enter new password: ", hidden=True)
NEW_PASSWORD_AGAIN = Question("Re-enter new password: ", hidden=True)

USERS_HEADER = (
    "    User Id             User Type       User Name                          MofnPubKey    "
    "LoginFailureCnt         2FA\n"
)


@dataclass(frozen=True)
class Named:
    """The user that a command is about.

    Attributes:
        word: the user type as it was typed.
        name: the user name as it was typed.
    """

    word: str
    name: str

    @property
    def type(self) -> UserType:
        """The user type."""
        return USER_TYPES[self.word]

    def __str__(self) -> str:
        return f"{self.name}({self.word})"


# Logins --------------------------------------------------------------------------------------


def log_in(connection: Connection, args: list[str]) -> Script:
    """``loginHSM``: log in on every server, on each with its own outcome."""
    who = Named(args[0], args[1])
    if who.word not in USER_TYPES:
        yield INVALID_TYPE
        return 1
    password = args[2]
    if password == HIDDEN:
        password = yield PASSWORD
        yield "\n"

    def on(node: Node) -> str:
        connection.login(node, who.type, who.name, password)
        return f"loginHSM success on server {server(node)}\n"

    return (yield from answered(connection, "loginHSM", on))


def log_out(connection: Connection, args: list[str]) -> Script:
    """``logoutHSM``: log out of every server."""

    def on(node: Node) -> str:
        connection.logout(node)
        return f"logoutHSM success on server {server(node)}\n"

    yield "\n"
    return (yield from answered(connection, "logoutHSM", on))


# Users ---------------------------------------------------------------------------------------


def list_users(connection: Connection, args: list[str]) -> Script:
    """``listUsers``: the users of each server; nobody need be logged in."""

    def on(node: Node) -> str:
        if not connection.reaches(node):
            raise HsmError(ReturnCode.NO_HSM)
        users = sorted(node.hardware.users, key=lambda user: user.id)
        return (
            f"Users on server {server(node)}:\nNumber of users found:{len(users)}\n\n"
            + USERS_HEADER
            + "".join(map(_row, users))
        )

    return (yield from answered(connection, "listUsers", on))


def _row(user: User) -> str:
    # Nobody has registered a key for quorum authentication (MofnPubKey), which comes with 2FA.
    second_factor = "YES" if user.two_factor else "NO"
    return (
        f"{user.id:>10}{'':14}{user.type.value:<16}{user.name:<32}{second_factor:>11}"
        f"{user.login_failures:>16}{second_factor:>17}\n"
    )


def create_user(connection: Connection, args: list[str]) -> Script:
    """``createUser``: create a user on every server."""
    who = Named(args[0], args[1])
    change = Change(
        "createUser",
        "creating user on server {server} failed",
        f"Creating User {who} on {{nodes}} nodes\n",
        "createUser success on server {server}",
    )

    def on(node: Node, password: str) -> Undo:
        connection.session(node).create_user(who.type, who.name, password)
        return nothing_to_undo

    asked = (PASSWORD, PASSWORD_AGAIN)
    return (yield from _with_password(connection, who, args[2], asked, change, on))


def change_password(connection: Connection, args: list[str]) -> Script:
    """``changePswd``: change a password on every server; the precrypto officer's activates it."""
    who = Named(args[0], args[1])
    change = Change(
        "changePswd",
        "Changing password on node {server} failed",
        f"Changing password for {who} on {{nodes}} nodes\n",
        "changePswd success on server {server}",
    )

    def on(node: Node, password: str) -> Undo:
        connection.session(node).change_password(who.type, who.name, password)
        return nothing_to_undo

    asked = (NEW_PASSWORD, NEW_PASSWORD_AGAIN)
    return (yield from _with_password(connection, who, args[2], asked, change, on))


def _with_password(
    connection: Connection,
    who: Named,
    typed: str,
    asked: tuple[Question, Question],
    change: Change,
    on: Callable[[Node, str], Undo],
) -> Script:
    if who.word not in USER_TYPES:
        yield INVALID_TYPE
        return 1
    password = yield from _new_password(typed, asked)
    if password is None:
        yield "The passwords do not match.\n"
        return 1
    if (yield from confirmed(connection)):
        return 1
    return (yield from made(connection, change, lambda node: on(node, password), word=_of_a_user))


def _new_password(
    typed: str, asked: tuple[Question, Question]
) -> Generator[str | Question, str, str | None]:
    if typed != HIDDEN:
        return typed
    password = yield asked[0]
    again = yield asked[1]
    return password if again == password else None


def delete_user(connection: Connection, args: list[str]) -> Script:
    """``deleteUser``: delete a user from every server.

    On AWS's pages the tool does not ask before; scripts for later versions wait for the question.
    """
    who = Named(args[0], args[1])
    if who.word not in USER_TYPES:
        yield INVALID_TYPE
        return 1
    if connection.wording is Wording.SINCE_3_2 and (yield from confirmed(connection)):
        return 1
    change = Change(
        "deleteUser",
        "deleteUser failed on server {server}",
        f"Deleting user {who} on {{nodes}} nodes\n",
        "deleteUser success on server {server}",
        ROLL_BACK_OR_GO_ON,
    )

    def on(node: Node) -> Undo:
        session = connection.session(node)
        user = node.hardware.find_user(who.type, who.name)
        session.delete_user(who.type, who.name)
        assert user is not None  # it has just been deleted
        return partial(session.insert_user, user)

    return (yield from made(connection, change, on, word=_of_a_user))


def _of_a_user(refusal: HsmError) -> str:
    return LOGGED_IN_USER if refusal.code is ReturnCode.USER_LOGGED_IN else said(refusal)


def sync_user(connection: Connection, args: list[str]) -> Script:
    """``syncUser``: copy a user, with the password, from this server to another one."""
    source, destination = connection.targets[0], connection.node(int(args[1]))
    if destination is None:
        yield f"There is no server {args[1]}.\n"
        return 1
    step = "ExtractMaskedObject"
    try:
        user = connection.session(source).extract_user(int(args[0]))
        yield f"{step}: {SUCCESS.number:#x} !\n"
        step = "InsertMaskedObject"
        connection.session(destination).insert_user(user)
        yield f"{step}: {SUCCESS.number:#x} !\nsyncUser success\n"
    except HsmError as refusal:
        yield f"{step}: {RESULTS[refusal.code].number:#x} !\n"
        yield f"syncUser failed: {_of_a_user(refusal)}\n"
        return 1
    return 0
