"""What ``cks.explain`` foresees of an external key store: what the proxy would answer now (X73)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Explanation, Reason
from moto_cks.world.journal import noted
from tests.aws import client
from tests.kms.keystores.external import Owner
from tests.kms.keystores.external.scripted import ScriptedProxy, over_tcp
from tests.kms.keystores.external.test_causes import CAUSES
from tests.whole import differences, whole_world

NOT_FORESEEN = {
    "slow handshake": "the connection that is kept has had its handshake",
    "key ID reassigned": "what was encrypted before is nobody's to try",
    "quota": "a copy of it is used up by one request, and what comes here are two",
}


def deciding(explanation: Explanation) -> Reason | None:
    """What keeps it from being used."""
    return next((reason for reason in explanation.reasons if reason.decides), None)


def fails(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError:
        return True
    return False


@pytest.mark.parametrize("name", [name for name in CAUSES if name not in NOT_FORESEEN])
def test_x73_what_is_foreseen_is_what_comes(owner: Owner, world: Any, name: str) -> None:
    """Of each cause: whether the key can be used, how connecting ends, and that nobody notices."""
    if CAUSES[name].slow:
        owner.proxy.latency(0.2)  # with that of the cause it is too much
    CAUSES[name].cause(owner.proxy)
    before, asked = whole_world(), len(owner.proxy.log)
    of_store, of_key = world.explain(owner.store), world.explain(owner.key_id)
    assert differences(before, whole_world()) == []
    assert len(owner.proxy.log) == asked

    reason = deciding(of_key)
    assert (reason is not None) == fails(lambda: owner.decrypt(owner.encrypt()))
    if reason is not None:
        assert (reason.error, reason.beyond_aws) == ("KMSInvalidStateException", True)
        assert "/developerguide/xks-troubleshooting.html#fix-" in reason.page
        assert reason.steps
        assert not {"disconnect", "connect"} & {step.name for step in reason.steps}

    told = [each.cause for each in of_store.reasons]
    state, code = owner.reconnect()
    assert told == ([] if code is None else [world.explain(owner.store).reasons[0].cause])
    assert (state == "FAILED") == bool(told)


def test_x73_what_is_told_of_a_proxy_that_is_stopped(owner: Owner, world: Any) -> None:
    with owner.proxy.stop():
        explanation = world.explain(owner.store)
        assert not explanation
        assert explanation.state["ConnectionState"] == "CONNECTED"
        (reason,) = explanation.reasons
        assert (reason.cause, reason.error) == (
            "xks-proxy-not-reachable",
            "KMSInvalidStateException",
        )
        assert "What KMS would come upon now: no TCP connection" in str(explanation)
        assert [step.name for step in reason.steps] == ["start-proxy"]
    assert world.explain(owner.store)


def test_x73_what_is_mended_before_anybody_connects(owner: Owner, world: Any) -> None:
    with owner.proxy.stop():
        owner.reconnect()
        assert "would come upon now: no TCP connection" in str(world.explain(owner.store))
    explanation = world.explain(owner.store)
    assert not explanation
    assert "is not there any more" in str(explanation)
    (reason,) = explanation.reasons
    assert [step.name for step in reason.steps] == ["disconnect", "connect"]


def test_x73_what_the_next_attempt_will_come_upon(owner: Owner, world: Any) -> None:
    owner.disconnect()
    owner.proxy.move("/moved")
    explanation = world.explain(owner.store)
    first, second = explanation.reasons
    assert (first.cause, second.error) == ("store-disconnected", "XKS_PROXY_INVALID_CONFIGURATION")
    assert second.when == "next-connect"
    assert [step.name for step in second.steps] == ["tell-path", "connect"]


def test_x73_x18_a_health_check_may_be_refused_where_keys_are_not(owner: Owner, world: Any) -> None:
    owner.proxy.authorization.apply_to_health_checks = True
    owner.proxy.authorization.deny(operation="ConnectCustomKeyStore")
    assert world.explain(owner.key_id)
    explanation = world.explain(owner.store)
    assert explanation
    (reason,) = explanation.reasons
    assert (reason.error, reason.when) == ("XKS_PROXY_ACCESS_DENIED", "next-connect")
    assert owner.works()


@pytest.mark.parametrize(
    ("change", "cause", "step"),
    [
        (lambda key: key.disable(), "xks-key-disabled", "enable-external-key"),
        (lambda key: key.delete(), "xks-key-not-found", "recover-external-key"),
        (lambda key: setattr(key, "usage", ["ENCRYPT"]), "xks-key-usage", "allow-uses"),
    ],
)
def test_x73_x26_why_an_external_key_cannot_be_used(
    owner: Owner, world: Any, change: Callable[[Any], Any], cause: str, step: str
) -> None:
    other = owner.store.create_key()
    change(owner.proxy.key("external-key-1"))
    explanation = world.explain(owner.key_id)
    assert not explanation
    assert explanation.state["KeyState"] == "Enabled"
    (reason,) = explanation.reasons
    assert (reason.cause, reason.when) == (cause, "next-use")
    assert "external-key-1" in reason.what
    assert [each.name for each in reason.steps] == [step]
    assert "external-key-1" in reason.steps[0].python
    assert world.explain(other)
    assert world.explain(owner.store)


def test_x73_the_account_is_denied_a_key_and_a_key_gives_other_bytes(
    owner: Owner, world: Any
) -> None:
    owner.proxy.authorization.deny(operation="Decrypt")
    (reason,) = world.explain(owner.key_id).reasons
    assert (reason.cause, [each.name for each in reason.steps]) == (
        "xks-key-access-denied",
        ["allow-users"],
    )
    owner.proxy.authorization.clear()
    with owner.proxy.defect("wrong-plaintext"):
        (reason,) = world.explain(owner.key_id).reasons
        assert reason.cause == "xks-wrong-bytes"
    assert world.explain(owner.key_id)


def test_x73_a_vpc_endpoint_service(world: Any) -> None:
    owner = Owner(world.create_external_key_store(connectivity="VPC_ENDPOINT_SERVICE"))
    ec2 = client("ec2")
    (service,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"], RemoveAllowedPrincipals=["cks.kms.us-east-1.amazonaws.com"]
    )
    (reason,) = world.explain(owner.store).reasons
    assert reason.cause == "xks-vpc-endpoint-service-not-found"
    assert "may not connect to it" in reason.what
    owner.why_not()


@pytest.fixture
def foreign(owner: Owner) -> Iterator[ScriptedProxy]:
    script = ScriptedProxy(owner.proxy)
    with over_tcp(owner.proxy.host, script):
        yield script


def test_x73_a_proxy_outside_of_the_world_is_not_asked(
    owner: Owner, world: Any, foreign: ScriptedProxy
) -> None:
    owner.proxy.credentials.rotate()
    for subject in (owner.store, owner.key_id):
        explanation = world.explain(subject)
        assert (bool(explanation), explanation.usable) == (False, None)
        (reason,) = explanation.reasons
        assert (reason.cause, reason.error, reason.when, reason.decides) == (
            "xks-proxy-not-asked",
            "",
            "unknown",
            False,
        )
        assert [step.name for step in reason.steps] == ["use-a-key"]
        assert "can be used is not known: the proxy at https://xks.example.com" in str(explanation)
        assert "To find out (xks-monitoring.html):" in str(explanation)
        assert "KMS asked it" in reason.what
    assert f"aws kms encrypt --key-id {owner.key_id}" in str(world.explain(owner.key_id))
    assert foreign.connections == 0
    owner.why_not()
    assert ": AuthenticationFailedException" in world.explain(owner.key_id).reasons[0].what
    asked = foreign.connections
    owner.kms.disable_key(KeyId=owner.key_id)
    disabled = world.explain(owner.key_id)
    assert disabled.usable is False
    assert "Whether it can be used when that is mended is not known" in str(disabled)
    assert [each.cause for each in disabled.reasons] == ["key-disabled", "xks-proxy-not-asked"]
    owner.kms.enable_key(KeyId=owner.key_id)
    assert foreign.connections == asked
    assert owner.reconnect() == ("FAILED", "INVALID_CREDENTIALS")
    (reason,) = world.explain(owner.store).reasons
    assert "What KMS came upon: AuthenticationFailedException" in str(world.explain(owner.store))
    assert [step.name for step in reason.steps] == ["disconnect", "tell-credential", "connect"]
    assert [entry["api"] for entry in foreign.log] == ["Encrypt", "GetHealthStatus"]


# All the facts ------------------------------------------------------------------------------------


def told(explanation: Explanation) -> list[tuple[str, str, str, dict[str, Any]]]:
    """All of the reasons: the cause, what it ends in, when, and the facts."""
    return [(r.cause, r.error, r.when, dict(r.facts)) for r in explanation.reasons]


def facts(owner: Owner, outcome: str, **more: Any) -> dict[str, Any]:
    """What there is to know of an outcome."""
    return {
        "outcome": outcome,
        "endpoint": "https://xks.example.com",
        "path": "/example/kms/xks/v1",
        "access_key_id": owner.proxy.credential.access_key_id,
        **more,
    }


MUTE, NEXT = "KMSInvalidStateException", "next-connect"


def test_x73_all_that_is_told_of_a_proxy(owner: Owner, world: Any) -> None:
    code, cause = "XKS_PROXY_NOT_REACHABLE", "xks-proxy-not-reachable"
    foreseen = facts(owner, "no TCP connection", foreseen=True)
    failed = {"store": owner.store.id, "name": owner.store.name, "state": "FAILED"}
    with owner.proxy.stop():
        now = (cause, MUTE, "now", {**foreseen, "reconnects": False})
        assert told(world.explain(owner.store)) == [now]
        owner.disconnect()
        _, ahead = told(world.explain(owner.store))
        assert ahead == (cause, code, NEXT, {**foreseen, "reconnects": True})
        owner.connect()
        assert told(world.explain(owner.store)) == [
            (cause, code, "now", {**failed, **foreseen, "reconnects": True})
        ]
    came = facts(owner, "no TCP connection", mended=True)
    assert told(world.explain(owner.store)) == [(cause, code, "now", {**failed, **came})]


def test_x73_all_that_is_told_of_a_connection_that_is_cut(owner: Owner, world: Any) -> None:
    outcome = "the connection is cut within the exchange"
    with owner.proxy.cut_connections():
        assert told(world.explain(owner.store)) == [
            (
                "xks-connection-cut",
                MUTE,
                "now",
                facts(owner, outcome, foreseen=True, reconnects=False),
            )
        ]


@pytest.mark.parametrize(
    ("condition", "usable"),
    [
        ({"principal": "arn:aws:iam::123456789012:root"}, False),
        ({"principal": "arn:aws:iam::123456789012:user/*"}, True),
        ({"operation": "Encrypt"}, False),
        ({"operation": "Decrypt"}, False),
        ({"operation": "GenerateDataKey"}, True),
        ({"key_arn": "own"}, False),
        ({"key_arn": "arn:aws:kms:us-east-1:123456789012:key/another"}, True),
        ({"external_key": "external-key-1"}, False),
        ({"external_key": "another"}, True),
    ],
    ids=str,
)
def test_x73_x54_whom_it_is_foreseen_for(
    owner: Owner, world: Any, condition: dict[str, str], usable: bool
) -> None:
    """The root user of the account, who encrypts with the key, and decrypts."""
    conditions = {name: owner.key_arn if v == "own" else v for name, v in condition.items()}
    owner.proxy.authorization.deny(**conditions)
    denied = facts(
        owner,
        "AccessDeniedException",
        foreseen=True,
        reconnects=False,
        external_key="external-key-1",
    )
    told_of_key = [] if usable else [("xks-key-access-denied", MUTE, "next-use", denied)]
    assert told(world.explain(owner.key_id)) == told_of_key


def test_x73_x18_what_is_foreseen_of_health_checks_alone(owner: Owner, world: Any) -> None:
    with owner.proxy.unsupported("GetHealthStatus"):
        assert world.explain(owner.key_id)
        assert told(world.explain(owner.store)) == [
            (
                "xks-proxy-invalid-response",
                "XKS_PROXY_INVALID_RESPONSE",
                NEXT,
                facts(owner, "UnsupportedOperationException", foreseen=True, reconnects=False),
            )
        ]


def test_x73_all_that_is_told_of_a_vpc_endpoint_service(world: Any) -> None:
    owner = Owner(world.create_external_key_store(connectivity="VPC_ENDPOINT_SERVICE"))
    ec2 = client("ec2")
    (service,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=service["ServiceId"], AcceptanceRequired=True
    )
    (cause, code, when, found) = told(world.explain(owner.store))[0]
    assert (cause, code, when) == (
        "xks-vpc-endpoint-service-invalid-configuration",
        MUTE,
        "now",
    )
    assert found == {
        **facts(owner, "The VPC endpoint service must not require acceptance"),
        "endpoint": owner.proxy.endpoint,
        "path": owner.proxy.path,
        "foreseen": True,
        "reconnects": False,
    }
    owner.disconnect()
    _, (cause, code, when, found) = told(world.explain(owner.store))
    assert (code, when) == ("XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION", NEXT)


def test_x73_all_that_is_told_of_a_proxy_that_is_not_asked(
    owner: Owner, world: Any, foreign: ScriptedProxy
) -> None:
    """When it was asked last, and what came of it; who asks about another one is not meant."""
    other = Owner(world.create_external_key_store("other", proxy=world.xks_proxy("b.example.com")))
    asked = {entry.subject: entry for entry in world.timeline.entries(kind="proxy")}
    other.encrypt()
    last = asked[owner.store.id]
    ((cause, code, when, found),) = told(world.explain(owner.store))
    assert (cause, code, when) == ("xks-proxy-not-asked", "", "unknown")
    assert found == {
        "endpoint": "https://xks.example.com",
        "asked": last.time.isoformat().replace("+00:00", "Z"),
        "came": last.what,
    }
    noted().clear()  # as in a world that was saved without
    ((*_, found),) = told(world.explain(owner.store))
    assert found == {"endpoint": "https://xks.example.com", "asked": None}
