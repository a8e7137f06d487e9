"""Which key an operation uses, and with which encryption context: what to ask moto's backends.

Each finder takes the backend and the arguments of its method. Where what the operation is about
does not exist, there is no key: moto says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.consumers.uses import Arguments

KMS_ALGORITHMS = ("aws:kms", "aws:kms:dsse")
"""The values of x-amz-server-side-encryption that mean a KMS key."""


def argument(name: str) -> Callable[[Any, Arguments], Any]:
    """Finds the key in an argument."""
    return lambda backend, arguments: arguments.get(name)


# S3 ----------------------------------------------------------------------------------------------


def _bucket_name(arguments: Arguments) -> str:
    name: str = arguments.get("bucket_name") or arguments["dest_bucket_name"]
    return name


def s3_region(backend: Any, arguments: Arguments) -> str:
    """The Region of a bucket."""
    region: str = backend.get_bucket(_bucket_name(arguments)).region_name
    return region


def s3_new_object_key(backend: Any, arguments: Arguments) -> Any:
    """The key of the request, or that of the bucket's default encryption."""
    bucket = backend.get_bucket(_bucket_name(arguments))
    default = {}
    if bucket.encryption:
        default = bucket.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
    algorithm = arguments.get("encryption", arguments.get("sse_encryption"))
    if (algorithm or default.get("SSEAlgorithm")) not in KMS_ALGORITHMS:
        return None
    return arguments.get("kms_key_id") or default.get("KMSMasterKeyID")


def _s3_upload(backend: Any, arguments: Arguments) -> Any:
    return backend.get_bucket(_bucket_name(arguments)).multiparts.get(arguments["multipart_id"])


def s3_upload_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a multipart upload."""
    upload = _s3_upload(backend, arguments)
    if upload is None:
        return None
    encryption = {"encryption": upload.sse_encryption, "kms_key_id": upload.kms_key_id}
    return s3_new_object_key(backend, {**arguments, **encryption})


def s3_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of an object."""
    name = arguments["key_name"]
    return {"aws:s3:arn": f"arn:{backend.partition}:s3:::{_bucket_name(arguments)}/{name}"}


def s3_upload_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of the object that a multipart upload makes."""
    name = _s3_upload(backend, arguments).key_name
    return s3_context(backend, {**arguments, "key_name": name})


# Secrets Manager ---------------------------------------------------------------------------------


def has_secret_value(arguments: Arguments) -> bool:
    """Whether a request brings a value."""
    values = arguments.get("secret_string"), arguments.get("secret_binary")
    return any(value is not None for value in values)


def new_secret_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a secret that is created with a value."""
    return arguments.get("kms_key_id") if has_secret_value(arguments) else None


def secret_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a secret."""
    return getattr(backend.secrets.get(arguments["secret_id"]), "kms_key_id", None)


def updated_secret_key(backend: Any, arguments: Arguments) -> Any:
    """The key that UpdateSecret encrypts under: the new one, or for a new value that of before."""
    new = arguments.get("kms_key_id")
    return new or (secret_key(backend, arguments) if has_secret_value(arguments) else None)


def reencrypted_secret_key(backend: Any, arguments: Arguments) -> Any:
    """The key under which the value is that UpdateSecret is to encrypt under another one."""
    before, after = secret_key(backend, arguments), arguments.get("kms_key_id")
    return before if after and after != before else None


def secret_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of a secret."""
    return {"SecretARN": backend.secrets.get(arguments["secret_id"]).arn}


# SQS, SNS, Kinesis -------------------------------------------------------------------------------


def queue_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a queue."""
    return backend.get_queue(arguments["queue_name"]).kms_master_key_id


def queue_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of a queue."""
    return {"aws:sqs:arn": backend.get_queue(arguments["queue_name"]).queue_arn}


def _topic_arn(arguments: Arguments) -> str | None:
    arn: str | None = arguments.get("arn", arguments.get("topic_arn"))
    return arn if arn is not None and ":endpoint/" not in arn else None


def topic_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a topic; a phone number and a mobile endpoint have none."""
    arn = _topic_arn(arguments)
    if arn is None or arguments.get("phone_number"):
        return None
    key = backend.get_topic(arn).kms_master_key_id
    owner = arn.split(":")[4]
    if not key or key.startswith("arn:") or owner == backend.account_id:
        return key
    resource = key if key.startswith("alias/") else f"key/{key}"  # of whom the topic is
    return f"arn:{backend.partition}:kms:{backend.region_name}:{owner}:{resource}"


def topic_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of a topic."""
    return {"aws:sns:topicArn": _topic_arn(arguments) or ""}


