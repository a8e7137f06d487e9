"""What records have since the guide's edition of 2022: rows T6, Y24 and Y25."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moto_cks import KeyStore
from moto_cks.frontend.calls import Deed, announce
from tests.aws import OTHER_REGION, REGION, client, error_of

from . import last
from .guide import tls

ACCOUNT = "123456789012"
MATERIALS = {"previousKeyMaterialId": "1" * 64, "currentKeyMaterialId": "2" * 64}
ROTATION = {"rotationType": "AUTOMATIC", "keyOrigin": "AWS_KMS", **MATERIALS}
EXPIRATION = {"keyMaterialId": "3" * 64}


def new_key(kms: Any, **kind: str) -> dict[str, Any]:
    made: dict[str, Any] = kms.create_key(**kind)["KeyMetadata"]
    return made


# additionalEventData ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["KeyId", "Arn", "alias"])
def test_t6_uses_of_a_key_tell_its_key_material(world: Any, kms: Any, name: str) -> None:
    key = new_key(kms)
    kms.create_alias(AliasName="alias/a", TargetKeyId=key["KeyId"])
    key_id = {**key, "alias": "alias/a"}[name]
    told = {"keyMaterialId": key["CurrentKeyMaterialId"]}
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert last(world)["additionalEventData"] == told
    for call, request in (
        (kms.decrypt, {"CiphertextBlob": blob}),
        (kms.decrypt, {"CiphertextBlob": blob, "KeyId": key_id}),
        (kms.generate_data_key, {"KeyId": key_id, "KeySpec": "AES_256"}),
        (kms.generate_data_key_without_plaintext, {"KeyId": key_id, "KeySpec": "AES_256"}),
        (kms.generate_data_key_pair, {"KeyId": key_id, "KeyPairSpec": "ECC_NIST_P256"}),
    ):
        call(**request)
        assert last(world)["additionalEventData"] == told


def test_t6_re_encrypt_tells_both(world: Any, kms: Any, store: KeyStore) -> None:
    first, second = new_key(kms), new_key(kms)
    blob = kms.encrypt(KeyId=first["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=second["KeyId"])
    source = {"sourceKeyMaterialId": first["CurrentKeyMaterialId"]}
    destination = {"destinationKeyMaterialId": second["CurrentKeyMaterialId"]}
    assert last(world)["additionalEventData"] == {**source, **destination}
    in_store = store.create_key()
    sealed = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=in_store)["CiphertextBlob"]
    (material,) = store.cluster.hsms[0].keys
    in_the_store = {"customKeyStoreId": store.id, "backingKeyId": material.key_id}
    assert last(world)["additionalEventData"] == {**in_the_store, **source}
    kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=second["KeyId"])
    assert last(world)["additionalEventData"] == {**in_the_store, **destination}


def test_t6_what_has_no_key_material_id_tells_none(world: Any, kms: Any, store: KeyStore) -> None:
    kms.encrypt(KeyId=store.create_key(), Plaintext=b"x")
    (material,) = store.cluster.hsms[0].keys
    assert last(world)["additionalEventData"] == {
        "customKeyStoreId": store.id,
        "backingKeyId": material.key_id,
    }
    mac = new_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    kms.generate_mac(KeyId=mac["KeyId"], Message=b"x", MacAlgorithm="HMAC_SHA_256")
    assert "additionalEventData" not in last(world)
    rsa = new_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    how = {"KeyId": rsa["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = kms.encrypt(**how, Plaintext=b"x")["CiphertextBlob"]
    assert "additionalEventData" not in last(world)
    kms.decrypt(**how, CiphertextBlob=blob)
    assert "additionalEventData" not in last(world)
    kms.describe_key(KeyId=new_key(kms)["KeyId"])
    assert "additionalEventData" not in last(world)


def test_t6_what_failed_has_used_none(world: Any, kms: Any) -> None:
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    error_of(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "b"})
    assert "additionalEventData" not in last(world)
    error_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x", DryRun=True)
    assert "additionalEventData" not in last(world)
    kms.disable_key(KeyId=key["KeyId"])
    error_of(kms.decrypt, CiphertextBlob=blob)
    assert "additionalEventData" not in last(world)


# responseElements ---------------------------------------------------------------------------------


def test_t6_a_call_that_failed_has_answered_nothing(world: Any, kms: Any) -> None:
    key = new_key(kms)
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    assert last(world)["responseElements"]["keyId"] == key["Arn"]
    for call, request in (
        (kms.enable_key, {}),
        (kms.tag_resource, {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        (kms.update_key_description, {"Description": "x"}),
    ):
        error_of(call, KeyId=key["KeyId"], **request)
        assert last(world)["responseElements"] is None
    error_of(kms.enable_key, KeyId="nonsense")
    assert last(world)["responseElements"] is None


def test_t6_keys_in_a_store_are_answered_alike(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    for call, request in (
        (kms.disable_key, {}),
        (kms.update_key_description, {"Description": "x"}),
    ):
        call(KeyId=key_id, **request)
        arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}"
        assert last(world)["responseElements"] == {"keyId": arn}


def test_t6_a_new_cluster_shows_neither_group_nor_tags(world: Any) -> None:
    ec2, cloudhsm = client("ec2"), client("cloudhsmv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    made = cloudhsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=[subnet],
        TagList=[{"Key": "a", "Value": "b"}],
    )["Cluster"]
    assert {"SecurityGroup", "TagList"} <= made.keys()
    shown = last(world)["responseElements"]["cluster"]
    assert shown["clusterId"] == made["ClusterId"]
    assert not {"securityGroup", "tagList"} & shown.keys()
    described = cloudhsm.describe_clusters()["Clusters"][0]
    assert described["TagList"] == [{"Key": "a", "Value": "b"}]
    cloudhsm.delete_cluster(ClusterId=made["ClusterId"])
    assert "securityGroup" in last(world)["responseElements"]["cluster"]


# tlsDetails ---------------------------------------------------------------------------------------


def test_y25_a_client_comes_by_tls_and_what_kms_does_does_not(world: Any, kms: Any) -> None:
    kms.list_keys()
    assert last(world)["tlsDetails"] == tls("kms")
    client("cloudhsmv2").describe_clusters()
    assert last(world)["tlsDetails"] == tls("cloudhsmv2")
    client("cloudtrail").describe_trails()
    assert last(world)["tlsDetails"] == tls("cloudtrail")
    client("kms", OTHER_REGION).list_keys()
    (record,) = [one for one in world.trail.events() if one["awsRegion"] == OTHER_REGION]
    host = record["tlsDetails"]["clientProvidedHostHeader"]
    assert host == f"kms.{OTHER_REGION}.amazonaws.com"
    error_of(kms.describe_key, KeyId="nonsense")
    assert last(world)["tlsDetails"] == tls("kms")
    key_id = new_key(kms)["KeyId"]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=8)
    assert "tlsDetails" not in last(world, event_name="DeleteKey")


# What KMS does on its own -------------------------------------------------------------------------

TOLD = {
    "RotateKey": (
        ROTATION,
        ROTATION,
        "KMS CMK Rotation",
        {
            "rotation-type": "AUTOMATIC",
            "key-origin": "AWS_KMS",
            "previous-key-material-id": "1" * 64,
            "current-key-material-id": "2" * 64,
        },
    ),
    "DeleteExpiredKeyMaterial": (
        EXPIRATION,
        EXPIRATION,
        "KMS Imported Key Material Expiration",
        {"key-material-id": "3" * 64},
    ),
    "DeleteKey": ({"unknown": "x"}, None, "KMS CMK Deletion", {}),
}


@pytest.mark.parametrize("name", TOLD)
def test_y24_what_kms_did_is_told_with_its_details(world: Any, kms: Any, name: str) -> None:
    known, in_record, detail_type, in_event = TOLD[name]
    url = client("sqs").create_queue(QueueName="queue")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"
    pattern = json.dumps({"source": ["aws.kms"], "detail-type": [detail_type]})
    client("events").put_rule(Name="rule", EventPattern=pattern)
    client("events").put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": arn}])
    key_arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"
    announce(Deed("kms", name, ACCOUNT, REGION, (key_arn,), details=known))
    record = last(world, event_name=name)
    if in_record is None:
        assert "serviceEventDetails" not in record
    else:
        assert record["serviceEventDetails"] == {**in_record, "keyId": "1234"}
    (message,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail"] == {"key-id": "1234", **in_event}
    assert event["resources"] == [key_arn]
