"""The page "Test your XKS proxy": its files run, against the proxy that stands for a vendor's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "test-your-xks-proxy.md"
FILE = re.compile(r'^```py title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
PATIENT = """
from moto_cks.kms.keystores.external import client

client.SECONDS = 30  # that KMS gives a busy machine up is for other tests
"""


def test_x66_the_files_of_the_page_run(tmp_path: Path) -> None:
    files = {found["name"]: found["text"] for found in FILE.finditer(PAGE.read_text())}
    assert files.keys() == {"conftest.py", "test_operations.py", "test_errors.py"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "patient.py").write_text(PATIENT)
    command = [sys.executable, "-m", "pytest", "-q", "-rP", "-p", "no:cacheprovider"]
    if not any(point.name == "cks" for point in entry_points(group="pytest11")):
        command += ["-p", "moto_cks.pytest_plugin"]  # a checkout that is not installed
    done = subprocess.run(
        [*command, "-p", "patient"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert re.search(r"^17 passed", done.stdout, re.MULTILINE), done.stdout
    assert re.search(
        r"Encrypt of tests: answered \(\d+ ms, kmsRequestId [0-9a-f-]{36}\)", done.stdout
    )
