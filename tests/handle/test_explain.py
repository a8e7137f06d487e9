"""``cks.explain``: each documented failure, from its cause."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest

from moto_cks.failures.repairs import REPAIRS
from moto_cks.failures.shapes import CLOUDHSM_GUIDE, GUIDE
from moto_cks.handle.protocols.explanation import Explanation
from tests.handle.causes import CAUSES, STRANGERS, TEMPORARY, WRONG, Scene
from tests.kms import connect, delete_hsms, disconnect

UNSEEN = {"subnets-in-one-zone", "cluster-not-related", "kmsuser-kept-by-kms", "quorum-needed"}
"""The failures that no key store shows that works: a cluster does, or only the call that fails, or
the command."""

LOST = {"key-material-lost", "key-deleted"}
"""Those that nothing mends."""

UNKNOWN = {
    *("new", "admin-password", "interface", "subnet-a", "subnet-b", "zone-a", "zone-b"),
    *("owner-password", "spare", "spare-hex"),
}
"""The placeholders that are not always filled in."""

DECIDING = ("now", "next-use")
ROTATED = re.compile(r"(?<![0-9A-Za-z/+-])[0-9A-Za-z]{32}(?![0-9A-Za-z/+-])")


def reason_for(explanation: Any, failure: str) -> Any:
    (found,) = [reason for reason in explanation.reasons if reason.failure == failure]
    return found


def test_every_failure_that_shows_is_brought_about() -> None:
    assert CAUSES.keys() | UNSEEN == REPAIRS.keys()


def test_nothing_is_wrong(scene: Scene) -> None:
    for subject in ("store", "key", "cluster"):
        explanation = scene.explain(subject)
        assert explanation
        assert explanation.reasons == ()
        assert " can be used." in str(explanation)
        assert "cannot" not in str(explanation)


@pytest.mark.parametrize("failure", CAUSES)
def test_a_failure(scene: Scene, failure: str) -> None:
    cause = CAUSES[failure]
    cause.act(scene)
    explanation = scene.explain(cause.subject)
    reason = reason_for(explanation, failure)
    assert (reason.cause, reason.error, reason.when) == (failure, cause.error, cause.when)
    assert reason.decides is (cause.when in DECIDING)
    assert reason.beyond_aws is cause.beyond_aws
    assert cause.what in reason.what
    assert dict(reason.facts) | cause.facts == dict(reason.facts)
    assert reason.page.startswith((f"{GUIDE}/", f"{CLOUDHSM_GUIDE}/"))
    assert bool(reason.steps) is (failure not in LOST)

    decided = [each for each in explanation.reasons if each.decides]
    assert bool(explanation) is explanation.usable is (not decided)
    assert len(decided) <= 1
    said = cause.what.split(". ")[0].strip()
    assert said[1:].rstrip(".;") in str(explanation)


@pytest.mark.parametrize("failure", CAUSES)
def test_json(scene: Scene, failure: str) -> None:
    CAUSES[failure].act(scene)
    for subject in ("store", "key", "cluster"):
        with contextlib.suppress(KeyError):  # a cluster is deleted
            explanation = scene.explain(subject)
            shown = json.loads(json.dumps(explanation.to_dict()))
            assert Explanation.from_dict(shown) == explanation
            assert str(Explanation.from_dict(shown)) == str(explanation) == shown["text"]
            assert bool(Explanation.from_dict(shown)) is bool(explanation)


@pytest.mark.parametrize("failure", CAUSES)
def test_p7_no_password_shows(scene: Scene, failure: str) -> None:
    CAUSES[failure].act(scene)
    for subject in ("store", "key", "cluster"):
        with contextlib.suppress(KeyError):
            explanation = scene.explain(subject)
            for text in (str(explanation), repr(explanation), json.dumps(explanation.to_dict())):
                # Of the commands it is the documented example, which anybody can read.
                without = text.replace(f"password {TEMPORARY}", "").replace(
                    f"kmsuser {TEMPORARY}", ""
                )
                without = without.replace(f"-p {TEMPORARY}", "").replace(f'"{TEMPORARY}"', "")
                without = without.replace(f'\\"{TEMPORARY}\\"', "")
                for secret in (TEMPORARY, STRANGERS, WRONG, "kmsPswd1", "adminPswd1"):
                    assert secret not in without
                assert ROTATED.findall(without) == []


@pytest.mark.parametrize("failure", CAUSES)
def test_the_commands_are_filled_in(scene: Scene, failure: str) -> None:
    cause = CAUSES[failure]
    cause.act(scene)
    reason = reason_for(scene.explain(cause.subject), failure)
    assert [step.number for step in reason.steps] == [*range(1, len(reason.steps) + 1)]
    for step in reason.steps:
        assert step.text.endswith(".")
        for command in step.commands:
            assert set(re.findall(r"<([a-z-]+)>", command)) <= UNKNOWN
            tool = command.partition(" ")[0]
            assert tool in ("aws", "cloudhsm_mgmt_util:", "key_mgmt_util:", "cloudhsm-cli:")


NO_RECONNECT = {
    *("all-hsms-deleted", "hsm-ports-closed", "mtls-enforced", "one-hsm-left"),
    *("migration-under-way", "cluster-full"),
}


@pytest.mark.parametrize("failure", CAUSES)
def test_the_steps_begin_where_things_are(scene: Scene, failure: str) -> None:
    """What is disconnected is not disconnected again, and what has failed is disconnected first."""
    cause = CAUSES[failure]
    cause.act(scene)
    explanation = scene.explain(cause.subject)
    names = [step.name for step in reason_for(explanation, failure).steps]
    state = explanation.state["ConnectionState"]
    assert "look" not in names
    if failure in NO_RECONNECT:
        assert names != []
        assert not {"disconnect", "connect"} & set(names)
    if state == "DISCONNECTED":
        assert "disconnect" not in names
    if state == "FAILED":
        assert names.index("disconnect") < names.index("connect")


# Looking changes nothing --------------------------------------------------------------------------


def login_failures(scene: Scene) -> list[int]:
    try:
        hsms = scene.cluster.hsms
    except KeyError:
        return []
    return [user.login_failures for hsm in hsms for user in hsm.users]


def shown(scene: Scene) -> list[Any]:
    """What AWS shows of the key store and the key."""
    found = [scene.user.state()]
    with contextlib.suppress(scene.kms.exceptions.NotFoundException):
        found.append(scene.kms.describe_key(KeyId=scene.user.key_id)["KeyMetadata"])
    return found


@pytest.mark.parametrize("failure", CAUSES)
def test_looking_changes_nothing(scene: Scene, failure: str) -> None:
    CAUSES[failure].act(scene)
    before = shown(scene), login_failures(scene)
    happened = len(scene.world.timeline), len(scene.world.trail.events())
    said = []
    for _ in range(3):
        for subject in ("store", "key", "cluster"):
            with contextlib.suppress(KeyError):
                said.append(scene.explain(subject).to_dict())
    assert (len(scene.world.timeline), len(scene.world.trail.events())) == happened
    assert (shown(scene), login_failures(scene)) == before
    third = len(said) // 3
    assert third >= 1
    assert said[:third] == said[third : 2 * third] == said[2 * third :]


def test_f3_looking_marks_no_key(scene: Scene) -> None:
    scene.cluster.delete_key(scene.handle)
    for _ in range(3):
        assert not scene.explain("key")
    assert scene.kms.describe_key(KeyId=scene.user.key_id)["KeyMetadata"]["KeyState"] == "Enabled"


@pytest.mark.parametrize("operation", ["ConnectCustomKeyStore", "CreateKey"])
def test_a_call_on_a_key_store_that_will_fail(scene: Scene, operation: str) -> None:
    scene.world.faults.fail(f"kms:{operation}", "KMSInternalException", times=3)
    scene.world.faults.fail("kms:ListKeys", "KMSInternalException")  # is of no key store
    (told,) = scene.explain("store").reasons
    assert (told.cause, told.error, told.when) == (
        "injected-failure",
        "KMSInternalException",
        "next-call",
    )
    assert told.facts == {"operation": operation, "times": 3}


def test_looking_uses_up_no_fault(scene: Scene) -> None:
    faults = scene.world.faults
    faults.pkcs11_sessions_exhausted(scene.cluster.id, times=2)
    faults.connection_error("INTERNAL_ERROR", times=2, key_store=scene.store_id)
    faults.fail("Encrypt", "DependencyTimeoutException", times=2)
    for _ in range(3):
        facts = {reason.cause: reason.facts for reason in scene.explain("store").reasons}
        assert facts["pkcs11-sessions-exhausted"]["times"] == 2
        assert facts["internal-error"]["times"] == 2
        (call,) = (r for r in scene.explain("key").reasons if r.cause == "injected-failure")
        assert (call.error, call.when, call.failure) == (
            "DependencyTimeoutException",
            "next-call",
            None,
        )
        assert call.facts == {"operation": "Encrypt", "times": 2}


def test_c1_looking_does_not_count_as_a_description(scene: Scene) -> None:
    scene.user.disconnect()
    scene.transition("cks::connection", progression="manual", times=1)
    connect(scene.user.store)
    for _ in range(3):
        assert scene.explain("store").state == {"ConnectionState": "CONNECTING"}
    scene.user.state()
    assert scene.user.state() == ("CONNECTED", None)
    assert scene.explain("store")


def test_n3_looking_takes_nothing_of_the_quota(scene: Scene) -> None:
    with scene.world.faults.throttle(1):
        for _ in range(3):
            assert scene.explain("key")
        scene.user.encrypt()
        for subject in ("store", "key"):
            assert reason_for(scene.explain(subject), "request-quota-exceeded").decides
        scene.world.clock.advance(seconds=1)
        assert scene.explain("key")


def test_what_has_fallen_due_is_done_before(scene: Scene, noon: Any) -> None:
    """As before every call: a test may have moved the time by another tool."""
    CAUSES["slow-connection"].act(scene)
    noon.tick(901)
    assert scene.explain("store")
    assert scene.user.state() == ("CONNECTED", None)


# What was foreseen comes --------------------------------------------------------------------------

AHEAD = [
    failure
    for failure, cause in CAUSES.items()
    if cause.subject == "store" and cause.when == "now" and cause.error.isupper()
]
ONCE = {"internal-error", "network-errors"}
"""What was injected for one attempt."""


@pytest.mark.parametrize("failure", AHEAD)
def test_c5_what_the_next_attempt_ends_in_is_foreseen(scene: Scene, failure: str) -> None:
    CAUSES[failure].act(scene)
    scene.user.disconnect()
    ahead = [r for r in scene.explain("store").reasons if r.when == "next-connect"]
    foreseen = ahead[0].error if ahead else None
    assert bool(ahead) is (failure not in ONCE)
    try:
        _, came = scene.user.connect()
    except scene.kms.exceptions.ClientError as error:
        came = error.response["Error"]["Code"]
    assert came == foreseen


def test_c5_the_error_of_a_failed_attempt_is_kept_after_the_cause_is_mended(scene: Scene) -> None:
    CAUSES["user-locked-out"].act(scene)
    scene.cluster.change_password("CU", "kmsuser", STRANGERS)
    first, second = scene.explain("store").reasons
    assert (first.failure, first.decides, first.facts["mended"]) == ("user-locked-out", True, True)
    assert first.what == "What KMS came upon is not there any more."
    assert [step.name for step in first.steps] == ["disconnect", "connect"]
    assert (second.failure, second.when) == ("invalid-credentials", "next-connect")
    scene.user.disconnect()
    scene.tell(KeyStorePassword=STRANGERS)
    (only,) = scene.explain("store").reasons
    assert only.failure == "store-disconnected"
    assert scene.user.connect() == ("CONNECTED", None)


def test_p4_the_attempts_that_are_left(scene: Scene) -> None:
    CAUSES["invalid-credentials"].act(scene)
    for left in (4, 3, 2, 1):
        reason = reason_for(scene.explain("store"), "invalid-credentials")
        attempts = "attempt locks" if left == 1 else "attempts lock"
        assert reason.what.endswith(f" {left} more failed {attempts} kmsuser.")
        scene.user.reconnect()
    explanation = scene.explain("store")
    assert scene.user.state() == ("FAILED", "INVALID_CREDENTIALS")
    assert [(r.failure, r.when) for r in explanation.reasons] == [
        ("invalid-credentials", "now"),
        ("user-locked-out", "next-connect"),
    ]
    assert "more failed" not in str(explanation)
    assert scene.user.reconnect() == ("FAILED", "USER_LOCKED_OUT")


# When it came about -----------------------------------------------------------------------------


def test_since_when(scene: Scene) -> None:
    scene.world.clock.advance(days=1)
    disconnect(scene.user.store)
    moment = scene.world.clock.now()
    scene.world.clock.advance(minutes=7)
    reason = reason_for(scene.explain("store"), "store-disconnected")
    assert reason.since == moment
    assert reason.to_dict()["since"] == "2030-01-02T12:00:00Z"
    assert reason.what == "It was disconnected 7 minutes ago."


def test_a_key_store_that_has_never_been_connected(world: Any) -> None:
    store = world.create_key_store(connect=False)
    reason = reason_for(world.explain(store), "store-disconnected")
    assert reason.what == "It has not been connected yet."
    assert reason.facts["ever_connected"] is False


def test_p3_the_password_that_kms_was_told(scene: Scene) -> None:
    scene.user.disconnect()
    scene.cluster.change_password("CU", "kmsuser", TEMPORARY)
    scene.world.clock.advance(hours=5)
    scene.tell(KeyStorePassword=WRONG)
    scene.user.connect()
    scene.world.clock.advance(minutes=1)
    reason = reason_for(scene.explain("store"), "invalid-credentials")
    assert reason.what.startswith(
        "KMS holds the password it was told 1 minute ago; kmsuser's was set 5 hours ago by "
        "CO admin on 2 of 2 HSMs."
    )
    assert reason.facts["known_since"] == "2030-01-01T17:00:00Z"
    assert reason.facts["changed"] == "2030-01-01T12:00:00Z"
    assert reason.to_dict()["since"] == "2030-01-01T17:00:00Z"


def test_backups_carry_along_when_the_password_was_set(scene: Scene) -> None:
    CAUSES["restored-from-old-backup"].act(scene)
    reason = reason_for(scene.explain("store"), "restored-from-old-backup")
    assert reason.facts["changed"] == "2030-01-01T12:00:00Z"
    assert reason.facts["known_since"] == "2030-01-01T13:00:00Z"


def test_f4_an_hsm_that_does_not_let_kms_in(scene: Scene) -> None:
    """The HSMs are there, but KMS is logged in to none of them."""
    old = scene.cluster.hsms
    scene.wrong_logins(hsms=[old[0]])
    zone = old[0].availability_zone
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster.id, AvailabilityZone=zone)
    for hsm in old:
        scene.cloudhsm.delete_hsm(ClusterId=scene.cluster.id, HsmId=hsm.id)
    explanation = scene.explain("store")
    decides = explanation.reasons[0]
    assert (decides.failure, decides.error, decides.when) == (
        "user-locked-out",
        "KMSInvalidStateException",
        "now",
    )
    assert decides.facts["hsms"] == [hsm.id for hsm in scene.cluster.hsms]
    with pytest.raises(scene.kms.exceptions.KMSInvalidStateException):
        scene.user.encrypt()


def test_f4_one_hsm_is_enough_to_be_used(scene: Scene) -> None:
    delete_hsms(scene.cluster)
    assert not scene.explain("key")
    (step,) = scene.explain("store").reasons[0].steps
    where = step.commands[0].rpartition(" ")[2]
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster.id, AvailabilityZone=where)
    assert scene.explain("key")
    assert [reason.failure for reason in scene.explain("store").reasons] == ["one-hsm-left"]
