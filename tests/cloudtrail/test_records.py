"""What the records of the operations hold; AWS KMS Developer Guide, log file entries."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends

from moto_cks.cloudtrail import records as tables
from moto_cks.frontend.calls import NO_SUBJECT, Call
from moto_cks.kms.subjects import subject_of
from tests.aws import REGION, client, client_as, error_of

from . import last

SECRETS = ("kmsPswd1", "the plaintext", "anotherPswd", "the message")


def test_t1_common_elements(world: Any, kms: Any) -> None:
    answer = kms.list_keys()
    record = last(world)
    assert record["eventVersion"] == "1.11"
    assert record["eventSource"] == "kms.amazonaws.com"
    assert record["eventName"] == "ListKeys"
    assert record["awsRegion"] == REGION
    assert record["recipientAccountId"] == DEFAULT_ACCOUNT_ID
    assert record["eventType"] == "AwsApiCall"
    assert record["eventCategory"] == "Management"
    assert record["managementEvent"] is True
    assert record["readOnly"] is True
    assert record["requestParameters"] is None
    assert record["responseElements"] is None
    assert record["resources"] == []
    assert record["requestID"] == answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert record["userAgent"].startswith("Boto3/")
    assert record["eventTime"].endswith("Z")
    assert record["eventID"] == last(world)["eventID"]
    assert "errorCode" not in record


def test_t1_y6_encrypt_and_decrypt(world: Any) -> None:
    store = world.create_key_store()
    kms = client("kms")
    key_id = store.create_key()
    (material,) = store.cluster.hsms[0].keys
    of_the_key = {"customKeyStoreId": store.id, "backingKeyId": material.key_id}
    context = {"Department": "Engineering"}
    sealed = kms.encrypt(KeyId=key_id, Plaintext=b"the plaintext", EncryptionContext=context)
    encrypt = last(world)
    assert encrypt["requestParameters"] == {
        "keyId": key_id,
        "encryptionContext": context,
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    assert encrypt["responseElements"] is None
    assert encrypt["additionalEventData"] == of_the_key
    assert encrypt["readOnly"] is True
    resource = {"accountId": DEFAULT_ACCOUNT_ID, "type": "AWS::KMS::Key", "ARN": sealed["KeyId"]}
    assert encrypt["resources"] == [resource]

    kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
    decrypt = last(world)
    assert decrypt["requestParameters"] == {
        "encryptionContext": context,
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    assert decrypt["additionalEventData"] == of_the_key
    assert decrypt["resources"] == [resource]


def test_t1_no_key_store_no_additional_data(world: Any, kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]
    assert "additionalEventData" not in last(world)
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    material = {"keyMaterialId": key["CurrentKeyMaterialId"]}
    assert last(world)["additionalEventData"] == material


def test_t1_failed_calls(world: Any) -> None:
    store = world.create_key_store()
    kms = client("kms")
    key_id = store.create_key()
    kms.disable_key(KeyId=key_id)
    code, message = error_of(kms.encrypt, KeyId=key_id, Plaintext=b"the plaintext")
    record = last(world)
    assert record["errorCode"] == code == "DisabledException"
    assert record["errorMessage"] == message
    assert record["responseElements"] is None
    assert record["resources"][0]["ARN"].endswith(key_id)

    error_of(kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId="cks-0123456789abcdef0")
    record = last(world)
    assert record["errorCode"] == "CustomKeyStoreNotFoundException"
    assert record["requestParameters"]["customKeyStoreId"] == "cks-0123456789abcdef0"
    assert record["responseElements"] is None


def test_t1_y3_y4_create_key_in_a_key_store(world: Any) -> None:
    store = world.create_key_store()
    key_id = store.create_key(Description="mine")
    record = last(world)
    assert record["requestParameters"] == {
        "bypassPolicyLockoutSafetyCheck": False,
        "customKeyStoreId": store.id,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "description": "mine",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_CLOUDHSM",
    }
    metadata = record["responseElements"]["keyMetadata"]
    assert metadata["keyId"] == key_id
    assert metadata["aWSAccountId"] == DEFAULT_ACCOUNT_ID
    assert metadata["cloudHsmClusterId"] == store.cluster.id
    assert metadata["creationDate"].endswith((" AM", " PM"))
    backing_key = json.loads(record["additionalEventData"]["backingKey"])
    (material,) = store.cluster.hsms[0].keys
    assert backing_key == {"keyHandle": str(material.handle), "backingKeyId": material.key_id}
    assert record["resources"][0]["ARN"] == metadata["arn"]
    assert record["readOnly"] is False


@pytest.mark.parametrize("name", ["KeySpec", "CustomerMasterKeySpec"])
def test_t1_y4_a_key_spec_is_recorded_by_both_of_its_names(world: Any, name: str) -> None:
    client("kms").create_key(**{name: "RSA_2048", "KeyUsage": "SIGN_VERIFY"})
    parameters = last(world)["requestParameters"]
    assert (parameters["keySpec"], parameters["customerMasterKeySpec"]) == ("RSA_2048",) * 2


def test_t1_y3_schedule_key_deletion(world: Any) -> None:
    store = world.create_key_store()
    key_id = store.create_key()
    created = json.loads(last(world)["additionalEventData"]["backingKey"])
    client("kms").schedule_key_deletion(KeyId=key_id)
    record = last(world)
    assert record["requestParameters"] == {"keyId": key_id, "pendingWindowInDays": 30}
    assert record["responseElements"]["keyId"].endswith(f"key/{key_id}")
    assert record["responseElements"]["keyState"] == "PendingDeletion"
    data = record["additionalEventData"]
    assert data["customKeyStoreId"] == store.id
    assert data["clusterId"] == store.cluster.id
    assert json.loads(data["backingKeys"]) == [created]


def test_t1_key_store_operations(world: Any) -> None:
    store = world.create_key_store(name="ExampleKeyStore")
    kms = client("kms")
    created = last(world, event_name="CreateCustomKeyStore")
    assert created["requestParameters"] == {
        "customKeyStoreName": "ExampleKeyStore",
        "clusterId": store.cluster.id,
    }
    assert created["responseElements"] == {"customKeyStoreId": store.id}
    assert "resources" not in created
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.update_custom_key_store(
        CustomKeyStoreId=store.id, NewCustomKeyStoreName="New", KeyStorePassword="anotherPswd"
    )
    updated = last(world)
    assert updated["requestParameters"] == {
        "customKeyStoreId": store.id,
        "newCustomKeyStoreName": "New",
    }
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    for name, shown in (
        ("ConnectCustomKeyStore", "ExampleKeyStore"),
        ("DisconnectCustomKeyStore", "ExampleKeyStore"),
        ("UpdateCustomKeyStore", "New"),
        ("DeleteCustomKeyStore", "New"),
    ):
        record = last(world, event_name=name)
        assert record["responseElements"] is None
        assert record["requestParameters"]["customKeyStoreId"] == store.id
        assert record["additionalEventData"] in (
            {"customKeyStoreName": "ExampleKeyStore", "clusterId": store.cluster.id},
            {"customKeyStoreName": shown, "clusterId": store.cluster.id},
        )
        assert record["readOnly"] is False
    kms.describe_custom_key_stores()
    assert last(world)["readOnly"] is True


def test_t1_aliases_name_alias_and_key(world: Any, kms: Any) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    alias = f"arn:aws:kms:{REGION}:{DEFAULT_ACCOUNT_ID}:alias/mine"
    kms.create_alias(AliasName="alias/mine", TargetKeyId=arn)
    kms.update_alias(AliasName="alias/mine", TargetKeyId=arn)
    kms.delete_alias(AliasName="alias/mine")
    for record in world.trail.events()[-3:]:
        first, second = [resource["ARN"] for resource in record["resources"]]
        created = record["eventName"] == "CreateAlias"
        assert (first, second) == ((arn, alias) if created else (alias, arn))
        assert record["requestParameters"]["aliasName"] == "alias/mine"


def test_t1_grants(world: Any, kms: Any) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    who = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/r"
    grant = kms.create_grant(KeyId=arn, GranteePrincipal=who, Operations=["Encrypt"], Name="g")
    assert last(world)["responseElements"] == {"grantId": grant["GrantId"], "keyId": arn}
    assert grant["GrantToken"] not in json.dumps(last(world))
    kms.retire_grant(GrantToken=grant["GrantToken"])
    record = last(world)
    assert record["requestParameters"] is None
    assert record["additionalEventData"] == {"grantId": grant["GrantId"]}
    assert record["resources"][0]["ARN"] == arn


def test_t1_re_encrypt_names_both_keys(world: Any, kms: Any) -> None:
    source = kms.create_key()["KeyMetadata"]["Arn"]
    destination = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=source, Plaintext=b"x")["CiphertextBlob"]
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=destination)
    record = last(world)
    assert [resource["ARN"] for resource in record["resources"]] == [source, destination]
    assert record["requestParameters"]["destinationKeyId"] == destination


def test_t1_generate_random_in_a_key_store(world: Any) -> None:
    store = world.create_key_store()
    client("kms").generate_random(NumberOfBytes=4, CustomKeyStoreId=store.id)
    record = last(world)
    assert record["requestParameters"] is None
    assert record["resources"] == []
    assert record["additionalEventData"] == {"customKeyStoreId": store.id}


def test_t1_cloudhsm(world: Any) -> None:
    cluster = world.create_cluster(hsms=1)
    created = last(world, event_name="CreateHsm")
    assert created["eventSource"] == "cloudhsm.amazonaws.com"
    assert created["requestParameters"]["clusterId"] == cluster.id
    assert created["responseElements"]["hsm"]["clusterId"] == cluster.id
    assert "PreCoPassword" not in json.dumps(world.trail.events())
    cloudhsm = client("cloudhsmv2")
    cloudhsm.describe_clusters()
    assert last(world)["readOnly"] is True
    assert last(world)["responseElements"] is None
    error_of(cloudhsm.delete_cluster, ClusterId="cluster-aaaaaaaaaaa")
    assert last(world)["errorCode"] == "CloudHsmResourceNotFoundException"


def test_t1_who_called(world: Any) -> None:
    iam = client("iam")
    user = iam.create_user(UserName="Alice")["User"]
    key = iam.create_access_key(UserName="Alice")["AccessKey"]
    client_as(key, "kms").list_keys()
    assert last(world)["userIdentity"] == {
        "type": "IAMUser",
        "principalId": user["UserId"],
        "arn": user["Arn"],
        "accountId": DEFAULT_ACCOUNT_ID,
        "accessKeyId": key["AccessKeyId"],
        "userName": "Alice",
    }
    role = iam.create_role(RoleName="Admin", AssumeRolePolicyDocument="{}")["Role"]
    session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me")
    client_as(session["Credentials"], "kms").list_keys()
    identity = last(world)["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == session["AssumedRoleUser"]["Arn"]
    assert identity["principalId"] == f"{role['RoleId']}:me"
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == role["Arn"]
    client("kms").list_keys()
    who = client("sts").get_caller_identity()
    assert last(world)["userIdentity"]["arn"] == who["Arn"]


def test_t1_a_user_with_another_name(world: Any) -> None:
    iam = client("iam")
    iam.create_user(UserName="Alice")
    key = iam.create_access_key(UserName="Alice")["AccessKey"]
    kms = client_as(key, "kms")
    kms.list_keys()
    iam.update_user(UserName="Alice", NewUserName="Bob")
    kms.list_keys()
    names = [record["userIdentity"]["userName"] for record in world.trail.events()]
    assert names == ["Alice", "Bob"]


def test_p7_no_secrets(world: Any) -> None:
    store = world.create_key_store()
    kms = client("kms")
    key_id = store.create_key()
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"the plaintext")["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob)
    data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    kms.sign(KeyId=signing, Message=b"the message", SigningAlgorithm="ECDSA_SHA_256")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="anotherPswd")
    error_of(
        kms.create_custom_key_store,
        CustomKeyStoreName=store.name,
        CloudHsmClusterId=store.cluster.id,
        TrustAnchorCertificate="x",
        KeyStorePassword="anotherPswd",
    )
    records = json.dumps(world.trail.events())
    held = repr(client_side_events(world))
    for secret in SECRETS:
        encoded = base64.b64encode(secret.encode()).decode()
        for text in (records, held):
            assert secret not in text
            assert encoded not in text
    for secret in (blob, data_key["Plaintext"], data_key["CiphertextBlob"]):
        assert base64.b64encode(secret).decode() not in records + held


def client_side_events(world: Any) -> list[Any]:
    """The events as they are kept."""
    from moto_cks.cloudtrail.models import trail_backend  # noqa: PLC0415

    return list(trail_backend(DEFAULT_ACCOUNT_ID, REGION).history)


# The tables ---------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return text.split()


READING = words("""
    Decrypt DeriveSharedSecret DescribeCustomKeyStores DescribeKey Encrypt GenerateDataKey
    GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext
    GenerateMac GenerateRandom GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus
    GetParametersForImport GetPublicKey ListAliases ListGrants ListKeyPolicies ListKeyRotations
    ListKeys ListResourceTags ListRetirableGrants ReEncrypt Sign Verify VerifyMac
    DescribeBackups DescribeClusters GetResourcePolicy ListTags
    DescribeTrails GetEventSelectors GetTrail GetTrailStatus ListTrails LookupEvents
