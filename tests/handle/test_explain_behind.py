"""What lies behind what decides: ``cks.explain`` where more than one thing is wrong."""

from __future__ import annotations

from typing import Any

from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client
from tests.handle.causes import STRANGERS, TEMPORARY, WRONG, Scene
from tests.kms import cluster_group, delete_cluster, delete_hsms
from tests.kms.user import User, others


def told(explanation: Any) -> list[tuple[str | None, str]]:
    """The failures in order, each with when it is come upon."""
    return [(reason.failure, reason.when) for reason in explanation.reasons]


def ahead(scene: Scene) -> list[str]:
    """The errors of the next attempts to connect, as they are foreseen."""
    return [r.error for r in scene.explain("store").reasons if r.when == "next-connect"]


def test_c5_seven_at_a_time_are_peeled_off_in_the_order_in_which_they_are_told(
    scene: Scene,
) -> None:
    first, second = scene.cluster.hsms
    scene.user.disconnect()
    scene.set_password()
    scene.world.faults.connection_error("INTERNAL_ERROR")
    scene.fill(scene.cluster.subnet_ids[1])
    scene.deny()
    scene.wrong_logins(hsms=[first])
    login = scene.cluster.login("CU", "kmsuser", TEMPORARY, hsms=[second])
    scene.tell(KeyStorePassword=WRONG)
    foreseen = ahead(scene)
    assert foreseen == [
        "INTERNAL_ERROR",
        "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET",
        "NETWORK_ERRORS",
        "USER_LOCKED_OUT",
        "INVALID_CREDENTIALS",
        "USER_LOGGED_IN",
    ]

    def free_an_address() -> None:
        filters = [{"Name": "subnet-id", "Values": [scene.cluster.subnet_ids[1]]}]
        for each in scene.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]:
            if not each["Description"]:
                scene.ec2.delete_network_interface(NetworkInterfaceId=each["NetworkInterfaceId"])

    def allow() -> None:
        for acl in scene.ec2.describe_network_acls()["NetworkAcls"]:
            for entry in acl["Entries"]:
                if entry["RuleNumber"] == 50:
                    scene.ec2.delete_network_acl_entry(
                        NetworkAclId=acl["NetworkAclId"], RuleNumber=50, Egress=False
                    )

    def unlock() -> None:
        scene.cluster.change_password("CU", "kmsuser", STRANGERS, hsms=[first])

    def tell() -> None:
        scene.cluster.change_password("CU", "kmsuser", TEMPORARY, hsms=[first])
        scene.tell(KeyStorePassword=TEMPORARY)

    mends = [lambda: None, free_an_address, allow, unlock, tell, login.logout]
    for place, mend in enumerate(mends):
        state, error = scene.user.connect()
        assert (state, error) == ("FAILED", foreseen[place])
        decides, *behind = scene.explain("store").reasons
        assert (decides.error, decides.when) == (error, "now")
        rest = [reason.error for reason in behind]
        assert rest == foreseen[place + 1 :]
        scene.user.disconnect()
        mend()
    assert scene.user.connect() == ("CONNECTED", None)
    assert scene.explain("store").reasons == ()


def test_h5_each_hsm_has_reasons_of_its_own(scene: Scene) -> None:
    """The oldest decides, whatever the order of the table."""
    first, second = scene.cluster.hsms
    scene.user.disconnect()
    scene.cluster.change_password("CU", "kmsuser", STRANGERS, hsms=[first])
    scene.wrong_logins(hsms=[second])
    assert ahead(scene) == ["INVALID_CREDENTIALS", "USER_LOCKED_OUT"]
    reasons = scene.explain("store").reasons
    assert [reason.facts["hsms"] for reason in reasons[1:]] == [[first.id], [second.id]]
    assert scene.user.connect() == ("FAILED", "INVALID_CREDENTIALS")


def test_f3_f9_mute_hides_gone(scene: Scene) -> None:
    scene.cluster.delete_key(scene.handle)
    scene.close_ports()
    assert told(scene.explain("key")) == [
        ("hsm-ports-closed", "now"),
        ("key-material-lost", "next-use"),
    ]
    assert told(scene.explain("store")) == [("hsm-ports-closed", "now")]


def test_the_same_thing_is_told_once(scene: Scene) -> None:
    """What keeps it from the cluster now would make the next attempt fail as well."""
    scene.deny()
    scene.close_ports()
    delete_hsms(scene.cluster)
    with scene.world.faults.unreachable(scene.cluster.id):
        assert told(scene.explain("store")) == [
            ("hsm-ports-closed", "now"),
            ("network-acl-denies", "now"),
            ("cluster-unreachable", "now"),
            ("all-hsms-deleted", "now"),
        ]


