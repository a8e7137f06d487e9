"""The services of moto that use KMS keys, each with something encrypted and what is done to it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tests.aws import client

DISABLED, INVALID_STATE, NOT_FOUND = (
    "DisabledException",
    "KMSInvalidStateException",
    "NotFoundException",
)


def _sdk(message: str, code: str) -> str:
    """How a service quotes KMS, up to the request ID."""
    return f"{message} (Service: AWSKMS; Status Code: 400; Error Code: {code}; Request ID: "


class Scene(ABC):
    """A service with something that is encrypted under a KMS key.

    Attributes:
        writes: the operations that encrypt.
        reads: the operations that decrypt.
        others: operations for which no key is needed.
    """

    codes: ClassVar[Mapping[str, str]]
    """The service's errors by those of KMS."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.writes: dict[str, Callable[[], Any]] = {}
        self.reads: dict[str, Callable[[], Any]] = {}
        self.others: dict[str, Callable[[], Any]] = {}
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Have something encrypted, and say what can be done."""

    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        """The service's code for an error of KMS, and how its message begins."""
        return self.codes[code], _sdk(message, code)


class S3(Scene):
    codes: ClassVar = {code: f"KMS.{code}" for code in (DISABLED, INVALID_STATE, NOT_FOUND)}

    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        return self.codes[code], message

    def prepare(self) -> None:
        s3 = client("s3")
        s3.create_bucket(Bucket="plain")
        s3.create_bucket(Bucket="encrypting")
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}
        s3.put_bucket_encryption(
            Bucket="encrypting",
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
            },
        )
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.key}
        s3.put_object(Bucket="plain", Key="sealed", Body=b'{"a": 1}', **encryption)
        s3.put_object(Bucket="plain", Key="open", Body=b"known")
        upload = s3.create_multipart_upload(Bucket="plain", Key="large", **encryption)["UploadId"]
        part = {"Bucket": "plain", "Key": "large", "UploadId": upload}
        tag = s3.upload_part(**part, PartNumber=1, Body=b"part")["ETag"]
        self.writes = {
            "PutObject": lambda: s3.put_object(
                Bucket="plain", Key="another", Body=b"x", **encryption
            ),
            "PutObject by default": lambda: s3.put_object(
                Bucket="encrypting", Key="another", Body=b"x"
            ),
            "CopyObject to it": lambda: s3.copy_object(
                Bucket="plain", Key="copy", CopySource="plain/open", **encryption
            ),
            "CreateMultipartUpload": lambda: s3.create_multipart_upload(
                Bucket="plain", Key="large", **encryption
            ),
        }
        self.reads = {
            "GetObject": lambda: s3.get_object(Bucket="plain", Key="sealed"),
            "GetObject of a range": lambda: s3.get_object(
                Bucket="plain", Key="sealed", Range="bytes=0-1"
            ),
            "CopyObject from it": lambda: s3.copy_object(
                Bucket="plain", Key="copy", CopySource="plain/sealed"
            ),
            "SelectObjectContent": lambda: s3.select_object_content(
                Bucket="plain",
                Key="sealed",
                Expression="SELECT * FROM S3Object",
                ExpressionType="SQL",
                InputSerialization={"JSON": {"Type": "DOCUMENT"}},
                OutputSerialization={"JSON": {}},
            ),
            "UploadPart": lambda: s3.upload_part(**part, PartNumber=2, Body=b"part"),
            "UploadPartCopy": lambda: s3.upload_part_copy(
                **part, PartNumber=2, CopySource="plain/open"
            ),
            "CompleteMultipartUpload": lambda: s3.complete_multipart_upload(
                **part, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
            ),
        }
        self.others = {
            "HeadObject": lambda: s3.head_object(Bucket="plain", Key="sealed"),
            "GetObject of another": lambda: s3.get_object(Bucket="plain", Key="open"),
            "GetObjectTagging": lambda: s3.get_object_tagging(Bucket="plain", Key="sealed"),
            "ListObjectsV2": lambda: s3.list_objects_v2(Bucket="plain"),
            "DeleteObject": lambda: s3.delete_object(Bucket="plain", Key="sealed"),
        }


