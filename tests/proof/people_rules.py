"""What people do to kmsuser and to key material, with the tools of the HSMs."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from moto_cks import HsmError
from tests.proof import tools
from tests.proof.hardware import Hsm, KmsUser
from tests.proof.machine import CLUSTER_KEYS, CLUSTERS, PASSWORDS, Machine
from tests.proof.real import RealCluster, RealKey
from tests.proof.scene import PASSWORD


class PeopleRules(Machine):
    """Rules for people with a terminal."""

    @rule(cluster=CLUSTERS, password=PASSWORDS, server=st.sampled_from([None, None, 0, 1]))
    def change_password(self, cluster: RealCluster, password: str, server: int | None) -> None:
        """With cloudhsm_mgmt_util, on all servers or on one."""
        hsms = cluster.model.hsms
        if len(hsms) <= (server or 0):
            return
        with tools.officer(self.world, cluster.id, server) as tool:
            tools.talk(tool, f"changePswd CU kmsuser {password}")
        for hsm in hsms if server is None else hsms[server : server + 1]:
            if hsm.user is not None and not hsm.in_use:
                hsm.user = KmsUser(password)

    @rule(cluster=CLUSTERS, password=PASSWORDS)
    def change_password_with_cli(self, cluster: RealCluster, password: str) -> None:
        """With cloudhsm-cli; it changes all or, while kmsuser is logged in, none."""
        hsms = cluster.model.hsms
        if not hsms or any(hsm.user is None for hsm in hsms):
            return
        in_use = {hsm.in_use for hsm in hsms}
        if len(in_use) > 1:
            return
        with tools.admin(self.world, cluster.id) as tool:
            change = "user change-password --username kmsuser --role crypto-user"
            shown = tools.talk(tool, change, password)
        assert ('"error_code": 0' in shown) is not in_use.copy().pop()
        for hsm in hsms:
            if not hsm.in_use:
                hsm.user = KmsUser(password)

    @rule(cluster=CLUSTERS, server=st.sampled_from([None, 0, 1]))
    def delete_user(self, cluster: RealCluster, server: int | None) -> None:
        hsms = cluster.model.hsms
        if len(hsms) <= (server or 0):
            return
        chosen = hsms if server is None else hsms[server : server + 1]
        if any(hsm.material or hsm.in_use for hsm in chosen):
            return
        with tools.officer(self.world, cluster.id, server) as tool:
            tools.talk(tool, "deleteUser CU kmsuser")
        for hsm in chosen:
            hsm.user = None

    @rule(cluster=CLUSTERS, password=PASSWORDS, server=st.sampled_from([None, 0, 1]))
    def create_user(self, cluster: RealCluster, password: str, server: int | None) -> None:
        hsms = cluster.model.hsms
        if len(hsms) <= (server or 0):
            return
        with tools.officer(self.world, cluster.id, server) as tool:
            tools.talk(tool, f"createUser CU kmsuser {password}")
        for hsm in hsms if server is None else hsms[server : server + 1]:
            hsm.user = hsm.user or KmsUser(password)

    @rule(cluster=CLUSTERS, times=st.sampled_from([1, 2, 5]))
    def guess(self, cluster: RealCluster, times: int) -> None:
        """Wrong logins with key_mgmt_util, which tries every server."""
        hsms = cluster.model.hsms
        if not hsms or cluster.model.in_use:
            return
        for _ in range(times):
            tool, logged_in = tools.kmsuser(self.world, cluster.id, "wrongPassword")
            assert not logged_in
            tool.close()
        for hsm in hsms:
            if hsm.user is not None:
                hsm.user.failures = min(hsm.user.failures + times, 5)

    def _knows(self, cluster: RealCluster) -> str | None:
        """A password with which anybody can log in as kmsuser now, on all HSMs."""
        users = [hsm.user for hsm in cluster.model.hsms]
        passwords = {user.password for user in users if user is not None and not user.locked}
        known = passwords & {PASSWORD, "tempPassword", "otherPassword1"}
        if not users or any(user is None or user.locked for user in users) or len(passwords) > 1:
            return None
        return known.pop() if known and not any(hsm.kms for hsm in cluster.model.hsms) else None

    @rule(cluster=CLUSTERS)
    def stay_logged_in(self, cluster: RealCluster) -> None:
        """Somebody logs in as kmsuser with key_mgmt_util, and forgets to log out (C5.9)."""
        password = self._knows(cluster)
        if password is None or self.tools_at(cluster):
            return
        tool, logged_in = tools.kmsuser(self.world, cluster.id, password)
        assert logged_in
        number = next(self.numbers)
        self.opened.append((number, tool, cluster))
        for hsm in cluster.model.hsms:
            assert hsm.user is not None
            hsm.user.failures = 0
            hsm.tools.add(number)

    @precondition(lambda self: self.opened)
    @rule()
    def log_out(self) -> None:
        for number, tool, cluster in self.opened:
            tools.talk(tool, "logoutHSM")
            tool.close()
            for hsm in cluster.model.hsms:
                hsm.tools.discard(number)
        self.opened.clear()

    @precondition(lambda self: self.scene.cluster_keys)
    @rule(key=CLUSTER_KEYS)
    def delete_material_by_the_book(self, key: RealKey) -> None:
        """kmsuser deletes it with key_mgmt_util, or with cloudhsm-cli."""
        if key.store.model.deleted:
            return
        cluster = self.scene.cluster_of(key.store)
        password = self._knows(cluster)
        everywhere = all(key.model.id in hsm.material for hsm in cluster.model.hsms)
        if password is None or not everywhere or cluster.model.in_use or key.model.deleted:
            return
        handle = self.scene.handle(key)
        if next(self.numbers) % 2:
            tool, logged_in = tools.kmsuser(self.world, cluster.id, password)
            assert logged_in
            assert "returned: 0x00" in tools.talk(tool, f"deleteKey -k {handle}")
        else:
            tool = self.world.cloudhsm_cli(cluster.id)
            login = "login --username kmsuser --role crypto-user"
            assert '"error_code": 0' in tools.talk(tool, login, password)
            delete = f"key delete --filter key-reference=0x{handle:x}"
            assert '"error_code": 0' in tools.talk(tool, delete)
        tool.close()
        for hsm in cluster.model.hsms:
            assert hsm.user is not None
            hsm.user.failures = 0
        cluster.model.erase(key.model.id)

    @precondition(lambda self: self.scene.cluster_keys)
    @rule(key=CLUSTER_KEYS, server=st.sampled_from([None, 0]))
    def delete_material(self, key: RealKey, server: int | None) -> None:
        """The owner of the hardware deletes it, whoever is logged in."""
        cluster = self.scene.cluster_of(key.store)
        if key.model.deleted or cluster.model.deleted:
            return
        handle = self.world.cluster(cluster.id)
        chosen = slice(None) if server is None else slice(server, server + 1)
        hsms: list[Hsm] = cluster.model.hsms[chosen]
        there = any(key.model.id in hsm.material for hsm in hsms)
        number = self.scene.handle(key)
        try:
            handle.delete_key(number, hsms=handle.hsms[chosen])
        except HsmError:
            assert not there
        else:
            assert there
        for hsm in hsms:
            hsm.material.discard(key.model.id)
