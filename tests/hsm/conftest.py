from __future__ import annotations

import functools

import pytest

from moto_cks.hsm import ClusterSession, Hsm, HsmCluster, Session, Snapshot, UserType
from moto_cks.hsm.certificates import sign_csr

from .world import Watch

ADMIN_PASSWORD = "adminPswd1"
PASSWORD = "kmsPswd1"


@functools.cache
def factory_settings() -> Snapshot:
    """An active cluster with the users admin and kmsuser. Made once: RSA keys take their time."""
    cluster = HsmCluster("cluster-1")
    hsm = cluster.add_hsm("hsm-0")
    assert cluster.certificates is not None
    cluster.initialize(*sign_csr(cluster.certificates.csr))
    cluster.activate(ADMIN_PASSWORD)
    hsm.add_user(UserType.CU, "kmsuser", PASSWORD)
    return cluster.snapshot()


@pytest.fixture
def snapshot() -> Snapshot:
    return factory_settings()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def cluster(snapshot: Snapshot) -> HsmCluster:
    """An active cluster with two HSMs."""
    cluster = HsmCluster("cluster-1")
    cluster.add_hsm("hsm-1", snapshot)
    cluster.add_hsm("hsm-2")
    return cluster


@pytest.fixture
def hsm(cluster: HsmCluster) -> Hsm:
    """The first HSM of the cluster."""
    return cluster.hsms["hsm-1"]


@pytest.fixture
def officer(hsm: Hsm) -> Session:
    return hsm.login(UserType.CO, "admin", ADMIN_PASSWORD)


@pytest.fixture
def user(hsm: Hsm) -> Session:
    return hsm.login(UserType.CU, "kmsuser", PASSWORD)


@pytest.fixture
def session(cluster: HsmCluster) -> ClusterSession:
    """kmsuser, logged in to every HSM."""
    return ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
