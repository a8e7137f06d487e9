"""Certificates are made with and without freezegun, in any order, in one process."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
for moment in ("2026-01-01", "2027-01-01"):
    with freeze_time(moment), mock_cks() as cks:
        cks.create_cluster()
    with mock_cks() as cks:
        cks.create_cluster()
"""
LOADS = "from freezegun import freeze_time\nfrom moto_cks import mock_cks\n"
LOADS_ALL = f"{LOADS}with mock_cks(): pass\n"
"""What the package loads late, it loads at the first mock."""


@pytest.mark.parametrize("loads", [LOADS, LOADS_ALL], ids=["in frozen time", "before"])
def test_h3_certificates_of_a_cluster_that_is_made_in_frozen_time(loads: str) -> None:
    # In a process of its own: what came first in this one is not known.
    ended = subprocess.run([sys.executable, "-c", loads + SCRIPT], capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
