"""The table: which services use KMS keys, in which operations, and what they answer.

AWS KMS Developer Guide: "Using AWS KMS encryption with AWS services", and the pages of the services
about encryption at rest. A method that is called by another one of the table does not ask again.
"""

from __future__ import annotations

from collections.abc import Iterable

from moto_cks.consumers import errors, finders
from moto_cks.consumers.uses import DECRYPT, GENERATE_DATA_KEY, Finder, Service, Use, no_context


def _uses(methods: str, operation: str, key: Finder, context: Finder) -> Iterable[Use]:
    return (Use(method, operation, key, context) for method in methods.split())


S3_READ = Use("get_object", DECRYPT, finders.argument("kms_key_id"), finders.s3_context)
"""What reads the content of an object: GetObject, CopyObject, UploadPartCopy, other services."""

S3 = Service(
    "s3",
    "moto.s3.models",
    (
        # CopyObject puts the copy. What is read, and so decrypted, is S3_READ.
        Use("put_object", GENERATE_DATA_KEY, finders.s3_new_object_key, finders.s3_context),
        Use(
            "create_multipart_upload",
            GENERATE_DATA_KEY,
            finders.s3_new_object_key,
            finders.s3_context,
        ),
        *_uses(
            "upload_part upload_part_copy complete_multipart_upload",
            DECRYPT,
            finders.s3_upload_key,
            finders.s3_upload_context,
        ),
    ),
    errors.s3,
    recorded=True,
    region=finders.s3_region,
    mixins=("moto_cks.consumers.s3:Objects",),
)

SECRETS_MANAGER = Service(
    "secretsmanager",
    "moto.secretsmanager.models",
    (
        Use("create_secret", GENERATE_DATA_KEY, finders.new_secret_key),
        Use("put_secret_value", GENERATE_DATA_KEY, finders.secret_key, finders.secret_context),
        Use("update_secret", DECRYPT, finders.reencrypted_secret_key, finders.secret_context),
        Use("update_secret", GENERATE_DATA_KEY, finders.updated_secret_key, finders.secret_context),
        Use("get_secret_value", DECRYPT, finders.secret_key, finders.secret_context),
    ),
    errors.secrets_manager,
    recorded=True,
)

PARAMETER_READ = Use("get_parameter", DECRYPT, finders.argument("keyid"), finders.parameter_context)
"""Whatever decrypts a SecureString: GetParameter and its like, WithDecryption."""

PARAMETER_STORE = Service(
    "ssm",
    "moto.ssm.models",
    (Use("put_parameter", GENERATE_DATA_KEY, finders.parameter_key, finders.parameter_context),),
    errors.ssm,
    recorded=True,
    mixins=("moto_cks.consumers.ssm:Parameters",),
)

SQS = Service(
    "sqs",
    "moto.sqs.models",
    (
        *_uses(
            "send_message send_message_batch",
            GENERATE_DATA_KEY,
            finders.queue_key,
            finders.queue_context,
        ),
        Use("receive_message", DECRYPT, finders.queue_key, finders.queue_context),
    ),
    errors.sqs,
    recipient=True,
)

SNS = Service(
    "sns",
    "moto.sns.models",
    tuple(
        _uses("publish publish_batch", GENERATE_DATA_KEY, finders.topic_key, finders.topic_context)
    ),
    errors.sns,
    recipient=True,
)

KINESIS = Service(
    "kinesis",
    "moto.kinesis.models",
    (
        Use(
            "start_stream_encryption",
            GENERATE_DATA_KEY,
            finders.argument("key_id"),
            finders.stream_context,
        ),
        *_uses(
            "put_record put_records", GENERATE_DATA_KEY, finders.stream_key, finders.stream_context
        ),
        Use("get_records", DECRYPT, finders.stream_key, finders.stream_context),
    ),
    errors.kinesis,
)

TABLE_USE = Use("describe_table", DECRYPT, finders.table_key, finders.table_context)
"""What DynamoDB finds out of itself about the key of a table."""

DYNAMODB = Service(
    "dynamodb",
    "moto.dynamodb.models",
    (
        Use(
            "create_table",
            GENERATE_DATA_KEY,
            finders.specified_table_key,
            finders.table_context,
        ),
        *_uses(
            "get_item put_item update_item delete_item query scan",
            DECRYPT,
            finders.table_key,
            finders.table_context,
        ),
    ),
    errors.dynamodb,
    mixins=("moto_cks.consumers.dynamodb:Tables",),
)

VOLUME_CREATION = Use(
    "create_volume", GENERATE_DATA_KEY, finders.argument("kms_key_id"), finders.volume_context
)
"""What a new volume needs, which EC2 looks into after it has answered."""

EBS = Service(
    "ec2",
    "moto.ec2.models",
    (Use("attach_volume", DECRYPT, finders.volume_key, finders.volume_context),),
    errors.ec2,
    mixins=(
        "moto_cks.consumers.ec2:EC2Backend",
        "moto_cks.account.dependencies:DependingEc2",
    ),
)

DATABASE_USE = Use("describe_db_instances", DECRYPT, finders.argument("kms_key_id"))
"""What RDS finds out of itself about the key of a database."""

RDS = Service(
    "rds",
    "moto.rds.models",
    (
        *_uses(
            "create_db_instance create_db_cluster",
            GENERATE_DATA_KEY,
            finders.new_database_key,
            no_context,
        ),
        Use("start_db_instance", DECRYPT, finders.instance_key),
        Use("start_db_cluster", DECRYPT, finders.cluster_key),
    ),
    errors.rds,
    mixins=("moto_cks.consumers.rds:Databases",),
)

LOGS = Service(
    "logs",
    "moto.logs.models",
    (
        Use(
            "create_log_group",
            GENERATE_DATA_KEY,
            finders.new_log_group_key,
            finders.log_group_context,
            errors.logs_association,
        ),
        Use("put_log_events", GENERATE_DATA_KEY, finders.log_group_key, finders.log_group_context),
        *_uses(
            "get_log_events filter_log_events",
            DECRYPT,
            finders.log_group_key,
            finders.log_group_context,
        ),
    ),
    errors.logs_data,
    recipient=True,
    mixins=("moto_cks.monitoring.audit_logs:AuditedLogs",),
)

# It asks for no key: it has the metrics of KMS and CloudHSM.
CLOUDWATCH = Service(
    "monitoring",
    "moto.cloudwatch.models",
    mixins=("moto_cks.monitoring.cloudwatch:OwnMetrics",),
)

# Nor does IAM, which has the roles of KMS and CloudHSM.
IAM = Service(
    "iam",
    "moto.iam.models",
    mixins=("moto_cks.account.protected_roles:ProtectedRoles",),
)

CLOUDTRAIL = Service(
    "cloudtrail",
    "moto_cks.cloudtrail.models",
    tuple(
        _uses(
            "create_trail update_trail",
            GENERATE_DATA_KEY,
            finders.argument("kms_key_id"),
            no_context,
        )
    ),
    errors.cloudtrail,
)

SERVICES = (
    S3,
    SECRETS_MANAGER,
    PARAMETER_STORE,
    SQS,
    SNS,
    KINESIS,
    DYNAMODB,
    EBS,
    RDS,
    LOGS,
    CLOUDWATCH,
    IAM,
    CLOUDTRAIL,
)

ENGAGED = {"moto.cloudformation.models": "moto_cks.consumers.cloudformation"}
"""By the modules of moto's backends, modules of this package that are told when they are in use."""
