"""The table of the documented failures, against AWS's page, the service models and itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from moto_cks import cks
from moto_cks.control.specification import document, validator
from moto_cks.failures.expectations import Seen
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.placeholders import placeholders
from moto_cks.failures.shapes import CLOUDHSM_GUIDE, GUIDE, Case, Failure, Need, Part, Since
from moto_cks.failures.table import FAILURES, SECTIONS
from moto_cks.kms.keystores.cloudhsm import checks
from moto_cks.kms.keystores.cloudhsm.connection_errors import CONNECTION_ERRORS
from moto_cks.kms.keystores.connection import ConnectionErrorCode, ConnectionState

ROOT = Path(__file__).parent.parent.parent

NAMES = [
    "store-disconnected",
    "deletion-pending-while-disconnected",
    "slow-connection",
    "key-material-deleted",
    "key-material-lost",
    "backup-deleted",
    "all-hsms-deleted",
    "cluster-deleted",
    "hsm-replaced",
    "pkcs11-sessions-exhausted",
    "one-hsm-left",
    "hsm-ports-closed",
    "cluster-unreachable",
    "request-quota-exceeded",
    "mtls-enforced",
    "cluster-not-active",
    "hsm-ports-closed-before-connecting",
    "subnets-in-one-zone",
    "cluster-not-related",
    "cluster-not-found",
    "insufficient-cloudhsm-hsms",
    "insufficient-free-addresses-in-subnet",
    "internal-error",
    "invalid-credentials",
    "network-errors",
    "network-acl-denies",
    "subnet-not-found",
    "user-locked-out",
    "user-logged-in",
    "user-not-found",
    "password-changed-on-one-hsm",
    "restored-from-old-backup",
    "kmsuser-second-factor",
    "kmsuser-kept-by-kms",
    "quorum-needed",
    "orphaned-key-material",
    "key-deleted",
    "migration-under-way",
    "cluster-full",
]

ANCHORS = {
    "fix-unavailable-cmks",
    "fix-cmk-failed",
    "fix-keystore-failed",
    "fix-keystore-communication",
    "fix-keystore-password",
    "fix-keystore-orphaned-key",
    "fix-keystore-recover-backing-key",
    "login-kmsuser-1",
    "login-kmsuser-2",
}
"""The sections of AWS's page."""

EACH = pytest.mark.parametrize("failure", FAILURES.values(), ids=lambda failure: failure.name)
ALL_CASES = [case for failure in FAILURES.values() for case in failure.cases.values()]
EACH_CASE = pytest.mark.parametrize(
    "case", ALL_CASES, ids=lambda case: f"{case.failure}-{case.variant}"
)


def test_it_has_the_documented_failures_in_order() -> None:
    assert list(FAILURES) == NAMES
    assert sum(len(failure.variants) - 1 for failure in FAILURES.values()) >= 16
    assert [failure.name for section in SECTIONS.values() for failure in section] == NAMES


def test_every_section_of_the_page_has_its_failures() -> None:
    pages = {failure.anchor for failure in FAILURES.values() if failure.document == "fix-keystore"}
    assert pages <= ANCHORS
    # How to fix a failing key is told where its causes are.
    assert ANCHORS - pages == set()


def test_every_connection_error_is_the_end_of_a_failure() -> None:
    codes = {code for code, _ in CONNECTION_ERRORS}
    decided = {
        failure.decided_by
        for failure in FAILURES.values()
        if isinstance(failure.decided_by, ConnectionErrorCode)
    }
    assert codes <= decided
    assert decided - codes == {"INTERNAL_ERROR"}
    assert all(
        failure.seen.error_code is failure.decided_by
        for failure in FAILURES.values()
        if isinstance(failure.decided_by, ConnectionErrorCode)
    )


@EACH
def test_what_decides_is_a_check(failure: Failure) -> None:
    if isinstance(failure.decided_by, str) and not isinstance(
        failure.decided_by, ConnectionErrorCode
    ):
        assert callable(getattr(checks, failure.decided_by))


