"""What moto-cks-server answers: the services, accounts and Regions, and errors."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError

from moto_cks.server.application import MAX_BODY
from tests.aws import OTHER_REGION, client_as
from tests.server.conftest import Server
from tests.server.process import post, signed

JSON_TYPE = "application/x-amz-json-1.1"
IMPORT = {"KeyId": "alias/x", "ImportToken": "eA==", "EncryptedKeyMaterial": "eA=="}


def test_m5_a_key_store_with_boto3(server: Server) -> None:
    cluster = server.control.post("clusters")
    kms = server.client("kms")
    store_id = kms.create_custom_key_store(
        CustomKeyStoreName="Example",
        CloudHsmClusterId=cluster["id"],
        TrustAnchorCertificate=cluster["trust_anchor"],
        KeyStorePassword="kmsPswd1",
    )["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    key_id = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)["KeyMetadata"][
        "KeyId"
    ]
    sealed = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is unavailable"):
        kms.decrypt(CiphertextBlob=sealed)
    events = server.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}]
    )["Events"]
    assert len(events) == 2


def test_m3_accounts_and_regions(server: Server) -> None:
    here, elsewhere = server.client("kms"), server.client("kms", OTHER_REGION)
    role = server.client("sts").assume_role(
        RoleArn="arn:aws:iam::111111111111:role/somebody", RoleSessionName="test"
    )["Credentials"]
    other = client_as(role, "kms", endpoint_url=server.endpoint)
    arns = {kms.create_key()["KeyMetadata"]["Arn"] for kms in (here, elsewhere, other)}
    places = {tuple(arn.split(":")[3:5]) for arn in arns}
    assert places == {
        ("us-east-1", "123456789012"),
        ("eu-west-1", "123456789012"),
        ("us-east-1", "111111111111"),
    }
    assert all(len(kms.list_keys()["Keys"]) == 1 for kms in (here, elsewhere, other))


def test_account_by_header(server: Server) -> None:
    headers = {**signed("CreateKey"), "x-moto-account-id": "222222222222"}
    _, body = post(server.port, b"{}", headers)
    assert json.loads(body)["KeyMetadata"]["AWSAccountId"] == "222222222222"


def test_m2_other_services_of_moto(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a/b c%2Fd", Body=b"x" * 100_000, Metadata={"my_key": "v"})
    found = s3.get_object(Bucket="bucket", Key="a/b c%2Fd")
    assert found["Body"].read() == b"x" * 100_000
    # moto before 5.2.4 takes underscores in the names of headers for dashes.
    assert found["Metadata"] in ({"my_key": "v"}, {"my-key": "v"})
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [
        "a/b c%2Fd"
    ]
    queue = server.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
    assert queue.startswith("http")
    assert server.client("ec2").describe_vpcs()["Vpcs"]
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.list_objects_v2(Bucket="none")


def test_a_body_in_chunks(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    chunks = iter([b'{"Descrip', b'tion": "in chunks"}'])
    connection.request("POST", "/", chunks, signed("CreateKey"), encode_chunked=True)
    assert json.loads(connection.getresponse().read())["KeyMetadata"]["Description"] == "in chunks"
    connection.close()


def test_a_script_in_a_browser_may_read_the_answer(server: Server) -> None:
    response, _ = post(server.port, b"{}", {**signed("ListKeys"), "Origin": "http://localhost"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    response, _ = post(server.port, b"{}", signed("ListKeys"))
    assert "Access-Control-Allow-Origin" not in response.headers


def test_what_an_answer_says_of_itself(server: Server) -> None:
    response, body = post(server.port, b"{}", signed("ListKeys"))
    assert response.headers["Content-Type"] == JSON_TYPE
    assert response.headers["x-amzn-RequestId"]
    assert "status" not in response.headers
    assert len(body) == int(response.headers["Content-Length"])


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"X-Amz-Target": "TrentService.Nonsense"}, 400, "UnknownOperationException"),
        ({"X-Amz-Target": "Nonsense.ListKeys"}, 400, "UnknownOperationException"),
        ({"X-Amz-Target": None}, 400, "UnknownOperationException"),
        ({"Authorization": None}, 400, "MissingAuthenticationTokenException"),
        ({"Authorization": "AWS4-HMAC-SHA256 x"}, 400, "IncompleteSignatureException"),
        ({"Authorization": "Basic eA=="}, 400, "IncompleteSignatureException"),
    ],
)
def test_errors_of_the_front_end(
    server: Server, change: dict[str, str | None], status: int, code: str
) -> None:
    headers = {k: v for k, v in {**signed("ListKeys"), **change}.items() if v is not None}
    response, body = post(server.port, b"{}", headers)
    assert (response.status, json.loads(body)["__type"]) == (status, code)
    assert response.headers["x-amzn-ErrorType"] == code


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object(server: Server, body: bytes) -> None:
    response, answer = post(server.port, body, signed("ListKeys"))
    assert (response.status, json.loads(answer)["__type"]) == (400, "SerializationException")


def test_a_body_that_is_too_long(server: Server) -> None:
    response, answer = post(server.port, b" " * (MAX_BODY + 1), signed("ListKeys"))
    assert (response.status, json.loads(answer)["__type"]) == (
        413,
        "RequestEntityTooLargeException",
    )
    response, _ = post(server.port, b"{}" + b" " * (MAX_BODY - 2), signed("ListKeys"))
    assert response.status == 200


def test_what_moto_cannot_do(server: Server) -> None:
    response, body = post(server.port, b"{}", signed("ListChannels", "cloudtrail"))
    assert (response.status, json.loads(body)["__type"]) == (501, "NotImplementedException")


def test_a_failure_inside_shows_no_stack_trace(
    server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise AttributeError("what nobody expected")

    monkeypatch.setattr("moto_cks.kms.responses.CksKmsResponse.list_keys", fail)
    monkeypatch.setattr("moto.sqs.responses.SQSResponse.call_action", fail)
    response, body = post(server.port, b"{}", signed("ListKeys"))
    assert (response.status, json.loads(body)["__type"]) == (500, "InternalFailure")
    assert b"nobody" not in body
    with pytest.raises(ClientError, match="InternalFailure"):
        server.client("sqs", config=Config(retries={"max_attempts": 0})).list_queues()
    assert capfd.readouterr().err.count("AttributeError: what nobody expected") == 2


def test_an_operation_that_moto_checks_itself_is_told_what_is_missing(server: Server) -> None:
    for operation in ("Sign", "Verify", "CreateGrant"):
        response, body = post(server.port, b"{}", signed(operation))
        assert (response.status, json.loads(body)["__type"]) == (400, "ValidationException")
    response, body = post(server.port, b'{"Tags": [[]]}', signed("CreateKey"))
    assert (response.status, json.loads(body)["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("RotateKeyOnDemand", {"KeyId": "alias/x"}, "NotFoundException"),
        ("ListKeyRotations", {"KeyId": "alias/x"}, "NotFoundException"),
        ("RetireGrant", {"GrantId": "x"}, "ValidationException"),
        ("RetireGrant", {}, "ValidationException"),
        ("ImportKeyMaterial", {**IMPORT, "ValidTo": 1e99}, "SerializationException"),
        (
            "GenerateDataKey",
            {"KeyId": "alias/x", "EncryptionContext": None, "NumberOfBytes": 16},
            None,
        ),
    ],
)
def test_what_no_sdk_would_send(
    server: Server, operation: str, parameters: dict[str, Any], code: str | None
) -> None:
    kms = server.client("kms")
    origin = "EXTERNAL" if operation == "ImportKeyMaterial" else "AWS_KMS"
    key_id = kms.create_key(Origin=origin)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/x", TargetKeyId=key_id)
    if operation == "ImportKeyMaterial":
        parameters = {**parameters, "KeyId": key_id}  # it takes no alias
    _, body = post(server.port, json.dumps(parameters).encode(), signed(operation))
    assert json.loads(body).get("__type") == code


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (JsonRESTError("SomeException", "Some words"), 400, "SomeException"),
        (
            ClientError({"Error": {"Code": "SomeException", "Message": "Words"}}, "ListKeys"),
            400,
            "SomeException",
        ),
    ],
)
def test_what_a_service_raises_past_its_own_handling(
    server: Server, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int, code: str
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    monkeypatch.setattr("moto_cks.kms.responses.CksKmsResponse.call_action", fail)
    response, body = post(server.port, b"{}", signed("ListKeys"))
    assert (response.status, json.loads(body)["__type"]) == (status, code)
