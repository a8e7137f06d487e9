"""What the console scripts answer to ``--version``."""

from __future__ import annotations

from moto_cks import __version__


def version(script: str) -> str:
    """The name of a console script, with the version of the package that it comes from."""
    return f"{script} (moto_cks {__version__})"