@EACH
def test_its_rows_are_behaviours(failure: Failure) -> None:
    page = (ROOT / "docs" / "behaviours.md").read_text()
    rows = set(re.findall(r"^\| ([A-Z]\d+(?:\.\d+)?) \|", page, re.MULTILINE))
    assert failure.rows
    assert set(failure.rows) <= rows


@EACH
def test_it_says_what_it_is(failure: Failure) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", failure.name)
    assert not failure.title.endswith(".")
    assert failure.page.startswith((f"{GUIDE}/", f"{CLOUDHSM_GUIDE}/"))
    for case in failure.cases.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case.variant)
        assert case.cause.endswith(".")


@EACH_CASE
def test_what_is_seen_agrees_with_itself(case: Case) -> None:
    seen = case.seen
    assert (seen.error_code is not None) == (seen.connection is ConnectionState.FAILED)
    assert (seen.key_state is None) == (seen.key_state_after_use is None)
    assert {"CLOSED", "MUTE", "GONE", "WELL"} >= {seen.like}
    assert seen.events or case.failure == "kmsuser-kept-by-kms"


@EACH_CASE
def test_refusals_are_those_that_operations_document(case: Case) -> None:
    model = {name: service_model(name) for name in ("kms", "cloudhsmv2")}
    common = {"AccessDeniedException", "ThrottlingException"}
    for operation, refusal in case.seen.calls.items():
        service = "kms" if operation in model["kms"].operation_names else "cloudhsmv2"
        shapes = model[service].operation_model(operation).error_shapes
        assert refusal.code in common | {shape.name for shape in shapes}, operation
        assert refusal.status in (400, 500, 503)


@EACH_CASE
def test_its_steps_are_sentences_and_commands(case: Case) -> None:
    numbers = [instruction.number for instruction in case.instructions]
    assert numbers == list(range(1, len(case.repair) + 1))
    for instruction in case.instructions:
        assert instruction.text[0].isupper()
        assert instruction.text.endswith(".")
        assert instruction.python
        assert instruction.commands or instruction.name in ("wait", "retry", "quorum-signatures")
        for command in (*instruction.commands, *instruction.with_older_tools):
            check_command(command)


def check_command(command: Command) -> None:
    if command.tool is Tool.AWS:
        _, service, operation = command.line.split()[:3]
        names = {
            re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
            for name in service_model(service).operation_names
        }
        assert operation in names, command
    assert placeholders(" ".join((command.line, *command.answers))) <= KNOWN, command
    if command.gives is not None:
        assert command.gives[0] in KNOWN


KNOWN = {
    "acl",
    "admin-password",
    "backup",
    "cluster",
    "direction",
    "handle",
    "id-hex",
    "hsm-type",
    "interface",
    "key",
    "kmsuser-password",
    "mode",
    "new",
    "other",
    "other-store",
    "owner",
    "owner-password",
    "rule",
    "server",
    "sg",
    "spare",
    "spare-hex",
    "store",
    "subnet-a",
    "subnet-b",
    "subnets",
    "zone",
    "zone-a",
    "zone-b",
}


def service_model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def test_every_need_part_and_since_is_used() -> None:
    assert {need for case in ALL_CASES for need in case.needs} == set(Need)
    assert {part for failure in FAILURES.values() for part in failure.touches} == set(Part)
    assert {failure.since for failure in FAILURES.values()} == set(Since)


def test_those_that_cannot_be_repaired() -> None:
    lost = [name for name, failure in FAILURES.items() if not failure.recoverable]
    assert lost == ["key-material-lost", "key-deleted"]
    assert FAILURES["key-deleted"].repair == ()


@EACH
def test_its_json_is_as_documented(failure: Failure) -> None:
    shown = json.loads(json.dumps(failure.to_dict()))
    validator({"$ref": "#/components/schemas/Failure"}).validate(shown)
    assert len(shown["variants"]) == len(failure.variants)
    assert document()["components"]["schemas"]["Seen"]["required"] == list(
        shown["variants"][0]["seen"]
    )


