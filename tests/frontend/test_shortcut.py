"""The short way in process keeps what moto's way has (M1, M5)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count
from moto.core.botocore_stubber import MockRawResponse
from moto.core.exceptions import ServiceNotWhitelisted
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api import recorder

from moto_cks import cks, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client, error_of, session


def own_client(service: str, region: str = REGION, **parameters: Any) -> Any:
    """A client that no other test uses."""
    return session().client(service, region, **parameters)


def account_of(kms: Any) -> str:
    """The account in which a client's calls are answered."""
    return str(kms.create_key()["KeyMetadata"]["AWSAccountId"])


def sent_to_aws(kms: Any) -> bool:
    """Whether a call of ListKeys is let through; something else stands in for AWS then."""

    def send(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, {}, MockRawResponse('{"Truncated": true}'))

    kms.meta.events.register_last("before-send", send)
    return bool(kms.list_keys()["Truncated"])


def status_of(call: Any) -> int:
    """The HTTP status of a call that fails; moto words what IAM denies in XML."""
    with pytest.raises(ClientError) as caught:
        call()
    return int(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


# Accounts ---------------------------------------------------------------------------------------


@mock_cks
def test_m5_a_call_is_one_of_the_default_account() -> None:
    assert account_of(client("kms")) == DEFAULT_ACCOUNT_ID


@mock_cks
def test_m5_the_account_of_a_header() -> None:
    assert account_of(client("kms", account_id=OTHER_ACCOUNT)) == OTHER_ACCOUNT


@mock_cks
def test_m5_the_account_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "222233334444")
    assert account_of(client("kms", account_id=OTHER_ACCOUNT)) == "222233334444"


