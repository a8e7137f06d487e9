"""Who does what ``cks.explain`` says, until it says nothing any more, has mended it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from moto_cks.handle.protocols.explanation import Reason, Step
from moto_cks.hsm import HsmError
from tests.handle.causes import CAUSES, TEMPORARY, Scene
from tests.kms import described

IRRECOVERABLE = {"key-material-lost", "orphaned-key-material", "key-deleted"}
"""There is no way, and: the key is gone for good."""


def options(command: str) -> dict[str, list[str]]:
    """What is typed behind each option of the AWS CLI."""
    found: dict[str, list[str]] = {}
    for word in shlex.split(command)[3:]:
        if word.startswith("--"):
            name = word.removeprefix("--")
            found[name] = []
        else:
            found[name].append(word)
    return found


class Hands:
    """Somebody who does what a step says."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.new = ""
        self.session: Any = None

    @property
    def cluster(self) -> Any:
        """The cluster with which the key store is associated now."""
        return self.scene.world.cluster(described(self.scene.user.store)["CloudHsmClusterId"])

    def do(self, step: Step) -> None:
        getattr(self, step.name.replace("-", "_"))(*map(self._typed, step.commands))

    def _typed(self, command: str) -> str:
        return command.replace("<new>", self.new or "<new>")

    def disconnect(self, command: str) -> None:
        (store,) = options(command)["custom-key-store-id"]
        self.scene.kms.disconnect_custom_key_store(CustomKeyStoreId=store)

    def connect(self, command: str) -> None:
        (store,) = options(command)["custom-key-store-id"]
        self.scene.kms.connect_custom_key_store(CustomKeyStoreId=store)

    def set_password(self, newer: str, older: str) -> None:
        assert f"changePswd CU kmsuser {TEMPORARY}; y;" in older
        assert "user change-password --username kmsuser" in newer
        # A user who is missing somewhere is created there by the step before.
        self.cluster.change_password("CU", "kmsuser", TEMPORARY)

    def tell_password(self, command: str) -> None:
        self.scene.tell(KeyStorePassword=options(command)["key-store-password"][0])

    def create_user(self, *commands: str) -> None:
        lacking = [
            hsm for hsm in self.cluster.hsms if all(user.name != "kmsuser" for user in hsm.users)
        ]
        self.cluster.create_user("CU", "kmsuser", TEMPORARY, hsms=lacking)

    def delete_user(self, *commands: str) -> None:
        self.cluster.delete_user("CU", "kmsuser")

    def look(self, command: str) -> None:
        assert self.scene.user.state()

    def log_out(self, *commands: str) -> None:
        for session in self.scene.sessions:
            session.logout()

    def restore_backup(self, command: str) -> None:
        self.scene.cloudhsm.restore_backup(BackupId=options(command)["backup-id"][0])

    def cluster_from_backup(self, command: str) -> None:
        given = options(command)
        subnets = given["subnet-ids"]
        if subnets == ["<subnet-a>", "<subnet-b>"]:  # those of a cluster that is deleted
            subnets = self.scene.cluster.subnet_ids[:2]
        self.new = self.scene.cloudhsm.create_cluster(
            HsmType=given["hsm-type"][0],
            Mode=given["mode"][0],
            SubnetIds=subnets,
            SourceBackupId=given["source-backup-id"][0],
        )["Cluster"]["ClusterId"]
        self.scene.world.clock.advance(minutes=15)  # where that takes its time

    def hsms_in_two_zones(self, *commands: str) -> None:
        for command, default in zip(commands, ("us-east-1a", "us-east-1b"), strict=True):
            given = options(command)
            assert given["cluster-id"] == [self.new]
            zone = given["availability-zone"][0].replace("<zone-a>", default)
            zone = zone.replace("<zone-b>", default)
            self.scene.cloudhsm.create_hsm(ClusterId=self.new, AvailabilityZone=zone)

    def point(self, command: str) -> None:
        self.scene.tell(CloudHsmClusterId=options(command)["cloud-hsm-cluster-id"][0])

    def add_hsm(self, *commands: str) -> None:
        for given in map(options, commands):
            self.scene.cloudhsm.create_hsm(
                ClusterId=given["cluster-id"][0], AvailabilityZone=given["availability-zone"][0]
            )

    def open_ports_inbound(self, command: str) -> None:
        self._open(self.scene.ec2.authorize_security_group_ingress, options(command))

    def open_ports_outbound(self, command: str) -> None:
        self._open(self.scene.ec2.authorize_security_group_egress, options(command))

    def _open(self, authorize: Callable[..., Any], given: Mapping[str, list[str]]) -> None:
        (group,) = given["group-id"]
        assert group in str(given.get("source-group") or given.get("ip-permissions"))
        ports = {"IpProtocol": "tcp", "FromPort": 2223, "ToPort": 2225}
        authorize(
            GroupId=group, IpPermissions=[{**ports, "UserIdGroupPairs": [{"GroupId": group}]}]
        )

    def count_addresses(self, command: str) -> None:
        subnets = options(command)["subnet-ids"]
        assert self.scene.ec2.describe_subnets(SubnetIds=subnets)["Subnets"]

    def free_address(self, command: str) -> None:
        interfaces = self.scene.ec2.describe_network_interfaces()["NetworkInterfaces"]
        spare = next(each for each in interfaces if not each["Description"])
        self.scene.ec2.delete_network_interface(NetworkInterfaceId=spare["NetworkInterfaceId"])

    def delete_spare_key(self, newer: str, older: str) -> None:
        assert "login --username batch_job --role crypto-user; " in newer
        assert "loginHSM -u CU -s batch_job -p " in older
        spare = next(key for key in self.cluster.hsms[0].keys if key.owner == "batch_job")
        with self.cluster.login("CU", "batch_job", TEMPORARY) as session:
            session.delete_key(spare.handle)

    def delete_acl_entry(self, command: str) -> None:
        given = options(command)
        self.scene.ec2.delete_network_acl_entry(
            NetworkAclId=given["network-acl-id"][0],
            RuleNumber=int(given["rule-number"][0]),
            Egress="egress" in given,
        )

    def wait(self, *commands: str) -> None:
        self.scene.world.clock.advance(minutes=15)

    def retry(self) -> None:
        """After a pause, in which what was transient is over."""
        self.scene.until.close()
        self.scene.world.clock.advance(seconds=2)
        errors = self.scene.kms.exceptions
        for _ in range(3):
            try:
                self.scene.user.decrypt()
            except (errors.KMSInternalException, errors.KMSInvalidStateException):
                continue

    def lift_mtls(self, command: str) -> None:
        assert "cluster mtls set-enforcement --level none" in command
        self.cluster.set_mtls_enforcement("none")

    def cancel_deletion(self, command: str) -> None:
        self.scene.kms.cancel_key_deletion(KeyId=options(command)["key-id"][0])

    def enable_key(self, command: str) -> None:
        self.scene.kms.enable_key(KeyId=options(command)["key-id"][0])


