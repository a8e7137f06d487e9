"""The marker ``cks``: Region, account, HSMs, transitions and clock of a world."""

from __future__ import annotations

import re

from .conftest import Run
from .test_fixtures import WORLDS


def test_what_the_marker_says(run: Run) -> None:
    result = run(
        WORLDS
        + """
from datetime import datetime, timedelta, timezone
import os

pytestmark = pytest.mark.cks(hsms=3)

@pytest.mark.cks(region="eu-west-1", account_id="111122223333")
def test_region_and_account(cks_key_store):
    assert cks_key_store.region == "eu-west-1"
    kms = boto3.client("kms")
    assert kms.meta.region_name == "eu-west-1"
    arn = kms.describe_key(KeyId=cks_key_store.create_key())["KeyMetadata"]["Arn"]
    assert arn.startswith("arn:aws:kms:eu-west-1:111122223333:key/")
    assert len(cks_key_store.cluster.hsms) == 3  # of the module's marker

@pytest.mark.cks(hsms=1)
def test_the_closest_has_the_last_word(cks_cluster):
    assert len(cks_cluster.hsms) == 1

def test_the_environment_is_put_back(cks):
    assert "AWS_DEFAULT_REGION" not in os.environ
    assert "MOTO_ACCOUNT_ID" not in os.environ

@pytest.mark.cks(transitions={"cks::connection": 900})
def test_transitions(cks, cks_key_store):
    assert stores() == ["CONNECTED"]  # what a fixture builds is ready
    kms().disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert stores() == ["DISCONNECTING"]
    cks.clock.advance(minutes=15)
    assert stores() == ["DISCONNECTED"]

def test_transitions_end_with_the_test(cks, cks_key_store):
    kms().disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert stores() == ["DISCONNECTED"]

@pytest.mark.cks(transitions={"cks::connection": {"progression": "manual", "times": 2}})
def test_transitions_as_moto_has_them(cks, cks_key_store):
    kms().disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert stores() == ["DISCONNECTING"]
    assert stores() == ["DISCONNECTED"]


@pytest.mark.cks(clock="2020-02-03T04:05:06")
def test_a_clock_of_the_past(cks, cks_key_store):
    begin = datetime(2020, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
    assert timedelta() <= cks.clock.now() - begin < timedelta(minutes=5)
    created = kms().describe_custom_key_stores()["CustomKeyStores"][0]["CreationDate"]
    assert created.date() == begin.date()

@pytest.mark.cks(clock=datetime(2090, 1, 1))
def test_a_clock_of_the_future(cks):
    assert cks.clock.now().year == 2090

@pytest.mark.cks(clock=timedelta(days=400))
def test_a_clock_that_is_ahead(cks):
    assert timedelta(days=399) < cks.clock.now() - datetime.now(timezone.utc)

def test_the_clock_is_put_back(cks):
    assert abs(cks.clock.now() - datetime.now(timezone.utc)) < timedelta(minutes=1)
"""
    )
    result.assert_outcomes(passed=10)


WRONG = {
    "'eu-west-1'": "The marker cks takes region, account_id, hsms, hsm_type, transitions, clock",
    "zone='a'": "and not zone",
    "region=1": "are strings, and not 1",
    "clock='noon'": "a moment or a timedelta, and not 'noon'",
    "transitions={'cks::connexion': 1}": "no state transition 'cks::connexion'",
}


def test_a_marker_that_cannot_be(run: Run) -> None:
    tests = [
        f"""
@pytest.mark.cks({marker})
def test_it_{number}(cks):
    pass

def test_next_{number}(cks):
    pass
"""
        for number, marker in enumerate(WRONG)
    ]
    result = run("import pytest\n" + "".join(tests))
    result.assert_outcomes(errors=len(WRONG), passed=len(WRONG))
    of_each = re.split(r"^_+ ERROR at setup of test_it_\d _+$", result.stdout.str(), flags=re.M)
    for report, said in zip(of_each[1:], WRONG.values(), strict=True):
        assert said in report
    result.stdout.no_fnmatch_line("*Traceback*")


def test_y15_the_hsms_are_of_today_or_as_the_marker_or_a_failure_needs(run: Run) -> None:
    source = """
import boto3
import pytest


def hsm_type():
    (cluster,) = boto3.client("cloudhsmv2", region_name="us-east-1").describe_clusters()["Clusters"]
    return cluster["HsmType"]


def test_by_default(cks_key_store):
    assert hsm_type() == "hsm2m.medium"


@pytest.mark.cks(hsm_type="hsm1.medium")
def test_by_marker(cks_cluster):
    assert hsm_type() == "hsm1.medium"


@pytest.mark.cks_failures("migration-under-way", "store-disconnected", variants=True)
def test_by_failure(cks_failure, cks_key_store):
    older = cks_failure.name == "migration-under-way"
    assert hsm_type() == ("hsm1.medium" if older else "hsm2m.medium")
    key_id = cks_failure.key_id
    with cks_failure:
        pass
    assert hsm_type() == "hsm2m.medium"
"""
    run(source).assert_outcomes(passed=6)
