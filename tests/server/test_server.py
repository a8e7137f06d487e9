"""moto-cks-server: HTTP, TLS, accounts and Regions, moto's own API, and its end."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import struct
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from moto.core.exceptions import JsonRESTError

from moto_cks.handle.remote.control_api import ControlClient, NoServerError
from moto_cks.server import ThreadedCksServer
from moto_cks.server.application import MAX_BODY
from moto_cks.server.main import main
from tests.aws import OTHER_REGION, client_as, client_of
from tests.server.conftest import Server
from tests.server.process import ServerProcess, post, running, signed

JSON_TYPE = "application/x-amz-json-1.1"
IMPORT = {"KeyId": "alias/x", "ImportToken": "eA==", "EncryptedKeyMaterial": "eA=="}


def moto_api(server: Server, path: str, body: Any = None, method: str = "POST") -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.endpoint}/moto-api/{path}", data, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


# What it answers ---------------------------------------------------------------------------------


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
    assert found["Metadata"] == {"my_key": "v"}
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
    key_id = server.client("kms").create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    parameters = json.dumps({"KeyId": key_id, "PrimaryRegion": "eu-west-1"}).encode()
    response, body = post(server.port, parameters, signed("UpdatePrimaryRegion"))
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


# HTTP --------------------------------------------------------------------------------------------


def test_keep_alive(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.connect()
    address = connection.sock.getsockname()
    for operation in ("ListKeys", "ListAliases", "Nonsense", "ListKeys"):
        connection.request("POST", "/", b"{}", signed(operation))
        response = connection.getresponse()
        response.read()
        assert response.version == 11
        assert connection.sock is not None
        assert connection.sock.getsockname() == address
    connection.close()


def test_two_requests_at_once_on_a_connection(server: Server) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
    request = f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 2\r\n\r\n{{}}".encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request * 2)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_connections_that_say_nothing_keep_nobody_waiting(server: Server) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    start = time.monotonic()
    assert server.client("kms").list_keys()["Keys"] == []
    assert time.monotonic() - start < 4
    for connection in silent:
        connection.close()


def test_requests_that_take_long_keep_nobody_waiting(server: Server) -> None:
    sqs = server.client("sqs", config=Config(max_pool_connections=50))
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]

    def poll(_: int) -> dict[str, Any]:
        return sqs.receive_message(QueueUrl=url, WaitTimeSeconds=3)  # type: ignore[no-any-return]

    with ThreadPoolExecutor(50) as consumers:
        waiting = consumers.map(poll, range(50))
        time.sleep(0.5)
        start = time.monotonic()
        assert server.client("kms").list_keys()["Keys"] == []
        assert time.monotonic() - start < 2
        assert all("Messages" not in answer for answer in waiting)


def test_many_clients_at_once(server: Server) -> None:
    kms = server.client("kms", config=Config(max_pool_connections=16))
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]

    def there_and_back(number: int) -> bool:
        plaintext = str(number).encode()
        sealed = kms.encrypt(KeyId=key_id, Plaintext=plaintext)["CiphertextBlob"]
        return bool(kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == plaintext)

    with ThreadPoolExecutor(16) as clients:
        assert all(clients.map(there_and_back, range(200)))


def test_a_body_that_does_not_come(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto_cks.server.http.PATIENCE", 0.2)
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
    request = f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 20\r\n\r\n{{}}".encode()
    for ending, status in ((False, b"408"), (True, b"400")):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(request)
            if ending:
                connection.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 " + status)
        assert json.loads(received.partition(b"\r\n\r\n")[2])["__type"]


def test_a_client_that_breaks_off(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
    request = f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 20\r\n\r\n{{}}".encode()
    for sent in (b"", request[:9], request[:80], request):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        connection.sendall(sent)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.05)
        connection.close()  # with a reset
    time.sleep(0.2)
    assert server.client("kms").list_keys()["Keys"] == []
    assert capfd.readouterr().err == ""


def test_a_dashed_header_is_not_overridden_by_an_underscored_one(server: Server) -> None:
    # Both would be HTTP_X_MOTO_ACCOUNT_ID.
    headers = {**signed("CreateKey"), "x_moto_account_id": "333333333333"}
    _, body = post(server.port, b"{}", headers)
    assert json.loads(body)["KeyMetadata"]["AWSAccountId"] == "123456789012"


def test_metadata_in_both_spellings(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="bucket")
    headers = {
        "Authorization": signed("ListKeys")["Authorization"].replace("/kms/", "/s3/"),
        "x-amz-meta-my-key": "dashed",
        "x-amz-meta-my_key": "underscored",
    }
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("PUT", "/bucket/key", b"x", headers)
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.head_object(Bucket="bucket", Key="key")["Metadata"] == {"my-key": "dashed"}


# moto's own API ----------------------------------------------------------------------------------


def test_m5_dashboard(server: Server) -> None:
    server.control.post("key-stores")
    assert b"<html" in moto_api(server, "", method="GET").lower()
    data = json.loads(moto_api(server, "data.json", method="GET"))
    assert len(data["cloudhsmv2"]["CloudHsmCluster"]) == 1


def test_m5_reset(server: Server) -> None:
    server.control.post("key-stores")
    server.control.post("clock", "advance", body={"days": 3})
    server.reset()
    assert server.client("kms").describe_custom_key_stores()["CustomKeyStores"] == []
    assert server.control.get("clusters") == {"clusters": []}
    now = datetime.fromisoformat(server.control.get("clock")["now"])
    assert abs((now - datetime.now(timezone.utc)).total_seconds()) < 60


def test_m5_seed(server: Server) -> None:
    def some_key() -> str:
        moto_api(server, "seed?a=42")
        return server.client("kms").create_key()["KeyMetadata"]["KeyId"]

    assert some_key() == some_key()


def test_m5_state_transitions(server: Server) -> None:
    store = server.control.post("key-stores", body={"connect": False})
    kms = server.client("kms")
    transition = {"progression": "time", "seconds": 900}
    moto_api(
        server,
        "state-manager/set-transition",
        {"model_name": "cks::connection", "transition": transition},
    )
    try:
        kms.connect_custom_key_store(CustomKeyStoreId=store["id"])
        assert _state(kms) == "CONNECTING"
        server.control.post("clock", "advance", body={"minutes": 15})
        assert _state(kms) == "CONNECTED"
        shown = moto_api(
            server, "state-manager/get-transition?model_name=cks::connection", method="GET"
        )
        assert json.loads(shown) == transition
    finally:
        moto_api(server, "state-manager/unset-transition", {"model_name": "cks::connection"})


def _state(kms: Any) -> str:
    (store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    return str(store["ConnectionState"])


def test_m5_recorder(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the recorder writes to the working directory
    moto_api(server, "recorder/reset-recording", {})
    moto_api(server, "recorder/start-recording", {})
    kms = server.client("kms")
    kms.create_key(Description="recorded")
    moto_api(server, "recorder/stop-recording", {})
    kms.create_key(Description="not recorded")
    lines = moto_api(server, "recorder/download-recording", method="GET").splitlines()
    assert [json.loads(line)["headers"]["X-Amz-Target"] for line in lines] == [
        "TrentService.CreateKey"
    ]
    server.reset()
    moto_api(server, "recorder/replay-recording", {})
    (key,) = kms.list_keys()["Keys"]
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] == "recorded"
    moto_api(server, "recorder/reset-recording", {})


def test_m5_config(server: Server) -> None:
    config = json.loads(moto_api(server, "config", method="GET"))
    assert config["lambda"] == {"use_docker": True}


# Starting and stopping ---------------------------------------------------------------------------


def test_the_server_in_a_thread() -> None:
    server = ThreadedCksServer(port=0)
    with pytest.raises(RuntimeError, match="start"):
        server.get_host_and_port()
    with pytest.raises(RuntimeError, match="start"):
        server.stop()
    server.start()
    with pytest.raises(RuntimeError, match="already"):
        server.start()
    host, port = server.get_host_and_port()
    assert host == "127.0.0.1"
    with pytest.raises(OSError, match="in use"):
        ThreadedCksServer(port=port).start()
    assert client_of(f"http://{host}:{port}", "kms").list_keys()["Keys"] == []
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, port), timeout=5)


def test_a_port_that_is_taken(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-p", str(server.port)]) == 1
    assert "in use" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--nonsense"], ["-c", "file"], ["-k", "file"], ["-p", "x"], ["-r"]]
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(number: signal.Signals) -> None:
    process = ServerProcess("-p", "0")
    assert process.ready_line == f"Running on http://127.0.0.1:{process.port}\n"
    idle = http.client.HTTPConnection("127.0.0.1", process.port, timeout=20)
    idle.request("GET", "/moto-api/cks/clock")
    assert idle.getresponse().read()
    silent = socket.create_connection(("127.0.0.1", process.port))
    half = socket.create_connection(("127.0.0.1", process.port))
    half.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
    start = time.monotonic()
    process.process.send_signal(number)
    status, errors = process.end()
    assert (status, errors) == (0, "")
    assert time.monotonic() - start < 4  # on a machine that does other things, too
    for connection in (idle, silent, half):
        connection.close()


def test_tls_with_an_own_certificate() -> None:
    with running("--ssl") as process:
        assert process.ready_line.startswith("Running on https://127.0.0.1:")
        plain = socket.create_connection(("127.0.0.1", process.port))  # says nothing
        kms = client_of(process.endpoint, "kms", verify=False)
        assert kms.create_key()["KeyMetadata"]["KeyId"]
        with socket.create_connection(("127.0.0.1", process.port), timeout=20) as no_tls:
            no_tls.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert b"200 OK" not in no_tls.recv(100)
        assert kms.list_keys()["Keys"]
        plain.close()


def test_tls_with_a_given_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = _write_certificate(tmp_path)
    with ThreadedCksServer(port=0, tls=(certificate, key)) as server:
        _, port = server.get_host_and_port()
        kms = client_of(f"https://localhost:{port}", "kms", verify=certificate)
        kms.create_key()
        assert kms.list_keys()["Keys"]
        with pytest.raises(NoServerError, match="certificate"):
            ControlClient(f"https://localhost:{port}").get("clock")
        monkeypatch.setenv("AWS_CA_BUNDLE", certificate)
        assert ControlClient(f"https://localhost:{port}").get("clock")["now"]


def _write_certificate(folder: Path) -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(files[0]), str(files[1])
