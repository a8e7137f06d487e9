"""What services show of data whose key cannot be used (row G13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Cks, mock_cks
from tests.aws import client, error_of


@pytest.fixture
def world() -> Iterator[Cks]:
    with mock_cks() as cks:
        yield cks


@pytest.fixture
def key_id(world: Cks) -> str:
    made: str = client("kms").create_key()["KeyMetadata"]["KeyId"]
    return made


# DynamoDB ----------------------------------------------------------------------------------------


def make_table(**parameters: Any) -> None:
    client("dynamodb").create_table(
        TableName="data",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **parameters,
    )


def describe_table() -> dict[str, Any]:
    table: dict[str, Any] = client("dynamodb").describe_table(TableName="data")["Table"]
    return table


def test_g13_a_table_says_that_its_key_is_inaccessible(world: Cks, key_id: str) -> None:
    make_table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_id})
    assert describe_table()["TableStatus"] == "ACTIVE"
    client("kms").disable_key(KeyId=key_id)
    table = describe_table()
    assert table["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    since = table["SSEDescription"]["InaccessibleEncryptionDateTime"]
    assert table["SSEDescription"]["Status"] == "ENABLED"
    world.clock.advance(hours=1)
    assert describe_table()["SSEDescription"]["InaccessibleEncryptionDateTime"] == since
    client("kms").enable_key(KeyId=key_id)
    table = describe_table()
    assert table["TableStatus"] == "ACTIVE"
    assert "InaccessibleEncryptionDateTime" not in table["SSEDescription"]


@pytest.mark.parametrize("encryption", [{}, {"SSESpecification": {"Enabled": True}}])
def test_g13_a_table_without_a_key_of_the_customers_is_always_active(
    world: Cks, encryption: dict[str, Any]
) -> None:
    make_table(**encryption)
    client("dynamodb").put_item(TableName="data", Item={"id": {"S": "1"}})
    assert describe_table()["TableStatus"] == "ACTIVE"


def test_g13_a_transaction_that_fails_for_one_key_changes_nothing(world: Cks, key_id: str) -> None:
    make_table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_id})
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="other",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("kms").disable_key(KeyId=key_id)
    items = [{"Put": {"TableName": name, "Item": {"id": {"S": "1"}}}} for name in ("other", "data")]
    code, message = error_of(dynamodb.transact_write_items, TransactItems=items)
    assert code == "ValidationException"
    assert message.startswith("KMS key disabled error: ")
    assert dynamodb.scan(TableName="other")["Items"] == []


def test_g13_a_batch_of_statements_says_which_of_them_failed(world: Cks, key_id: str) -> None:
    make_table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_id})
    client("kms").disable_key(KeyId=key_id)
    statement = {"Statement": "SELECT * FROM data WHERE id = '1'"}
    answer = client("dynamodb").batch_execute_statement(Statements=[statement])
    (response,) = answer["Responses"]
    assert response["Error"]["Code"] == "ValidationError"
    assert response["Error"]["Message"].startswith("KMS key disabled error: ")


# EBS ---------------------------------------------------------------------------------------------


def volume_state(volume_id: str) -> str:
    (volume,) = client("ec2").describe_volumes(VolumeIds=[volume_id])["Volumes"]
    state: str = volume["State"]
    return state


def test_g13_a_volume_whose_key_cannot_be_used_ends_in_error(world: Cks, key_id: str) -> None:
    sealed = {"AvailabilityZone": "us-east-1a", "Size": 1, "Encrypted": True}
    ec2 = client("ec2")
    good = ec2.create_volume(KmsKeyId=key_id, **sealed)["VolumeId"]
    client("kms").disable_key(KeyId=key_id)
    bad = ec2.create_volume(KmsKeyId=key_id, **sealed)["VolumeId"]
    managed = ec2.create_volume(**sealed)["VolumeId"]
    client("kms").enable_key(KeyId=key_id)
    states = [volume_state(volume) for volume in (good, bad, managed)]
    assert states == ["available", "error", "available"]
    ec2.delete_volume(VolumeId=bad)


def test_w19_a_volume_that_is_attached_goes_on_until_it_is_detached(
    world: Cks, key_id: str
) -> None:
    ec2 = client("ec2")
    sealed = {"AvailabilityZone": "us-east-1a", "Size": 1, "Encrypted": True}
    volume = ec2.create_volume(KmsKeyId=key_id, **sealed)["VolumeId"]
    instance = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    target = {"InstanceId": instance["Instances"][0]["InstanceId"], "Device": "/dev/sdf"}
    ec2.attach_volume(VolumeId=volume, **target)
    client("kms").disable_key(KeyId=key_id)
    assert volume_state(volume) == "in-use"
    ec2.detach_volume(VolumeId=volume, **target)
    with pytest.raises(ClientError, match=r"InvalidKMSKey\.InvalidState"):
        ec2.attach_volume(VolumeId=volume, **target)
    client("kms").enable_key(KeyId=key_id)
    ec2.attach_volume(VolumeId=volume, **target)


def test_g13_images_come_late_and_volumes_are_checked_all_the_same(world: Cks) -> None:
    store = world.create_key_store()  # makes EC2 in this Region
    key_id = store.create_key()
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    made = client("ec2").create_volume(
        AvailabilityZone="us-east-1a", Size=1, Encrypted=True, KmsKeyId=key_id
    )
    assert volume_state(made["VolumeId"]) == "error"


# RDS ---------------------------------------------------------------------------------------------


def database_status() -> str:
    (instance,) = client("rds").describe_db_instances(DBInstanceIdentifier="db")["DBInstances"]
    status: str = instance["DBInstanceStatus"]
    return status


@pytest.fixture
def database(key_id: str) -> str:
    client("rds").create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.m3.medium",
        Engine="postgres",
        AllocatedStorage=10,
        MasterUsername="user",
        MasterUserPassword="password1",
        StorageEncrypted=True,
        KmsKeyId=key_id,
    )
    return key_id


def test_g13_a_database_that_has_lost_its_key_is_recovered_by_a_start(
    world: Cks, database: str
) -> None:
    kms, rds = client("kms"), client("rds")
    assert database_status() == "available"
    kms.disable_key(KeyId=database)
    assert database_status() == "inaccessible-encryption-credentials-recoverable"
    code, message = error_of(rds.start_db_instance, DBInstanceIdentifier="db")
    assert code == "KMSKeyNotAccessibleFault"
    assert database in message
    kms.enable_key(KeyId=database)
    world.clock.advance(days=6)
    assert database_status() == "inaccessible-encryption-credentials-recoverable"
    rds.start_db_instance(DBInstanceIdentifier="db")
    assert database_status() == "available"


def test_g13_a_database_that_has_lost_its_key_for_seven_days_is_lost(
    world: Cks, database: str
) -> None:
    client("kms").disable_key(KeyId=database)
    assert database_status() == "inaccessible-encryption-credentials-recoverable"
    world.clock.advance(days=7)
    client("kms").enable_key(KeyId=database)
    assert database_status() == "inaccessible-encryption-credentials"
    code, _ = error_of(client("rds").start_db_instance, DBInstanceIdentifier="db")
    assert code == "InvalidDBInstanceState"


def test_g13_a_cluster_that_has_lost_its_key_is_recovered_by_a_start(
    world: Cks, key_id: str
) -> None:
    rds = client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="cluster",
        Engine="aurora-postgresql",
        MasterUsername="user",
        MasterUserPassword="password1",
        StorageEncrypted=True,
        KmsKeyId=key_id,
    )

    def status() -> str:
        (cluster,) = rds.describe_db_clusters(DBClusterIdentifier="cluster")["DBClusters"]
        said: str = cluster["Status"]
        return said

    client("kms").disable_key(KeyId=key_id)
    assert status() == "inaccessible-encryption-credentials-recoverable"
    client("kms").enable_key(KeyId=key_id)
    rds.start_db_cluster(DBClusterIdentifier="cluster")
    assert status() == "available"
