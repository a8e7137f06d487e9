"""The console scripts ``moto-cks-server`` and ``moto-cks-proxy``.

What they run needs the extra ``server``; without it they say so. It takes a second or more to load,
which who asks for the version does not wait for.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType

from moto_cks.executables.version import version

_MODULES = {"moto-cks-server": "main", "moto-cks-proxy": "proxy"}


def server() -> int:
    """Run ``moto-cks-server``."""
    options = _options("moto-cks-server")
    status: int = _module("moto-cks-server").main(options=options)
    return status


def proxy() -> None:
    """Run ``moto-cks-proxy``."""
    options = _options("moto-cks-proxy")
    _module("moto-cks-proxy").main(options=options)


def _options(script: str) -> argparse.ArgumentParser:
    """The options that the script itself has; what they ask for is done, and ends it."""
    parser = argparse.ArgumentParser(script, add_help=False, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=version(script))
    parser.parse_known_args()
    return parser


def _module(script: str) -> ModuleType:
    try:
        return import_module(f"moto_cks.server.{_MODULES[script]}")
    except ModuleNotFoundError as missing:
        sys.exit(f"{script}: {missing.name} is missing: pip install 'moto_cks[server]'")
