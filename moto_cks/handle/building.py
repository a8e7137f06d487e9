"""What ``cks`` builds in this process, by the AWS APIs and the HSMs' own interface.

All of it or nothing: where something is refused on the way, what was built before is taken back.
CloudTrail's records and the timeline stay, for the calls have been made.
"""

from __future__ import annotations

from contextlib import ExitStack

from moto_cks.account.service_roles import KMS_ROLE, ServiceRoles
from moto_cks.cloudhsmv2.models import find_cluster_anywhere
from moto_cks.handle import builder
from moto_cks.handle.cluster import LocalCluster
from moto_cks.handle.key_store import LocalKeyStore
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.parameters import ClusterParameters
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.models import kms_backend
from moto_cks.world.lock import WORLD


def build_cluster(
    clients: builder.Clients, parameters: ClusterParameters, undo: ExitStack
) -> LocalCluster:
    """Build an active cluster with kmsuser.

    Args:
        clients: of the account and Region.
        parameters: what it is to be like.
        undo: takes back what was built.
    """
    cluster_id = builder.create_cluster(clients, parameters, undo)
    with WORLD:
        cluster = LocalCluster(*find_cluster_anywhere(cluster_id))
    builder.add_hsm(clients, cluster_id, 0)
    signed_certificate, trust_anchor = cluster.sign_csr()
    clients.cloudhsmv2.initialize_cluster(
        ClusterId=cluster_id, SignedCert=signed_certificate, TrustAnchor=trust_anchor
    )
    cluster.activate(builder.ADMIN_PASSWORD)
    cluster.create_user("CU", KMSUSER, parameters.kmsuser_password)
    for number in range(1, parameters.hsms):
        builder.add_hsm(clients, cluster_id, number)
    return cluster


def build_key_store(
    clients: builder.Clients,
    name: str,
    cluster: Cluster,
    connect: bool,
    kmsuser_password: str,
    undo: ExitStack,
) -> LocalKeyStore:
    """Build a custom key store on a cluster.

    Args:
        clients: of the account and Region of the cluster.
        name: CustomKeyStoreName.
        cluster: the cluster.
        connect: whether to connect it.
        kmsuser_password: KeyStorePassword.
        undo: takes back what was built.
    """
    roles = ServiceRoles(clients.account_id, clients.region)
    key_stores = kms_backend(clients.account_id, clients.region).key_stores
    before = {store.custom_key_store_id for store in key_stores}
    if not roles.has(KMS_ROLE):
        undo.callback(roles.remove, KMS_ROLE)
    key_store_id = clients.kms.create_custom_key_store(
        CustomKeyStoreName=name,
        CloudHsmClusterId=cluster.id,
        TrustAnchorCertificate=cluster.trust_anchor,
        KeyStorePassword=kmsuser_password,
    )["CustomKeyStoreId"]
    if key_store_id not in before:  # as it is where this was a retry
        undo.callback(key_stores.delete, key_store_id)
    if connect:
        clients.kms.connect_custom_key_store(CustomKeyStoreId=key_store_id)
    return LocalKeyStore(key_store_id, name, cluster, clients)
