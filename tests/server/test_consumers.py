"""Other services of a server see the states of keys, too (row G13)."""

from __future__ import annotations

import json
import urllib.request

from tests.aws import error_of
from tests.server.conftest import Server


def test_g13_services_of_a_server_ask_kms(server: Server) -> None:
    s3, kms = server.client("s3"), server.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    s3.create_bucket(Bucket="bucket")
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id}
    s3.put_object(Bucket="bucket", Key="key", Body=b"x", **encryption)
    kms.disable_key(KeyId=key_id)
    assert error_of(s3.get_object, Bucket="bucket", Key="key")[0] == "KMS.DisabledException"
    kms.enable_key(KeyId=key_id)
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"x"


def test_g13_records_of_a_server_name_the_caller_and_the_service(server: Server) -> None:
    secrets, kms = server.client("secretsmanager"), server.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name="secret", SecretString="x", KmsKeyId=key_id)
    with urllib.request.urlopen(f"{server.endpoint}/moto-api/cks/trail/events") as answer:
        events = json.load(answer)
    found = events["events"] if isinstance(events, dict) else events
    (event,) = [one for one in found if one["eventName"] == "GenerateDataKey"]
    assert event["userIdentity"]["invokedBy"] == "secretsmanager.amazonaws.com"
    assert event["userIdentity"]["accessKeyId"]
