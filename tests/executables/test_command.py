"""``moto-cks``: it asks a server that runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from moto_cks import __version__
from moto_cks.executables import command
from moto_cks.handle.routing import StandingRoutes
from tests.server.conftest import Server
from tests.server.process import ROOT, loaded


@pytest.fixture
def store(server: Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("MOTO_CKS_ENDPOINT", server.endpoint)
    return server.control.post("key-stores", body={"name": "payments"})  # type: ignore[no-any-return]


def disconnect(server: Server, store: dict[str, Any]) -> None:
    server.client("kms").disconnect_custom_key_store(CustomKeyStoreId=store["id"])


def test_the_console_script() -> None:
    setup = ConfigParser()
    setup.read(Path(ROOT) / "setup.cfg")
    scripts = setup["options.entry_points"]["console_scripts"].split("\n")
    assert "moto-cks = moto_cks.executables.command:main" in scripts


def test_what_can_be_used(store: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["explain", store["id"]]) == 0
    assert capsys.readouterr() == (f"Key store payments ({store['id']}) can be used.\n", "")


def test_what_cannot_be_used(
    server: Server, store: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    disconnect(server, store)
    assert command.run(["explain", store["id"]]) == 1
    output, errors = capsys.readouterr()
    assert output == server.control.get("explain", store["id"])["text"] + "\n"
    assert output.startswith(f"Key store payments ({store['id']}) cannot be used: ")
    assert errors == ""


def test_names_with_slashes(
    server: Server, store: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    kms = server.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/card", TargetKeyId=key["KeyId"])
    for name in (key["Arn"], "alias/card", key["KeyId"]):
        assert command.run(["explain", name]) == 0
    assert capsys.readouterr().out == f"Key {key['KeyId']} can be used.\n" * 3


def test_json(server: Server, store: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    disconnect(server, store)
    assert command.run(["explain", "--json", store["id"]]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown == server.control.get("explain", store["id"])


def test_x73_what_nobody_knows(
    server: Server, store: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    made = server.control.post("external-key-stores", body={"name": "external"})
    assert command.run(["explain", made["id"]]) == 0
    routes = StandingRoutes({"xks.example.com": "127.0.0.1:1"}, allow_remote=False)
    routes.begin()
    try:
        assert command.run(["explain", made["id"]]) == 2
    finally:
        routes.end()
    output, errors = capsys.readouterr()
    assert f"Whether key store external ({made['id']}) can be used is not known: " in output
    assert errors == ""


@pytest.mark.parametrize("name", ["cks-0", "cluster-x", "alias/unknown", "nonsense"])
def test_what_there_is_not(
    store: dict[str, Any], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert command.run(["explain", name]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("moto-cks: There is no ")
    assert name in errors


def test_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert command.run(["--endpoint", endpoint, "explain", "cks-0"]) == 2
    assert capsys.readouterr().err.startswith(f"moto-cks: Cannot reach {endpoint}: ")


def test_the_endpoint_in_front_counts(
    server: Server, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_CKS_ENDPOINT", "http://127.0.0.1:9")
    assert command.run(["explain", store["id"]]) == 2
    assert command.run(["--endpoint", server.endpoint, "explain", store["id"]]) == 0
    monkeypatch.delenv("MOTO_CKS_ENDPOINT")
    assert command._parser().parse_args(["explain", "x"]).endpoint == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    "arguments", [[], ["explain"], ["explain", "a", "b"], ["unknown"], ["explain", "a", "--jso"]]
)
def test_wrong_command_lines(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.run(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: moto-cks")


def process(*arguments: str, options: tuple[str, ...] = (), **environment: str) -> Any:
    call = "from moto_cks.executables.command import main; main()"
    return subprocess.run(
        [sys.executable, *options, "-c", call, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def test_the_executable_loads_neither_boto3_nor_moto(server: Server, store: Any) -> None:
    disconnect(server, store)
    done = process(
        "explain", store["id"], options=("-X", "importtime"), MOTO_CKS_ENDPOINT=server.endpoint
    )
    assert done.returncode == 1
    assert "cannot be used: it is DISCONNECTED." in done.stdout
    names = loaded(done.stderr)
    assert "argparse" in names
    assert not {"boto3", "botocore", "moto", "cryptography", "jsonschema"} & names


def test_version_and_help() -> None:
    done = process("--version")
    assert (done.returncode, done.stdout) == (0, f"moto-cks (moto_cks {__version__})\n")
    done = process("explain", "--help")
    assert done.returncode == 0
    assert "exit status is 0" in " ".join(done.stdout.split())


def test_nobody_reads(server: Server, store: dict[str, Any]) -> None:
    call = "from moto_cks.executables.command import main; main()"
    pipe = subprocess.Popen(
        [sys.executable, "-c", call, "explain", store["id"]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "MOTO_CKS_ENDPOINT": server.endpoint},
        text=True,
    )
    assert pipe.stdout is not None
    assert pipe.stderr is not None
    pipe.stdout.close()
    assert pipe.wait(timeout=30) == 2
    assert pipe.stderr.read() == ""
    pipe.stderr.close()
