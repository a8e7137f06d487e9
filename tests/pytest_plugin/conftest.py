"""Projects that have the package installed, and whose tests are run in processes of their own."""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from moto_cks import cks, mock_cks

ROOT = Path(__file__).parents[2]

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session", autouse=True)
def loaded() -> None:
    """pytester unloads what a test has loaded; nothing that holds a world may be loaded twice."""
    with mock_cks():
        cks.create_key_store()


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest on a test file, and with some arguments."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    if not any(point.name == "cks" for point in entry_points(group="pytest11")):
        paths.append(str(_as_installed(pytester.mkdir("installed"))))
    if any((ROOT / "moto_cks").glob("*.py")):  # or it is the installed package that is meant
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

    def run_pytest(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=source)
        return pytester.runpytest_subprocess(
            "-p", "no:cacheprovider", "--strict-markers", *arguments
        )

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