def _stream(backend: Any, arguments: Arguments) -> Any:
    name = arguments.get("stream_name")
    if "shard_iterator" in arguments:
        from moto.kinesis.utils import decompose_shard_iterator  # noqa: PLC0415 - Kinesis is in use

        name = decompose_shard_iterator(arguments["shard_iterator"])[0]
    return backend.describe_stream(stream_arn=arguments.get("stream_arn"), stream_name=name)


def stream_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a stream."""
    return _stream(backend, arguments).key_id


def stream_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of a stream."""
    return {"aws:kinesis:arn": _stream(backend, arguments).arn}


# Parameter Store ---------------------------------------------------------------------------------


def parameter_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a SecureString that is put, which a new version has from the one before."""
    name = arguments["name"]
    versions = backend._parameters.get(name, ())
    before = versions[-1] if versions else None
    kind = arguments.get("parameter_type") or getattr(before, "parameter_type", None)
    if kind != "SecureString":
        return None
    return arguments.get("keyid") or getattr(before, "keyid", None)


def parameter_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of a parameter."""
    from moto.ssm.utils import parameter_arn  # noqa: PLC0415 - Parameter Store is in use by now

    name = arguments["name"]
    return {"PARAMETER_ARN": parameter_arn(backend.account_id, backend.region_name, name)}


# DynamoDB ----------------------------------------------------------------------------------------


def specified_table_key(backend: Any, arguments: Arguments) -> Any:
    """The key in the SSESpecification of a request."""
    specification = arguments.get("sse_specification") or {}
    return specification.get("KMSMasterKeyId") if specification.get("Enabled") else None


def table_name(arguments: Arguments) -> str:
    """The name of the table that an operation is about."""
    name: str = arguments.get("table_name") or arguments.get("name") or ""
    return name.rpartition("/")[2]


def table_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a table."""
    return key_of_table(backend.tables.get(table_name(arguments)))


def key_of_table(table: Any) -> Any:
    """The key of a table, which has one where its SSESpecification says so."""
    specification = getattr(table, "sse_specification", None) or {}
    return specification.get("KMSMasterKeyId") if specification.get("Enabled") else None


def table_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The account and the name of a table."""
    return {
        "aws:dynamodb:subscriberId": backend.account_id,
        "aws:dynamodb:tableName": table_name(arguments),
    }


# EBS and RDS -------------------------------------------------------------------------------------


def volume_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a volume."""
    return getattr(backend.volumes.get(arguments["volume_id"]), "kms_key_id", None)


def volume_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ID of a volume."""
    return {"aws:ebs:id": arguments["volume_id"]}


def new_database_key(backend: Any, arguments: Arguments) -> Any:
    """The key of an instance or a cluster that is created encrypted."""
    properties = arguments.get("db_kwargs") or arguments.get("kwargs") or {}
    return properties.get("kms_key_id") if properties.get("storage_encrypted") else None


NO_KEY = "default_kms_key_id"
"""What moto's RDS has in the place of the AWS managed key."""


def key_of_database(database: Any) -> Any:
    """The key of an instance or a cluster."""
    if database is None or not database.storage_encrypted or database.kms_key_id == NO_KEY:
        return None
    return database.kms_key_id


def instance_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a DB instance."""
    return key_of_database(backend.databases.get(arguments["db_instance_identifier"]))


def cluster_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a DB cluster."""
    return key_of_database(backend.clusters.get(arguments["cluster_identifier"]))


# CloudWatch Logs ---------------------------------------------------------------------------------


def _log_group(backend: Any, arguments: Arguments) -> Any:
    name = arguments.get("log_group_name") or arguments.get("log_group_id") or ""
    return backend.groups.get(name.rpartition("log-group:")[2].removesuffix(":*"))


def new_log_group_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a log group that is created."""
    return arguments.get("kwargs", {}).get("kmsKeyId")


def log_group_key(backend: Any, arguments: Arguments) -> Any:
    """The key of a log group."""
    return getattr(_log_group(backend, arguments), "kms_key_id", None)


def log_group_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The ARN of a log group, of one that is being created as well."""
    place = f"arn:{backend.partition}:logs:{backend.region_name}:{backend.account_id}"
    group = _log_group(backend, arguments)
    name = group.name if group is not None else arguments["log_group_name"]
    return {"aws:logs:arn": f"{place}:log-group:{name}"}
