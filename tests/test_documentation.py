"""The code in the documentation runs, as a reader would run it."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(BLOCK.findall(page.read_text()), start=1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_code_block_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if "def test_" in block:
        (tmp_path / "test_block.py").write_text(block)
        run_pytest(tmp_path)
    else:
        exec(compile(block, "block", "exec"), {"__name__": "block"})


def run_pytest(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    if not any(point.name == "cks" for point in entry_points(group="pytest11")):
        command += ["-p", "moto_cks.pytest_plugin"]  # a checkout that is not installed
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) >= len(PAGES)


def test_every_behaviour_is_listed_with_its_tests() -> None:
    namespace = runpy.run_path(str(ROOT / "docs" / "list_tests.py"))
    page = (ROOT / "docs" / "what-is-modelled.md").read_text()
    assert page == namespace["written"](page), "run python docs/list_tests.py"
    listed = {row for row, _ in namespace["ROW"].findall(page)}
    proved = {row for row, _, _ in namespace["tests"]()}
    assert listed <= proved


def test_the_states_are_drawn_from_their_tables() -> None:
    namespace = runpy.run_path(str(ROOT / "docs" / "draw_states.py"))
    page = (ROOT / "docs" / "states.md").read_text()
    assert set(namespace["DIAGRAM"].findall(page)) == set(namespace["TABLES"])
    assert page == namespace["drawn"](page), "run python docs/draw_states.py"


def test_the_failures_are_written_from_their_table() -> None:
    namespace = runpy.run_path(str(ROOT / "docs" / "write_failures.py"))
    page = (ROOT / "docs" / "failures.md").read_text()
    assert namespace["MARK"] in page
    assert page == namespace["written"](page), "run python docs/write_failures.py"
