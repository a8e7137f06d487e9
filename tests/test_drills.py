"""The drills in ``examples/drills``: one for each section of AWS's page, and the page lists them.

They are run on their own, as a reader would: ``python -m pytest examples/drills``.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from moto_cks.kms.keystores.connection import CommonErrorCode
from moto_cks.kms.keystores.external.outcomes import ExternalErrorCode

ROOT = Path(__file__).parent.parent
DRILLS = sorted((ROOT / "examples" / "drills").glob("*"))


@pytest.fixture(scope="module")
def listing() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "list_drills.py"))


def test_each_section_has_its_drill_and_the_other_way_round(listing: dict[str, Any]) -> None:
    rehearsed = [drill.url for drill in listing["drills"]()]
    assert sorted(rehearsed) == sorted([*listing["sections"](), *listing["external_sections"]()])


def test_the_page_lists_them(listing: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "drills.md").read_text()
    assert listing["MARK"] in page
    assert page == listing["written"](page), "run python docs/list_drills.py"


def test_x17_each_connection_error_code_has_its_drill() -> None:
    drill = runpy.run_path(str(ROOT / "examples" / "drills" / "test_xks_connection.py"))
    codes = {*ExternalErrorCode, *CommonErrorCode}
    assert drill["RUNBOOK"].keys() == drill["CAUSES"].keys() == {code.value for code in codes}


@pytest.mark.parametrize("path", DRILLS, ids=lambda path: path.name)
def test_a_drill_can_be_copied(path: Path) -> None:
    """It is one file that pytest collects, and it says what is to be replaced."""
    assert path.name.startswith("test_")
    assert path.suffix == ".py"
    source = path.read_text()
    assert "To make it yours: replace" in source
    assert "from tests" not in source
    phases = ["# Bring it about", "# What the", "# Repair it", "# It is mended"]
    places = [source.find(phase) for phase in phases]
    assert -1 < places[0] < places[1] < places[2] < places[3]
