"""The console scripts ``moto-cks-server`` and ``moto-cks-proxy``.

What they run needs the extra ``server``; without it they say so.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType


def server() -> int:
    """Run ``moto-cks-server``."""
    status: int = _module("moto-cks-server").main()
    return status


def proxy() -> None:
    """Run ``moto-cks-proxy``."""
    _module("moto-cks-proxy").proxy_main()


def _module(script: str) -> ModuleType:
    try:
        return import_module("moto_cks.server.main")
    except ModuleNotFoundError as missing:
        sys.exit(f"{script}: {missing.name} is missing: pip install 'moto_cks[server]'")
