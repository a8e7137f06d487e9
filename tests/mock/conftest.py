from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.kms.models import kms_backends

from . import ORIGINALS, classes_in_use


@pytest.fixture(autouse=True)
def moto_untouched() -> Iterator[None]:
    """Whatever a test does, moto's classes are afterwards what they were before."""
    assert classes_in_use() == set(ORIGINALS)
    yield
    assert classes_in_use() == set(ORIGINALS)
    assert (kms_backends.backend, cloudhsmv2_backends.backend) == ORIGINALS
