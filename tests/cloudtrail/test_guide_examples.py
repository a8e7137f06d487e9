"""Rows T1 and T6: the records, held against the examples of AWS's guides field by field.

The examples are those of "Examples of AWS KMS log entries" in the AWS KMS Developer Guide, by the
names of their pages (``ct-…``), and the one in "Working with AWS CloudTrail and AWS CloudHSM" in
the AWS CloudHSM User Guide. They are in guide_keys.py and guide_use.py: each function there brings
about the situation of one and makes its call; its decorator says what the record holds.

The examples were written between 2014 and 2025 and do not agree with each other. Where they do not,
the newest decides:

- ``eventVersion`` is 1.11, calls have ``tlsDetails``, and there are ``managementEvent`` and
  ``eventCategory``. The examples of 2025 have all of them; those before lack the one or the other.
  ``keyExchange`` is there since November 2025.
- Each resource has a ``type``. The examples up to 2014 lack it, and so do GenerateMac and
  VerifyMac (2022), which are of the form of 2014 in that; CreateKey, PutKeyPolicy, RevokeGrant,
  Sign (2022) have it.
- Dates have a comma after the year (2021, 2022); ImportKeyMaterial (2020) and the first
  ScheduleKeyDeletion (early 2021) have none, and the latter also lacks ``pendingWindowInDays``.
- The account of a key is ``aWSAccountId`` (September 2022), not ``AWSAccountId`` (August 2022).
- Without a key ID in its request Decrypt shows the ``encryptionAlgorithm`` all the same; the
  example of EBS (2014) is from before there was one to choose.
- CreateAlias (2022) names the key before the alias, DeleteAlias and UpdateAlias the alias first.
- CreateKey in an external key store (2022) has ``tags`` and ``multiRegion`` among its parameters,
  the others have not: they are taken to have been in that request.
- ``responseElements`` has the key ARN as ``keyId`` where the operation answers nothing, since
  December 2022; RetireGrant's, RotateKey's and DeleteExpiredKeyMaterial's are null.
- ``additionalEventData`` has the ``keyMaterialId`` that a cryptographic operation has used (2025).
- RotateKeyOnDemand, and the ``rotationType`` in RotateKey, are from a later edition (2024): in this
  one KMS rotates keys by the calendar only. The answer of RotateKeyOnDemand was recorded to have
  the key ARN, where its example has the key ID.
- The Hsm of CreateHsm (2017) has an ``hsmType`` since the API has.

What the examples show and the mock does not: keys in external key stores, calls from Nitro
enclaves, the calls of EC2 itself with its own keys. UpdatePrimaryRegion and GenerateDataKeyPair are
held against their examples where they fail; where UpdatePrimaryRegion succeeds, and KMS's own
synchronization of multi-Region keys, in test_multi_region.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks import mock_cks
from tests.aws import client, client_as

from . import guide_keys, guide_use
from .guide import EXAMPLES, TIME, Example, Scene

MODULES = (guide_keys, guide_use)
"""Where the examples are; they are made when these are loaded."""


@pytest.fixture
def scene() -> Iterator[Scene]:
    with mock_cks() as world:
        yield Scene(world)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.page)
def test_t1_the_record_is_that_of_the_guide(scene: Scene, example: Example) -> None:
    example.situation(scene)
    assert scene.newest(example.event_name) == example.expected(scene)


def test_t1_the_caller_of_cloudhsm_s_example_is_a_role_s_session(scene: Scene) -> None:
    role = client("iam").create_role(RoleName="AdminRole", AssumeRolePolicyDocument="{}")["Role"]
    session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="ExampleSession")
    keys = session["Credentials"]
    client_as(keys, "cloudhsmv2").describe_clusters()
    assert scene.newest("DescribeClusters")["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": f"{role['RoleId']}:ExampleSession",
        "arn": session["AssumedRoleUser"]["Arn"],
        "accountId": DEFAULT_ACCOUNT_ID,
        "accessKeyId": keys["AccessKeyId"],
        "sessionContext": {
            "attributes": {"mfaAuthenticated": "false", "creationDate": TIME},
            "sessionIssuer": {
                "type": "Role",
                "principalId": role["RoleId"],
                "arn": role["Arn"],
                "accountId": DEFAULT_ACCOUNT_ID,
                "userName": "AdminRole",
            },
        },
    }


def test_t1_every_page_is_held_once() -> None:
    pages = [example.page for example in EXAMPLES]
    assert len(pages) == len(set(pages)) > 50