def test_a_network_acl_cuts_a_connection_that_need_not_be_made_anew(scene: Scene) -> None:
    scene.deny()
    (reason,) = scene.explain("store").reasons
    assert (reason.failure, reason.error, reason.decides) == (
        "network-acl-denies",
        "KMSInvalidStateException",
        True,
    )
    assert [step.name for step in reason.steps] == ["delete-acl-entry"]


def test_c5_6_the_ports_were_closed_while_it_was_connecting(scene: Scene) -> None:
    scene.user.disconnect()
    scene.transition("cks::connection", progression="time", seconds=900)
    scene.user.connect()
    scene.close_ports()
    (slow, ports) = scene.explain("store").reasons
    assert (slow.failure, ports.error) == ("slow-connection", "NETWORK_ERRORS")
    scene.world.clock.advance(minutes=15)
    assert scene.user.state() == ("FAILED", "NETWORK_ERRORS")
    (reason,) = scene.explain("store").reasons
    assert reason.failure == "hsm-ports-closed-before-connecting"
    assert (reason.error, reason.decides) == ("NETWORK_ERRORS", True)
    assert [step.name for step in reason.steps] == ["open-ports-inbound", "disconnect", "connect"]


def test_c5_6_the_group_is_gone(scene: Scene) -> None:
    group = cluster_group(scene.ec2, scene.cluster)
    for eni in scene.ec2.describe_network_interfaces()["NetworkInterfaces"]:
        scene.ec2.delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])
    scene.close_ports("ingress", "egress")
    scene.ec2.delete_security_group(GroupId=group["GroupId"])
    reason = scene.explain("store").reasons[0]
    assert reason.failure == "hsm-ports-closed"
    assert reason.what == f"The group {group['GroupId']} does not exist any more."


def test_c5_6_a_network_acl_that_allows_nothing(scene: Scene) -> None:
    (acl,) = scene.ec2.describe_network_acls(
        Filters=[{"Name": "vpc-id", "Values": [scene.cluster.vpc_id]}]
    )["NetworkAcls"]
    scene.ec2.delete_network_acl_entry(
        NetworkAclId=acl["NetworkAclId"], RuleNumber=100, Egress=True
    )
    (reason,) = scene.explain("store").reasons
    assert reason.what == f"{acl['NetworkAclId']} has no outbound rule that allows TCP 2223-2225."


def test_p5_there_is_no_backup_of_a_cluster_that_is_deleted(scene: Scene) -> None:
    delete_cluster(scene.cluster)
    backups = scene.cloudhsm.describe_backups(Filters={"clusterIds": [scene.cluster.id]})
    for backup in backups["Backups"]:
        scene.cloudhsm.delete_backup(BackupId=backup["BackupId"])
    assert scene.explain("store").reasons[0].facts == {"cluster": scene.cluster.id}
    reason = scene.explain("store").reasons[0]
    assert ", but was deleted; its password is the one that KMS holds." in reason.what
    assert [step.name for step in reason.steps] == [
        "restore-backup",
        "cluster-from-backup",
        "hsms-in-two-zones",
        "disconnect",
        "point",
        "connect",
    ]
    scene.world.clock.advance(days=7)
    assert scene.explain("store").reasons[0].what.endswith(" There is no backup of it.")


def test_c5_4_c5_6_the_next_attempts_fail_as_well(scene: Scene) -> None:
    for code in ("INTERNAL_ERROR", "NETWORK_ERRORS"):
        scene.world.faults.connection_error(code, times=3)
        assert scene.user.reconnect() == ("FAILED", code)
        (reason,) = scene.explain("store").reasons
        assert reason.what == "A fault is injected for 2 more attempts to connect."
        assert reason.facts["times"] == 2
        for _ in range(2):
            scene.user.reconnect()
        (reason,) = scene.explain("store").reasons
        assert "times" not in reason.facts
        assert scene.user.reconnect() == ("CONNECTED", None)


def test_f6_no_session_in_a_cluster_whose_key_store_is_not_connected(scene: Scene) -> None:
    scene.user.disconnect()
    scene.world.faults.pkcs11_sessions_exhausted(scene.cluster.id, times=2)
    (reason,) = scene.explain("cluster").reasons
    assert (reason.failure, reason.error, reason.decides) == (
        "pkcs11-sessions-exhausted",
        "KMSInternalException",
        True,
    )


