"""The console scripts: what they load, and those of the server where what they need is missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points, version

import pytest

from moto_cks import __version__
from tests.server.process import loaded

SCRIPTS = (
    "cloudhsm-cli",
    "cloudhsm_mgmt_util",
    "key_mgmt_util",
    "moto-cks-proxy",
    "moto-cks-server",
    "moto-cks-xks-proxy",
)


@pytest.mark.parametrize("name", ["moto-cks-server", "moto-cks-proxy"])
def test_without_the_extra_they_say_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = entry_points(group="console_scripts", name=name)
    script: Callable[[], object] = entry.load()
    for module in [module for module in sys.modules if module.startswith("moto_cks.server")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "cheroot", None)
    with pytest.raises(SystemExit, match=rf"{name}: cheroot is missing: pip install"):
        script()


@pytest.mark.parametrize("name", ["moto-cks-server", "moto-cks-proxy"])
def test_with_it_they_run(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (entry,) = entry_points(group="console_scripts", name=name)
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit, match="0"):
        entry.load()()
    assert "--port" in capsys.readouterr().out


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_version_is_said_before_anything_is_loaded(name: str) -> None:
    (entry,) = entry_points(group="console_scripts", name=name)
    call = f"from {entry.module} import {entry.attr} as run; run()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", call, "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{name} (moto_cks {__version__})\n"
    assert loaded(done.stderr).isdisjoint({"moto", "boto3", "botocore", "cryptography", "urllib3"})


def test_the_version_stands_in_one_place() -> None:
    assert version("moto_cks") == __version__
