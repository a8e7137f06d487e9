from __future__ import annotations

from collections.abc import Iterator

import pytest

from moto_cks import Cks, Cluster, KeyStore, mock_cks
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from tests.tools.cloudhsm_cli.world import log_in_as_admin


@pytest.fixture
def world() -> Iterator[Cks]:
    with mock_cks() as handle:
        yield handle


@pytest.fixture
def cluster(world: Cks, request: pytest.FixtureRequest) -> Cluster:
    older = request.node.get_closest_marker("older_cluster") is not None
    return world.create_cluster(hsm_type="hsm1.medium" if older else "hsm2m.medium")


@pytest.fixture
def store(world: Cks, cluster: Cluster) -> KeyStore:
    """A key store that is not connected."""
    return world.create_key_store(cluster=cluster, connect=False)


@pytest.fixture
def cli(world: Cks, cluster: Cluster) -> Iterator[CloudHsmCli]:
    with world.cloudhsm_cli(cluster.id) as session:
        yield session


@pytest.fixture
def admin(cli: CloudHsmCli, cluster: Cluster) -> CloudHsmCli:
    """The session, in which an admin has logged in."""
    log_in_as_admin(cli, cluster)
    return cli
