"""Python processes that need not load again what no test is about.

To load moto, boto3 and what they need takes a second of the processor, and hundreds of tests start
a Python of their own. One process does it for all of them, and forks for each. What is forked goes
on as ``python -m module`` or ``python -c program`` would: with a working directory, an environment,
arguments, standard streams and an exit status of its own. The package itself, the plugins of pytest
and the tests are not among what has been loaded, nor has anything a session or a world.

What forks has one thread, and ends when the process ends that has started it: it then reads the end
of the socket by which it is asked. As all that tests start, it is not measured by coverage.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Protocol

LOADED = (
    "boto3.session",
    "botocore.credentials",
    "botocore.signers",
    "cheroot.wsgi",
    "cryptography.hazmat.bindings.openssl.binding",
    "cryptography.x509",
    "dateutil.parser",
    "flask",
    "h11",
    "jsonschema",
    "moto.cloudhsmv2.responses",
    "moto.cloudtrail.responses",
    "moto.cloudwatch.models",
    "moto.ec2.responses",
    "moto.events.models",
    "moto.iam.responses",
    "moto.kms.responses",
    "moto.logs.models",
    "moto.moto_api._internal",
    "moto.proxy",
    "moto.s3.responses",
    "moto.server",
    "moto.sts.responses",
    "pytest",
    "responses",
    "tabulate",
)
"""Of other people's modules those that most processes need. No plugin of pytest is among them: one
that is there before pytest is, is warned of."""

READ_ONCE = ("PYTHON", "LANG", "LC_", "TZ", "MOTO_", "TEST", "DEFAULT_CONTAINER_REGISTRY", "S3_")
"""How the variables begin that Python, or moto when it is loaded, reads and no more looks at: who
wants others than those of this process gets a process that really starts."""
READ_LATER = ("PYTHONPATH", "PYTHONUNBUFFERED", "MOTO_CKS_", "MOTO_EC2_LOAD_DEFAULT_AMIS")

LONGEST = 1 << 17
"""What one message may take, in bytes."""


class Process(Protocol):
    """What there is of a process; those of subprocess have it, too."""

    pid: int
    returncode: int | Any

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


# Who asks -----------------------------------------------------------------------------------------


def start(
    *arguments: str,
    stdin: IO[Any] | int = subprocess.DEVNULL,
    stdout: IO[Any] | int,
    stderr: IO[Any] | int,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    anew: bool = False,
) -> Process:
    """Start ``python *arguments``, which begin with ``-m`` or ``-c``.

    Args:
        arguments: those of Python.
        stdin: a file, its descriptor or ``subprocess.DEVNULL``.
        stdout: a file, its descriptor or ``subprocess.DEVNULL``.
        stderr: the same, or ``subprocess.STDOUT``.
        cwd: the working directory, if it is another one.
        env: the environment, if it is another one.
        anew: whether it has to be a Python that has nothing loaded.
    """
    assert arguments[0] in ("-m", "-c"), arguments
    wanted = dict(os.environ if env is None else env)
    if anew or _read_once(wanted) != _forker().read_once:
        command = [sys.executable, *arguments]
        return subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd, env=wanted
        )
    request = {"arguments": arguments, "cwd": str(cwd or os.getcwd()), "env": wanted}
    with open(os.devnull, "r+b") as null:
        given = [stdin, stdout, stdout if stderr == subprocess.STDOUT else stderr]
        files = [null if each == subprocess.DEVNULL else each for each in given]
        streams = [each if isinstance(each, int) else each.fileno() for each in files]
        return _Forked(_forker(), request, streams)


def run(
    *arguments: str,
    input: str = "",
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``python *arguments`` to its end, and give what it prints."""
    with contextlib.ExitStack() as files:
        stdin, stdout, stderr = (
            files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3)
        )
        stdin.write(input)
        stdin.seek(0)
        process = start(*arguments, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd, env=env)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess(
            [sys.executable, *arguments], process.returncode, stdout.read(), stderr.read()
        )


class _Forker:
    """The process that forks, as it is seen by the one that has started it."""

    def __init__(self) -> None:
        self._asking, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {**os.environ}
        environment.pop("COVERAGE_PROCESS_CONFIG", None)
        self.read_once = _read_once(environment)
        with asked:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(asked.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[asked.fileno()],
                env=environment,
            )
        atexit.register(self.end)

    def ask(self, streams: Sequence[int]) -> socket.socket:
        """Have it fork; gives what to speak to the new process by."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._asking, [b"fork"], [theirs.fileno(), *streams])
        return ours

    def end(self) -> None:
        self._asking.close()
        self._process.wait()


@functools.cache
def _forker() -> _Forker:
    return _Forker()


def _read_once(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(READ_ONCE) and not name.startswith(READ_LATER)
    }


class _Forked:
    """A process that was forked."""

    def __init__(self, forker: _Forker, request: dict[str, Any], streams: Sequence[int]) -> None:
        self._said = forker.ask(streams)
        self._said.sendall(json.dumps(request).encode())
        self.pid = int(self._said.recv(LONGEST))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._said.settimeout(timeout)
            try:
                self.returncode = int(self._said.recv(LONGEST))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            self._said.close()
        return self.returncode

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)


# Who forks ----------------------------------------------------------------------------------------


def _paths(environment: Mapping[str, str]) -> list[str]:
    """The folders that an environment has Python look for modules in."""
    given = environment.get("PYTHONPATH", "")
    return [os.path.abspath(path) for path in given.split(os.pathsep)] if given else []


def _wait_for_a_request(asked: socket.socket) -> dict[str, Any]:
    """Fork for each request. It is only the new processes that return from this, with theirs."""
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(asked, LONGEST, 4)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass  # one that has watched another to its end
        if not message:
            raise SystemExit
        if os.fork() == 0:
            break
        for file in files:
            os.close(file)
    asked.close()
    speaking, *streams = files
    with socket.socket(fileno=speaking) as speaker:
        if (child := os.fork()) != 0:
            _watch(child, speaker, streams)
        request: dict[str, Any] = json.loads(speaker.recv(LONGEST))
    signal.signal(signal.SIGINT, interrupt)
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    return request


def _watch(child: int, speaker: socket.socket, streams: Sequence[int]) -> None:
    """Tell who has asked for a process of it, and of its end."""
    for stream in streams:
        os.close(stream)
    with contextlib.suppress(BrokenPipeError):  # nobody wants to know any more
        speaker.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        speaker.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: dict[str, Any], paths: Sequence[str]) -> None:
    """Take over what was asked for, where Python would have it from its start."""
    how, _, *arguments = request["arguments"]
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.orig_argv = [sys.executable, *request["arguments"]]
    sys.argv = [how, *arguments]
    sys.path[:] = [request["cwd"] if how == "-m" else "", *_paths(os.environ), *paths]
    importlib.invalidate_caches()
    sys.stdout.reconfigure(  # type: ignore[union-attr] # it is what Python has made
        line_buffering=sys.stdout.isatty(),
        write_through=bool(os.environ.get("PYTHONUNBUFFERED")),
    )
    importlib.import_module("moto.moto_api._internal").mock_random.seed()
    tempfile.tempdir = None


def main() -> None:
    """Load what processes have in common, fork, and go on as what was asked for."""
    theirs = _paths(os.environ)
    paths = [path for path in sys.path[1:] if path not in theirs]
    for name in LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    request = _wait_for_a_request(socket.socket(fileno=int(sys.argv[1])))
    _become(request, paths)
    how, what, *_ = request["arguments"]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = program = ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), program.__dict__)


if __name__ == "__main__":
    main()
