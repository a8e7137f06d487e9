"""``user replicate``: a user goes to a clone of the cluster.

AWS CloudHSM User Guide: "Replicate a user with CloudHSM CLI" and "AWS CloudHSM Client SDK 5 user
replicate failures".
"""

from __future__ import annotations

from moto_cks.hsm import HsmError, ReturnCode, Session, User, UserType
from moto_cks.tools.cloudhsm_cli import coverage
from moto_cks.tools.cloudhsm_cli.answers import CliError
from moto_cks.tools.cloudhsm_cli.arguments import Request
from moto_cks.tools.cloudhsm_cli.session import Account, Connection
from moto_cks.tools.cloudhsm_cli.shapes import Role

INCONSISTENT = "Specified user is inconsistent across the cluster"


def replicate(connection: Connection, request: Request, password: str) -> object:
    """``user replicate``, by an admin who is logged in to both clusters."""
    role, username = Role(request.values["role"]), request.values["username"].lower()
    source = connection.peer(request.values["source-cluster-id"])
    destination = connection.peer(request.values["destination-cluster-id"])
    for side in (source, destination):
        if side.user().type is not UserType.CO:
            raise HsmError(ReturnCode.NOT_PERMITTED)
    account = source.account(role, username)
    if coverage.INCONSISTENT in str(_row(source, account)):
        raise CliError(INCONSISTENT)
    user = account.hsms[0].user(account.type, account.name).copy()
    older = source.fleet.is_newer and not destination.fleet.is_newer
    failed = sum(older or not _put(session, user) for session in _sessions(destination))
    if failed:
        of = len(_sessions(destination))
        raise CliError(f"User replicate failed on {failed} of {of} connections")
    shown = _row(destination, account)
    return {"user": shown, "message": "Successfully replicated user"}


def _sessions(connection: Connection) -> list[Session]:
    return connection.session().sessions()


def _put(session: Session, user: User) -> bool:
    """Put a user into an HSM, unless that has another one of this name."""
    types = (UserType.CO, UserType.CU)
    found = (session.hsm.find_user(user_type, user.name) for user_type in types)
    if any(each is not None and _attributes(each) != _attributes(user) for each in found):
        return False
    try:
        session.insert_user(user)
    except HsmError:
        return False
    return True


def _attributes(user: User) -> tuple[object, ...]:
    """What has to be the same on both sides."""
    return user.type, user.locked, bool(user.quorum_key), user.two_factor


def _row(connection: Connection, account: Account) -> dict[str, object]:
    """The user as ``user list`` shows it."""
    name = account.name.lower()
    users = coverage.users(connection.nodes())
    return next(
        user
        for user in users
        if user["username"] == name
        and user["role"] in (coverage.ROLES[account.type], coverage.INCONSISTENT)
    )
