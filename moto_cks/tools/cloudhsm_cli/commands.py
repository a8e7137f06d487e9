"""What the commands do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moto_cks.hsm import HsmError, KeyObject, ReturnCode, Session, UserType
from moto_cks.tools.cloudhsm_cli import coverage, key_attributes, policies
from moto_cks.tools.cloudhsm_cli.answers import CliError
from moto_cks.tools.cloudhsm_cli.arguments import Request
from moto_cks.tools.cloudhsm_cli.key_filters import matching
from moto_cks.tools.cloudhsm_cli.replication import replicate
from moto_cks.tools.cloudhsm_cli.session import Connection
from moto_cks.tools.cloudhsm_cli.shapes import Role

PAGE = 10
"""How many keys ``key list`` shows where ``--max-items`` does not say it."""


def _subject(request: Request) -> tuple[Role, str]:
    """The user that a command is about. The tool shows every name in lower case."""
    return Role(request.values["role"]), request.values["username"].lower()


def _named(role: str, username: str) -> dict[str, str]:
    return {"username": username, "role": role}


# The cluster and logins --------------------------------------------------------------------------


def activate(connection: Connection, request: Request, password: str) -> object:
    """``cluster activate``: set the first admin's password."""
    nodes = connection.nodes()
    if not any(user.type is UserType.PRECO for node in nodes for user in node.hardware.users):
        raise CliError("Cluster has already been activated")
    _require_possible(password)
    connection.fleet.hardware.activate(password)
    return "Cluster activation successful"


def log_in(connection: Connection, request: Request, password: str) -> object:
    role, username = _subject(request)
    account = connection.log_in(role, username, password)
    return _named(coverage.ROLES[account.type], username)


def log_out(connection: Connection, request: Request, password: str) -> object:
    connection.session()
    connection.log_out()
    return "Logout successful"


# Users -------------------------------------------------------------------------------------------


def list_users(connection: Connection, request: Request, password: str) -> object:
    return {"users": coverage.users(connection.nodes())}


def create_user(connection: Connection, request: Request, password: str) -> object:
    role, username = _subject(request)
    connection.session()
    _require_possible(password)
    user_type, name = connection.stored(role, username)
    connection.change(
        "User create",
        lambda session: session.create_user(user_type, name, password),
        done=ReturnCode.USER_EXISTS,
        approval=connection.approval(request),
    )
    return _named(role.value, username)


def delete_user(connection: Connection, request: Request, password: str) -> object:
    role, username = _subject(request)
    connection.session()
    account = connection.account(role, username)
    connection.change(
        "User delete",
        lambda session: session.delete_user(account.type, account.name),
        done=ReturnCode.USER_NOT_FOUND,
        approval=connection.approval(request),
    )
    return _named(role.value, username)


def change_password(connection: Connection, request: Request, password: str) -> object:
    """``user change-password``: an admin everybody's, everybody their own."""

    def change(session: Session, user_type: UserType, name: str) -> None:
        user = session.hsm.user(user_type, name)  # who activates the HSM is of another type then
        session.change_password(user_type, name, password)
        if request.flag("deregister-mfa"):
            user.two_factor = False
        if request.flag("deregister-quorum"):
            user.quorum_key = ""

    return _change_of_user(connection, request, password, change)


def change_mfa(connection: Connection, request: Request, password: str) -> object:
    """``user change-mfa token-sign --deregister``: no second factor, and another password."""

    def change(session: Session, user_type: UserType, name: str) -> None:
        session.deregister_second_factor(user_type, name, password)
        if request.flag("change-quorum"):
            session.hsm.user(user_type, name).quorum_key = ""

    return _change_of_user(connection, request, password, change)


def _change_of_user(
    connection: Connection,
    request: Request,
    password: str,
    change: Callable[[Session, UserType, str], None],
) -> object:
    """Change how a user logs in: an admin everybody, everybody themselves."""
    role, username = _subject(request)
    session = connection.session()
    account = connection.account(role, username)
    _require_possible(password)
    if connection.is_self(account):
        for one in session.sessions():
            change(one, account.type, account.name)
        session.remember(password)
    else:
        _require_admin(connection)
        for hsm in account.hsms:
            if any(hsm.sessions_of(hsm.user(account.type, account.name))):
                raise HsmError(ReturnCode.USER_LOGGED_IN)
        connection.change(
            f"User {request.command.path[1]}",
            lambda one: change(one, account.type, account.name),
            done=ReturnCode.USER_NOT_FOUND,
            approval=connection.approval(request),
        )
    return _named(role.value, username)


