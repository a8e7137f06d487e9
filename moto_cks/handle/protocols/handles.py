"""Where an ID is taken, a handle is, too; and what a handle says whose world is over."""

from __future__ import annotations

from typing import TypeAlias

from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.key_store import CustomKeyStore, KeyStore

AnyCluster: TypeAlias = "str | Cluster | KeyStore"
"""A cluster: its ID, the handle on it, or the handle on the key store that it backs."""

AnyKeyStore: TypeAlias = "str | CustomKeyStore"
"""A custom key store: its ID, or the handle on it."""


def world_is_over(whose: str) -> RuntimeError:
    """What a handle raises whose world is over."""
    return RuntimeError(
        f"{whose} is of a world that is over: since then moto was reset, or the mock has ended, or "
        "a snapshot was restored."
    )


def cluster_id_of(cluster: AnyCluster) -> str:
    """The ID of a cluster.

    Raises:
        TypeError: it is none of what stands for one.
        RuntimeError: the handle is of a world that is over.
    """
    if isinstance(cluster, KeyStore):
        cluster = cluster.cluster
    if isinstance(cluster, Cluster):
        cluster.require_world()
        return cluster.id
    return _id(cluster, "cluster")


def key_store_id_of(key_store: AnyKeyStore) -> str:
    """The ID of a key store.

    Raises:
        TypeError: it is none of what stands for one.
        RuntimeError: the handle is of a world that is over.
    """
    if isinstance(key_store, CustomKeyStore):
        key_store.require_world()
        return key_store.id
    return _id(key_store, "key store")


def _id(given: object, kind: str) -> str:
    if not isinstance(given, str):
        what = type(given).__name__
        raise TypeError(f"A {kind} is named by its ID or by a handle on it, not by {what!r}.")
    return given
