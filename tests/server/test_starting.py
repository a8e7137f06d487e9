"""moto-cks-server starts and stops; TLS."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from moto_cks.handle.remote.control_api import ControlApi, NoServerError
from moto_cks.server import ThreadedCksServer
from moto_cks.server.main import main
from tests.aws import client_of
from tests.server.conftest import Server
from tests.server.process import NewServerProcess, running


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
    process = NewServerProcess("-p", "0")
    assert process.ready_line == f"Running on http://127.0.0.1:{process.port}\n"
    second_line = process.stdout.readline()
    assert second_line == f"Console: http://127.0.0.1:{process.port}/moto-api/cks/console\n"
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
            ControlApi(f"https://localhost:{port}").get("clock")
        monkeypatch.setenv("AWS_CA_BUNDLE", certificate)
        assert ControlApi(f"https://localhost:{port}").get("clock")["now"]


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


@pytest.mark.parametrize("port", ["65536", "-1"])
def test_a_port_that_there_is_not(port: str) -> None:
    command = [sys.executable, "-m", "moto_cks.server.main", f"--port={port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"A port is a number from 0 to 65535, not {port}." in done.stderr
    assert "Traceback" not in done.stderr
