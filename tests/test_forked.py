"""A Python that is forked is as one that starts: the same programs find the same in both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked

ABOUT = """
import json, os, signal, sys, threading
print(json.dumps({
    "argv": sys.argv,
    "path": sys.path,
    "folder": os.getcwd(),
    "environment": dict(os.environ),
    "input": sys.stdin.read(),
    "name": __name__,
    "main": sys.modules["__main__"].__dict__ is globals(),
    "threads": [thread.name for thread in threading.enumerate()],
    "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "ended": str(signal.getsignal(signal.SIGTERM)),
    "child": str(signal.getsignal(signal.SIGCHLD)),
    "buffered": [sys.stdout.line_buffering, sys.stdout.write_through],
    "files": sorted(os.listdir("/dev/fd"))[:-1],
    "package": sorted(name for name in sys.modules if name.split(".")[0] in ("moto_cks", "tests")),
}, indent=1))
print("said", file=sys.stderr)
raise SystemExit(3)
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_a_program_finds(unbuffered: str, tmp_path: Path) -> None:
    (tmp_path / "about.py").write_text(ABOUT)
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": unbuffered,
        "PYTHONPATH": os.pathsep.join(filter(None, ["/given", os.environ.get("PYTHONPATH")])),
        "GIVEN": "ä",
    }
    for arguments in (("-c", ABOUT, "one", "-x"), ("-m", "about", "one", "-x")):
        ended = forked.run(*arguments, input="ö\n", cwd=tmp_path, env=environment)
        started = subprocess.run(
            [sys.executable, *arguments],
            input="ö\n",
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == started.returncode == 3
        assert ended.stdout.splitlines() == started.stdout.splitlines()
        assert ended.stderr == started.stderr == "said\n"


def test_an_error_and_what_is_to_be_done_at_the_end() -> None:
    ended = forked.run("-c", "import atexit; atexit.register(print, 'end'); 1 / 0")
    assert (ended.returncode, ended.stdout) == (1, "end\n")
    assert ended.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_no_two_have_the_same_chance() -> None:
    program = "import random; from moto.moto_api._internal import mock_random as m; "
    program += "print(random.random(), m.random())"
    first, second = (forked.run("-c", program).stdout.split() for _ in range(2))
    assert not set(first) & set(second)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_is_waited_for_and_ended(number: signal.Signals) -> None:
    reading, writing = os.pipe()
    program = "import time; print('here', flush=True); time.sleep(600)"
    process = forked.start("-c", program, stdout=writing, stderr=subprocess.DEVNULL)
    os.close(writing)
    with open(reading) as said:
        assert said.readline() == "here\n"
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        os.kill(process.pid, number)
        assert process.wait(20) == process.poll() == process.returncode == -number
        assert said.read() == ""
    process.kill()  # there is nobody any more


@pytest.mark.parametrize(
    ("name", "value", "program"),
    [
        ("PYTHONOPTIMIZE", "2", "import sys; print(sys.flags.optimize)"),
        (
            "MOTO_PRETTIFY_RESPONSES",
            "1",
            "from moto import settings as s; print(s.PRETTIFY_RESPONSES)",
        ),
    ],
)
def test_what_is_read_once_makes_it_start(name: str, value: str, program: str) -> None:
    said = {
        forked.run("-c", program, env={**os.environ, **more}).stdout for more in ({}, {name: value})
    }
    assert len(said) == 2


PARENT = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tests import forked
print(forked.run("-c", "import os; print(os.getppid())").returncode, forked._forker()._process.pid)
sys.stdout.flush()
os.kill(os.getpid(), 9)
"""


def test_what_forks_ends_with_who_has_started_it() -> None:
    root = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", PARENT, root]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        status, _ = parent.stdout.read().split()  # its end is that of all who have it
        assert (status, parent.wait()) == ("0", -signal.SIGKILL)
