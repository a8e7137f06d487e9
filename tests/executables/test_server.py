"""The console scripts of the server where what they need is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import entry_points

import pytest


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