def test_u1_f3_a_key_of_a_disconnected_key_store_whose_material_is_gone(scene: Scene) -> None:
    scene.user.disconnect()
    scene.cluster.delete_key(scene.handle)
    scene.kms.disable_key(KeyId=scene.user.key_id)
    explanation = scene.explain("key")
    assert [(reason.cause, reason.when) for reason in explanation.reasons] == [
        ("store-disconnected", "now"),
        ("key-disabled", "now"),
        ("key-material-lost", "next-use"),
    ]


def test_f3_some_hsm_has_it(scene: Scene) -> None:
    scene.cluster.delete_key(scene.handle, hsms=[scene.cluster.hsms[0]])
    assert scene.explain("key").reasons == ()
    assert scene.user.decrypts()


def test_f3_the_key_is_there_again_but_kms_has_not_looked(scene: Scene) -> None:
    """The material comes back with an HSM from an older backup; KMS looks when it connects."""
    scene.world.clock.advance(days=1)
    scene.cluster.delete_key(scene.handle)
    try:
        scene.user.encrypt()
    except scene.kms.exceptions.KMSInvalidStateException:
        gone = scene.explain("key").reasons[0]
    assert (gone.failure, gone.when, gone.decides) == ("key-material-deleted", "now", True)
    zone = scene.cluster.hsms[0].availability_zone
    delete_hsms(scene.cluster)
    backups = scene.cloudhsm.describe_backups(Filters={"clusterIds": [scene.cluster.id]})
    for backup in backups["Backups"][:2]:
        scene.cloudhsm.delete_backup(BackupId=backup["BackupId"])
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster.id, AvailabilityZone=zone)
    assert scene.handle
    reason = scene.explain("key").reasons[0]
    assert (reason.cause, reason.failure, reason.decides) == ("key-unavailable", None, True)
    assert (reason.facts, reason.when) == ({"key": scene.user.key_id}, "now")
    assert [step.name for step in reason.steps] == ["disconnect", "connect"]
    assert scene.user.reconnect() == ("CONNECTED", None)
    assert scene.explain("key")
    assert scene.user.decrypts()


def test_what_is_wrong_with_one_key_store_leaves_the_others_alone(scene: Scene) -> None:
    everybody = others(scene.world)
    scene.close_ports()
    scene.wrong_logins()
    scene.cluster.delete_key(scene.handle)
    scene.world.faults.connection_error("NETWORK_ERRORS", key_store=scene.store_id)
    scene.world.faults.pkcs11_sessions_exhausted(scene.cluster.id)
    assert [cause for cause, _ in told(scene.explain("store"))] == [
        "hsm-ports-closed",
        "pkcs11-sessions-exhausted",
        "network-errors",
        "user-locked-out",
    ]
    for other in everybody:
        for subject in (other.store, other.key_id, other.store.cluster):
            assert scene.world.explain(subject).reasons == ()


def test_m3_another_account_and_region(noon: Any, world: Any) -> None:
    store = world.create_key_store(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    user = User(store)
    ec2 = client("ec2", OTHER_REGION, OTHER_ACCOUNT)
    group = cluster_group(ec2, store.cluster)
    ec2.revoke_security_group_egress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"]
    )
    for subject in (store, user.key_id, store.cluster):
        (reason,) = world.explain(subject).reasons
        assert reason.failure == "hsm-ports-closed"
        assert reason.facts["directions"] == ["outbound"]
        assert [step.name for step in reason.steps] == ["open-ports-outbound"]
    user.disconnect()
    assert [reason.failure for reason in world.explain(user.key_id).reasons] == [
        "store-disconnected",
        "hsm-ports-closed-before-connecting",
    ]


def test_a_fault_of_another_account_is_not_told(scene: Scene) -> None:
    faults = scene.world.faults
    faults.fail("Encrypt", "KMSInternalException", account_id=OTHER_ACCOUNT)
    faults.fail("Decrypt", "KMSInternalException", region=OTHER_REGION)
    assert scene.explain("key").reasons == ()
    faults.fail("ConnectCustomKeyStore", "KMSInternalException", region="us-east-1")
    (reason,) = scene.explain("store").reasons
    assert reason.what == (
        "A fault is injected: 1 more call of ConnectCustomKeyStore will end in "
        "KMSInternalException."
    )
    assert scene.explain("store")
