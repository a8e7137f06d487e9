"""The package stands alone, and whoever does not use it does not load it."""

from __future__ import annotations

import subprocess
import sys

import pytest

FROZEN = """
from freezegun import freeze_time
from moto_cks.xks_proxy.proxy import XksProxy

for moment in ("2026-01-01", "2027-01-01"):
    with freeze_time(moment):
        frozen = XksProxy()
        assert frozen.certificate.expires.year == int(moment[:4]), frozen.certificate
    XksProxy()
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(code: str) -> set[str]:
    return set(run(f"{code}\nimport sys; print(*sys.modules)").split())


def test_x71_it_loads_neither_moto_nor_boto3_nor_a_server() -> None:
    loaded = loaded_by("from moto_cks.xks_proxy.proxy import XksProxy; XksProxy()")
    assert loaded.isdisjoint({"moto", "boto3", "botocore", "cheroot", "http.client", "requests"})
    ours = {name for name in loaded if name.startswith("moto_cks.")}
    assert all(name.startswith("moto_cks.xks_proxy") for name in ours)


@pytest.mark.parametrize(
    "code", ["from moto_cks import cks, mock_cks\nwith mock_cks():\n    cks.create_key_store()"]
)
def test_x71_a_test_without_external_key_stores_does_not_load_it(code: str) -> None:
    loaded = loaded_by(code)
    assert not {name for name in loaded if name.startswith("moto_cks.xks_proxy")}
    assert "cheroot" not in loaded


def test_x69_certificates_with_and_without_frozen_time() -> None:
    run(FROZEN)
