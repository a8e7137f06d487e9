"""The table of the services that use KMS keys, use by use (row G13)."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from moto_cks.consumers import table
from moto_cks.consumers.uses import Finder, Service, Use

USES = """
    s3              put_object                 GenerateDataKey  s3_new_object_key    s3_context
    s3              create_multipart_upload    GenerateDataKey  s3_new_object_key    s3_context
    s3              upload_part                Decrypt  s3_upload_key           s3_upload_context
    s3              upload_part_copy           Decrypt  s3_upload_key           s3_upload_context
    s3              complete_multipart_upload  Decrypt  s3_upload_key           s3_upload_context
    secretsmanager  create_secret              GenerateDataKey  new_secret_key       no_context
    secretsmanager  put_secret_value           GenerateDataKey  secret_key           secret_context
    secretsmanager  update_secret              Decrypt  reencrypted_secret_key  secret_context
    secretsmanager  update_secret              GenerateDataKey  updated_secret_key   secret_context
    secretsmanager  get_secret_value           Decrypt  secret_key              secret_context
    ssm             put_parameter              GenerateDataKey  parameter_key     parameter_context
    sqs             send_message               GenerateDataKey  queue_key            queue_context
    sqs             send_message_batch         GenerateDataKey  queue_key            queue_context
    sqs             receive_message            Decrypt  queue_key               queue_context
    sns             publish                    GenerateDataKey  topic_key            topic_context
    sns             publish_batch              GenerateDataKey  topic_key            topic_context
    kinesis         start_stream_encryption    GenerateDataKey  (key_id)             stream_context
    kinesis         put_record                 GenerateDataKey  stream_key           stream_context
    kinesis         put_records                GenerateDataKey  stream_key           stream_context
    kinesis         get_records                Decrypt  stream_key              stream_context
    dynamodb        create_table               GenerateDataKey  specified_table_key  table_context
    dynamodb        get_item                   Decrypt  table_key               table_context
    dynamodb        put_item                   Decrypt  table_key               table_context
    dynamodb        update_item                Decrypt  table_key               table_context
    dynamodb        delete_item                Decrypt  table_key               table_context
    dynamodb        query                      Decrypt  table_key               table_context
    dynamodb        scan                       Decrypt  table_key               table_context
    ec2             attach_volume              Decrypt  volume_key              volume_context
    rds             create_db_instance         GenerateDataKey  new_database_key     no_context
    rds             create_db_cluster          GenerateDataKey  new_database_key     no_context
    rds             start_db_instance          Decrypt  instance_key            no_context
    rds             start_db_cluster           Decrypt  cluster_key             no_context
    logs            create_log_group           GenerateDataKey  new_log_group_key log_group_context
    logs            put_log_events             GenerateDataKey  log_group_key     log_group_context
    logs            get_log_events             Decrypt  log_group_key           log_group_context
    logs            filter_log_events          Decrypt  log_group_key           log_group_context
    cloudtrail      create_trail               GenerateDataKey  (kms_key_id)         no_context
    cloudtrail      update_trail               GenerateDataKey  (kms_key_id)         no_context
"""
"""Service, method, what KMS is asked for, what finds key and context; an argument in brackets."""

SERVICES = """
    s3             moto.s3.models             s3              recorded consumers.s3:Objects
    secretsmanager moto.secretsmanager.models secrets_manager recorded
    ssm            moto.ssm.models            ssm             recorded consumers.ssm:Parameters
    sqs            moto.sqs.models            sqs             recipient
    sns            moto.sns.models            sns             recipient
    kinesis        moto.kinesis.models        kinesis
    dynamodb       moto.dynamodb.models       dynamodb        consumers.dynamodb:Tables
    ec2 moto.ec2.models ec2 consumers.ec2:EC2Backend account.dependencies:DependingEc2
    rds            moto.rds.models            rds             consumers.rds:Databases
    logs moto.logs.models logs_data recipient monitoring.audit_logs:AuditedLogs
    monitoring     moto.cloudwatch.models     -               monitoring.cloudwatch:OwnMetrics
    iam            moto.iam.models            -               account.protected_roles:ProtectedRoles
    cloudtrail     moto_cks.cloudtrail.models cloudtrail
"""
"""Name, module, what makes the errors, what the service is, and what is mixed in."""


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


def named(finder: Finder) -> str:
    """The name of a function of the finders, or that of the argument which it looks up."""
    asked: list[str] = []

    class Arguments(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.append(name)

    if "<locals>" in finder.__qualname__:
        finder(None, Arguments())
        return f"({asked[0]})"
    return finder.__name__


def shown(use: Use) -> list[str]:
    return [use.method, use.operation, named(use.key), named(use.context)]


def parts(service: Service) -> Iterator[str]:
    yield from (service.name, service.module)
    yield service.error.__name__ if service.error is not None else "-"
    yield from (what for what in ("recorded", "recipient") if getattr(service, what))
    yield from (name.removeprefix("moto_cks.") for name in service.mixins)


def test_g13_when_which_service_asks_kms_for_what() -> None:
    found = [[service.name, *shown(use)] for service in table.SERVICES for use in service.uses]
    assert found == lines(USES)
    errors = {use.method: use.error.__name__ for use in table.LOGS.uses if use.error is not None}
    assert errors == {"create_log_group": "logs_association"}
    assert not any(use.error for one in table.SERVICES if one is not table.LOGS for use in one.uses)


def test_g13_the_services_that_use_keys_or_show_what_comes_of_them() -> None:
    assert [list(parts(service)) for service in table.SERVICES] == lines(SERVICES)
    assert {one.name for one in table.SERVICES if one.region.__name__ != "own_region"} == {"s3"}
    assert table.S3.region.__name__ == "s3_region"
    assert [one.principal for one in table.SERVICES][:2] == [
        "s3.amazonaws.com",
        "secretsmanager.amazonaws.com",
    ]
    assert table.ENGAGED == {"moto.cloudformation.models": "moto_cks.consumers.cloudformation"}


BESIDE = {
    "S3_READ": ["get_object", "Decrypt", "(kms_key_id)", "s3_context"],
    "PARAMETER_READ": ["get_parameter", "Decrypt", "(keyid)", "parameter_context"],
    "TABLE_USE": ["describe_table", "Decrypt", "table_key", "table_context"],
    "VOLUME_CREATION": ["create_volume", "GenerateDataKey", "(kms_key_id)", "volume_context"],
    "DATABASE_USE": ["describe_db_instances", "Decrypt", "(kms_key_id)", "no_context"],
}


@pytest.mark.parametrize("name", BESIDE)
def test_g13_what_services_ask_for_in_the_midst_of_something(name: str) -> None:
    assert shown(getattr(table, name)) == BESIDE[name]


@pytest.mark.parametrize("service", table.SERVICES, ids=lambda service: service.name)
def test_g13_what_the_table_names_is_there(service: Service) -> None:
    module = import_module(service.module)
    classes = [each for each in vars(module).values() if isinstance(each, type)]
    for use in service.uses:
        assert any(hasattr(each, use.method) for each in classes), use.method
    for mixin in service.mixins:
        home, _, name = mixin.partition(":")
        assert isinstance(getattr(import_module(home), name), type)
