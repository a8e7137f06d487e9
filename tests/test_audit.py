"""What `.ci/audit.py` makes of the answers of pip-audit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).parent.parent / ".ci" / "audit.py"
FAULT = {"id": "GHSA-1", "fix_versions": ["1.1", "2.0"], "aliases": [], "description": ""}
SOUND = {"name": "sound", "version": "1.0", "vulns": []}
FAULTY = {"name": "faulty", "version": "1.0", "vulns": [FAULT]}
HOPELESS = {"name": "hopeless", "version": "1.0", "vulns": [{**FAULT, "fix_versions": []}]}
UNKNOWN = {"name": "unknown", "skip_reason": "it is not on PyPI"}
OWN = {"name": "moto-cks", "skip_reason": "it is not on PyPI either"}
NOT_REACHED = "skipped, the advisories cannot be reached: "


def audit(folder: Path, code: str) -> tuple[int, list[str]]:
    """The exit status and the lines of an audit with another pip-audit."""
    (folder / "pip_audit.py").write_text(code)
    done = subprocess.run(
        [sys.executable, AUDIT, "--path", folder],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ([SOUND, OWN], 0, ["1 packages looked up, 0 known faults"]),
        (
            [SOUND, FAULTY, HOPELESS],
            1,
            [
                "faulty 1.0: GHSA-1, mended in 1.1, 2.0",
                "hopeless 1.0: GHSA-1, mended in no version",
                "3 packages looked up, 2 known faults",
            ],
        ),
        (
            [UNKNOWN, SOUND],
            0,
            ["not looked up: it is not on PyPI", "1 packages looked up, 0 known faults"],
        ),
        ([OWN, UNKNOWN], 0, [NOT_REACHED + "it is not on PyPI"]),
        ([], 0, [NOT_REACHED + "nothing is installed"]),
    ],
)
def test_known_faults_are_told(
    tmp_path: Path, found: list[dict[str, Any]], status: int, said: list[str]
) -> None:
    answer = json.dumps({"dependencies": found, "fixes": []})
    assert audit(tmp_path, f"print({answer!r})") == (status, said)


@pytest.mark.parametrize(
    "error",
    [
        "requests.exceptions.ConnectionError: nobody is there",
        "requests.exceptions.ReadTimeout: nobody answers",
        "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
    ],
)
def test_what_cannot_be_reached_is_told_and_no_fault(tmp_path: Path, error: str) -> None:
    code = f"import sys\nprint('Traceback', {error!r}, sep='\\n', file=sys.stderr)\nsys.exit(1)"
    assert audit(tmp_path, code) == (0, [NOT_REACHED + error])


def test_a_pip_audit_that_does_not_work_is_a_fault(tmp_path: Path) -> None:
    status, said = audit(tmp_path, "raise TypeError('a fault')")
    assert (status, said[-2]) == (1, "TypeError: a fault")
    said_nothing = (1, ["pip-audit ended with 3 and said nothing"])
    assert audit(tmp_path, "import sys\nsys.exit(3)") == said_nothing
