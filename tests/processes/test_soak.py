"""Everything at once on one server: see ``benchmarks/soak.py``, which runs for a minute."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.server.process import ROOT

SECONDS = "5"


def test_l4_two_tools_and_a_client_at_the_same_time_lose_nothing() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "soak.py"), SECONDS],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "MISSED" not in done.stdout
    for check in ("what went wrong", "ciphertexts that decrypt", "Encrypt, by LookupEvents"):
        assert re.search(rf"^{check} .* ok$", done.stdout, re.MULTILINE), check
