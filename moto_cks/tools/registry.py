"""Which tools there are, by the names of their executables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from moto_cks.tools.session import ToolSession

ToolFactory: TypeAlias = Callable[[str, Mapping[str, str]], ToolSession]
"""Starts a tool on a cluster, by its ID, with environment variables that the tool reads."""

TOOLS: dict[str, ToolFactory] = {}
"""The tools that the server starts for its clients."""
