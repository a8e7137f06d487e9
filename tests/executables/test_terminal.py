"""The tools as executables: in pipes, driven by a script at a terminal, and what ends them."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pexpect
import pytest

from moto_cks.executables import terminal
from moto_cks.executables.keyboard import Terminal, keyboard
from moto_cks.executables.terminal import Start, read_start
from tests.server.conftest import Server
from tests.server.parrot import GREETING, PROMPT
from tests.server.process import loaded

DEFAULT = "http://127.0.0.1:5000"
NAMES = {
    "cloudhsm_mgmt_util": "cloudhsm_mgmt_util",
    "key_mgmt_util": "key_mgmt_util",
    "cloudhsm-cli": "cloudhsm_cli",
}


def command(tool: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
    """What a console script does, whether or not it is on the path."""
    call = f"from moto_cks.executables.terminal import {NAMES[tool]} as run; run()"
    return [sys.executable, *options, "-c", call, *arguments]


def environment(server: Server, **more: str) -> dict[str, str]:
    return {**os.environ, "MOTO_CKS_ENDPOINT": server.endpoint, "TERM": "xterm-256color", **more}


@dataclass(frozen=True)
class Done:
    """What has come of an executable."""

    returncode: object
    stdout: str
    stderr: str


def run(server: Server, tool: str, *arguments: str, typed: str = "", **more: str) -> Done:
    """Run an executable in this process, which is quicker, with a pipe for its input."""
    output, errors = io.StringIO(), io.StringIO()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with (
            patch.dict(os.environ, environment(server, **more), clear=True),
            patch.object(sys, "argv", [tool, *arguments]),
            patch.object(sys, "stdin", io.StringIO(typed)),
            redirect_stdout(output),
            redirect_stderr(errors),
            pytest.raises(SystemExit) as end,
        ):
            getattr(terminal, NAMES[tool])()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Done(end.value.code, output.getvalue(), errors.getvalue())


def open_tools(server: Server) -> list[dict[str, Any]]:
    return server.control.get("tools")["tools"]  # type: ignore[no-any-return]


def wait_until_closed(server: Server) -> None:
    deadline = time.monotonic() + 60
    while open_tools(server):
        assert time.monotonic() < deadline, "it is still open"
        time.sleep(0.05)


@pytest.fixture
def cluster(server: Server) -> str:
    return str(server.control.post("clusters", body={"hsms": 1})["id"])


@pytest.fixture
def spawned() -> Iterator[list[pexpect.spawn]]:
    children: list[pexpect.spawn] = []
    yield children
    for child in children:
        child.close(force=True)


def test_l5_the_executables_have_the_names_of_the_tools() -> None:
    scripts = {entry.name: entry for entry in entry_points(group="console_scripts")}
    for name, function in NAMES.items():
        assert scripts[name].load() is getattr(terminal, function)


# Pipes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("cloudhsm_mgmt_util", ["/opt/cloudhsm/etc/cloudhsm_mgmt_util.cfg"]),
        ("cloudhsm_mgmt_util", []),
        ("key_mgmt_util", []),
        ("cloudhsm-cli", ["interactive"]),
    ],
)
def test_l5_in_a_pipe(server: Server, cluster: str, tool: str, arguments: list[str]) -> None:
    typed = "say hello\nsure\nperhaps\ny\nfail 3\nquit\nsay too late\n"
    done = run(server, tool, *arguments, typed=typed)
    assert done.stdout == (
        f"{GREETING}{PROMPT}hello\n{PROMPT}Sure (y/n)? Sure (y/n)? You said y.\n"
        f"{PROMPT}No.\n{PROMPT}"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert open_tools(server) == []


def test_l5_in_a_pipe_of_a_shell(server: Server, cluster: str) -> None:
    done = subprocess.run(
        command("cloudhsm_mgmt_util", "/opt/cloudhsm/etc/cloudhsm_mgmt_util.cfg"),
        input="say hello\nquit\n",
        capture_output=True,
        text=True,
        env=environment(server),
        timeout=30,
        check=True,
    )
    assert done.stdout == f"{GREETING}{PROMPT}hello\n{PROMPT}"
    assert done.stderr == ""


@pytest.mark.parametrize("tool", NAMES)
def test_before_the_prompt_neither_boto3_nor_moto_is_loaded(
    server: Server, cluster: str, tool: str
) -> None:
    arguments = ["interactive"] if tool == "cloudhsm-cli" else []
    done = subprocess.run(
        command(tool, *arguments, options=["-X", "importtime"]),
        input="quit\n",
        capture_output=True,
        text=True,
        env=environment(server),
        timeout=30,
        check=True,
    )
    assert done.stdout == f"{GREETING}{PROMPT}"
    packages = loaded(done.stderr)
    assert "moto_cks" in packages
    needed_elsewhere = {"moto", "boto3", "botocore", "cryptography", "responses", "werkzeug"}
    assert packages.isdisjoint(needed_elsewhere)


def test_l5_the_end_of_the_input_ends_it(server: Server, cluster: str) -> None:
    done = run(server, "key_mgmt_util", typed="say hello\r\n")
    assert done.stdout == f"{GREETING}{PROMPT}hello\n{PROMPT}\n"
    assert done.returncode == 0
    done = run(server, "key_mgmt_util", typed="sure\n")
    assert done.stdout == f"{GREETING}{PROMPT}Sure (y/n)? \n{PROMPT}\n"
    assert open_tools(server) == []


def test_l5_a_password_in_a_pipe(server: Server, cluster: str) -> None:
    done = run(server, "cloudhsm_mgmt_util", typed="loginHSM kmsuser\nkmsPswd1\n")
    assert "Enter password: Logged in.\n" in done.stdout
    assert "kmsPswd1" not in done.stdout + done.stderr


def test_l3_one_command_of_cloudhsm_cli(server: Server, cluster: str) -> None:
    done = run(server, "cloudhsm-cli", "say", "two words", "--flag")
    assert (done.returncode, done.stdout, done.stderr) == (0, "two words --flag\n", "")
    done = run(server, "cloudhsm-cli", "fail", "3")
    assert (done.returncode, done.stdout) == (3, "No.\n")
    done = run(server, "cloudhsm-cli", "sure", typed="n\n")
    assert (done.returncode, done.stdout) == (0, "Sure (y/n)? You said n.\n")
    done = run(server, "cloudhsm-cli", "sure")
    assert done.returncode == 1
    done = run(server, "cloudhsm-cli")
    assert (done.returncode, done.stdout) == (0, "What is ?\n")
    assert open_tools(server) == []


def test_l3_the_credentials_are_sent_along(server: Server, cluster: str) -> None:
    variables = {"CLOUDHSM_ROLE": "crypto-user", "CLOUDHSM_PIN": "kmsuser:kmsPswd1"}
    done = run(server, "cloudhsm-cli", "environment", **variables)
    assert done.stdout == "CLOUDHSM_PIN\nCLOUDHSM_ROLE\n"
    done = run(server, "cloudhsm-cli", "environment")
    assert done.stdout == ""
    done = run(server, "key_mgmt_util", "singlecmd", "environment", **variables)
    assert "CLOUDHSM_PIN" not in done.stdout


def test_l2_singlecmd(server: Server, cluster: str) -> None:
    done = run(server, "key_mgmt_util", "singlecmd", "say", "hello")
    assert (done.returncode, done.stdout) == (0, "What is singlecmd?\n")  # a parrot's grammar
    assert open_tools(server) == []


def test_files_are_written_where_the_tool_is_called(
    server: Server, cluster: str, tmp_path: Path
) -> None:
    run(server, "cloudhsm-cli", "write", str(tmp_path / "parrot"))
    assert (tmp_path / "parrot").read_text() == "written by a parrot\n"


# Which server, which cluster ---------------------------------------------------------------------


def test_no_server(server: Server) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    done = run(server, "cloudhsm_mgmt_util", "--endpoint", endpoint)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"cloudhsm_mgmt_util: Cannot reach {endpoint}: ")


def test_which_cluster(server: Server) -> None:
    done = run(server, "key_mgmt_util")
    assert (done.returncode, done.stderr) == (1, "key_mgmt_util: There is no cluster.\n")
    first, second = (server.control.post("clusters", body={"hsms": 1})["id"] for _ in range(2))
    done = run(server, "key_mgmt_util")
    assert done.returncode == 1
    assert done.stderr == f"key_mgmt_util: Say which cluster: {first}, {second}.\n"
    done = run(server, "key_mgmt_util", MOTO_CKS_CLUSTER=second)
    assert done.returncode == 0
    done = run(server, "key_mgmt_util", "--cluster-id", "cluster-none", MOTO_CKS_CLUSTER=second)
    assert done.stderr == "key_mgmt_util: There is no cluster cluster-none.\n"


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ([], {}, Start("http://127.0.0.1:5000", None, [])),
        (["a.cfg"], {"MOTO_CKS_CLUSTER": "c"}, Start("http://127.0.0.1:5000", "c", ["a.cfg"])),
        (
            ["--cluster-id", "d", "--endpoint=http://x", "user", "--cluster-id", "e"],
            {"MOTO_CKS_CLUSTER": "c", "MOTO_CKS_ENDPOINT": "http://y"},
            Start("http://x", "d", ["user", "--cluster-id", "e"]),
        ),
        (["--cluster-id"], {}, Start("http://127.0.0.1:5000", None, ["--cluster-id"])),
        ([], {"MOTO_CKS_ENDPOINT": "", "MOTO_CKS_CLUSTER": ""}, Start(DEFAULT, None, [])),
    ],
)  # fmt: skip
def test_arguments(arguments: list[str], variables: dict[str, str], expected: Start) -> None:
    assert read_start(arguments, variables) == expected


# A terminal --------------------------------------------------------------------------------------


@pytest.fixture
def child(server: Server, cluster: str, spawned: list[pexpect.spawn]) -> pexpect.spawn:
    argv = command("cloudhsm_mgmt_util", "/opt/cloudhsm/etc/cloudhsm_mgmt_util.cfg")
    process = pexpect.spawn(
        argv[0], argv[1:], env=environment(server), encoding="utf-8", timeout=20
    )
    spawned.append(process)
    process.expect_exact(PROMPT)
    assert process.before == GREETING.replace("\n", "\r\n")
    return process


def test_l5_driven_by_a_script(server: Server, child: pexpect.spawn) -> None:
    child.sendline("say hello")
    child.expect_exact(PROMPT)
    assert child.before == "say hello\r\nhello\r\n"  # and nothing that only a terminal could read
    child.sendline("sure")
    child.expect_exact("Sure (y/n)? ")
    child.sendline("y")
    child.expect_exact(PROMPT)
    assert child.before == "y\r\nYou said y.\r\n"
    child.sendline("quit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert open_tools(server) == []


def test_l5_a_password_at_a_terminal_does_not_show(child: pexpect.spawn) -> None:
    child.sendline("loginHSM kmsuser")
    child.expect_exact("Enter password: ")
    assert child.waitnoecho(timeout=10)
    child.sendline("kmsPswd1")
    child.expect_exact(PROMPT)
    assert child.before == "\r\nLogged in.\r\n"


def test_commands_can_be_called_back_but_not_answers(child: pexpect.spawn) -> None:
    child.sendline("say hello")
    child.expect_exact(PROMPT)
    child.sendline("sure")
    child.expect_exact("Sure (y/n)? ")
    child.sendline("n")
    child.expect_exact(PROMPT)
    child.send("\x10\x10\r")  # twice the line before
    child.expect_exact("hello\r\nhello\r\n" + PROMPT)


def test_an_interrupt_abandons_the_command(server: Server, child: pexpect.spawn) -> None:
    child.sendline("sure")
    child.expect_exact("Sure (y/n)? ")
    child.sendintr()
    child.expect_exact(PROMPT)
    child.send("say half")
    child.expect_exact("say half")
    child.sendintr()
    child.expect_exact(PROMPT)
    child.sendline("loginHSM kmsuser")
    child.expect_exact("Enter password: ")
    assert child.waitnoecho(timeout=10)
    child.sendintr()
    child.expect_exact(PROMPT)
    child.sendline("say hello")
    child.expect_exact("hello\r\n" + PROMPT)
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert open_tools(server) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("asked", [False, True])
def test_a_signal_ends_it_on_the_server_too(
    server: Server, child: pexpect.spawn, number: signal.Signals, asked: bool
) -> None:
    if asked:
        child.sendline("loginHSM kmsuser")
        child.expect_exact("Enter password: ")
    assert len(open_tools(server)) == 1
    child.kill(number)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 128 + number
    wait_until_closed(server)


def test_a_reset_meanwhile(server: Server, child: pexpect.spawn) -> None:
    server.reset()
    child.sendline("say hello")
    child.expect(pexpect.EOF)
    child.close()
    assert "There is no tool" in child.before
    assert child.exitstatus == 1


def test_nobody_reads_what_it_prints(server: Server, cluster: str) -> None:
    process = subprocess.Popen(
        command("cloudhsm_mgmt_util"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(server),
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=20) == 1
    process.stderr.close()
    assert open_tools(server) == []


def test_a_terminal_without_line_editing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "readline", None)
    monkeypatch.setattr("builtins.input", lambda shown: f"after {shown}")
    keys = keyboard()
    assert isinstance(keys, Terminal)
    assert keys.command("prompt>") == "after prompt>"
    assert keys.answer("Sure? ", hidden=False) == "after Sure? "
