"""``moto-cks-xks-proxy``, as it is run from a shell; and AWS's own test client against it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from moto_cks.executables import xks_proxy
from moto_cks.executables.version import version
from moto_cks.xks_proxy.certificates import Authority, Subject
from tests.server.process import ROOT, loaded

ID, SECRET = "BETWEEN2TENAND3TENCHARACTERS", "PleaseReplaceThisWithSomeSecretOfLength43To64"
PREFIX = "/example/uri/path/prefix"
CONFIGURATION = {
    "path_prefix": PREFIX,
    "region": "us-east-1",
    "credentials": [{"access_key_id": ID, "secret_access_key": SECRET}],
    "keys": [
        {"id": "foo"},
        {"id": "encrypt_only_key", "usage": ["ENCRYPT"]},
        {"id": "decrypt_only_key", "usage": ["DECRYPT"]},
        {"id": "impotent_key", "usage": ["SIGN"]},
    ],
}


class Process:
    """The executable, once it has said where everything is.

    Attributes:
        url: the first line that it has printed.
        places: where it says that something lies, by what it calls that.
    """

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto_cks.executables.xks_proxy", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.places: dict[str, Path] = {}
        while self.url and "Log" not in self.places:
            name, _, path = self.process.stdout.readline().strip().partition(": ")
            self.places[name] = Path(path)

    def stop(self, how: int = signal.SIGTERM) -> tuple[int, str]:
        """Ask it to end; gives the exit status and what it has written to stderr."""
        self.process.send_signal(how)
        return self.end()

    def end(self) -> tuple[int, str]:
        """Wait for its end."""
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@contextmanager
def running(*options: str) -> Iterator[Process]:
    """The executable, which must have nothing to complain about in the end."""
    process = Process(*options)
    try:
        yield process
    finally:
        status, errors = process.stop()
    assert (status, errors) == (0, "")


@pytest.fixture
def configuration(tmp_path: Path) -> str:
    file = tmp_path / "proxy.json"
    file.write_text(json.dumps(CONFIGURATION))
    return str(file)


def status_of(url: str, context: ssl.SSLContext | None = None) -> int:
    """The status that a request without a signature gets."""
    try:
        with urlopen(Request(url, b"{}"), timeout=20, context=context) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return int(error.code)


def test_x57_over_http_it_says_where_everything_is(configuration: str) -> None:
    with running("--no-tls", "--config", configuration) as process:
        pattern = rf"http://127\.0\.0\.1:\d+{PREFIX}/kms/xks/v1"
        assert re.fullmatch(pattern, process.url)
        assert status_of(f"{process.url}/health") == 401
        file = process.places["Configuration file for the console"]
        assert file.stat().st_mode & 0o077 == 0
        assert json.loads(file.read_text()) == {
            "XksProxyUriPath": f"{PREFIX}/kms/xks/v1",
            "XksProxyAuthenticationCredential": {"AccessKeyId": ID, "RawSecretAccessKey": SECRET},
        }
        said = json.loads(process.places["Log"].read_text())
        assert said["outcome"] == "AuthenticationFailedException"
        assert "CA" not in process.places
    assert not file.parent.exists()


def test_x57_without_a_certificate_it_makes_one() -> None:
    with running() as process:
        assert process.url.startswith("https://127.0.0.1:")
        assert process.url.endswith("/example/kms/xks/v1")
        context = ssl.create_default_context(cafile=str(process.places["CA"]))
        assert status_of(f"{process.url}/health", context) == 401
        by_name = process.url.replace("127.0.0.1", "localhost")
        assert status_of(f"{by_name}/health", context) == 401
        credential = json.loads(process.places["Configuration file for the console"].read_text())
        assert len(credential["XksProxyAuthenticationCredential"]["RawSecretAccessKey"]) == 43


def test_x57_with_a_certificate_of_one_s_own_and_of_clients(tmp_path: Path) -> None:
    authority, clients = Authority("Mine"), Authority("Clients")
    server = authority.issue(Subject("localhost", ("127.0.0.1",)))
    client = clients.issue(Subject("client"), client=True)
    files = {
        "cert": server.chain,
        "key": server.key,
        "ca": authority.certificate,
        "client-ca": clients.certificate,
        "client": client.key + client.chain,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    options = [f"--{name}={tmp_path / name}" for name in ("cert", "key", "client-ca")]
    with running(*options) as process:
        assert "CA" not in process.places
        context = ssl.create_default_context(cafile=str(tmp_path / "ca"))
        with pytest.raises((OSError, ssl.SSLError)):
            status_of(f"{process.url}/health", context)
        context.load_cert_chain(tmp_path / "client")
        assert status_of(f"{process.url}/health", context) == 401


def test_x57_it_ends_by_interrupt() -> None:
    assert Process("--no-tls").stop(signal.SIGINT) == (0, "")


@pytest.fixture
def handlers() -> Iterator[None]:
    """The handlers of signals, as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("tls", [True, False])
