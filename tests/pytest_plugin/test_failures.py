"""``cks_failure``, the marker ``cks_failures`` and the option ``--cks-failures``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from moto_cks.failures.table import FAILURES

from .conftest import Run

VAULT = """
import boto3
import pytest


class Vault:
    def __init__(self, store):
        self.kms = boto3.client("kms", region_name=store.region)
        self.key = store.create_key()
        self.sealed = self.kms.encrypt(KeyId=self.key, Plaintext=b"card")["CiphertextBlob"]

    def open(self):
        return self.kms.decrypt(CiphertextBlob=self.sealed)["Plaintext"]


@pytest.fixture
def vault(cks_key_store):
    return Vault(cks_key_store)
"""

EACH = """
def test_it(cks_failure):
    print("met", cks_failure.case)
"""


def met(run: Run, markers: Sequence[str], *arguments: str) -> list[list[str]]:
    """The failures that tests meet which have these markers, or none where one is empty."""
    tests = []
    for number, marker in enumerate(markers):
        mark = f"@pytest.mark.cks_failures({marker})" if marker else ""
        tests.append(f"{mark}\ndef test_{number}(cks_failure): pass\n")
    result = run("import pytest\n" + "".join(tests), "--collect-only", "-q", *arguments)
    found = result.stdout.str()
    return [re.findall(rf"test_{number}\[(.*)\]", found) for number in range(len(markers))]


GENERAL = [
    name
    for name, failure in FAILURES.items()
    if failure.recoverable and failure.since.value != "after the waiting period"
]

MARKERS = {
    "": GENERAL,
    "'user-locked-out', 'one-hsm-left'": ["one-hsm-left", "user-locked-out"],
    "'user-l*'": ["user-locked-out", "user-logged-in"],
    "'user-*', skip=['user-l*']": ["user-not-found"],
    "rows='C5.8'": ["user-locked-out"],
    "'key-material-*'": ["key-material-deleted"],
    "'key-material-lost'": ["key-material-lost"],
    "'key-mat*', irrecoverable=True": ["key-material-deleted", "key-material-lost"],
    "'orphaned-key-material'": ["orphaned-key-material"],
    "'hsm-ports-closed', variants=True": ["hsm-ports-closed", "hsm-ports-closed:egress"],
    "'hsm-ports-closed:egress'": ["hsm-ports-closed:egress"],
}


def test_by_default_all_that_can_be_repaired_and_what_is_chosen(run: Run) -> None:
    assert dict(zip(MARKERS, met(run, list(MARKERS)), strict=True)) == MARKERS
    assert 0 < len(GENERAL) < len(FAILURES)


@pytest.mark.parametrize(
    ("marker", "arguments", "expected"),
    [
        ("", ["--cks-failures=user-l*"], ["user-locked-out", "user-logged-in"]),
        ("", ["--cks-failures=user-n*, one-*"], ["one-hsm-left", "user-not-found"]),
        ("", ["--cks-failures=key-deleted"], ["key-deleted"]),
        (
            "'user-*'",
            ["--cks-failures=*-out", "--cks-failures=one-*"],
            ["user-locked-out"],
        ),
    ],
)
def test_what_an_option_chooses(
    run: Run, marker: str, arguments: list[str], expected: list[str]
) -> None:
    assert met(run, [marker], *arguments) == [expected]


def test_an_option_for_which_there_is_no_failure_is_a_usage_error(run: Run) -> None:
    result = run("def test_it(): pass", "--cks-failures=user-locked-in")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: --cks-failures: there is no documented failure 'user-locked-in'*"]
    )


WRONG = {
    "'user-locked-in'": "there is no documented failure 'user-locked-in'",
    "skip='user-locked-in'": "there is no documented failure 'user-locked-in'",
    "rows=['Z9']": "no documented failure rests on the behaviour 'Z9'",
    "only='user-*'": "takes names, rows, skip, irrecoverable, variants, and not only",
}


def test_a_marker_that_cannot_be(run: Run, pytester: pytest.Pytester) -> None:
    for number, marker in enumerate(WRONG):  # the first of a file ends it
        source = f"import pytest\n@pytest.mark.cks_failures({marker})\n{EACH.strip()}\n"
        pytester.makepyfile(**{f"test_wrong_{number}": source})
    result = run("")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=len(WRONG))
    of_each = re.split(r"^_+ ERROR collecting .* _+$", result.stdout.str(), flags=re.MULTILINE)
    for report, said in zip(of_each[1:], WRONG.values(), strict=True):
        assert f"The marker cks_failures: {said}" in report
    assert "Traceback" not in result.stdout.str()


def test_what_it_offers(run: Run) -> None:
    result = run(
        VAULT
        + """
from botocore.exceptions import ClientError

@pytest.mark.cks_failures("user-locked-out")
def test_by_hand(cks, cks_failure, cks_key_store):
    assert cks_failure.name == "user-locked-out"
    assert cks_failure.store is cks_key_store
    key = cks_failure.key_id
    assert key == cks_failure.key_id
    kms = boto3.client("kms", region_name="us-east-1")
    state = lambda: kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    cks_failure.happen()
    assert state() == "Unavailable"
    assert [one.failure.name for one in cks.failures.happening()] == ["user-locked-out"]
    cks_failure.repair()
    assert state() == "Enabled"
    cks_failure.repair()  # the second time there is nothing to do
    assert state() == "Enabled"

@pytest.mark.cks_failures("one-hsm-left", "store-disconnected")
def test_an_exception_that_is_expected(vault, cks_failure):
    if cks_failure.name == "store-disconnected":
        with pytest.raises(ClientError), cks_failure:
            vault.open()
    else:
        with cks_failure:
            vault.open()
    assert vault.open() == b"card"

@pytest.mark.cks_failures("kmsuser-second-factor")
def test_without_a_key(cks_failure):
    with cks_failure:
        pass

@pytest.mark.cks_failures("kmsuser-second-factor")
def test_with_a_key(vault, cks_failure):
    with cks_failure:
        raise AssertionError("never")
""",
        "-rs",
    )
    result.assert_outcomes(passed=4, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*kmsuser-second-factor needs*without KMS keys*"])


def test_a_unittest_class_cannot_be_parametrized(run: Run) -> None:
    result = run(
        """
import pytest, unittest

@pytest.mark.usefixtures("cks_failure")
class TestIt(unittest.TestCase):
    def test_it(self):
        pass
"""
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*not for those of a unittest.TestCase*"])