def _require_possible(password: str) -> None:
    """A colon is not possible: it would end the user name in ``CLOUDHSM_PIN``."""
    if ":" in password:
        raise CliError("Password must not contain ':'")


def _require_admin(connection: Connection) -> None:
    if connection.user().type is not UserType.CO:
        raise HsmError(ReturnCode.NOT_PERMITTED)


# Keys --------------------------------------------------------------------------------------------


def list_keys(connection: Connection, request: Request, password: str) -> object:
    """``key list``: the keys of a crypto user, or for an admin those of everybody."""
    nodes = connection.nodes()
    admin = connection.user().type is UserType.CO
    found = matching(_every_key(connection) if admin else _own_keys(connection), request.filters())
    start = request.number("starting-token")
    end = start + request.number("max-items", PAGE)
    verbose = request.flag("verbose") and not admin
    shown = [
        coverage.key_details(key, nodes) if verbose else coverage.key_summary(key)
        for key in found[start:end]
    ]
    answer = {
        "matched_keys": shown,
        "total_key_count": len(found),
        "returned_key_count": len(shown),
    }
    return {**answer, "next_token": str(end)} if end < len(found) else answer


def delete_key(connection: Connection, request: Request, password: str) -> object:
    """``key delete``: one key of the crypto user."""
    connection.session().delete_key(_the_key(connection, request).handle)
    return {"message": "Key deleted successfully"}


def set_attribute(connection: Connection, request: Request, password: str) -> object:
    """``key set-attribute``: label, id or a flag of one key of the crypto user."""
    name, value = request.values["name"], request.values["value"]
    handle = _the_key(connection, request).handle
    for session in connection.session().sessions():
        if session.holds(handle):
            key = session.own_key(handle)
            newer = connection.fleet.is_newer
            session.store_key(key_attributes.changed(key, name, value, newer=newer))
    return {"message": "Attribute set successfully"}


def _the_key(connection: Connection, request: Request) -> KeyObject:
    """The only key of the user that a command is about.

    Raises:
        HsmError: KEY_NOT_FOUND, NOT_LOGGED_IN, NOT_PERMITTED.
        CliError: there are more.
    """
    connection.nodes()
    found = matching(_own_keys(connection), request.filters())
    if not found:
        raise HsmError(ReturnCode.KEY_NOT_FOUND)
    if len(found) > 1:
        raise CliError(
            f"Key selection criteria matched {len(found)} keys. Refine selection criteria to "
            "select a single key."
        )
    return found[0]


def _own_keys(connection: Connection) -> list[KeyObject]:
    """The keys of the user, from all HSMs, by their handles."""
    found: dict[int, KeyObject] = {}
    for session in connection.session().sessions():
        found.update({handle: session.key(handle) for handle in session.find_keys()})
    return [found[handle] for handle in sorted(found)]


def _every_key(connection: Connection) -> list[KeyObject]:
    found: dict[int, KeyObject] = {}
    for node in connection.nodes():
        found.update(node.hardware.keys)
    return [found[handle] for handle in sorted(found)]


Handler = Callable[[Connection, Request, str], object]

HANDLERS: Mapping[tuple[str, ...], Handler] = {
    ("cluster", "activate"): activate,
    ("login",): log_in,
    ("logout",): log_out,
    ("user", "list"): list_users,
    ("user", "create"): create_user,
    ("user", "delete"): delete_user,
    ("user", "replicate"): replicate,
    ("user", "change-password"): change_password,
    ("user", "change-mfa", "token-sign"): change_mfa,
    ("key", "list"): list_keys,
    ("key", "delete"): delete_key,
    ("key", "set-attribute"): set_attribute,
    **policies.HANDLERS,
}
"""What carries out each command: it is given the connection, the request and the password."""
