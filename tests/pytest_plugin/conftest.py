"""Projects that have the package installed, and whose tests are run in processes of their own.

Those are forked; :func:`run_anew` starts a new one.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from moto_cks import cks, mock_cks
from tests import forked

ROOT = Path(__file__).parents[2]

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session", autouse=True)
def loaded() -> None:
    """pytester unloads what a test has loaded; nothing that holds a world may be loaded twice."""
    with mock_cks():
        cks.create_key_store()


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with tests, in an environment that has the package installed."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    if not any(point.name == "cks" for point in entry_points(group="pytest11")):
        paths.append(str(_as_installed(pytester.mkdir("installed"))))
    if any((ROOT / "moto_cks").glob("*.py")):  # or it is the installed package that is meant
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    return pytester


OPTIONS = ("-p", "no:cacheprovider", "--strict-markers")
NO_HYPOTHESIS = ("-p", "no:hypothesispytest")
"""Its plugin loads all of it in the end, for a report of nothing."""


@pytest.fixture
def run(project: pytest.Pytester) -> Run:
    """Runs pytest on a test file, and with some arguments."""

    def run_pytest(source: str, *arguments: str) -> pytest.RunResult:
        project.makepyfile(test_it=source)
        options = (f"--basetemp={project.path / 'base'}", *OPTIONS, *NO_HYPOTHESIS)
        done = forked.run("-m", "pytest", *options, *arguments, cwd=project.path)
        print(done.stdout, done.stderr)
        return pytest.RunResult(
            done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0
        )

    return run_pytest


@pytest.fixture
def run_anew(project: pytest.Pytester) -> Run:
    """The same, by a Python that is started for it and has nothing loaded."""

    def run_pytest(source: str, *arguments: str) -> pytest.RunResult:
        project.makepyfile(test_it=source)
        return project.runpytest_subprocess(*OPTIONS, *arguments)

    return run_pytest


def _as_installed(folder: Path) -> Path:
    """What an installation of this checkout would say of its entry points."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    about = folder / "moto_cks-0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: moto_cks\nVersion: 0\n")
    points = settings["options.entry_points"]["pytest11"]
    (about / "entry_points.txt").write_text(f"[pytest11]\n{points}\n")
    (about / "RECORD").write_text("moto_cks/__init__.py,,\n")
    return folder