class SecretsManager(Scene):
    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        what = "decrypt" if reading else "encrypt"
        begins = f"Secrets Manager can't {what} the secret value: {_sdk(message, code)}"
        return f"{what.capitalize()}ionFailure".replace("Decryptionion", "Decryption"), begins

    def prepare(self) -> None:
        secrets = client("secretsmanager")
        secrets.create_secret(Name="secret", SecretString="x", KmsKeyId=self.key)
        self.writes = {
            "CreateSecret": lambda: secrets.create_secret(
                Name=f"secret-{time.time()}", SecretString="x", KmsKeyId=self.key
            ),
            "PutSecretValue": lambda: secrets.put_secret_value(SecretId="secret", SecretString="y"),
            "UpdateSecret": lambda: secrets.update_secret(SecretId="secret", SecretString="z"),
        }
        self.reads = {
            "GetSecretValue": lambda: secrets.get_secret_value(SecretId="secret"),
            "BatchGetSecretValue": lambda: secrets.batch_get_secret_value(SecretIdList=["secret"]),
        }
        self.others = {
            "CreateSecret without a value": lambda: secrets.create_secret(
                Name=f"empty-{time.time()}", KmsKeyId=self.key
            ),
            "DescribeSecret": lambda: secrets.describe_secret(SecretId="secret"),
            "UpdateSecret of its description": lambda: secrets.update_secret(
                SecretId="secret", Description="x"
            ),
        }


class ParameterStore(Scene):
    codes: ClassVar = dict.fromkeys((DISABLED, INVALID_STATE, NOT_FOUND), "InvalidKeyId")

    def prepare(self) -> None:
        ssm = client("ssm")
        secure = {"Type": "SecureString", "KeyId": self.key, "Value": "x"}
        ssm.put_parameter(Name="/app/secret", **secure)
        ssm.put_parameter(Name="/other/open", Type="String", Value="x")
        decrypted = {"WithDecryption": True}
        self.writes = {
            "PutParameter": lambda: ssm.put_parameter(Name=f"/new/{time.time()}", **secure),
            "PutParameter again": lambda: ssm.put_parameter(
                Name="/app/secret", Value="y", Overwrite=True
            ),
        }
        self.reads = {
            "GetParameter": lambda: ssm.get_parameter(Name="/app/secret", **decrypted),
            "GetParameters": lambda: ssm.get_parameters(Names=["/app/secret"], **decrypted),
            "GetParametersByPath": lambda: ssm.get_parameters_by_path(Path="/app", **decrypted),
            "GetParameterHistory": lambda: ssm.get_parameter_history(
                Name="/app/secret", **decrypted
            ),
        }
        self.others = {
            "GetParameter without decryption": lambda: ssm.get_parameter(Name="/app/secret"),
            "GetParameter of a String": lambda: ssm.get_parameter(Name="/other/open", **decrypted),
            "DescribeParameters": ssm.describe_parameters,
        }


class Sqs(Scene):
    codes: ClassVar = {
        DISABLED: "KmsDisabled",
        INVALID_STATE: "KmsInvalidState",
        NOT_FOUND: "KmsNotFound",
    }

    def prepare(self) -> None:
        sqs = client("sqs")
        attributes = {"KmsMasterKeyId": self.key}
        url = sqs.create_queue(QueueName="sealed", Attributes=attributes)["QueueUrl"]
        other = sqs.create_queue(QueueName="open")["QueueUrl"]
        self.writes = {
            "SendMessage": lambda: sqs.send_message(QueueUrl=url, MessageBody="x"),
            "SendMessageBatch": lambda: sqs.send_message_batch(
                QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "x"}]
            ),
        }
        self.reads = {"ReceiveMessage": lambda: sqs.receive_message(QueueUrl=url)}
        self.others = {
            "GetQueueAttributes": lambda: sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=["All"]
            ),
            "SendMessage to another": lambda: sqs.send_message(QueueUrl=other, MessageBody="x"),
            "CreateQueue": lambda: sqs.create_queue(QueueName="new", Attributes=attributes),
        }


class Sns(Scene):
    codes: ClassVar = {
        DISABLED: "KMSDisabled",
        INVALID_STATE: "KMSInvalidState",
        NOT_FOUND: "KMSNotFound",
    }

    def prepare(self) -> None:
        sns = client("sns")
        arn = sns.create_topic(Name="sealed", Attributes={"KmsMasterKeyId": self.key})["TopicArn"]
        other = sns.create_topic(Name="open")["TopicArn"]
        self.writes = {
            "Publish": lambda: sns.publish(TopicArn=arn, Message="x"),
            "PublishBatch": lambda: sns.publish_batch(
                TopicArn=arn, PublishBatchRequestEntries=[{"Id": "1", "Message": "x"}]
            ),
        }
        self.others = {
            "GetTopicAttributes": lambda: sns.get_topic_attributes(TopicArn=arn),
            "Publish to another": lambda: sns.publish(TopicArn=other, Message="x"),
            "Publish to a phone": lambda: sns.publish(PhoneNumber="+15555550100", Message="x"),
        }


