"""What services answer to errors of KMS for which they have none of their own (row G13)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moto_cks import Cks, mock_cks
from tests.aws import client, failure
from tests.consumers.scenes import (
    S3,
    SCENES,
    CloudTrail,
    CloudWatchLogs,
    DynamoDb,
    Ebs,
    Kinesis,
    ParameterStore,
    Rds,
    Scene,
    SecretsManager,
    Sns,
    Sqs,
)
from tests.strictness import in_silence

INTERNAL: dict[type[Scene], tuple[str, int]] = {
    S3: ("KMS.KMSInternalException", 400),
    SecretsManager: ("EncryptionFailure", 400),
    ParameterStore: ("InvalidKeyId", 400),
    Sqs: ("InternalFailure", 500),
    Sns: ("InternalError", 500),
    Kinesis: ("InternalFailureException", 500),
    DynamoDb: ("InternalServerError", 500),
    CloudWatchLogs: ("InvalidParameterException", 400),
    Rds: ("KMSKeyNotAccessibleFault", 400),
    CloudTrail: ("KmsException", 400),
}

DENIED: dict[type[Scene], str] = {
    S3: "KMS.AccessDeniedException",
    SecretsManager: "AccessDeniedException",
    ParameterStore: "AccessDeniedException",
    Sqs: "KmsAccessDenied",
    Sns: "KMSAccessDenied",
    Kinesis: "KMSAccessDeniedException",
    DynamoDb: "AccessDeniedException",
    CloudWatchLogs: "InvalidParameterException",
    Rds: "KMSKeyNotAccessibleFault",
    CloudTrail: "KmsException",
}


@pytest.fixture
def world() -> Iterator[Cks]:
    with mock_cks() as cks, in_silence():  # moto warns of codes that no model declares
        yield cks


def test_g13_every_service_that_encrypts_is_in_the_tables() -> None:
    assert INTERNAL.keys() == DENIED.keys() == set(SCENES) - {Ebs}


@pytest.mark.parametrize("make_scene", INTERNAL)
def test_g13_an_internal_error_of_kms(world: Cks, make_scene: type[Scene]) -> None:
    scene = make_scene(client("kms").create_key()["KeyMetadata"]["Arn"])
    write = next(iter(scene.writes.values()))
    world.faults.fail("GenerateDataKey", "KMSInternalException", message="Not now.")
    code, _, status = failure(write)
    assert (code, status) == INTERNAL[make_scene]
    write()  # the fault was counted once


@pytest.mark.parametrize("make_scene", DENIED)
def test_g13_a_denial_of_kms(world: Cks, make_scene: type[Scene]) -> None:
    scene = make_scene(client("kms").create_key()["KeyMetadata"]["Arn"])
    write = next(iter(scene.writes.values()))
    world.faults.fail("GenerateDataKey", "AccessDeniedException", message="Not you.")
    assert failure(write)[0] == DENIED[make_scene]