""")
WRITING_TO_KEYS = words("""
    CancelKeyDeletion CreateAlias CreateGrant DeleteAlias DeleteImportedKeyMaterial DeleteKey
    DisableKey DisableKeyRotation EnableKey EnableKeyRotation ImportKeyMaterial PutKeyPolicy
    RevokeGrant ScheduleKeyDeletion SynchronizeMultiRegionKey TagResource UntagResource UpdateAlias
    UpdateKeyDescription UpdatePrimaryRegion
""")
"""They name the key by its ARN, whatever they answer."""

WRITING = words("""
    ConnectCustomKeyStore CreateCustomKeyStore CreateKey DeleteCustomKeyStore
    DeleteExpiredKeyMaterial DisconnectCustomKeyStore ReplicateKey RetireGrant RotateKey
    RotateKeyOnDemand
    UpdateCustomKeyStore
    CopyBackupToRegion CreateCluster CreateHsm DeleteBackup DeleteCluster DeleteHsm
    DeleteResourcePolicy InitializeCluster ModifyBackupAttributes ModifyCluster PutResourcePolicy
    RestoreBackup
    AddTags CreateTrail DeleteTrail PutEventSelectors RemoveTags StartLogging StopLogging
    UpdateTrail
""")
OPERATIONS = [*READING, *WRITING_TO_KEYS, *WRITING]


def test_t1_cryptographic_operations_are_read_only_as_what_only_looks() -> None:
    assert [name for name in OPERATIONS if tables.is_read_only(name)] == READING


def test_t1_what_kms_answers_is_shown_of_few_operations() -> None:
    assert {name for name in OPERATIONS if tables.has_response_elements("kms", name)} == {
        "CancelKeyDeletion",
        "CreateCustomKeyStore",
        "CreateGrant",
        "CreateKey",
        "DeleteImportedKeyMaterial",
        "ImportKeyMaterial",
        "ReplicateKey",
        "RotateKeyOnDemand",
        "ScheduleKeyDeletion",
    }
    for service in ("cloudhsmv2", "cloudtrail"):
        shown = [name for name in OPERATIONS if tables.has_response_elements(service, name)]
        assert shown == [*WRITING_TO_KEYS, *WRITING]


ALIAS, KEY, OTHER = (f"arn:aws:kms:us-east-1:1:{name}" for name in ("alias/a", "key/1", "key/2"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_t6_which_answers_name_the_key(operation: str) -> None:
    named = {"keyId": KEY} if operation in WRITING_TO_KEYS else None
    cluster = {"cluster": {}} if operation == "CreateCluster" else {}
    for arns in ([ALIAS, KEY], [KEY, OTHER]):
        found = tables.response_elements(operation, {}, arns)
        assert found == (named if named is not None else cluster or None)
    assert tables.response_elements(operation, {}, [ALIAS]) == (cluster or None)
    shown = {"a": 1, "keyId": "1", **cluster}
    assert tables.response_elements(operation, shown, [KEY]) == {**shown, **(named or {})}
    assert shown["keyId"] == "1"


def test_t6_what_is_left_out_of_a_new_cluster() -> None:
    made = {"clusterId": "cluster-1", "securityGroup": "sg-1", "tagList": [], "state": "x"}
    for operation, left in (
        ("CreateCluster", {"clusterId": "cluster-1", "state": "x"}),
        ("DeleteCluster", made),
    ):
        shown = {"cluster": made, "other": 1}
        assert tables.response_elements(operation, shown, []) == {"cluster": left, "other": 1}
        assert shown["cluster"] is made


SYMMETRIC = "SYMMETRIC_DEFAULT"
DEFAULTS: dict[str, dict[str, Any]] = {
    "CreateKey": {
        "bypassPolicyLockoutSafetyCheck": False,
        "description": "",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "keySpec": SYMMETRIC,
        "customerMasterKeySpec": SYMMETRIC,
    },
    "Decrypt": {"encryptionAlgorithm": SYMMETRIC},
    "Encrypt": {"encryptionAlgorithm": SYMMETRIC},
    "PutKeyPolicy": {"bypassPolicyLockoutSafetyCheck": False, "policyName": "default"},
    "ReEncrypt": {
        "destinationEncryptionAlgorithm": SYMMETRIC,
        "sourceEncryptionAlgorithm": SYMMETRIC,
    },
    "ReplicateKey": {"bypassPolicyLockoutSafetyCheck": False, "description": ""},
    "ScheduleKeyDeletion": {"pendingWindowInDays": 30},
}
HIDDEN = {"CreateCustomKeyStore": {"trustAnchorCertificate"}}
RENAMED = {
    name: {"cloudHsmClusterId": "clusterId"}
    for name in ("CreateCustomKeyStore", "UpdateCustomKeyStore")
}
NO_PARAMETERS = {"GenerateRandom", "RetireGrant"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_t1_the_parameters_of_a_request(operation: str) -> None:
    assert tables.request_parameters(operation, {}) == DEFAULTS.get(operation)
    given = {"trustAnchorCertificate": "PEM", "cloudHsmClusterId": "cluster-1", "x": None}
    renamed = RENAMED.get(operation, {})
    expected = {
        renamed.get(name, name): value
        for name, value in given.items()
        if name not in HIDDEN.get(operation, set())
    }
    found = tables.request_parameters(operation, given)
    assert found == (
        None if operation in NO_PARAMETERS else {**DEFAULTS.get(operation, {}), **expected}
    )
    for name in DEFAULTS.get(operation, {}):
        recorded = tables.request_parameters(operation, {name: "given"})
        assert recorded is not None
        assert recorded[name] == "given"


def test_t1_the_services_whose_calls_are_recorded() -> None:
    assert tables.EVENT_SOURCES == {
        "kms": "kms.amazonaws.com",
        "cloudhsmv2": "cloudhsm.amazonaws.com",
        "cloudtrail": "cloudtrail.amazonaws.com",
    }
    assert frozenset({"SynchronizeMultiRegionKey"}) == tables.INTERNAL_CALLS


def test_y24_which_details_a_service_event_has() -> None:
    every = {name: name for name in (*MATERIALS, "rotationType", "keyOrigin", "other")}
    expected = {
        "DeleteExpiredKeyMaterial": ["keyMaterialId", "keyId"],
        "RotateKey": [
            "rotationType",
            "keyOrigin",
            "previousKeyMaterialId",
            "currentKeyMaterialId",
            "keyId",
        ],
    }
    for operation in OPERATIONS:
        found = tables.service_event_details(operation, every, [KEY])
        assert (found and list(found)) == expected.get(operation)
        if found is not None:
            assert found.pop("keyId") == "1"
            assert all(name == value for name, value in found.items())
            assert tables.service_event_details(operation, {}, [KEY, OTHER]) == {"keyId": "1"}


MATERIALS = ("keyMaterialId", "previousKeyMaterialId", "currentKeyMaterialId")


def test_y25_how_a_client_of_today_comes() -> None:
    assert list(tables.tls_details("kms.example").items()) == [
        ("tlsVersion", "TLSv1.3"),
        ("cipherSuite", "TLS_AES_128_GCM_SHA256"),
        ("clientProvidedHostHeader", "kms.example"),
        ("keyExchange", "X25519MLKEM768"),
    ]


def test_t1_between_two_key_stores_the_record_names_that_of_the_source(world: Any) -> None:
    kms = client("kms")
    source, destination = (world.create_external_key_store(name) for name in ("one", "other"))
    sealed = kms.encrypt(KeyId=source.create_key(), Plaintext=b"x")["CiphertextBlob"]
    answer = kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=destination.create_key())
    record = last(world)
    assert record["additionalEventData"]["customKeyStoreId"] == source.id
    assert [resource["ARN"] for resource in record["resources"]] == [
        answer["SourceKeyId"],
        answer["KeyId"],
    ]
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.encrypt(KeyId=arn, Plaintext=b"x")
    assert [resource["ARN"] for resource in last(world)["resources"]] == [arn]


def test_t1_of_an_operation_that_kms_does_not_have_there_is_nothing_to_tell(world: Any) -> None:
    backend = kms_backends[DEFAULT_ACCOUNT_ID][REGION]
    now = world.clock.now()
    call = Call("kms", "Nonsense", DEFAULT_ACCOUNT_ID, REGION, "AKIA", "boto3", {}, now)
    assert subject_of(backend, call, []) is NO_SUBJECT
