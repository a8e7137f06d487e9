"""The text of ``cks.explain``, as people read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from moto_cks import cks
from moto_cks.handle.protocols.explanation import Step
from tests.aws import client
from tests.handle.causes import STRANGERS, Scene
from tests.kms import backups_of, cluster_group

GUIDE = "fix-keystore.html"
OFFICER = "cloudhsm_mgmt_util: loginHSM CO admin <admin-password>"
ADMIN = "cloudhsm-cli: login --username admin --role admin"


def lines_of(explanation: Any) -> list[str]:
    return str(explanation).split("\n")


def width(steps: Iterable[Step]) -> int:
    """How wide the column of what to do is."""
    return max(len(step.text) for step in steps)


def test_c5_5_p4_the_password_was_changed(scene: Scene) -> None:
    scene.world.clock.advance(days=14)
    scene.user.disconnect()
    scene.cluster.change_password("CU", "kmsuser", STRANGERS)
    scene.user.connect()
    scene.user.reconnect()
    scene.world.clock.advance(minutes=2)
    store = scene.store_id
    aws = f"aws kms {{}}-custom-key-store --custom-key-store-id {store}"
    change = f"{OFFICER}; changePswd CU kmsuser tempPassword; y; logoutHSM; quit"
    known, changed = "KMS holds the password it set 14 days ago", "changed 2 minutes ago"
    explanation = scene.explain("store")
    steps = explanation.reasons[0].steps
    start = [f"{step.number:3}. {step.text:{width(steps)}}  " for step in steps]
    lines = lines_of(explanation)
    assert lines[:5] == [
        f"Key store ExampleKeyStore ({store}) cannot be used: connect failed: INVALID_CREDENTIALS.",
        f"{known}; kmsuser's was {changed} by CO admin on 2 of 2 HSMs.",
        "3 more failed attempts lock kmsuser.",
        f"To mend ({GUIDE}#fix-keystore-password):",
        f"{start[0]}{aws.format('disconnect')}",
    ]
    assert lines[5].startswith(f"{start[1]}{ADMIN}; ")
    assert "user change-password --username kmsuser --role crypto-user; " in lines[5]
    assert lines[6] == f"{'':{len(start[1])}}or {change}"
    assert lines[7:] == [
        f"{start[2]}{aws.format('update')} --key-store-password tempPassword",
        f"{start[3]}{aws.format('connect')}",
    ]


def test_f3_r1_the_key_material_is_gone(scene: Scene) -> None:
    scene.world.clock.advance(days=1)
    scene.world.clock.advance(hours=3)
    handle = scene.handle
    scene.cluster.delete_key(handle)
    backup, key = backups_of(scene.cluster)[-1], scene.user.key_id
    store, hsm = scene.store_id, "aws cloudhsmv2 create-hsm --cluster-id <new> --availability-zone"
    first, second, _ = scene.cluster.subnet_ids
    explanation = scene.explain("key")
    steps = explanation.reasons[0].steps
    start = [f"{step.number:3}. {step.text:{width(steps)}}  " for step in steps]
    assert lines_of(explanation) == [
        f"Key {key} cannot be used: its key material (handle {handle}) is in none of the 2 HSMs of "
        f"{scene.cluster.id}.",
        "The key still reads Enabled, the key store CONNECTED; the next use will fail with "
        "KMSInvalidStateException.",
        f"{backup} (made 3 hours ago) has it; its password is the one that KMS holds.",
        f"To mend ({GUIDE}#fix-keystore-recover-backing-key):",
        f"{start[0]}aws cloudhsmv2 create-cluster --hsm-type hsm2m.medium --mode FIPS "
        f"--subnet-ids {first} {second} --source-backup-id {backup}",
        f"{start[1]}{hsm} us-east-1a",
        f"{'':{len(start[1])}}{hsm} us-east-1b",
        f"{start[2]}aws kms disconnect-custom-key-store --custom-key-store-id {store}",
        f"{start[3]}aws kms update-custom-key-store --custom-key-store-id {store} "
        "--cloud-hsm-cluster-id <new>",
        f"{start[4]}aws kms connect-custom-key-store --custom-key-store-id {store}",
    ]


def test_f9_c5_8_the_ports_are_closed_and_kmsuser_is_locked(scene: Scene) -> None:
    scene.close_ports()
    scene.wrong_logins()
    scene.world.clock.advance(minutes=4)
    group = cluster_group(scene.ec2, scene.cluster)["GroupId"]
    explanation = scene.explain("store")
    lines, opening = lines_of(explanation), explanation.reasons[0].steps[0].text
    start = f"  1. {opening:{width(s for r in explanation.reasons for s in r.steps)}}"
    assert lines[:4] == [
        "Key store ExampleKeyStore is CONNECTED, but its keys cannot be used: "
        f"the group {group} has no inbound rule for TCP 2223-2225.",
        "Behind it, at the next connect: USER_LOCKED_OUT, 5 wrong logins as kmsuser on 1 of 2 "
        "HSMs, the last 4 minutes ago.",
        f"To mend ({GUIDE}#fix-keystore-communication):",
        f"{start}  aws ec2 authorize-security-group-ingress --group-id {group} "
        f"--protocol tcp --port 2223-2225 --source-group {group}",
    ]
    assert lines[4] == f"Then, when you disconnect next ({GUIDE}#fix-keystore-password):"
    numbers = [line.split()[0] for line in lines[5:] if line.split()[0][0].isdigit()]
    assert numbers == ["2.", "3.", "4.", "5."]


def test_nothing_keeps_it_from_being_used_but_the_next_connect_fails(scene: Scene) -> None:
    scene.wrong_logins(hsms=[scene.cluster.hsms[1]])
    scene.fill(scene.cluster.subnet_ids[1])
    lines = lines_of(scene.explain("store"))
    assert lines[0] == f"Key store ExampleKeyStore ({scene.store_id}) can be used."
    assert lines[1].startswith("But at the next connect: USER_LOCKED_OUT, 5 wrong logins as")
    assert lines[2] == f"To mend, when you disconnect next ({GUIDE}#fix-keystore-password):"
    # Its own interface will have given its address back.
    assert "INSUFFICIENT_FREE_ADDRESSES" not in str(scene.explain("store"))


def test_one_thing_after_the_other(scene: Scene) -> None:
    scene.user.disconnect()
    scene.fill(scene.cluster.subnet_ids[1])
    scene.ec2.delete_network_interface(NetworkInterfaceId=interface_in(scene, 1))
    scene.user.connect()  # with the last address
    scene.ec2.delete_subnet(SubnetId=scene.cluster.subnet_ids[2])
    scene.cloudhsm.delete_hsm(
        ClusterId=scene.cluster.id, HsmId=scene.cluster.hsms[1].id
    )  # which makes a backup
    lines = lines_of(scene.explain("store"))
    assert lines[1].startswith("But CreateKey is refused: ")
    assert lines[2].startswith("But at the next connect: SUBNET_NOT_FOUND: subnet-")
    assert f"To mend ({GUIDE}#fix-cmk-failed):" in lines
    assert f"Then, when you disconnect next ({GUIDE}#fix-keystore-failed):" in lines


@pytest.mark.older_cluster
def test_h2_y19_what_is_waited_for_before_disconnecting(scene: Scene) -> None:
    scene.transition("cloudhsmv2::cluster", progression="time", seconds=600)
    scene.cloudhsm.modify_cluster(ClusterId=scene.cluster.id, HsmType="hsm2m.medium")
    cluster = scene.cluster.id
    look = f"aws cloudhsmv2 describe-clusters --filters clusterIds={cluster}"
    assert lines_of(scene.explain("store"))[1:4] == [
        f"But CreateKey is refused: the type of the HSMs of {cluster} is being changed, which is "
        "MODIFY_IN_PROGRESS; that began just now. Meanwhile they take no new keys and no changes "
        "of users, and KMS cannot connect anew.",
        "To mend (hsm1-to-hsm2-migration.html#migration-limited-write-mode):",
        "  1. Wait until the cluster is ACTIVE, about 30 minutes for each HSM, and do not "
        f"disconnect the key store.  {look}",
    ]
    assert [step.name for step in scene.explain("store").reasons[0].steps] == ["wait"]
    assert scene.explain("cluster")  # a key store that is connected is not disturbed


def interface_in(scene: Scene, number: int) -> str:
    filters = [{"Name": "subnet-id", "Values": [scene.cluster.subnet_ids[number]]}]
    interfaces = scene.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    mine = (each for each in interfaces if not each.get("Description"))
    return str(next(mine)["NetworkInterfaceId"])


def test_u1_a_key_says_what_its_key_store_is(scene: Scene) -> None:
    scene.user.disconnect()
    scene.kms.disable_key(KeyId=scene.user.key_id)
    lines = lines_of(scene.explain("key"))
    assert lines[:3] == [
        f"Key {scene.user.key_id} cannot be used: its key store ExampleKeyStore "
        f"({scene.store_id}) is DISCONNECTED.",
        "It was disconnected just now.",
        "Behind it: it is disabled.",
    ]
    assert [line.split()[0] for line in lines[4:5]] == ["1."]
    assert "Connect the key store." in lines[4]
    assert "Then (enabling-keys.html):" in lines


def test_u2_a_key_pending_deletion_says_what_its_key_store_is(scene: Scene) -> None:
    scene.kms.schedule_key_deletion(KeyId=scene.user.key_id, PendingWindowInDays=7)
    scene.user.disconnect()
    lines = lines_of(scene.explain("key"))
    assert lines[1] == (
        f"Behind it: its key store ExampleKeyStore ({scene.store_id}) is DISCONNECTED."
    )
    typed = [line.partition("  aws kms ")[2].split()[0] for line in lines[3:]]
    assert typed == ["cancel-key-deletion", "connect-custom-key-store", "enable-key"]


def test_a_cluster_says_how_its_key_store_is(scene: Scene) -> None:
    scene.user.disconnect()
    scene.cluster.change_password("CU", "kmsuser", STRANGERS)
    scene.user.connect()
    lines = lines_of(scene.explain("cluster"))
    name = f"ExampleKeyStore ({scene.store_id})"
    assert lines[:2] == [
        f"Cluster {scene.cluster.id} can be used.",
        f"Its key store {name} is FAILED: INVALID_CREDENTIALS.",
    ]
    assert lines[2].startswith("But at the next connect: INVALID_CREDENTIALS: KMS holds the ")


def test_c1_what_the_attempt_will_end_in_while_it_lasts(scene: Scene) -> None:
    scene.user.disconnect()
    scene.cluster.change_password("CU", "kmsuser", STRANGERS)
    scene.transition("cks::connection", progression="time", seconds=900)
    scene.user.connect()
    scene.world.clock.advance(minutes=5)
    lines = lines_of(scene.explain("store"))
    assert (
        lines[0]
        == f"Key store ExampleKeyStore ({scene.store_id}) cannot be used: it is CONNECTING."
    )
    assert lines[1] == (
        "Connecting takes its time: it began 5 minutes ago and will be over at "
        "2030-01-01 12:15 UTC."
    )
    assert lines[2].startswith("Behind it, when connecting ends: INVALID_CREDENTIALS: KMS holds ")
    scene.world.clock.advance(minutes=10)
    assert scene.user.state() == ("FAILED", "INVALID_CREDENTIALS")


def test_c1_disconnecting(scene: Scene) -> None:
    scene.transition("cks::connection", progression="time", seconds=900)
    scene.user.disconnect()
    explanation = scene.explain("store")
    assert explanation.reasons[0].failure == "slow-connection"
    assert "it is DISCONNECTING." in lines_of(explanation)[0]
    assert lines_of(explanation)[1].startswith("Disconnecting takes its time: ")


def test_without_a_time_that_says_when_it_is_over(scene: Scene) -> None:
    scene.user.disconnect()
    scene.transition("cks::connection", progression="manual", times=5)
    scene.user.connect()
    assert lines_of(scene.explain("store"))[1] == ("Connecting takes its time: it began just now.")


def test_o4_y5_key_material_that_was_left_behind(scene: Scene) -> None:
    other = scene.user.store.create_key()
    for key_id in (scene.user.key_id, other):
        scene.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    scene.user.disconnect()
    scene.world.clock.advance(days=7)
    text = str(scene.explain("store"))
    assert (
        f"Besides, key material of key {scene.user.key_id} (handle 262152), of key {other} "
        "(handle 262153), which were deleted, is left on 2 of 2 HSMs."
    ) in text
    assert "key_mgmt_util: deleteKey -k 262152\n" in text
    assert "key_mgmt_util: deleteKey -k 262153\n" in text
    for key in scene.cluster.hsms[0].keys:
        assert f"key delete --filter attr.id=0x{key.key_id.encode().hex()}\n" in text


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        ({"seconds": 0}, "just now"),
        ({"seconds": 1}, "1 second ago"),
        ({"seconds": 59}, "59 seconds ago"),
        ({"seconds": 60}, "1 minute ago"),
        ({"minutes": 59}, "59 minutes ago"),
        ({"hours": 1}, "1 hour ago"),
        ({"hours": 47}, "1 day ago"),
        ({"days": 800}, "800 days ago"),
    ],
)
def test_how_long_ago(noon: Any, world: Any, passed: dict[str, int], said: str) -> None:
    store = world.create_key_store()
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    cks.clock.advance(**passed)
    assert lines_of(world.explain(store))[1] == f"It was disconnected {said}."