def test_event_patterns_name_the_key_store() -> None:
    seen: Seen = cks.failures["store-disconnected"].seen
    use = seen.event_patterns("cks-1234567890abcdef0")[-1]
    assert use == {
        "source": ["aws.kms"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["kms.amazonaws.com"],
            "eventName": [
                "Encrypt",
                "Decrypt",
                "ReEncrypt",
                "GenerateDataKey",
                "GenerateDataKeyWithoutPlaintext",
            ],
            "errorCode": ["KMSInvalidStateException"],
            "additionalEventData": {"customKeyStoreId": ["cks-1234567890abcdef0"]},
        },
    }


# cks.failures -------------------------------------------------------------------------------------


def test_it_is_a_mapping_that_needs_no_mock() -> None:
    assert len(cks.failures) == len(NAMES)
    assert list(cks.failures) == NAMES
    assert "user-locked-out" in cks.failures
    assert "unknown" not in cks.failures
    with pytest.raises(KeyError, match="There is no documented failure 'unknown'"):
        cks.failures["unknown"]
    for name in ("user-locked-ou", "USER_LOCKED_OUT"):
        with pytest.raises(KeyError, match=f"{name}', but user-locked-out"):
            cks.failures[name]
    failure = cks.failures["user-locked-out"]
    assert repr(failure) == (
        "<DocumentedFailure user-locked-out: Too many wrong passwords have locked kmsuser>"
    )
    assert repr(cks.failures) == "<39 documented failures>"
    assert (failure.rows, failure.since, failure.recoverable) == (
        ("C5.8", "P4", "Y2"),
        Since.NEXT_CONNECT,
        True,
    )
    assert failure.page.endswith("/fix-keystore.html#fix-keystore-password")
    assert failure.anchor == "fix-keystore-password"
    assert failure.decided_by == "USER_LOCKED_OUT"
    assert list(failure.variants) == ["by-tool", "by-login", "by-kms", "while-connected"]
    assert failure.cause == failure.variants["by-tool"].cause
    assert failure.needs == {Need.HSM}
    assert failure.touches == {Part.USERS, Part.PASSWORD}
    assert failure.seen.error_code == "USER_LOCKED_OUT"


def test_its_steps_are_a_sequence() -> None:
    steps = cks.failures["user-locked-out"].steps
    assert [step.name for step in steps] == [
        "look",
        "disconnect",
        "set-password",
        "tell-password",
        "connect",
    ]
    assert len(steps) == 5
    assert steps[-1].commands[0].line == (
        "aws kms connect-custom-key-store --custom-key-store-id <store>"
    )
    assert [step.name for step in steps[1:3]] == ["disconnect", "set-password"]
    assert repr(steps).startswith("<Steps of user-locked-out: look, disconnect")


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("C5.8", ["user-locked-out"]),
        ("C5.1", ["cluster-not-found"]),
        (["F6", "N3"], ["pkcs11-sessions-exhausted", "request-quota-exceeded"]),
        ("K", ["subnets-in-one-zone", "cluster-not-related"]),
        ("C4", ["cluster-not-active", "hsm-ports-closed-before-connecting", "subnets-in-one-zone"]),
        ("Z9", []),
        ([], []),
    ],
)
def test_some_by_their_rows(rows: Any, names: list[str]) -> None:
    assert list(cks.failures.where(rows=rows)) == names


def test_some_by_when_they_show_and_whether_they_can_be_repaired() -> None:
    assert list(cks.failures.where(since="next use")) == [
        "key-material-deleted",
        "key-material-lost",
        "backup-deleted",
    ]
    assert list(cks.failures.where(since=Since.NEXT_USE, recoverable=False)) == [
        "key-material-lost"
    ]
    assert list(cks.failures.where(recoverable=True, rows="O")) == [
        "deletion-pending-while-disconnected",
        "orphaned-key-material",
    ]
    assert dict(cks.failures.where()) == dict(cks.failures)
    with pytest.raises(ValueError, match="soon"):
        cks.failures.where(since="soon")
