"""What the report of a failing test says of its world, and what tests without one pay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .conftest import Run
from .test_failures import VAULT

TIMELINE = "*- cks timeline, newest last -*"
WRONG = "*- cks: what cannot be used -*"


def test_the_story_of_a_test_that_fails(run_anew: Run) -> None:
    result = run_anew(
        VAULT
        + """
def test_it(vault, cks_key_store):
    vault.kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    cks_key_store.cluster.change_password("CU", "kmsuser", "somebodyElse1")
    vault.kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert vault.open() == b"card"
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            TIMELINE,
            "… * earlier: print(cks.timeline) shows all",
            "* call * CreateKey",
            "* call *cks-* DisconnectCustomKeyStore",
            "* login *hsm-* kmsuser(CU) has another password",
            "* state *cks-* CONNECTING -> FAILED",
            "* call * Decrypt: KMSInvalidStateException: *",
            WRONG,
            "Key store ExampleKeyStore (cks-*) cannot be used: *INVALID_CREDENTIALS.",
            "To mend (fix-keystore.html#fix-keystore-password):",
            "* aws kms connect-custom-key-store --custom-key-store-id cks-*",
        ]
    )
    said = result.stdout.str()
    # Of what the fixtures built nothing is said, and no password but by the test's own source.
    assert "CreateCluster" not in said.partition("cks timeline")[2]
    assert "somebodyElse1" not in said.partition("cks timeline")[2]
    assert "adminPswd1" not in said


def test_a_key_whose_material_is_gone(run: Run) -> None:
    result = run(
        VAULT
        + """
def test_it(vault, cks_key_store):
    (material,) = cks_key_store.cluster.hsms[0].keys
    cks_key_store.cluster.delete_key(material.handle)
    raise AssertionError
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([WRONG, "Key * cannot be used: its key material*"])


def test_x73_what_is_not_known_and_what_is(run: Run) -> None:
    result = run(
        """
import boto3
from moto_cks.handle.routing import StandingRoutes

def test_it(cks_external_key_store):
    kms = boto3.client("kms", region_name=cks_external_key_store.region)
    key_id = cks_external_key_store.create_key()
    StandingRoutes({"xks.example.com": "127.0.0.1:1"}, allow_remote=False).begin()
    kms.disable_key(KeyId=key_id)
    assert not key_id
"""
    )
    result.assert_outcomes(failed=1)
    known = "Key * cannot be used: it is disabled."
    unknown = "Whether key store ExampleExternalKeyStore (cks-*) can be used is not known: *"
    result.stdout.fnmatch_lines([WRONG, unknown, "KMS asked it just now: *", known])


def test_what_was_wrong_before_the_repair(run: Run) -> None:
    result = run(
        VAULT
        + """
@pytest.mark.cks_failures("user-locked-out")
def test_during(vault, cks_failure):
    with cks_failure:
        vault.open()

@pytest.mark.cks_failures("user-locked-out")
def test_after(vault, cks_failure):
    with pytest.raises(vault.kms.exceptions.KMSInvalidStateException), cks_failure:
        vault.open()
    raise AssertionError
"""
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            WRONG,
            "user-locked-out, during:",
            "Key store * cannot be used: *USER_LOCKED_OUT.",
            WRONG,
            "user-locked-out, after:",
            "Nothing is wrong with key stores, keys and clusters.",
        ]
    )


def test_what_was_wrong_in_a_failure_of_cks_failures(run: Run) -> None:
    result = run(
        VAULT
        + """
def test_during(vault, cks, cks_key_store):
    with cks.failures["user-locked-out"].happen(cks_key_store):
        assert vault.open() == b"card"


def test_after(vault, cks, cks_key_store):
    try:
        with cks.failures["user-locked-out"].happen(cks_key_store):
            vault.open()
    except vault.kms.exceptions.KMSInvalidStateException:
        pass
    assert vault.open() == b"another card"
"""
    )
    result.assert_outcomes(failed=2)
    _, during, after = result.stdout.str().split("cks: what cannot be used")
    assert "cannot be used: connect failed: USER_LOCKED_OUT." in during
    assert "Nothing is wrong with key stores, keys and clusters." in after


def test_a_setup_that_fails_has_a_story_too(run: Run) -> None:
    result = run(
        VAULT
        + """
@pytest.fixture
def offline(vault, cks_key_store):
    vault.kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    vault.open()

def test_it(offline):
    pass
"""
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([TIMELINE, WRONG, "Key store * it is DISCONNECTED."])


def test_who_passes_or_has_no_world_is_not_told_of(run: Run) -> None:
    result = run(
        """
def test_without():
    raise AssertionError("alone")

def test_with(cks):
    pass
""",
        "-rA",
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.no_fnmatch_line("*cks timeline*")
    result.stdout.no_fnmatch_line("*resilience matrix*")


def test_the_plugin_can_be_blocked(run_anew: Run) -> None:
    source = """
def test_markers(pytestconfig):
    assert not pytestconfig.pluginmanager.has_plugin("cks")

def test_it(cks):
    pass
"""
    result = run_anew(source, "-p", "no:cks")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'cks' not found*"])


def test_nothing_is_loaded_for_tests_that_do_not_ask_for_it(run_anew: Run) -> None:
    result = run_anew(
        """
import sys

def test_it(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("cks")

def test_modules():
    loaded = {name for name in sys.modules if name.partition(".")[0] == "moto_cks"}
    assert loaded == {"moto_cks", "moto_cks.pytest_plugin"}
    assert not {"boto3", "botocore", "moto"} & sys.modules.keys()
"""
    )
    result.assert_outcomes(passed=2)


def test_the_package_is_imported_as_it_would_be_without_pytest(run_anew: Run) -> None:
    result = run_anew(
        """
import importlib

def test_it(cks, pytestconfig):
    for name in ("mock", "world.clock", "pytest_plugin.worlds"):
        module = importlib.import_module(f"moto_cks.{name}")
        assert module.__loader__ is not pytestconfig.pluginmanager.rewrite_hook
    assert __loader__ is pytestconfig.pluginmanager.rewrite_hook
"""
    )
    result.assert_outcomes(passed=1)


def test_its_module_imports_nothing_but_pytest() -> None:
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import pytest, moto_cks.pytest_plugin"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "moto_cks.pytest_plugin" in names
    assert {name for name in names if name.startswith("moto_cks.")} == {"moto_cks.pytest_plugin"}
    assert not {"boto3", "botocore", "moto", "tabulate"} & names


def test_markers_are_known(run_anew: Run) -> None:
    result = run_anew("def test_it(): pass", "--markers")
    result.stdout.fnmatch_lines(
        [
            "@pytest.mark.cks(region, account_id, hsms, hsm_type, transitions, clock, world): *",
            "@pytest.mark.cks_failures([*]names, rows, skip, irrecoverable, variants): *",
        ]
    )
