"""A short run of each part of the proof, and what its report says."""

from __future__ import annotations

import pytest

from tests.proof.parts import PARTS, SHORT
from tests.proof.report import BEGIN, END, Report, write

SEED = 20261126
"""Always the same here, so that a test fails for what has been changed; other seeds are for
``python -m tests.proof``."""


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_found(part: str) -> None:
    PARTS[part](SEED, SHORT)


def test_the_report_is_a_table_between_marks() -> None:
    report = Report(60, 1, 7, found=[("lost things", "a story")])
    report.done["steps"] = 12345
    page = write(f"# Proof\n\n{BEGIN}\nold\n{END}\nmore\n", report.markdown())
    assert page.startswith(f"# Proof\n\n{BEGIN}\n\n| | |\n")
    assert "| Steps of histories | 12,345 |" in page
    assert "| **Lost things**: calls, keys, ciphertexts, records | 1 |" in page
    assert page.endswith(f"{END}\nmore\n")
    assert "old" not in page
    assert "lost things:\na story" in report.text()
    with pytest.raises(ValueError, match="no <!--"):
        write("# Proof\n", report.markdown())
