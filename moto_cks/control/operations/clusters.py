"""Clusters, their users and keys, and logins."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from moto_cks.cloudhsmv2.hsms import HsmState
from moto_cks.cloudhsmv2.models import clusters_anywhere, find_cluster_anywhere
from moto_cks.control.models import Login, sessions
from moto_cks.handle.cks import LOCAL
from moto_cks.handle.protocols.cluster import Cluster, HsmHandle
from moto_cks.hsm import KeyObject, User
from moto_cks.hsm.policies import Policies
from moto_cks.world.clock import keep_appointments
from moto_cks.world.lock import WORLD


def show_cluster(cluster: Cluster) -> dict[str, Any]:
    """A cluster as JSON."""
    with WORLD:
        found, account_id, region = find_cluster_anywhere(cluster.id)
        return {
            "id": cluster.id,
            "region": region,
            "account_id": account_id,
            "state": found.state.value,
            "hsm_type": found.hsm_type,
            "vpc_id": cluster.vpc_id,
            "subnet_ids": cluster.subnet_ids,
            "trust_anchor": cluster.trust_anchor,
            "hsms": [_show_hsm(hsm) for hsm in cluster.hsms],
            "inactive_hsms": [
                {
                    "id": hsm.hsm_id,
                    "eni_ip": hsm.eni_ip,
                    "availability_zone": hsm.availability_zone,
                    "state": hsm.state.value,
                }
                for hsm in found.hsms
                if hsm.state is not HsmState.ACTIVE
            ],
        }


def _show_hsm(hsm: HsmHandle) -> dict[str, Any]:
    return {
        "id": hsm.id,
        "eni_ip": hsm.eni_ip,
        "availability_zone": hsm.availability_zone,
        "users": [_show_user(user) for user in hsm.users],
        "keys": [_show_key(key) for key in hsm.keys],
        "policies": _show_policies(hsm.policies),
    }


def _show_policies(policies: Policies) -> dict[str, Any]:
    return {
        "quorums": {service.value: value for service, value in policies.quorums.items()},
        "trust_anchors": {str(number): pem for number, pem in policies.trust_anchors.items()},
        "mtls_enforced": policies.mtls_enforced,
    }


def _show_user(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "type": user.type.value,
        "name": user.name,
        "login_failures": user.login_failures,
        "locked": user.locked,
        "two_factor": user.two_factor,
    }


def _show_key(key: KeyObject) -> dict[str, Any]:
    return {
        "handle": key.handle,
        "label": key.label,
        "owner": key.owner,
        "template": asdict(key.template),
        "key_id": key.key_id,
        "shared_with": sorted(key.shared_with),
    }


def cluster_ids() -> list[str]:
    """The IDs of all clusters, of all accounts and Regions."""
    with WORLD:
        return [cluster.cluster_id for cluster in clusters_anywhere()]


def list_clusters() -> dict[str, Any]:
    with WORLD:
        keep_appointments()
        return {"clusters": [get_cluster(cluster_id) for cluster_id in cluster_ids()]}


def create_cluster(**parameters: Any) -> dict[str, Any]:
    return show_cluster(LOCAL.create_cluster(**parameters))


def get_cluster(cluster_id: str) -> dict[str, Any]:
    return show_cluster(LOCAL.cluster(cluster_id))


def get_admin_password(cluster_id: str) -> dict[str, Any]:
    """The password of the crypto officer ``admin``."""
    return {"admin_password": LOCAL.cluster(cluster_id).admin_password}


def replace_hsm(cluster_id: str, hsm_id: str, **parameters: Any) -> dict[str, Any]:
    new = LOCAL.cluster(cluster_id).replace_hsm(hsm_id, **parameters)
    return {"id": new.id, "eni_ip": new.eni_ip, "availability_zone": new.availability_zone}


def sign_csr(cluster_id: str) -> dict[str, Any]:
    signed_certificate, trust_anchor = LOCAL.cluster(cluster_id).sign_csr()
    return {"signed_certificate": signed_certificate, "trust_anchor": trust_anchor}


def activate(cluster_id: str, admin_password: str) -> None:
    LOCAL.cluster(cluster_id).activate(admin_password)


def create_user(cluster_id: str, **parameters: Any) -> None:
    LOCAL.cluster(cluster_id).create_user(**parameters)


def change_password(cluster_id: str, **parameters: Any) -> None:
    LOCAL.cluster(cluster_id).change_password(**parameters)


def delete_user(cluster_id: str, **parameters: Any) -> None:
    LOCAL.cluster(cluster_id).delete_user(**parameters)


def set_quorum_value(cluster_id: str, **parameters: Any) -> None:
    LOCAL.cluster(cluster_id).set_quorum_value(**parameters)


def register_trust_anchor(cluster_id: str, **parameters: Any) -> dict[str, Any]:
    return {"reference": LOCAL.cluster(cluster_id).register_trust_anchor(**parameters)}


def set_mtls_enforcement(cluster_id: str, **parameters: Any) -> None:
    LOCAL.cluster(cluster_id).set_mtls_enforcement(**parameters)


def find_key_handle(cluster_id: str, key_id: str) -> dict[str, Any]:
    """The key handle of a KMS key."""
    return {"handle": LOCAL.cluster(cluster_id).key_of(key_id)}


def delete_key(cluster_id: str, **parameters: Any) -> None:
    LOCAL.cluster(cluster_id).delete_key(**parameters)


def log_in(cluster_id: str, **parameters: Any) -> dict[str, Any]:
    with WORLD:
        session = LOCAL.cluster(cluster_id).login(**parameters)
        login_id = f"login-{uuid.uuid4().hex}"
        sessions().logins[login_id] = Login(cluster_id, session)
    return {"id": login_id}


def log_out(cluster_id: str, login_id: str) -> None:
    with WORLD:
        login = sessions().logins.get(login_id)
        if login is None or login.cluster_id != cluster_id:
            raise KeyError(f"There is no login {login_id} in {cluster_id}")
        del sessions().logins[login_id]
        login.session.logout()


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_clusters": list_clusters,
    "create_cluster": create_cluster,
    "get_cluster": get_cluster,
    "get_admin_password": get_admin_password,
    "replace_hsm": replace_hsm,
    "sign_csr": sign_csr,
    "activate": activate,
    "create_user": create_user,
    "change_password": change_password,
    "delete_user": delete_user,
    "set_quorum_value": set_quorum_value,
    "register_trust_anchor": register_trust_anchor,
    "set_mtls_enforcement": set_mtls_enforcement,
    "find_key_handle": find_key_handle,
    "delete_key": delete_key,
    "log_in": log_in,
    "log_out": log_out,
}
