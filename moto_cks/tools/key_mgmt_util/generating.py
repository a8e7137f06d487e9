"""``genSymKey`` of key_mgmt_util."""

from __future__ import annotations

import argparse

from moto_cks.hsm import HsmError, KeyTemplate, ReturnCode, Session, UserType
from moto_cks.tools.key_attributes import KEY_TYPES
from moto_cks.tools.key_mgmt_util.grammar import UsageError
from moto_cks.tools.key_mgmt_util.session import Connection
from moto_cks.tools.return_codes import RESULTS, SUCCESS
from moto_cks.tools.session import Script

RC4 = 18
"""Not allowed on HSMs in FIPS mode."""

SIZES = {"AES": (16, 24, 32), "DES3": (24,), "GENERIC_SECRET": range(1, 3584)}
"""The sizes of each type of keys, in bytes."""


def generate(connection: Connection, args: argparse.Namespace) -> Script:
    """Generate a symmetric key in every HSM."""
    words, sessions = connection.words, connection.client.sessions()
    if args.t == RC4:
        lost = RESULTS[ReturnCode.NO_HSM]
        nodes = {connection.node_id(session.hsm.id): lost for session in sessions}
        yield words.returned(args.call, RESULTS[ReturnCode.POLICY_VIOLATED])
        yield words.cluster_status(nodes)
        return 1
    key_type = next(name for name, number in KEY_TYPES.items() if number == args.t)
    _check(args, key_type)
    key_id = args.id or ""
    if key_id and any(key.key_id == key_id for key in sessions[0].hsm.keys.values()):
        raise HsmError(ReturnCode.KEY_ID_EXISTS)
    if (args.min_srv or 0) > len(sessions):
        raise HsmError(ReturnCode.NO_HSM)
    handle = connection.client.generate_key(
        args.l,
        _template(args, key_type),
        key_id=key_id,
        shared_with=_shared_with(sessions[0], args.u or []),
    )
    yield words.returned(args.call, SUCCESS)
    yield words.line(f"Symmetric Key Created.  Key Handle: {handle}")
    if args.attest:
        yield words.line("Attestation Check : [PASS]")
    yield words.cluster_status(connection.succeeded(sessions))
    return 0


def _check(args: argparse.Namespace, key_type: str) -> None:
    if args.s not in SIZES[key_type]:
        raise UsageError(f"Key size (-s) {args.s} is not one of this key type.")
    if args.timeout is not None and args.min_srv is None:
        raise UsageError("Minimum number of servers (-min_srv) is missing.")
    if args.sess and args.u:
        raise UsageError("Session keys cannot be shared (-u).")
    if args.m_value:
        raise UsageError("Quorum authentication (-m_value) is not simulated.")


def _template(args: argparse.Namespace, key_type: str) -> KeyTemplate:
    usable = key_type != "GENERIC_SECRET"
    return KeyTemplate(
        key_type=key_type,
        value_length=args.s,
        token=not args.sess,
        extractable=not args.nex,
        encrypt=usable,
        decrypt=usable,
        wrap=usable,
        unwrap=usable,
    )


def _shared_with(session: Session, user_ids: list[int]) -> frozenset[str]:
    users = [session.hsm.user_by_id(user_id) for user_id in user_ids]
    if any(user.type is not UserType.CU or user is session.user for user in users):
        raise HsmError(ReturnCode.INVALID_USER_TYPE)
    return frozenset(user.name for user in users)
