"""Fixtures of external key stores in a world that was saved with one, and with both kinds."""

from __future__ import annotations

import boto3
import moto.ec2.models  # noqa: F401
import pytest

# pytester forgets the modules that a test loads first, and handles keep them.
import moto_cks.handle.external
import moto_cks.handle.snapshots
import moto_cks.kms.keystores.external.asking  # noqa: F401
from moto_cks import mock_cks

from .conftest import Run

TESTS = """
import boto3
import pytest

pytestmark = pytest.mark.cks(world="saved.world")


def test_both_kinds(cks_external_key_store, cks_xks_proxy, cks_key_store):
    kms = boto3.client("kms", region_name="us-east-1")
    (card,) = [a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if "card" in a["AliasName"]]
    assert kms.encrypt(KeyId=card, Plaintext=b"x")
    assert cks_external_key_store.name == "ExampleExternalKeyStore"
    assert cks_external_key_store.proxy == cks_xks_proxy
    assert cks_key_store.name == "ExampleKeyStore"
    with cks_xks_proxy.stop(), pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.encrypt(KeyId=card, Plaintext=b"x")
"""


def test_the_key_store_is_the_one_that_was_saved(run: Run, pytester: pytest.Pytester) -> None:
    with mock_cks() as cks:
        key_id = cks.create_external_key_store().create_key()
        cks.create_key_store()
        kms = boto3.client(
            "kms", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        kms.create_alias(AliasName="alias/card", TargetKeyId=key_id)
        cks.save(pytester.path / "saved.world")
    run(TESTS).assert_outcomes(passed=1)
