from __future__ import annotations

import pytest

from moto_cks import KeyStore


@pytest.fixture
def key_id(store: KeyStore) -> str:
    """A key in a key store."""
    return store.create_key()