@mock_cks
def test_m5_the_account_of_an_access_key() -> None:
    iam = client("iam", account_id=OTHER_ACCOUNT)
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    kms = own_client(
        "kms",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert account_of(kms) == OTHER_ACCOUNT
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("kms", REGION)
    (event,) = cks.trail.events(event_name="CreateKey")
    assert event["userIdentity"]["userName"] == "alice"


@mock_cks
def test_m5_the_account_of_a_role_s_session() -> None:
    role = client("iam", account_id=OTHER_ACCOUNT).create_role(
        RoleName="officer", AssumeRolePolicyDocument="{}"
    )["Role"]
    credentials = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="drill")[
        "Credentials"
    ]
    kms = own_client(
        "kms",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    assert account_of(kms) == OTHER_ACCOUNT


@mock_cks
def test_m5_access_keys_that_moto_does_not_know_are_of_the_default_account() -> None:
    key = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
    assert account_of(own_client("kms", **key)) == DEFAULT_ACCOUNT_ID


KNOWN, UNKNOWN = "AKIAIOSFODNN7EXAMPLE", "AKIAEXAMPLE"


@pytest.mark.parametrize(
    ("authorization", "access_key"),
    [
        (f"AWS4-HMAC-SHA256 Credential={KNOWN}/20261126/us-east-1/kms/aws4_request, S=a", KNOWN),
        (f"AWS4-HMAC-SHA256 Credential={KNOWN}9/20261126/us-east-1/kms/aws4_request", UNKNOWN),
        (f"AWS4-HMAC-SHA256 Credential={KNOWN.lower()}/20261126/us-east-1/kms/a", UNKNOWN),
        ("AWS4-HMAC-SHA256 Credential=testing/20261126/us-east-1/kms/aws4_request", UNKNOWN),
        ("AWS4-HMAC-SHA256 Credential=", UNKNOWN),
        (f"AWS4-ECDSA-P256-SHA256 Credential={KNOWN}/20261126/kms/aws4_request", KNOWN),
        (f"AWS {KNOWN}:frJIUN8DYpKDtOLCwo", KNOWN),
        (f"Bearer {KNOWN}/", UNKNOWN),
    ],
)
@mock_cks
def test_m5_the_access_key_of_a_signature(authorization: str, access_key: str) -> None:
    def sign(request: Any, **_: Any) -> None:
        del request.headers["Authorization"]
        request.headers["Authorization"] = authorization

    kms = own_client("kms")
    kms.meta.events.register_first("before-send", sign)
    kms.list_keys()
    (event,) = cks.trail.events(event_name="ListKeys")
    assert event["userIdentity"]["accessKeyId"] == access_key


def test_m5_a_request_that_its_client_has_compressed() -> None:
    def compress(request: Any, **_: Any) -> None:
        request.body = gzip.compress(request.body)
        request.headers["Content-Encoding"] = "gzip"

    kms = own_client("kms")
    kms.meta.events.register_first("before-send", compress)

    def described() -> str:
        return str(kms.create_key(Description="compressed")["KeyMetadata"]["Description"])

    with mock_aws():
        try:
            described()
        except ClientError:
            pytest.skip("this moto cannot read what is compressed")
    with mock_cks():
        assert described() == "compressed"


# IAM's authorization ----------------------------------------------------------------------------


def user_with_policy(action: str) -> dict[str, str]:
    iam = client("iam")
    iam.create_user(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
    }
    iam.put_user_policy(UserName="bob", PolicyName="inline", PolicyDocument=json.dumps(document))
    return {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


@mock_cks
@set_initial_no_auth_action_count(3)
def test_m5_what_a_policy_does_not_allow_is_denied() -> None:
    kms = own_client("kms", **user_with_policy("kms:ListKeys"))
    assert kms.list_keys()["Keys"] == []
    assert status_of(kms.create_key) == 403
    (event,) = cks.trail.events(event_name="CreateKey")
    assert event["errorCode"] == "AccessDenied"


@mock_cks
@set_initial_no_auth_action_count(3)
def test_m5_a_wrong_signature_is_refused() -> None:
    key = user_with_policy("kms:*")
    assert own_client("kms", **key).list_keys()["Keys"] == []
    wrong = {**key, "aws_secret_access_key": "wrong"}
    assert status_of(own_client("kms", **wrong).list_keys) == 403
    (event,) = cks.trail.events(error_code="SignatureDoesNotMatch")
    assert event["eventName"] == "ListKeys"
    assert status_of(own_client("cloudhsmv2", **key).describe_clusters) == 403


# moto's configuration ---------------------------------------------------------------------------


def test_m5_the_whitelist() -> None:
    with mock_cks(config={"core": {"service_whitelist": ["kms"]}}):
        assert client("kms").list_keys()["Keys"] == []
        with pytest.raises(ServiceNotWhitelisted):
            client("cloudhsmv2").describe_clusters()


def test_m5_services_that_are_let_through() -> None:
    with mock_cks(config={"core": {"passthrough": {"services": ["kms"], "urls": []}}}):
        assert sent_to_aws(own_client("kms"))
        assert client("cloudhsmv2").describe_clusters()["Clusters"] == []
        assert cks.trail.events(event_name="ListKeys") == []


def test_m5_urls_that_are_let_through() -> None:
    urls = [r"https://kms\.eu-west-1\."]
    with mock_cks(config={"core": {"passthrough": {"services": [], "urls": urls}}}):
        assert not sent_to_aws(own_client("kms"))
        assert sent_to_aws(own_client("kms", OTHER_REGION))


def test_m1_other_endpoints_are_not_for_the_mock() -> None:
    with mock_cks():
        assert sent_to_aws(own_client("kms", endpoint_url="http://localhost:4566"))


# The recorder -----------------------------------------------------------------------------------


@pytest.fixture
def recording(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(recorder, "_location", str(tmp_path / "recording"))
    recorder.start_recording()
    yield
    recorder.stop_recording()


@mock_cks
def test_m5_the_recorder_writes_requests_and_plays_them_again(recording: None) -> None:
    kms = client("kms")
    kms.create_key(Description="recorded")
    recorder.stop_recording()
    kms.create_key(Description="not recorded")
    lines = [json.loads(line) for line in recorder.download_recording().splitlines()]
    assert [line["headers"]["X-Amz-Target"] for line in lines] == ["TrentService.CreateKey"]
    recorder.replay_recording()
    assert len(kms.list_keys()["Keys"]) == 3


# Ways in ----------------------------------------------------------------------------------------


@mock_cks
def test_m1_a_request_of_another_library_is_answered_alike() -> None:
    key = client("kms").create_key()["KeyMetadata"]
    answer = requests.post(
        f"https://kms.{REGION}.amazonaws.com/",
        data=json.dumps({"KeyId": key["KeyId"]}),
        headers={"X-Amz-Target": "TrentService.DescribeKey", "User-Agent": "curl"},
    )
    assert answer.status_code == 200
    assert answer.json()["KeyMetadata"]["Arn"] == key["Arn"]
    (event,) = cks.trail.events(event_name="DescribeKey")
    assert event["requestID"] == answer.headers["x-amzn-requestid"]
    assert event["userAgent"] == "curl"


@mock_cks
def test_m1_errors_say_the_same_on_either_way() -> None:
    unknown = "1234abcd-12ab-34cd-56ef-1234567890ab"
    with pytest.raises(ClientError) as caught:
        client("kms").describe_key(KeyId=unknown)
    answer = requests.post(
        f"https://kms.{REGION}.amazonaws.com/",
        data=json.dumps({"KeyId": unknown}),
        headers={"X-Amz-Target": "TrentService.DescribeKey"},
    )
    error = caught.value.response["Error"]
    assert answer.status_code == caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer.json() == {"__type": error["Code"], "message": error["Message"]}


def test_m1_clients_from_before_the_mock_and_after_it() -> None:
    kms = own_client("kms")
    for _ in range(2):
        with mock_cks():
            assert kms.list_keys()["Keys"] == []
            kms.create_key()
    assert sent_to_aws(kms)


@mock_cks
def test_m5_a_reset_forgets_the_keys_that_clients_know() -> None:
    kms = client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    requests.post("http://motoapi.amazonaws.com/moto-api/reset")
    assert error_of(kms.encrypt, KeyId=key_id, Plaintext=b"x")[0] == "NotFoundException"


@mock_cks
def test_m1_the_answer_has_the_headers_of_moto_s() -> None:
    headers = client("kms").list_keys()["ResponseMetadata"]["HTTPHeaders"]
    assert headers["server"] == "amazon.com"
    assert headers["date"].endswith(" GMT")


@mock_cks
def test_m1_an_operation_that_moto_does_not_have() -> None:
    with pytest.raises(NotImplementedError, match="list_channels"):
        client("cloudtrail").list_channels()


@mock_cks
@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_m1_other_partitions(region: str) -> None:
    kms = own_client("kms", region)
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    partition = {"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}[region]
    assert arn.startswith(f"arn:{partition}:kms:{region}:")


@mock_cks
def test_m1_what_moto_answers_of_cloudtrail_it_answers_here() -> None:
    client("s3").create_bucket(Bucket="trail-bucket")
    cloudtrail = client("cloudtrail")
    arn = cloudtrail.create_trail(Name="drill", S3BucketName="trail-bucket")["TrailARN"]
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    cloudtrail.put_event_selectors(TrailName="drill", EventSelectors=[selector])
    (kept,) = cloudtrail.get_event_selectors(TrailName="drill")["EventSelectors"]
    assert kept["ReadWriteType"] == "WriteOnly"
    cloudtrail.add_tags(ResourceId=arn, TagsList=[{"Key": "team", "Value": "sre"}])
    (tagged,) = cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert tagged["TagsList"] == [{"Key": "team", "Value": "sre"}]
    cloudtrail.put_insight_selectors(
        TrailName="drill", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}]
    )
    (insight,) = cloudtrail.get_insight_selectors(TrailName="drill")["InsightSelectors"]
    assert insight["InsightType"] == "ApiCallRateInsight"
