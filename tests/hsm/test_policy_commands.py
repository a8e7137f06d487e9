"""What officers set for one HSM: quorum authentication and mutual TLS, and what is refused when."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from moto_cks.hsm import Hsm, HsmCluster, ReturnCode, Session, Snapshot, UserType
from moto_cks.hsm.policies import Service
from moto_cks.hsm.quorum import Approval, QuorumToken, is_signed
from tests.certificates import Identity
from tests.moments import NOON

from .conftest import ADMIN_PASSWORD, PASSWORD
from .world import Watch, refused


@pytest.fixture
def hsm(snapshot: Snapshot, watch: Watch) -> Hsm:
    """An HSM with a clock, and the officers admin, bob and carol."""
    hsm = HsmCluster("cluster-1", now=watch).add_hsm("hsm-1", snapshot)
    for name in ("bob", "carol"):
        hsm.officer_session().create_user(UserType.CO, name, PASSWORD)
    return hsm


def log_in(hsm: Hsm, name: str = "admin") -> Session:
    return hsm.login(UserType.CO, name, ADMIN_PASSWORD if name == "admin" else PASSWORD)


@functools.cache
def key_of(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    made: bytes = key.public_key().public_bytes(serialization.Encoding.PEM, form)
    return made.decode()


def sign(key: rsa.RSAPrivateKey, digest: bytes) -> bytes:
    return key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))


def approval(data: bytes, *names: str) -> Approval:
    """What these officers have signed."""
    digest = Approval(data).digest
    return Approval(data, tuple((name, sign(key_of(name), digest)) for name in names))


@pytest.fixture
def admin(hsm: Hsm) -> Session:
    """The user admin; all officers have registered their keys."""
    for name in ("admin", "bob", "carol"):
        session = log_in(hsm, name)
        session.register_quorum_key(public(key_of(name)), approval(b"proof", name))
        session.logout()
    return log_in(hsm)


# Quorum values -----------------------------------------------------------------------------------


@pytest.mark.parametrize("officers", [3, 9])
def test_w7_a_quorum_is_one_to_eight_and_no_more_than_there_are_officers(
    hsm: Hsm, officers: int
) -> None:
    for number in range(officers - 3):
        hsm.officer_session().create_user(UserType.CO, f"officer{number}", PASSWORD)
    everybody = hsm.officer_session()
    most = min(officers, 8)
    for value in (-1, 0, most + 1, officers + 1):
        with refused(ReturnCode.INVALID_QUORUM_VALUE):
            everybody.set_quorum_value(Service.USER, value)
    for value in range(1, most + 1):
        everybody.set_quorum_value(Service.USER, value)
        assert hsm.policies.quorum_value(Service.USER) == value


def test_w7_each_service_has_a_quorum_of_its_own(hsm: Hsm) -> None:
    for value, service in enumerate((Service.QUORUM, Service.USER), start=2):
        hsm.officer_session().set_quorum_value(service, value)
    values = {service.value: hsm.policies.quorum_value(service) for service in Service}
    assert values == {"user": 3, "quorum": 2, "cluster": 1}


# Tokens and approvals ----------------------------------------------------------------------------

GUARDED: dict[Service, Callable[[Session], object]] = {
    Service.USER: lambda officer: officer.delete_user(UserType.CU, "kmsuser"),
    Service.QUORUM: lambda officer: officer.set_quorum_value(Service.USER, 3),
    Service.CLUSTER: lambda officer: officer.register_trust_anchor(1, ROOT.pem),
}
ROOT = Identity("root")


@pytest.mark.parametrize("service", Service)
def test_w7_a_service_needs_its_quorum_with_its_own_token(
    hsm: Hsm, admin: Session, service: Service
) -> None:
    for each in Service:
        hsm.officer_session().set_quorum_value(each, 2)
    tokens = {each: admin.new_quorum_token(each) for each in Service}
    command = GUARDED[service]
    with refused(ReturnCode.QUORUM_NEEDED):
        command(admin)
    for other in tokens.keys() - {service}:
        with (
            refused(ReturnCode.QUORUM_NEEDED),
            admin.approved(approval(tokens[other], "admin", "bob")),
        ):
            command(admin)
    with admin.approved(None), refused(ReturnCode.QUORUM_NEEDED):
        command(admin)
    assert [token.service for token in hsm.tokens] == list(Service)  # nothing has used one up
    with admin.approved(approval(tokens[service], "admin", "bob")):
        command(admin)
    assert [token.service for token in hsm.tokens] == [s for s in Service if s is not service]
    assert admin.approvals == []


ENOUGH: dict[str, tuple[tuple[str, ...], bool]] = {
    "as many as needed": (("bob", "carol"), True),
    "more": (("admin", "bob", "carol"), True),
    "one's own counts": (("admin", "bob"), True),
    "one": (("bob",), False),
    "none": ((), False),
    "one twice": (("bob", "bob"), False),
}


@pytest.mark.parametrize(("names", "enough"), ENOUGH.values(), ids=ENOUGH)
def test_w7_so_many_officers_have_to_sign(
    hsm: Hsm, admin: Session, names: tuple[str, ...], enough: bool
) -> None:
    hsm.officer_session().set_quorum_value(Service.USER, 2)
    signed = approval(admin.new_quorum_token(Service.USER), *names)
    with admin.approved(signed):
        if enough:
            admin.create_user(UserType.CU, "dave", PASSWORD)
        else:
            with refused(ReturnCode.QUORUM_NEEDED):
                admin.create_user(UserType.CU, "dave", PASSWORD)


def test_w7_signatures_of_others_or_of_something_else_do_not_count(
    hsm: Hsm, admin: Session
) -> None:
    hsm.officer_session().set_quorum_value(Service.USER, 2)
    data = admin.new_quorum_token(Service.USER)
    good = approval(data, "admin", "bob").signatures
    other = approval(b"something else", "bob").signatures[0]
    for second in (
        ("bob", good[0][1]),  # the signature of somebody else
        ("nobody", good[1][1]),
        ("kmsuser", good[1][1]),
        other,
    ):
        with (
            refused(ReturnCode.QUORUM_NEEDED),
            admin.approved(Approval(data, (good[0], second))),
        ):
            admin.create_user(UserType.CU, "dave", PASSWORD)
    with admin.approved(Approval(data, (good[0], ("BOB", good[1][1])))):
        admin.create_user(UserType.CU, "dave", PASSWORD)


def test_w7_a_token_is_of_one_login_and_ends_with_it(hsm: Hsm, admin: Session) -> None:
    hsm.officer_session().set_quorum_value(Service.USER, 2)
    signed = approval(admin.new_quorum_token(Service.USER), "admin", "bob")
    again, bob = log_in(hsm), log_in(hsm, "bob")
    for other in (again, bob):
        with refused(ReturnCode.QUORUM_NEEDED), other.approved(signed):
            other.create_user(UserType.CU, "dave", PASSWORD)
    with refused(ReturnCode.QUORUM_TOKEN_EXISTS):
        again.new_quorum_token(Service.USER)
    theirs = bob.new_quorum_token(Service.USER)
    admin.logout()
    assert [token.data for token in hsm.tokens] == [theirs]
    again.new_quorum_token(Service.USER)


def test_w7_a_token_lives_ten_minutes(hsm: Hsm, admin: Session, watch: Watch) -> None:
    hsm.officer_session().set_quorum_value(Service.USER, 2)
    signed = approval(admin.new_quorum_token(Service.USER), "admin", "bob")
    (token,) = hsm.tokens
    assert (token.service, token.username, token.session_id, token.until) == (
        Service.USER,
        "admin",
        admin.id,
        NOON + timedelta(minutes=10),
    )
    assert len(token.data) == 32
    watch.time = NOON + timedelta(minutes=10) - timedelta.resolution
    with refused(ReturnCode.QUORUM_TOKEN_EXISTS):
        admin.new_quorum_token(Service.USER)
    watch.time = NOON + timedelta(minutes=10)
    with refused(ReturnCode.QUORUM_NEEDED), admin.approved(signed):
        admin.create_user(UserType.CU, "dave", PASSWORD)
    newer = admin.new_quorum_token(Service.USER)
    assert [each.data for each in hsm.tokens] == [newer]
    watch.time += timedelta(minutes=10) - timedelta.resolution
    with admin.approved(approval(newer, "admin", "bob")):
        admin.create_user(UserType.CU, "dave", PASSWORD)


@pytest.mark.parametrize(("until", "now"), [(None, NOON), (NOON, None), (None, None)])
def test_w7_without_a_clock_a_token_lives_for_ever(
    until: datetime | None, now: datetime | None
) -> None:
    assert QuorumToken(Service.USER, "admin", "session-1", until).lives(now)


def test_w7_without_a_clock_tokens_are_made_and_used(cluster: HsmCluster) -> None:
    hsm = cluster.hsms["hsm-1"]
    hsm.officer_session().create_user(UserType.CO, "bob", PASSWORD)
    hsm.officer_session().set_quorum_value(Service.USER, 2)
    log_in(hsm).new_quorum_token(Service.USER)
    assert [token.until for token in hsm.tokens] == [None]


def test_w7_where_no_quorum_is_set_there_are_no_tokens(hsm: Hsm, admin: Session) -> None:
    hsm.officer_session().set_quorum_value(Service.QUORUM, 2)
    with refused(ReturnCode.NO_QUORUM_SET):
        admin.new_quorum_token(Service.USER)
    admin.new_quorum_token(Service.QUORUM)


@pytest.mark.parametrize(("of_all", "left"), [(False, ["bob"]), (True, [])])
def test_w7_tokens_are_deleted(hsm: Hsm, admin: Session, of_all: bool, left: list[str]) -> None:
    for service in (Service.USER, Service.QUORUM):
        hsm.officer_session().set_quorum_value(service, 2)
        admin.new_quorum_token(service)
    log_in(hsm, "bob").new_quorum_token(Service.USER)
    admin.delete_quorum_tokens(of_all=of_all)
    assert [token.username for token in hsm.tokens] == left


def test_w7_a_token_that_nothing_came_of_can_be_used_again(hsm: Hsm, admin: Session) -> None:
    hsm.officer_session().set_quorum_value(Service.USER, 2)
    signed = approval(admin.new_quorum_token(Service.USER), "admin", "bob")
    with refused(ReturnCode.USER_NOT_FOUND), admin.approved(signed):
        admin.delete_user(UserType.CU, "nobody")
    assert admin.approvals == []
    with admin.approved(signed):
        admin.delete_user(UserType.CU, "kmsuser")
    assert hsm.tokens == []


# The keys of officers ----------------------------------------------------------------------------


def test_w7_a_key_is_registered_by_who_has_it(hsm: Hsm) -> None:
    session = log_in(hsm)
    proof = approval(b"proof", "admin")
    for wrong in (
        Approval(b"proof"),
        Approval(b"another", proof.signatures),
        approval(b"proof", "bob"),
    ):
        with refused(ReturnCode.SIGNATURE_INVALID):
            session.register_quorum_key(public(key_of("admin")), wrong)
    assert session.user.quorum_key == ""
    session.register_quorum_key(public(key_of("admin")), proof)
    assert session.user.quorum_key == public(key_of("admin"))


UNKNOWN = "-----BEGIN PUBLIC KEY-----\nMAowBAYCKgMDAgAA\n-----END PUBLIC KEY-----\n"
"""A key of the algorithm 1.2.3."""


def test_w7_it_is_an_rsa_key_of_2048_bits() -> None:
    digest = Approval(b"proof").digest
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    signed_by_curve = curve.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    good = sign(key_of("admin"), digest)
    assert is_signed(public(key_of("admin")), digest, good) is True
    for key, signature in (
        (public(small), sign(small, digest)),
        (public(curve), signed_by_curve),
        ("", good),
        ("garbage", good),
        (UNKNOWN, good),
        (public(key_of("bob")), good),
    ):
        assert is_signed(key, digest, signature) is False


def test_p7_approvals_and_tokens_show_neither_data_nor_signatures() -> None:
    signed = Approval(b"the data", (("admin", b"the signature"),))
    assert repr(signed) == "Approval()"
    token = QuorumToken(Service.USER, "admin", "session-1", None, b"the data")
    assert "the data" not in repr(token)
    assert repr(token).endswith("username='admin', session_id='session-1', until=None)")


# Mutual TLS --------------------------------------------------------------------------------------


@pytest.fixture
def known(hsm: Hsm) -> Iterator[Session]:
    """The user admin over a connection for which a trust anchor vouches."""
    hsm.officer_session().register_trust_anchor(1, ROOT.pem)
    session = log_in(hsm)
    session.voucher = hsm.admit(Identity("client", ROOT).chain)
    assert session.voucher == 1
    yield session
    session.logout()


def test_w8_which_trust_anchors_are_registered(hsm: Hsm) -> None:
    officer = log_in(hsm, "carol")
    second = Identity("second")
    officer.register_trust_anchor(1, f"the first\n{ROOT.pem}")
    with refused(ReturnCode.INVALID_TRUST_ANCHOR):
        officer.register_trust_anchor(2, "garbage")
    with refused(ReturnCode.TRUST_ANCHOR_EXISTS):
        officer.register_trust_anchor(2, ROOT.pem)
    with refused(ReturnCode.TOO_MANY_TRUST_ANCHORS):
        officer.register_trust_anchor(1, second.pem)
    officer.register_trust_anchor(2, second.pem)
    with refused(ReturnCode.TOO_MANY_TRUST_ANCHORS):
        officer.register_trust_anchor(3, Identity("third").pem)
    with refused(ReturnCode.TRUST_ANCHOR_EXISTS):
        officer.register_trust_anchor(3, second.pem)
    assert hsm.policies.trust_anchors == {1: ROOT.pem, 2: second.pem}
    with refused(ReturnCode.TRUST_ANCHOR_NOT_FOUND):
        officer.deregister_trust_anchor(3)
    officer.deregister_trust_anchor(1)
    assert hsm.policies.trust_anchors == {2: second.pem}


def test_w8_whom_a_trust_anchor_has_vouched_for_goes_with_it(hsm: Hsm, known: Session) -> None:
    officer = log_in(hsm, "bob")
    other = Identity("other")
    officer.register_trust_anchor(2, other.pem)
    second = log_in(hsm)
    second.voucher = hsm.admit(Identity("client", other).chain)
    assert second.voucher == 2
    officer.deregister_trust_anchor(1)
    assert (known.open, second.open, officer.open) == (False, True, True)


def test_w8_who_may_set_the_enforcement(hsm: Hsm, known: Session) -> None:
    bob = log_in(hsm, "bob")
    bob.voucher = known.voucher
    plain = log_in(hsm)
    for enforced in (True, False):
        with refused(ReturnCode.NOT_PERMITTED):
            bob.set_mtls_enforcement(enforced)
        with refused(ReturnCode.MTLS_NEEDED):
            plain.set_mtls_enforcement(enforced)
        hsm.officer_session().set_mtls_enforcement(enforced)  # all officers together
        assert hsm.policies.mtls_enforced is enforced
        bob.voucher = known.voucher
        plain = log_in(hsm)
    hsm.officer_session().set_quorum_value(Service.CLUSTER, 2)
    with refused(ReturnCode.QUORUM_NEEDED):
        known.set_mtls_enforcement(True)
    hsm.officer_session().set_quorum_value(Service.CLUSTER, 1)
    known.set_mtls_enforcement(True)
    assert known.open


def test_w8_nothing_is_enforced_where_no_trust_anchor_is(hsm: Hsm) -> None:
    officers = hsm.officer_session()
    with refused(ReturnCode.NO_TRUST_ANCHOR):
        officers.set_mtls_enforcement(True)
    assert not hsm.policies.mtls_enforced
    officers.set_mtls_enforcement(False)


def test_w8_whom_an_hsm_lets_in(hsm: Hsm, known: Session) -> None:
    client, stranger = Identity("client", ROOT).chain, Identity("stranger").chain
    plain = log_in(hsm, "bob")
    for certificate, reference in (("", None), (stranger, None), (client, 1)):
        assert hsm.admits(certificate)
        assert hsm.admit(certificate) == reference
    hsm.enforce_mtls(True)
    assert (known.open, plain.open) == (True, False)
    for certificate in ("", stranger):
        assert not hsm.admits(certificate)
        with refused(ReturnCode.NO_HSM):
            hsm.admit(certificate)
    assert hsm.admits(client)
    assert hsm.admit(client) == 1


def test_w8_who_was_kept_out_hears_that_everybody_is_let_in_again(hsm: Hsm, known: Session) -> None:
    told: list[Hsm] = []
    hsm.on_readmission = told.append
    hsm.enforce_mtls(False)  # as it was
    hsm.enforce_mtls(True)
    assert told == []
    hsm.enforce_mtls(False)
    assert told == [hsm]
    hsm.on_readmission = None
    hsm.enforce_mtls(True)
    hsm.enforce_mtls(False)
    assert hsm.admits("")


# Who may -----------------------------------------------------------------------------------------

COMMANDS: dict[str, Callable[[Session], object]] = {
    "register a key": lambda one: one.register_quorum_key("", Approval(b"")),
    "make a token": lambda one: one.new_quorum_token(Service.USER),
    "delete tokens": lambda one: one.delete_quorum_tokens(of_all=True),
    "set a quorum value": lambda one: one.set_quorum_value(Service.USER, 1),
    "register a trust anchor": lambda one: one.register_trust_anchor(1, ""),
    "deregister a trust anchor": lambda one: one.deregister_trust_anchor(1),
    "set the enforcement": lambda one: one.set_mtls_enforcement(True),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_w7_w8_y18_only_officers_who_are_logged_in_and_not_with_limited_writes(
    hsm: Hsm, command: Callable[[Session], object]
) -> None:
    user = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    with refused(ReturnCode.NOT_PERMITTED):
        command(user)
    officer = log_in(hsm)
    hsm.condition.limited_writes = True
    with refused(ReturnCode.LIMITED_WRITES):
        command(officer)
    officer.logout()
    with refused(ReturnCode.NOT_LOGGED_IN):
        command(officer)