class Kinesis(Scene):
    codes: ClassVar = {
        DISABLED: "KMSDisabledException",
        INVALID_STATE: "KMSInvalidStateException",
        NOT_FOUND: "KMSNotFoundException",
    }

    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        return self.codes[code], message

    def prepare(self) -> None:
        kinesis = client("kinesis")
        kinesis.create_stream(StreamName="sealed", ShardCount=1)
        encryption = {"EncryptionType": "KMS", "KeyId": self.key}
        kinesis.start_stream_encryption(StreamName="sealed", **encryption)
        record = {"Data": b"x", "PartitionKey": "x"}
        kinesis.put_record(StreamName="sealed", **record)
        stream = kinesis.describe_stream(StreamName="sealed")["StreamDescription"]
        iterator = kinesis.get_shard_iterator(
            StreamName="sealed",
            ShardId=stream["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        self.writes = {
            "StartStreamEncryption": lambda: kinesis.start_stream_encryption(
                StreamARN=stream["StreamARN"], **encryption
            ),
            "PutRecord": lambda: kinesis.put_record(StreamName="sealed", **record),
            "PutRecords": lambda: kinesis.put_records(StreamName="sealed", Records=[record]),
        }
        self.reads = {"GetRecords": lambda: kinesis.get_records(ShardIterator=iterator)}
        self.others = {
            "DescribeStream": lambda: kinesis.describe_stream(StreamName="sealed"),
            "StopStreamEncryption": lambda: kinesis.stop_stream_encryption(
                StreamName="sealed", **encryption
            ),
        }


class DynamoDb(Scene):
    kinds: ClassVar = {
        DISABLED: "KMS key disabled error",
        INVALID_STATE: "KMS validation error",
        NOT_FOUND: "KMS validation error",
    }

    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        said = f"com.amazonaws.services.kms.model.{code}: {_sdk(message, code)}"
        return "ValidationException", f"{self.kinds[code]}: {said}"

    def prepare(self) -> None:
        dynamodb = client("dynamodb")
        table = {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.key}
        dynamodb.create_table(TableName="sealed", SSESpecification=encryption, **table)
        item = {"id": {"S": "1"}}
        put = {"Put": {"TableName": "sealed", "Item": item}}
        self.writes = {
            "CreateTable": lambda: dynamodb.create_table(
                TableName=f"new-{time.time()}", SSESpecification=encryption, **table
            ),
        }
        self.reads = {
            "PutItem": lambda: dynamodb.put_item(TableName="sealed", Item=item),
            "GetItem": lambda: dynamodb.get_item(TableName="sealed", Key=item),
            "UpdateItem": lambda: dynamodb.update_item(
                TableName="sealed",
                Key=item,
                UpdateExpression="SET a = :a",
                ExpressionAttributeValues={":a": {"S": "2"}},
            ),
            "Query": lambda: dynamodb.query(
                TableName="sealed",
                KeyConditionExpression="id = :id",
                ExpressionAttributeValues={":id": {"S": "1"}},
            ),
            "Scan": lambda: dynamodb.scan(TableName="sealed"),
            "BatchWriteItem": lambda: dynamodb.batch_write_item(
                RequestItems={"sealed": [{"PutRequest": {"Item": item}}]}
            ),
            "BatchGetItem": lambda: dynamodb.batch_get_item(
                RequestItems={"sealed": {"Keys": [item]}}
            ),
            "TransactWriteItems": lambda: dynamodb.transact_write_items(TransactItems=[put]),
            "TransactGetItems": lambda: dynamodb.transact_get_items(
                TransactItems=[{"Get": {"TableName": "sealed", "Key": item}}]
            ),
            "ExecuteStatement": lambda: dynamodb.execute_statement(
                Statement='SELECT * FROM "sealed"'
            ),
            "ExecuteTransaction": lambda: dynamodb.execute_transaction(
                TransactStatements=[{"Statement": "SELECT * FROM sealed"}]
            ),
            "DeleteItem": lambda: dynamodb.delete_item(TableName="sealed", Key=item),
        }
        self.others = {
            "DescribeTable": lambda: dynamodb.describe_table(TableName="sealed"),
            "ListTables": dynamodb.list_tables,
        }


class CloudWatchLogs(Scene):
    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        if reading:
            arn = "arn:aws:logs:us-east-1:123456789012:log-group:sealed"
            begins = "The specified KMS key does not exist or is not allowed to be used with Arn"
            return "AccessDeniedException", f"{begins} '{arn}'"
        return "InvalidParameterException", "The specified KMS Key Id could not be found."

    def prepare(self) -> None:
        logs = client("logs")
        logs.create_log_group(logGroupName="sealed", kmsKeyId=self.key)
        stream = {"logGroupName": "sealed", "logStreamName": "stream"}
        logs.create_log_stream(**stream)
        events = [{"timestamp": int(time.time() * 1000), "message": "x"}]
        self.writes = {
            "CreateLogGroup": lambda: logs.create_log_group(
                logGroupName=f"new-{time.time()}", kmsKeyId=self.key
            )
        }
        self.reads = {
            "PutLogEvents": lambda: logs.put_log_events(**stream, logEvents=events),
            "GetLogEvents": lambda: logs.get_log_events(**stream),
            "FilterLogEvents": lambda: logs.filter_log_events(logGroupName="sealed"),
        }
        self.others = {
            "DescribeLogGroups": logs.describe_log_groups,
            "CreateLogStream": lambda: logs.create_log_stream(
                logGroupName="sealed", logStreamName=f"{time.time()}"
            ),
        }


class Ebs(Scene):
    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        return "InvalidKMSKey.InvalidState", "The KMS key provided is in an incorrect state"

    def prepare(self) -> None:
        ec2 = client("ec2")
        created = {"AvailabilityZone": "us-east-1a", "Size": 1}
        sealed = ec2.create_volume(**created, Encrypted=True, KmsKeyId=self.key)["VolumeId"]
        plain = ec2.create_volume(**created)["VolumeId"]
        instance = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
        target = {"InstanceId": instance["Instances"][0]["InstanceId"]}
        self.reads = {
            "AttachVolume": lambda: ec2.attach_volume(VolumeId=sealed, Device="/dev/sdf", **target),
        }
        self.others = {
            "AttachVolume of another": lambda: ec2.attach_volume(
                VolumeId=plain, Device="/dev/sdg", **target
            ),
            "CreateSnapshot": lambda: ec2.create_snapshot(VolumeId=sealed),
            "CreateVolume": lambda: ec2.create_volume(**created, Encrypted=True, KmsKeyId=self.key),
        }


class Rds(Scene):
    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        begins = f"Specified KMS key [{self.key}] does not exist, is not enabled or you do not "
        return "KMSKeyNotAccessibleFault", begins

    def prepare(self) -> None:
        rds = client("rds")
        user = {"MasterUsername": "user", "MasterUserPassword": "password1"}
        instance = {
            "DBInstanceClass": "db.m3.medium",
            "Engine": "postgres",
            "AllocatedStorage": 10,
            **user,
        }
        cluster = {"Engine": "aurora-postgresql", **user}
        encryption = {"StorageEncrypted": True, "KmsKeyId": self.key}
        rds.create_db_instance(DBInstanceIdentifier="sealed", **instance, **encryption)
        rds.create_db_cluster(DBClusterIdentifier="sealed-cluster", **cluster, **encryption)
        rds.create_db_instance(DBInstanceIdentifier="open", **instance)
        rds.stop_db_instance(DBInstanceIdentifier="sealed")
        rds.stop_db_cluster(DBClusterIdentifier="sealed-cluster")
        rds.stop_db_instance(DBInstanceIdentifier="open")
        self.writes = {
            "CreateDBInstance": lambda: rds.create_db_instance(
                DBInstanceIdentifier=f"new-{time.time_ns()}", **instance, **encryption
            ),
            "CreateDBCluster": lambda: rds.create_db_cluster(
                DBClusterIdentifier=f"new-{time.time_ns()}", **cluster, **encryption
            ),
        }
        self.reads = {
            "StartDBInstance": lambda: rds.start_db_instance(DBInstanceIdentifier="sealed"),
            "StartDBCluster": lambda: rds.start_db_cluster(DBClusterIdentifier="sealed-cluster"),
        }
        self.others = {
            "DescribeDBInstances": rds.describe_db_instances,
            "StartDBInstance of another": lambda: rds.start_db_instance(
                DBInstanceIdentifier="open"
            ),
        }


class CloudTrail(Scene):
    codes: ClassVar = {
        DISABLED: "KmsException",
        INVALID_STATE: "KmsException",
        NOT_FOUND: "KmsKeyNotFoundException",
    }

    def error(self, code: str, message: str, *, reading: bool) -> tuple[str, str]:
        return self.codes[code], message

    def prepare(self) -> None:
        client("s3").create_bucket(Bucket="audit-logs")
        cloudtrail = client("cloudtrail")
        trail = {"S3BucketName": "audit-logs"}
        cloudtrail.create_trail(Name="trail", **trail)
        self.writes = {
            "CreateTrail": lambda: cloudtrail.create_trail(
                Name=f"new-{time.time_ns()}", KmsKeyId=self.key, **trail
            ),
            "UpdateTrail": lambda: cloudtrail.update_trail(Name="trail", KmsKeyId=self.key),
        }
        self.others = {
            "CreateTrail without a key": lambda: cloudtrail.create_trail(
                Name=f"new-{time.time_ns()}", **trail
            ),
            "DescribeTrails": cloudtrail.describe_trails,
        }


SCENES = (
    S3,
    SecretsManager,
    ParameterStore,
    Sqs,
    Sns,
    Kinesis,
    DynamoDb,
    CloudWatchLogs,
    Ebs,
    Rds,
    CloudTrail,
)
