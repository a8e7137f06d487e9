"""Warnings as errors, but for one that is not of this package and of which it can do nothing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

UTCNOW = r"datetime\.datetime\.utcnow\(\) is deprecated"
"""What Python says from 3.12 on where the oldest versions of botocore sign a request."""

strict = pytest.mark.filterwarnings("error", f"ignore:{UTCNOW}:DeprecationWarning")
"""Has every warning of a test be an error."""


@contextmanager
def in_silence() -> Iterator[None]:
    """A context in which every warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", UTCNOW, DeprecationWarning)
        yield