@pytest.mark.parametrize("failure", [name for name in CAUSES if name not in IRRECOVERABLE])
def test_who_does_what_it_says_has_mended_it(scene: Scene, failure: str) -> None:
    CAUSES[failure].act(scene)
    hands = Hands(scene)
    mended: list[str] = []
    for _ in range(4):
        reasons = wrong(scene)
        if not reasons:
            break
        reason = next((each for each in reasons if each.failure == failure), reasons[0])
        mended.append(reason.cause)
        for step in reason.steps:
            hands.do(step)
    assert mended[0] == failure
    assert wrong(scene) == []
    assert scene.user.state() == ("CONNECTED", None)
    if failure == "kmsuser-second-factor":  # its keys had to go before it could come about
        assert scene.user.store.create_key()
    else:
        assert scene.user.decrypts()


def wrong(scene: Scene) -> list[Reason]:
    """What stands in the way of the key and the key store; a key that is lost is not asked."""
    key = scene.explain("key")
    lost = any(reason.failure == "key-material-lost" for reason in key.reasons)
    reasons = [*(() if lost else key.reasons), *scene.explain("store").reasons]
    return list({reason.cause: reason for reason in reasons}.values())


def test_w7_with_a_quorum_the_steps_take_an_approval(scene: Scene) -> None:
    scene.cluster.create_user("CO", "admin2", "adminPswd2")
    scene.cluster.set_quorum_value("user", 2)
    (quorum,) = scene.explain("store").reasons
    assert scene.explain("store").usable
    assert (quorum.cause, quorum.when, quorum.steps) == ("quorum-on-users", "never", ())
    assert quorum.what == (
        "Creating kmsuser, and setting its password, takes the approval of 2 officers; 0 of 2 "
        "officers have registered a key to sign with."
    )
    CAUSES["invalid-credentials"].act(scene)
    decided, *_ = scene.explain("store").reasons
    assert [step.name for step in decided.steps] == [
        "disconnect",
        "quorum-token",
        "quorum-signatures",
        "set-password",
        "tell-password",
        "connect",
    ]
    (command,) = decided.steps[3].commands
    assert command == (
        "cloudhsm-cli: user change-password --username kmsuser --role crypto-user "
        "--approval quorum.token; logout"
    )


@pytest.mark.parametrize("name", ["admin", "officer"])
def test_w7_p4_so_does_unlocking_another_user(scene: Scene, name: str) -> None:
    if name != "admin":
        scene.cluster.create_user("CO", name, "officerPswd1")
    scene.cluster.create_user("CO", "admin2", "adminPswd2")
    for _ in range(5):
        with pytest.raises(HsmError):
            scene.cluster.login("CO", name, "wrongPassword1")
    (locked,) = scene.explain("cluster").reasons
    (alone,) = locked.steps
    assert alone.name == "unlock"
    assert [line.split(":")[0] for line in alone.commands] == ["cloudhsm-cli", "cloudhsm_mgmt_util"]
    scene.cluster.set_quorum_value("user", 2)
    locked, _ = scene.explain("cluster").reasons
    token, signatures, unlock = locked.steps
    assert token.commands == (
        "cloudhsm-cli: login --username <officer> --role admin; "
        "quorum token-sign generate --service user --token quorum.token",
    )
    assert (signatures.name, signatures.commands) == ("quorum-signatures", ())
    assert unlock.commands == (
        f"cloudhsm-cli: user change-password --username {name} --role admin "
        "--approval quorum.token; logout",
    )


def test_y22_a_key_store_that_has_failed_is_connected_anew(scene: Scene) -> None:
    scene.user.disconnect()
    CAUSES["mtls-enforced"].act(scene)
    scene.user.connect()
    (decided,) = scene.explain("store").reasons
    assert (decided.cause, decided.error) == ("mtls-enforced", "NETWORK_ERRORS")
    assert [step.name for step in decided.steps] == ["lift-mtls", "disconnect", "connect"]
