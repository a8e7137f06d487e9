"""The rows that the package does not give yet. One that begins to pass has to be taken off."""

from __future__ import annotations

NOT_YET: frozenset[str] = frozenset()
"""Rows of the tables."""

EXAMPLES_NOT_YET: frozenset[str] = frozenset()
"""Examples of the AWS CLI's pages."""
