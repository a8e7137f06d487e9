"""What the commands do that are about quorum and mutual TLS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from moto_cks.hsm import ReturnCode
from moto_cks.hsm.policies import Service
from moto_cks.hsm.quorum import DATA_LENGTH, Approval
from moto_cks.hsm.trust_anchors import checked_trust_anchor
from moto_cks.tools.cloudhsm_cli import coverage
from moto_cks.tools.cloudhsm_cli.answers import CliError
from moto_cks.tools.cloudhsm_cli.arguments import Request
from moto_cks.tools.cloudhsm_cli.policy_grammar import CLUSTER_LEVEL, NONE, REGISTRATION
from moto_cks.tools.cloudhsm_cli.session import Connection
from moto_cks.tools.cloudhsm_cli.token_files import (
    read_registration,
    unsigned,
    unsigned_registration,
)

NOT_ON_HSM1 = "Operation is not supported on hsm1.medium"


def _require_mtls(connection: Connection) -> None:
    if not connection.fleet.is_newer:
        raise CliError(NOT_ON_HSM1)


# Mutual TLS --------------------------------------------------------------------------------------


def list_trust_anchors(connection: Connection, request: Request, password: str) -> object:
    """``cluster mtls list-trust-anchors``; nobody has to be logged in."""
    _require_mtls(connection)
    return {"trust_anchors": coverage.trust_anchors(connection.nodes())}


def register_trust_anchor(connection: Connection, request: Request, password: str) -> object:
    """``cluster mtls register-trust-anchor``; again, where it has not reached all HSMs."""
    _require_mtls(connection)
    nodes = connection.nodes()
    anchor = checked_trust_anchor(connection.read(request.values["path"]))
    registered = {
        n: pem for node in nodes for n, pem in node.hardware.policies.trust_anchors.items()
    }
    known = (number for number, pem in registered.items() if pem == anchor)
    free = (number for number in range(1, len(registered) + 2) if number not in registered)
    reference = next(known, None) or next(free)
    connection.change(
        "Trust anchor registration",
        lambda session: session.register_trust_anchor(reference, anchor),
        done=ReturnCode.TRUST_ANCHOR_EXISTS,
        approval=connection.approval(request),
    )
    shown = coverage.trust_anchors(connection.nodes())
    return {"trust_anchor": next(each for each in shown if each["certificate"] == anchor)}


def deregister_trust_anchor(connection: Connection, request: Request, password: str) -> object:
    """``cluster mtls deregister-trust-anchor``."""
    _require_mtls(connection)
    reference = request.number("certificate-reference")
    connection.change(
        "Trust anchor deregistration",
        lambda session: session.deregister_trust_anchor(reference),
        done=ReturnCode.TRUST_ANCHOR_NOT_FOUND,
        approval=connection.approval(request),
    )
    name = coverage.certificate_reference(reference)
    return {"message": f"Trust anchor with reference {name} deregistered successfully"}


def get_enforcement(connection: Connection, request: Request, password: str) -> object:
    """``cluster mtls get-enforcement``."""
    _require_mtls(connection)
    connection.user()
    enforced = {node.hardware.policies.mtls_enforced for node in connection.nodes()}
    levels = (CLUSTER_LEVEL if each else NONE for each in enforced)
    return {"mtls-enforcement-level": coverage.agreed(levels)}


def set_enforcement(connection: Connection, request: Request, password: str) -> object:
    """``cluster mtls set-enforcement``."""
    _require_mtls(connection)
    level = request.values["level"]
    connection.change(
        "Mtls enforcement",
        lambda session: session.set_mtls_enforcement(level == CLUSTER_LEVEL),
        approval=connection.approval(request),
    )
    return {"message": f"Mtls enforcement level set to {level.capitalize()} successfully"}


# Quorum ------------------------------------------------------------------------------------------


def generate_token(connection: Connection, request: Request, password: str) -> object:
    """``quorum token-sign generate``: write a token file that waits for signatures."""
    service, path = request.values["service"], request.values["token"]
    connection.user()
    if service == REGISTRATION:
        connection.write(path, unsigned_registration(Approval(os.urandom(DATA_LENGTH))))
    else:
        token = Approval(b"".join(_tokens(connection, _service(connection, service))))
        connection.write(path, unsigned(service, token))
    return {"path": path}


def _tokens(connection: Connection, service: Service) -> Iterable[bytes]:
    made: list[bytes] = []
    connection.change("Token generation", lambda one: made.append(one.new_quorum_token(service)))
    return made


def _service(connection: Connection, word: str) -> Service:
    service = Service(word)
    if service is Service.CLUSTER:
        _require_mtls(connection)
    return service


def list_tokens(connection: Connection, request: Request, password: str) -> object:
    """``quorum token-sign list``: the tokens of all officers."""
    connection.user()
    return {"tokens": coverage.tokens(connection.nodes())}


def delete_tokens(connection: Connection, request: Request, password: str) -> object:
    """``quorum token-sign delete``."""
    of_all = request.values["scope"] == "all"
    connection.change("Token deletion", lambda one: one.delete_quorum_tokens(of_all=of_all))
    return "Deletion of quorum token(s) successful"


def list_quorum_values(connection: Connection, request: Request, password: str) -> object:
    """``quorum token-sign list-quorum-values``; nobody has to be logged in."""
    nodes = connection.nodes()
    values = {
        service.value: {node.hardware.policies.quorum_value(service) for node in nodes}
        for service in Service
        if service is not Service.CLUSTER or connection.fleet.is_newer
    }
    return {
        service: found.pop() if len(found) == 1 else coverage.INCONSISTENT
        for service, found in values.items()
    }


def set_quorum_value(connection: Connection, request: Request, password: str) -> object:
    """``quorum token-sign set-quorum-value``."""
    service, value = _service(connection, request.values["service"]), request.number("value")
    connection.change(
        "Quorum value",
        lambda session: session.set_quorum_value(service, value),
        approval=connection.approval(request),
    )
    return "Set quorum value successful"


def register_key(connection: Connection, request: Request, password: str) -> object:
    """``user change-quorum token-sign register``: one's own key."""
    public_key = connection.read(request.values["public-key"])
    proof = read_registration(connection.read(request.values["signed-token"]))
    connection.change(
        "User registration", lambda session: session.register_quorum_key(public_key, proof)
    )
    user = connection.user()
    return {"username": user.name.lower(), "role": coverage.ROLES[user.type]}


Handler = Callable[[Connection, Request, str], object]

HANDLERS: Mapping[tuple[str, ...], Handler] = {
    ("cluster", "mtls", "deregister-trust-anchor"): deregister_trust_anchor,
    ("cluster", "mtls", "get-enforcement"): get_enforcement,
    ("cluster", "mtls", "list-trust-anchors"): list_trust_anchors,
    ("cluster", "mtls", "register-trust-anchor"): register_trust_anchor,
    ("cluster", "mtls", "set-enforcement"): set_enforcement,
    ("quorum", "token-sign", "delete"): delete_tokens,
    ("quorum", "token-sign", "generate"): generate_token,
    ("quorum", "token-sign", "list"): list_tokens,
    ("quorum", "token-sign", "list-quorum-values"): list_quorum_values,
    ("quorum", "token-sign", "set-quorum-value"): set_quorum_value,
    ("user", "change-quorum", "token-sign", "register"): register_key,
}
"""What carries out each of these commands."""
