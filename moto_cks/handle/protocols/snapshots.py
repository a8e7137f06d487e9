"""Snapshots, as the tests see them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

AnyPath: TypeAlias = "str | os.PathLike[str]"
"""The path of a file."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The world as it was at a moment; :meth:`moto_cks.Cks.restore` goes back to it.

    It does not change, and can be restored any number of times.

    Attributes:
        time: the moment, on the simulated clock.
        left_out: the services that are not in it, each with the type of what cannot be saved.
    """

    time: datetime
    left_out: Mapping[str, str]


class UnsavedServicesWarning(UserWarning):
    """A snapshot does not have all services: what is in the others is not there after restoring."""


def unsaved(left_out: Mapping[str, str]) -> str:
    """What is said of services that are left out."""
    named = ", ".join(f"{service} ({kind})" for service, kind in left_out.items())
    return f"The snapshot has nothing of {named}: that cannot be saved."