def test_x57_it_runs_until_it_is_told_to_end(tls: bool, configuration: str, tmp_path: Path) -> None:
    output = tmp_path / "output"

    def end_it() -> None:
        while "Log: " not in output.read_text():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    options = ["--port", "0", "--config", configuration, *([] if tls else ["--no-tls"])]
    with output.open("w") as file, redirect_stdout(file):
        ending = threading.Thread(target=end_it, daemon=True)
        ending.start()
        assert xks_proxy.main(options) == 0
        ending.join()
    said = output.read_text().splitlines()
    assert said[0].startswith("https://" if tls else "http://")
    assert [line.partition(": ")[0] for line in said[1:]] == [
        *(["CA"] if tls else []),
        "Configuration file for the console",
        "Log",
    ]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--port", "65536"], 2, "A port is a number from 0 to 65535, not 65536."),
        (["--cert", "c.pem"], 2, "--cert and --key belong together."),
        (["--key", "k.pem"], 2, "--cert and --key belong together."),
        (["--no-tls", "--client-ca", "c.pem"], 2, "Without TLS there are no certificates."),
        (["--no-tls", "--cert", "c", "--key", "k"], 2, "Without TLS there are no certificates."),
        (["--conf", "a"], 2, "unrecognized arguments: --conf a"),
        (["--config", "nowhere.json"], 1, "nowhere.json"),
        (["--cert", "nowhere.pem", "--key", "nowhere.pem"], 1, "nowhere.pem"),
        (["--client-ca", "nowhere.pem"], 1, "nowhere.pem"),
        (["--host", "192.0.2.1", "--no-tls"], 1, "moto-cks-xks-proxy: "),
    ],
)
def test_x57_what_it_refuses(
    options: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = options if "--port" in options else ["--port", "0", *options]
    try:
        ended = xks_proxy.main(arguments)
    except SystemExit as exit_:
        ended = int(str(exit_.code))
    assert ended == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "It is not JSON"),
        (b"\xff", "is not text in UTF-8"),
        (b'{"keys": [{"id": "a b"}]}', "keys[0]: An external key ID has"),
    ],
)
def test_x57_what_it_says_of_a_file(
    tmp_path: Path, text: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "proxy.json"
    file.write_bytes(text)
    assert xks_proxy.main(["--config", str(file), "--port", "0"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("moto-cks-xks-proxy: ")
    assert str(file) in error
    assert said in error


def test_x57_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "moto_cks.xks_proxy.serving", raising=False)
    for module in [name for name in sys.modules if name.partition(".")[0] == "cheroot"]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "cheroot", None)
    assert xks_proxy.main(["--no-tls", "--port", "0"]) == 1
    assert "cheroot" in capsys.readouterr().err.partition(" is missing: pip install")[0]


def test_x57_the_version_is_said_before_anything_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "moto_cks.executables.xks_proxy", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == f"{version('moto-cks-xks-proxy')}\n"
    assert loaded(done.stderr).isdisjoint({"moto", "boto3", "botocore", "cryptography", "cheroot"})


# AWS's test client --------------------------------------------------------------------------------

CLIENT = "https://github.com/aws-samples/aws-kms-xksproxy-test-client"
COMMIT = "5982a4b0fb78536496c13088d7da43e1f09442a5"
WHERE = "MOTO_CKS_XKS_TEST_CLIENT"
NEEDED = ("git", "bash", "curl", "jq", "xxd", "sha256sum", "awk")
UUIDGEN = "#!/bin/sh\nexec cat /proc/sys/kernel/random/uuid\n"


@pytest.fixture(scope="module")
def aws_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AWS's test client at a fixed commit: where the environment says that it lies, or fetched."""
    for program in NEEDED:
        if shutil.which(program) is None:
            pytest.skip(f"AWS's test client needs {program}")
    folder = tmp_path_factory.mktemp("client")
    source = os.environ.get(WHERE, CLIENT)
    for command in (
        ("init", "-q"),
        ("fetch", "-q", "--depth", "1", source, COMMIT),
        ("checkout", "-q", COMMIT),
    ):
        try:
            subprocess.run(
                ["git", *command],
                cwd=folder,
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            reason = str(error.stderr or error).strip()
            pytest.skip(f"AWS's test client cannot be fetched from {source}: {reason}")
    if shutil.which("uuidgen") is None:
        (folder / "uuidgen").write_text(UUIDGEN)
        (folder / "uuidgen").chmod(0o755)
    return folder


def said_by(client: Path, url: str, *options: str, **environment: str) -> str:
    """What the test client writes, which is to a pipe: it cannot write to a file."""
    address = url.partition("://")[2].partition("/")[0]
    done = subprocess.run(
        ["./test-xks-proxy", *options],
        cwd=client,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
        env={
            **os.environ,
            "PATH": f"{os.environ['PATH']}:{client}",
            "XKS_PROXY_HOST": address,
            "URI_PREFIX": PREFIX.strip("/"),
            "SIGV4_ACCESS_KEY_ID": ID,
            "SIGV4_SECRET_ACCESS_KEY": SECRET,
            "REGION": "us-east-1",
            "ANSI_ESCAPE": "0",
            "no_proxy": "*",
            **environment,
        },
    )
    return done.stdout


def failed(output: str) -> list[str]:
    """The tests that have failed, by their names."""
    return re.findall(r"^=> Test (.*) FAILED", output, re.MULTILINE)


# Each of its tests starts curl, jq and more: together they take seconds.
@pytest.mark.parametrize(("options", "count"), [((), 35), (("-a",), 49)])
def test_x48_aws_s_test_client_over_http(
    aws_client: Path, configuration: str, options: tuple[str, ...], count: int
) -> None:
    with running("--no-tls", "--config", configuration) as process:
        said = said_by(aws_client, process.url, *options, SCHEME="")
    assert said.rstrip().endswith(f"All {count} tests PASSED."), failed(said)


def test_x48_aws_s_test_client_over_https(aws_client: Path, configuration: str) -> None:
    with running("--config", configuration) as process:
        trust = f"--cacert {process.places['CA']}"
        said = said_by(aws_client, process.url, "-a", SCHEME="https://", SECURE=trust)
    assert said.rstrip().endswith("All 49 tests PASSED."), failed(said)


def test_x48_aws_s_test_client_with_a_client_certificate(
    aws_client: Path, configuration: str, tmp_path: Path
) -> None:
    authority = Authority("Clients")
    client = authority.issue(Subject("client"), client=True)
    for name, text in {
        "ca": authority.certificate,
        "key": client.key,
        "cert": client.chain,
    }.items():
        (tmp_path / name).write_text(text)
    with running("--config", configuration, "--client-ca", str(tmp_path / "ca")) as process:
        environment: Mapping[str, str] = {
            "SCHEME": "https://",
            "SECURE": f"--cacert {process.places['CA']}",
            "MTLS": f"--key {tmp_path / 'key'} --cert {tmp_path / 'cert'}",
        }
        said = said_by(aws_client, process.url, **environment)
    # It looks for the alert that rustls sends; OpenSSL sends others.
    assert all("client certificate" in name for name in failed(said))
    assert "A total of 35 tests PASSED and 2 tests FAILED." in said
    assert len(re.findall(r"alert, (?:unknown CA|certificate expired|bad certificate)", said)) == 2
