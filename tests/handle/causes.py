"""How each documented failure comes about, and what is to be said of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto_cks import HsmError
from moto_cks.hsm import AES_256_TOKEN_KEY
from tests.aws import client
from tests.kms import backups_of, cluster_group, delete_cluster, delete_hsms, restore
from tests.kms.user import User
from tests.tools.cloudhsm_cli.world import of_today

TEMPORARY = "tempPassword"
STRANGERS = "somebodyElse1"
WRONG = "wrongPassword1"


@dataclass
class Scene:
    """A key store with a key, and what can be done to it.

    Attributes:
        world: the handle on the simulated world.
        user: who has a key in the key store.
        transition: sets a state transition of moto.
        until: what ends at the end of the test.
        sessions: the logins that stay open.
    """

    world: Any
    user: User
    transition: Callable[..., None]
    until: contextlib.ExitStack
    sessions: list[Any] = field(default_factory=list)

    @property
    def cluster(self) -> Any:
        return self.user.store.cluster

    @property
    def store_id(self) -> str:
        return self.user.store.id

    @property
    def kms(self) -> Any:
        return self.user.kms

    @property
    def cloudhsm(self) -> Any:
        return client("cloudhsmv2")

    @property
    def ec2(self) -> Any:
        return client("ec2")

    @property
    def handle(self) -> int:
        handle: int = self.cluster.hsms[0].keys[0].handle
        return handle

    def tell(self, **changes: str) -> None:
        self.kms.update_custom_key_store(CustomKeyStoreId=self.store_id, **changes)

    def set_password(self, password: str = TEMPORARY) -> None:
        """Disconnected: make both sides agree on the password of kmsuser."""
        self.cluster.change_password("CU", "kmsuser", password)
        self.tell(KeyStorePassword=password)

    def wrong_logins(self, number: int = 5, hsms: Any = None) -> None:
        for _ in range(number):
            with contextlib.suppress(HsmError):
                self.cluster.login("CU", "kmsuser", WRONG, hsms=hsms)

    def close_ports(self, *directions: str) -> None:
        group = cluster_group(self.ec2, self.cluster)
        for direction in directions or ("ingress",):
            rules = group["IpPermissions" if direction == "ingress" else "IpPermissionsEgress"]
            revoke = getattr(self.ec2, f"revoke_security_group_{direction}")
            revoke(GroupId=group["GroupId"], IpPermissions=rules)

    def deny(self, number: int = 50) -> None:
        subnet = self.cluster.subnet_ids[0]
        filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
        (acl,) = self.ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        self.ec2.create_network_acl_entry(
            NetworkAclId=acl["NetworkAclId"],
            RuleNumber=number,
            Protocol="6",
            RuleAction="deny",
            Egress=False,
            CidrBlock="0.0.0.0/0",
            PortRange={"From": 2223, "To": 2225},
        )

    def fill(self, subnet_id: str) -> None:
        (subnet,) = self.ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
        for _ in range(subnet["AvailableIpAddressCount"]):
            self.ec2.create_network_interface(SubnetId=subnet_id)

    def restore(self, backup: int) -> Any:
        """Go to a cluster from a backup, disconnected."""
        made = restore(self.world, self.cluster, backup=backup)
        self.tell(CloudHsmClusterId=made.id)
        return made

    def explain(self, subject: str = "store") -> Any:
        names = {
            "store": self.user.store,
            "key": self.user.key_id,
            "cluster": self.cluster,
        }
        return self.world.explain(names.get(subject, subject))


Act = Callable[[Scene], Any]


@dataclass(frozen=True)
class Cause:
    """How a failure comes about, and what is to be said of it then.

    Attributes:
        act: brings it about; the key store is connected.
        error: what it ends in.
        what: what is said, with a part of the sentence.
        subject: what to ask about.
        facts: some of the facts.
        when: when it is come upon.
        beyond_aws: whether AWS would not tell that.
    """

    act: Act
    error: str
    what: str
    subject: str = "store"
    facts: Mapping[str, Any] = field(default_factory=dict)
    when: str = "now"
    beyond_aws: bool = False


def connecting(act: Act) -> Act:
    """Disconnect, do something, connect."""

    def whole(scene: Scene) -> None:
        scene.user.disconnect()
        act(scene)
        scene.user.connect()

    return whole


def disconnected(act: Act) -> Act:
    """Disconnect, and do something."""

    def whole(scene: Scene) -> None:
        scene.user.disconnect()
        act(scene)

    return whole


def _pending_deletion(scene: Scene) -> None:
    scene.kms.schedule_key_deletion(KeyId=scene.user.key_id, PendingWindowInDays=7)
    scene.user.disconnect()


def _slow(scene: Scene) -> None:
    scene.user.disconnect()
    scene.transition("cks::connection", progression="time", seconds=900)
    scene.user.connect()


def _material(scene: Scene) -> None:
    scene.world.clock.advance(days=1)  # the daily backup has it
    scene.cluster.delete_key(scene.handle)


def _backup_deleted(scene: Scene) -> None:
    zone = scene.cluster.hsms[0].availability_zone
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster.id, AvailabilityZone=zone)
    newest = backups_of(scene.cluster)[-1]
    scene.cluster.delete_key(scene.handle)
    scene.cloudhsm.delete_backup(BackupId=newest)


def _one_hsm(scene: Scene) -> None:
    last = scene.cluster.hsms[-1].id
    scene.cloudhsm.delete_hsm(ClusterId=scene.cluster.id, HsmId=last)


def _migrating(scene: Scene) -> None:
    scene.transition("cloudhsmv2::cluster", progression="time", seconds=600)
    scene.cloudhsm.modify_cluster(ClusterId=scene.cluster.id, HsmType="hsm2m.medium")


def _deleting(scene: Scene) -> None:
    scene.user.disconnect()
    for hsm in scene.cluster.hsms:
        scene.cloudhsm.delete_hsm(ClusterId=scene.cluster.id, HsmId=hsm.id)
    scene.transition("cloudhsmv2::cluster", progression="time", seconds=600)
    scene.cloudhsm.delete_cluster(ClusterId=scene.cluster.id)


def _full(scene: Scene) -> None:
    scene.cluster.create_user("CU", "batch_job", TEMPORARY)
    with scene.cluster.login("CU", "batch_job", TEMPORARY) as session:
        for _ in range(16_665):
            session.generate_key("batch", AES_256_TOKEN_KEY)


def _subnet(scene: Scene) -> None:
    zone = scene.cluster.hsms[0].availability_zone
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster.id, AvailabilityZone=zone)  # and a backup
    scene.user.disconnect()
    scene.ec2.delete_subnet(SubnetId=scene.cluster.subnet_ids[2])
    scene.user.connect()


def _on_one_hsm(scene: Scene) -> None:
    scene.cluster.change_password("CU", "kmsuser", TEMPORARY, hsms=[scene.cluster.hsms[1]])
    scene.tell(KeyStorePassword=TEMPORARY)


def _old_backup(scene: Scene) -> None:
    zone = scene.cluster.hsms[0].availability_zone
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster.id, AvailabilityZone=zone)
    old = len(backups_of(scene.cluster)) - 1
    scene.world.clock.advance(hours=1)
    scene.user.reconnect()  # which sets another password
    scene.user.disconnect()
    scene.restore(old)
    scene.user.connect()


def _changed(scene: Scene) -> None:
    scene.world.clock.advance(days=14)
    scene.cluster.change_password("CU", "kmsuser", STRANGERS)


def _second_factor(scene: Scene) -> None:
    for hsm in scene.cluster.hsms:
        for key in hsm.keys:
            scene.cluster.delete_key(key.handle, hsms=[hsm])
    scene.cluster.delete_user("CU", "kmsuser")
    scene.cluster.create_user("CU", "kmsuser", TEMPORARY, two_factor=True)
    scene.tell(KeyStorePassword=TEMPORARY)


def _lacking(scene: Scene) -> None:
    scene.set_password()
    second = scene.cluster.hsms[1]
    for key in second.keys:
        scene.cluster.delete_key(key.handle, hsms=[second])
    scene.cluster.delete_user("CU", "kmsuser", hsms=[second])


def _locked(scene: Scene) -> None:
    scene.set_password()
    scene.wrong_logins()


def _logged_in(scene: Scene) -> None:
    scene.set_password()
    scene.sessions.append(scene.cluster.login("CU", "kmsuser", TEMPORARY))


def _unreachable(scene: Scene) -> None:
    scene.until.enter_context(scene.world.faults.unreachable(scene.cluster.id))


def _enforce_mtls(scene: Scene) -> None:
    of_today(scene.cluster)
    scene.cluster.register_trust_anchor(scene.cluster.trust_anchor)
    scene.cluster.set_mtls_enforcement("cluster")


def _throttled(scene: Scene) -> None:
    scene.until.enter_context(scene.world.faults.throttle(1))
    scene.user.encrypt()


def _orphaned(scene: Scene) -> None:
    scene.kms.schedule_key_deletion(KeyId=scene.user.key_id, PendingWindowInDays=7)
    scene.user.disconnect()
    scene.world.clock.advance(days=7)


def _delete_key(scene: Scene) -> None:
    scene.kms.schedule_key_deletion(KeyId=scene.user.key_id, PendingWindowInDays=7)
    scene.world.clock.advance(days=7)


MUTE = "KMSInvalidStateException"
TWO_OF_TWO = {"of": 2}

CAUSES: Mapping[str, Cause] = {
    "store-disconnected": Cause(
        lambda scene: scene.user.disconnect(),
        MUTE,
        "It was disconnected just now.",
        facts={"state": "DISCONNECTED", "ever_connected": True},
    ),
    "deletion-pending-while-disconnected": Cause(
        _pending_deletion,
        MUTE,
        "It is pending deletion, and is deleted at 2030-01-08 12:00 UTC.",
        "key",
        {"state": "PendingDeletion", "deletion": "2030-01-08T12:00:00Z"},
    ),
    "slow-connection": Cause(
        _slow,
        MUTE,
        "Connecting takes its time: it began just now and will be over at 2030-01-01 12:15 UTC.",
        facts={"state": "CONNECTING", "until": "2030-01-01T12:15:00Z"},
    ),
    "key-material-deleted": Cause(
        _material,
        MUTE,
        " has it; its password is the one that KMS holds.",
        "key",
        {"of": 2, "password_known": True},
        "next-use",
        True,
    ),
    "key-material-lost": Cause(
        lambda scene: scene.cluster.delete_key(scene.handle),
        MUTE,
        "No backup has it.",
        "key",
        {"of": 2, "backup": None},
        "next-use",
        True,
    ),
    "backup-deleted": Cause(
        _backup_deleted,
        MUTE,
        " has it, but was deleted;",
        "key",
        {"of": 3, "backup_state": "PENDING_DELETION"},
        "next-use",
        True,
    ),
    "all-hsms-deleted": Cause(
        lambda scene: delete_hsms(scene.cluster),
        MUTE,
        " has no active HSM.",
        facts={"hsms": {}, "hsm_zones": []},
    ),
    "cluster-deleted": Cause(
        lambda scene: delete_cluster(scene.cluster),
        MUTE,
        " does not exist any more. The newest backup is backup-",
        beyond_aws=True,
    ),
    "hsm-replaced": Cause(
        lambda scene: scene.cluster.replace_hsm(scene.cluster.hsms[0]),
        MUTE,
        ", and what KMS did on it is lost: the next request fails, once.",
        beyond_aws=True,
    ),
    "pkcs11-sessions-exhausted": Cause(
        lambda scene: scene.world.faults.pkcs11_sessions_exhausted(scene.cluster.id, times=3),
        "KMSInternalException",
        "for 3 more operations.",
        facts={"times": 3},
        beyond_aws=True,
    ),
    "one-hsm-left": Cause(
        _one_hsm,
        "CloudHsmClusterInvalidConfigurationException",
        " has active HSMs in only one Availability Zone: us-east-1a.",
        facts={"hsm_zones": ["us-east-1a"]},
        when="creation",
    ),
    "hsm-ports-closed": Cause(
        lambda scene: scene.close_ports("ingress", "egress"),
        MUTE,
        " has no inbound rule and no outbound rule for TCP 2223-2225.",
        facts={"directions": ["inbound", "outbound"], "exists": True},
    ),
    "cluster-unreachable": Cause(_unreachable, MUTE, "KMS cannot reach cluster-", beyond_aws=True),
    "mtls-enforced": Cause(
        _enforce_mtls,
        MUTE,
        "Mutual TLS is enforced on 2 of 2 HSMs of cluster-",
        facts={"of": 2},
        beyond_aws=True,
    ),
    "request-quota-exceeded": Cause(
        _throttled,
        "ThrottlingException",
        "Its request quota of 1 a second is used up.",
        facts={"requests_per_second": 1},
        beyond_aws=True,
    ),
    "cluster-not-active": Cause(
        _deleting,
        "CloudHsmClusterNotActiveException",
        " is DELETE_IN_PROGRESS; that began just now.",
        facts={"state": "DELETE_IN_PROGRESS"},
        when="next-connect",
    ),
    "migration-under-way": Cause(
        _migrating,
        "KMSInternalException",
        "The type of the HSMs of ",
        facts={"state": "MODIFY_IN_PROGRESS"},
        when="creation",
    ),
    "cluster-full": Cause(
        _full,
        "KMSInternalException",
        " has 16666 keys on 2 of 2 HSMs, which is all that hsm2m.medium holds.",
        facts={"keys": 16_666, "owner": "batch_job"},
        when="creation",
        beyond_aws=True,
    ),
    "hsm-ports-closed-before-connecting": Cause(
        disconnected(lambda scene: scene.close_ports()),
        "CloudHsmClusterInvalidConfigurationException",
        " has no inbound rule for TCP 2223-2225.",
        facts={"directions": ["inbound"]},
        when="next-connect",
    ),
    "cluster-not-found": Cause(
        connecting(lambda scene: delete_cluster(scene.cluster)),
        "CLUSTER_NOT_FOUND",
        "its password is the one that KMS holds.",
        beyond_aws=True,
    ),
    "insufficient-cloudhsm-hsms": Cause(
        connecting(lambda scene: delete_hsms(scene.cluster)),
        "INSUFFICIENT_CLOUDHSM_HSMS",
        " has no active HSM.",
        facts={"hsms": {}},
    ),
    "insufficient-free-addresses-in-subnet": Cause(
        connecting(lambda scene: scene.fill(scene.cluster.subnet_ids[0])),
        "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET",
        " has no free IP address.",
    ),
    "internal-error": Cause(
        connecting(lambda scene: scene.world.faults.connection_error("INTERNAL_ERROR")),
        "INTERNAL_ERROR",
        "Nothing that anybody could see has caused it.",
        beyond_aws=True,
    ),
    "invalid-credentials": Cause(
        connecting(_changed),
        "INVALID_CREDENTIALS",
        "KMS holds the password it set 14 days ago; kmsuser's was changed just now by CO admin on "
        "2 of 2 HSMs. 4 more failed attempts lock kmsuser.",
        facts={"of": 2, "by": "CO admin", "known_by": "setting", "attempts_left": 4},
        beyond_aws=True,
    ),
    "network-errors": Cause(
        connecting(lambda scene: scene.world.faults.connection_error("NETWORK_ERRORS")),
        "NETWORK_ERRORS",
        "The network trouble is over.",
        beyond_aws=True,
    ),
    "network-acl-denies": Cause(
        connecting(lambda scene: scene.deny()),
        "NETWORK_ERRORS",
        "Rule 50 of acl-",
    ),
    "subnet-not-found": Cause(
        _subnet, "SUBNET_NOT_FOUND", " does not exist any more. ", beyond_aws=True
    ),
    "user-locked-out": Cause(
        connecting(_locked),
        "USER_LOCKED_OUT",
        "5 wrong logins as kmsuser on 1 of 2 HSMs, the last just now.",
        facts={"of": 2, "failures": 5, "last": "2030-01-01T12:00:00Z"},
        beyond_aws=True,
    ),
    "user-logged-in": Cause(
        connecting(_logged_in),
        "USER_LOGGED_IN",
        "Somebody is logged in as kmsuser on 2 of 2 HSMs, which keeps KMS out.",
        facts={"of": 2, "logins": 1},
        beyond_aws=True,
    ),
    "user-not-found": Cause(
        connecting(_lacking),
        "USER_NOT_FOUND",
        "There is no kmsuser on 1 of 2 HSMs: hsm-",
        facts={"of": 2},
    ),
    "password-changed-on-one-hsm": Cause(
        connecting(_on_one_hsm),
        "INVALID_CREDENTIALS",
        "; kmsuser has another one on 1 of 2 HSMs (hsm-",
        facts={"of": 2, "by": "CU kmsuser", "known_by": "telling"},
        beyond_aws=True,
    ),
    "restored-from-old-backup": Cause(
        _old_backup,
        "INVALID_CREDENTIALS",
        ", whose kmsuser has an older one, set 1 hour ago by CU kmsuser.",
        facts={"of": 2, "known_by": "setting"},
        beyond_aws=True,
    ),
    "kmsuser-second-factor": Cause(
        connecting(_second_factor),
        "INVALID_CREDENTIALS",
        "On 2 of 2 HSMs, kmsuser logs in with a second factor",
        facts={"of": 2},
    ),
    "orphaned-key-material": Cause(
        _orphaned, "", "which was deleted, is left on 2 of 2 HSMs.", facts={"of": 2}, when="never"
    ),
    "key-deleted": Cause(
        _delete_key,
        "NotFoundException",
        "It was deleted just now, at the end of its waiting period. KMS has deleted its key "
        "material (handle 262152), too.",
        facts={"handle": 262152, "material_deleted": True},
        subject="key",
    ),
}
"""The documented failures that a key store or one of its keys shows."""

OF_OLDER_CLUSTERS = frozenset({"migration-under-way"})
"""Those that need an hsm1.medium cluster."""
