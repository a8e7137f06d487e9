"""What several tests of the tools need."""

from __future__ import annotations

from typing import Any

from moto_cks import Cluster, KeyStore, cks
from moto_cks.hsm import Hsm, HsmCluster, Snapshot, UserType
from moto_cks.tools.cloudhsm_mgmt_util import CloudHsmMgmtUtil
from moto_cks.tools.key_mgmt_util import KeyMgmtUtil
from moto_cks.tools.nodes import Node
from tests.aws import client

ADMIN = "adminPswd1"
PASSWORD = "kmsPswd1"

CAUTION = """
*************************CAUTION********************************
This is a CRITICAL operation, should be done on all nodes in the
cluster. Cav server does NOT synchronize these changes with the
nodes on which this operation is not executed or failed, please
ensure this operation is executed on all nodes in the cluster.
****************************************************************

"""


class Hardware:
    """A cluster with two HSMs and nothing around it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.hardware = HsmCluster(self.cluster_id)
        self.hardware.add_hsm("hsm-one", snapshot)
        self.hardware.add_hsm("hsm-two")

    cluster_id = "cluster-1a23b4cdefg"

    @property
    def hsms(self) -> list[Hsm]:
        return list(self.hardware.hsms.values())

    is_newer = True

    def clone(self, cluster_id: str) -> None:
        return None

    def nodes(self) -> list[Node]:
        return [
            Node(number, hsm.id, f"10.0.{number}.9", hsm) for number, hsm in enumerate(self.hsms)
        ]

    def require_world(self) -> None:
        pass

    def cmu(self, *login: str) -> CloudHsmMgmtUtil:
        """cloudhsm_mgmt_util, logged in as admin or as somebody else."""
        tool = CloudHsmMgmtUtil(self)
        command = " ".join(["loginHSM", *(login or ("CO", "admin", ADMIN))])
        assert "success" in tool.run(command)
        return tool

    def kmu(self, name: str = "kmsuser", password: str = PASSWORD) -> KeyMgmtUtil:
        """key_mgmt_util, logged in."""
        tool = KeyMgmtUtil(self)
        assert "0x00" in tool.run(f"loginHSM -u CU -s {name} -p {password}")
        return tool

    def new_user(self, name: str = "bob", user_type: UserType = UserType.CU) -> int:
        """Create a user whose password is that of kmsuser; its ID."""
        first, second = (hsm.add_user(user_type, name, PASSWORD).id for hsm in self.hsms)
        assert first == second
        return first

    def users(self) -> list[tuple[str, int]]:
        """The users of the HSMs, and how often each failed to log in."""
        return [(user.name, user.login_failures) for hsm in self.hsms for user in hsm.users]


class World:
    """A key store, its cluster, and the tools for it."""

    def __init__(self, store: KeyStore) -> None:
        self.store = store
        self.cluster: Cluster = store.cluster
        self.kms: Any = client("kms", store.region)
        self.hsm: Any = client("cloudhsmv2", store.region)

    @property
    def servers(self) -> list[str]:
        """The HSMs as cloudhsm_mgmt_util names them."""
        return [f"{number}({hsm.eni_ip})" for number, hsm in enumerate(self.cluster.hsms)]

    def require_world(self) -> None:
        pass

    def cmu(self, *login: str) -> CloudHsmMgmtUtil:
        """cloudhsm_mgmt_util, logged in as admin or as somebody else."""
        tool = cks.cloudhsm_mgmt_util(self.cluster.id)
        command = " ".join(["loginHSM", *(login or ("CO", "admin", ADMIN))])
        assert "success" in tool.run(command)
        return tool

    def kmu(self, name: str = "kmsuser", password: str = PASSWORD) -> KeyMgmtUtil:
        """key_mgmt_util, logged in."""
        tool = cks.key_mgmt_util(self.cluster.id)
        assert "0x00" in tool.run(f"loginHSM -u CU -s {name} -p {password}")
        return tool

    def connection_error(self) -> str | None:
        """What an attempt to connect ends in; the store is disconnected again."""
        store = {"CustomKeyStoreId": self.store.id}
        self.kms.connect_custom_key_store(**store)
        (entry,) = self.kms.describe_custom_key_stores(**store)["CustomKeyStores"]
        self.kms.disconnect_custom_key_store(**store)
        error = entry.get("ConnectionErrorCode")
        assert (entry["ConnectionState"] == "CONNECTED") == (error is None)
        return error if error is None else str(error)

    def users(self, number: int = 0) -> dict[str, int]:
        """The users of an HSM, and how often each failed to log in."""
        return {user.name: user.login_failures for user in self.cluster.hsms[number].users}

    def new_user(self, name: str = "bob", user_type: str = "CU") -> int:
        """Create a user whose password is that of kmsuser; its ID."""
        self.cluster.create_user(user_type, name, PASSWORD)
        return next(user.id for user in self.cluster.hsms[0].users if user.name == name)
