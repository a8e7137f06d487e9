"""Connecting, each connection error from its cause, and its repair (X11 to X18, X45)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from tests.aws import OTHER_REGION, error_of
from tests.kms.keystores.external import SECRET, Owner, credential

CONNECTED = ("CONNECTED", None)


def test_x11_the_answer_comes_at_once(owner: Owner, transition: Any, world: Any) -> None:
    owner.disconnect()
    owner.proxy.stop()
    transition("cks::connection", progression="time", seconds=300)
    owner.kms.connect_custom_key_store(CustomKeyStoreId=owner.store.id)
    assert owner.state() == ("CONNECTING", None)
    world.clock.advance(minutes=5)
    assert owner.state() == ("FAILED", "XKS_PROXY_NOT_REACHABLE")


def test_x11_only_the_state_refuses(owner: Owner) -> None:
    owner.proxy.stop()
    owner.reconnect()
    connect = owner.kms.connect_custom_key_store
    code, _ = error_of(connect, CustomKeyStoreId=owner.store.id)
    assert code == "CustomKeyStoreInvalidStateException"


def test_x12_the_attempt_has_the_request_id_of_the_call(
    owner: Owner, transition: Any, world: Any
) -> None:
    owner.disconnect()
    transition("cks::connection", progression="time", seconds=300)
    answer = owner.kms.connect_custom_key_store(CustomKeyStoreId=owner.store.id)
    asked = len(owner.asked())
    world.clock.advance(minutes=5)
    entry = owner.proxy.log[asked]
    assert entry.api == "GetHealthStatus"
    assert entry.metadata == {
        "kmsOperation": "ConnectCustomKeyStore",
        "kmsRequestId": answer["ResponseMetadata"]["RequestId"],
    }


def test_x13_connected_says_only_that_a_connection_succeeded(owner: Owner) -> None:
    proxy = owner.proxy
    with proxy.stop():
        owner.why_not()
        assert owner.state() == CONNECTED
    proxy.certificate.renew(days=-1)
    owner.why_not()
    assert owner.state() == CONNECTED
    proxy.certificate.renew()
    proxy.credentials.rotate()
    owner.why_not()
    assert owner.state() == CONNECTED


def test_x14_x45_who_is_not_connected_is_asked_nothing(owner: Owner, world: Any) -> None:
    owner.disconnect()
    asked = owner.asked()
    world.clock.advance(days=1)
    assert owner.asked() == asked
    owner.proxy.certificate.renew(days=-1)
    assert owner.connect()[0] == "FAILED"
    asked = owner.asked()
    world.clock.advance(days=1)
    assert owner.asked() == asked


def test_x15_failed_has_to_be_disconnected_first(owner: Owner) -> None:
    owner.proxy.stop()
    owner.reconnect()
    owner.proxy.start()
    code, _ = error_of(owner.kms.connect_custom_key_store, CustomKeyStoreId=owner.store.id)
    assert code == "CustomKeyStoreInvalidStateException"
    owner.disconnect()
    assert owner.connect() == CONNECTED


# Each code, from its cause ------------------------------------------------------------------------


class Failure(NamedTuple):
    """A connection failure: its code, what brings it about, and what mends it."""

    code: str
    cause: Callable[[Owner], object]
    mend: Callable[[Owner], object]


def renewed(owner: Owner) -> None:
    owner.proxy.certificate.renew()


def retold(owner: Owner) -> None:
    """Tell KMS the credential that the proxy has."""
    owner.update(XksProxyAuthenticationCredential=credential(owner.proxy))


def moved(owner: Owner) -> None:
    owner.update(XksProxyUriPath=owner.proxy.path)


def unavailable(owner: Owner) -> None:
    for instance in owner.proxy.instances:
        instance.health = "UNAVAILABLE"


def available(owner: Owner) -> None:
    owner.proxy.instances[0].health = "DEGRADED"


def of_another_host(owner: Owner) -> None:
    owner.proxy.certificate.renew(cn="other.example.com", san=["other.example.com"])


def with_access_denied(owner: Owner) -> None:
    owner.proxy.authorization.apply_to_health_checks = True
    owner.proxy.authorization.deny(operation="ConnectCustomKeyStore")


def undone(cause: Callable[[Owner], Any]) -> tuple[Callable[[Owner], Any], Callable[[Owner], Any]]:
    """A cause that is taken back."""
    causes: list[Any] = []
    return lambda owner: causes.append(cause(owner)), lambda owner: causes.pop().undo()


MTLS = undone(
    lambda owner: owner.proxy.require_client_certificate(
        ca=owner.proxy.certificate.authority.certificate, subject=None
    )
)
FAILURES = {
    "x17.1 credential rotated": Failure(
        "INVALID_CREDENTIALS", lambda owner: owner.proxy.credentials.rotate(), retold
    ),
    "x17.1 clock off": Failure(
        "INVALID_CREDENTIALS", *undone(lambda owner: owner.proxy.clock_skew(400))
    ),
    "x17.1 host rewritten": Failure(
        "INVALID_CREDENTIALS", *undone(lambda owner: owner.proxy.reverse_proxy(host="inner"))
    ),
    "x17.2 access denied": Failure(
        "XKS_PROXY_ACCESS_DENIED",
        with_access_denied,
        lambda owner: owner.proxy.authorization.clear(),
    ),
    "x17.3 path moved": Failure(
        "XKS_PROXY_INVALID_CONFIGURATION", lambda owner: owner.proxy.move("/moved"), moved
    ),
    "x17.4 bad gateway": Failure(
        "XKS_PROXY_INVALID_RESPONSE",
        *undone(lambda owner: owner.proxy.reverse_proxy(bad_gateway=True)),
    ),
    "x17.4 not implemented": Failure(
        "XKS_PROXY_INVALID_RESPONSE",
        *undone(lambda owner: owner.proxy.unsupported("GetHealthStatus")),
    ),
    "x17.5 certificate expired": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        lambda owner: owner.proxy.certificate.renew(days=-1, starts=-90),
        renewed,
    ),
    "x17.5 certificate not yet valid": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        lambda owner: owner.proxy.certificate.renew(starts=1),
        renewed,
    ),
    "x17.5 certificate of another host": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION", of_another_host, renewed
    ),
    "x17.5 certificate of an unknown CA": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        lambda owner: owner.proxy.certificate.renew(issuer="unknown"),
        renewed,
    ),
    "x17.5 certificate signed by itself": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        lambda owner: owner.proxy.certificate.renew(issuer="self"),
        renewed,
    ),
    "x17.5 chain missing": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        lambda owner: owner.proxy.certificate.renew(chain=False),
        renewed,
    ),
    "x17.5 old TLS": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        *undone(lambda owner: owner.proxy.tls(minimum="TLSv1.1", maximum="TLSv1.1")),
    ),
    "x17.5 no common suite": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        *undone(lambda owner: owner.proxy.tls(maximum="TLSv1.2", ciphers="ECDHE-ECDSA-AES128-SHA")),
    ),
    "x17.5 plain HTTP": Failure(
        "XKS_PROXY_INVALID_TLS_CONFIGURATION", *undone(lambda owner: owner.proxy.plain_http())
    ),
    "x17.5 client certificate of another CA": Failure("XKS_PROXY_INVALID_TLS_CONFIGURATION", *MTLS),
    "x17.6 stopped": Failure("XKS_PROXY_NOT_REACHABLE", *undone(lambda owner: owner.proxy.stop())),
    "x17.6 no instance": Failure("XKS_PROXY_NOT_REACHABLE", unavailable, available),
    "x17.7 slow": Failure("XKS_PROXY_TIMED_OUT", *undone(lambda owner: owner.proxy.latency(0.3))),
    "x17.7 slow handshake": Failure(
        "XKS_PROXY_TIMED_OUT", *undone(lambda owner: owner.proxy.latency(0.3, api="handshake"))
    ),
    "x17.9 cut": Failure("NETWORK_ERRORS", *undone(lambda owner: owner.proxy.cut_connections())),
}


@pytest.mark.parametrize("name", FAILURES)
def test_x17_1_x17_2_x17_3_x17_4_x17_5_x17_6_x17_7_x17_9_x73_each_code_and_its_repair(
    owner: Owner, world: Any, name: str
) -> None:
    failure = FAILURES[name]
    owner.disconnect()
    failure.cause(owner)
    assert owner.connect() == ("FAILED", failure.code)
    for subject in (owner.store, owner.key_id):
        reason = world.explain(subject).reasons[0]
        assert reason.error == failure.code
        assert owner.proxy.host in str(world.explain(subject)) or failure.code == "NETWORK_ERRORS"
        names = [step.name for step in reason.steps]
        assert (names[0], names[-1]) == ("disconnect", "connect")
        assert reason.page.startswith("https://docs.aws.amazon.com/kms/latest/developerguide/")
    owner.disconnect()
    assert owner.state() == ("DISCONNECTED", None)
    failure.mend(owner)
    assert owner.connect() == CONNECTED
    assert owner.works()


def test_x17_no_code_is_left_out() -> None:
    from moto_cks.kms.keystores.external.outcomes import ExternalErrorCode  # noqa: PLC0415

    codes = {failure.code for failure in FAILURES.values()}
    codes |= {code.value for code in ExternalErrorCode if code.startswith("XKS_VPC")}  # X17.8
    assert codes == {*(code.value for code in ExternalErrorCode), "NETWORK_ERRORS"}


def test_x17_6_an_endpoint_that_nobody_has(owner: Owner, world: Any) -> None:
    """Nothing is contacted: there is no such host."""
    moved = world.xks_proxy("other.example.com")
    owner.disconnect()
    owner.update(
        XksProxyUriEndpoint=moved.endpoint, XksProxyAuthenticationCredential=credential(moved)
    )
    moved.stop()
    assert owner.connect() == ("FAILED", "XKS_PROXY_NOT_REACHABLE")


@pytest.mark.parametrize("code", ["INTERNAL_ERROR", "NETWORK_ERRORS"])
def test_x17_9_what_has_no_cause_is_injected(owner: Owner, world: Any, code: str) -> None:
    world.faults.connection_error(code, key_store=owner.store)
    assert owner.reconnect() == ("FAILED", code)
    assert owner.reconnect() == CONNECTED


def test_x18_one_instance_is_enough(world: Any) -> None:
    proxy = world.xks_proxy(instances=["one", "two", "three"])
    proxy.instances[0].health = "UNAVAILABLE"
    proxy.instances[1].health = "UNAVAILABLE"
    proxy.instances[2].health = "DEGRADED"
    owner = Owner(world.create_external_key_store(proxy=proxy))
    assert owner.state() == CONNECTED


# mTLS and TLS -------------------------------------------------------------------------------------


def test_x42_kms_shows_its_certificate(owner: Owner, world: Any) -> None:
    amazon = world.xks_client_ca()
    with owner.proxy.require_client_certificate(
        ca=amazon, subject="cks.kms.us-east-1.amazonaws.com"
    ):
        assert owner.works()
    with owner.proxy.require_client_certificate(
        ca=amazon, subject=f"cks.kms.{OTHER_REGION}.amazonaws.com"
    ):
        assert "cannot establish a TLS connection" in owner.why_not()
    assert owner.works()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_x41_tls_1_2_and_1_3(owner: Owner, version: str) -> None:
    with owner.proxy.tls(minimum=version, maximum=version):
        assert owner.works()


def test_x41_names(owner: Owner) -> None:
    renew = owner.proxy.certificate.renew
    for names in (["*.example.com"], ["a.example.org", "xks.example.com"]):
        renew(san=names)
        assert owner.works(), names
    renew(san=[], cn="xks.example.com")
    assert owner.works()
    for names in (["*.com"], ["*.xks.example.com"], ["example.com"]):
        renew(san=names, cn="xks.example.com")
        assert "cannot establish a TLS connection" in owner.why_not(), names


# Health checks ------------------------------------------------------------------------------------


def checks(owner: Owner) -> list[Any]:
    return [e for e in owner.proxy.log if e.metadata["kmsOperation"] == "KmsHealthCheck"]


def test_x45_every_five_minutes(owner: Owner, world: Any) -> None:
    world.clock.advance(minutes=4)
    assert checks(owner) == []
    for number in range(1, 4):
        world.clock.advance(minutes=5)
        assert len(checks(owner)) == number
    assert {entry.api for entry in checks(owner)} == {"GetHealthStatus"}
    assert all(set(entry.metadata) == {"kmsOperation", "kmsRequestId"} for entry in checks(owner))


def test_x40_4_the_id_of_a_health_check_is_in_no_record(owner: Owner, world: Any) -> None:
    world.clock.advance(minutes=5)
    (entry,) = checks(owner)
    recorded = {event["requestID"] for event in world.trail.events()}
    assert entry.metadata["kmsRequestId"] not in recorded


def test_x45_once_however_far_the_clock_goes(owner: Owner, world: Any) -> None:
    world.clock.advance(days=30)
    assert len(checks(owner)) == 1
    world.clock.advance(minutes=4)
    assert len(checks(owner)) == 1
    world.clock.advance(minutes=1)
    assert len(checks(owner)) == 2
    assert checks(owner)[1].time - checks(owner)[0].time > timedelta(days=29)


def test_x45_what_comes_of_it_changes_nothing(owner: Owner, world: Any) -> None:
    with owner.proxy.stop():
        world.clock.advance(minutes=5)
        assert owner.state() == CONNECTED
    world.clock.advance(minutes=5)
    assert len(checks(owner)) == 1
    assert owner.works()


def test_x45_a_connection_has_one_of_them(owner: Owner, world: Any) -> None:
    for _ in range(3):
        owner.reconnect()
    world.clock.advance(minutes=5)
    assert len(checks(owner)) == 1


def test_x1_the_secret_that_a_proxy_does_not_understand(owner: Owner) -> None:
    owner.proxy.credentials.add("C" * 20, SECRET + "a" * 20)
    with owner.proxy.defect("long-secret-not-understood"):
        code, _ = owner.cannot_update(
            XksProxyAuthenticationCredential={
                "AccessKeyId": "C" * 20,
                "RawSecretAccessKey": SECRET + "a" * 20,
            }
        )
    assert code == "XksProxyIncorrectAuthenticationCredentialException"
