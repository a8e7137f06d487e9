"""The audit logs of the HSMs in CloudWatch Logs.

AWS CloudHSM User Guide: "Interpreting AWS CloudHSM audit logs", "AWS CloudHSM audit log reference".
"""

from __future__ import annotations

import contextlib
import gzip
import json
from typing import Any

import pytest

from moto_cks import Cks, Cluster, KeyStore, mock_cks
from moto_cks.hsm import HsmError
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.monitoring.audit import group, opcodes, parsed, read, streams

STARTUP = [
    "CN_INIT_TOKEN",
    "CN_GEN_PSWD_ENC_KEY",
    "CN_CREATE_APPLIANCE_USER",
    "CN_INIT_DONE",
    "CN_GEN_KEY_ENC_KEY",
]

SUCCESS = "0:HSM Return: SUCCESS"


@pytest.fixture
def cluster(world: Cks) -> Cluster:
    return world.create_cluster()


def fail_login(cluster: Cluster, times: int = 1, name: str = "kmsuser") -> None:
    for _ in range(times):
        with contextlib.suppress(HsmError):
            cluster.login("CU", name, "wrongPswd", hsms=cluster.hsms[:1])


# Where they are ----------------------------------------------------------------------------------


def test_each_cluster_has_a_log_group_and_each_hsm_a_log_stream(cluster: Cluster) -> None:
    groups = client("logs").describe_log_groups()["logGroups"]
    assert [found["logGroupName"] for found in groups] == [group(cluster.id)]
    first, second = (hsm.id for hsm in cluster.hsms)
    cluster.login("CO", "admin", cluster.admin_password or "").logout()
    assert sorted(streams(cluster.id)) == sorted([first, second])


def test_a_log_group_that_somebody_has_made_is_used(world: Cks, cluster: Cluster) -> None:
    taken = error_of(client("logs").create_log_group, logGroupName=group(cluster.id))
    assert taken[0] == "ResourceAlreadyExistsException"
    client("logs").put_retention_policy(logGroupName=group(cluster.id), retentionInDays=7)
    fail_login(cluster)
    (found,) = client("logs").describe_log_groups()["logGroups"]
    assert found["retentionInDays"] == 7
    assert read(cluster.id)[-1].opcode == "CN_LOGIN"


def test_a_log_group_that_was_deleted_comes_back_with_what_is_new(cluster: Cluster) -> None:
    before = len(opcodes(cluster.id, cluster.hsms[0].id))
    client("logs").delete_log_group(logGroupName=group(cluster.id))
    assert client("logs").describe_log_groups()["logGroups"] == []
    fail_login(cluster)
    (entry,) = read(cluster.id)
    assert entry.number == before


def test_the_log_stream_of_an_hsm_stays_when_it_is_gone(world: Cks, cluster: Cluster) -> None:
    fail_login(cluster)
    first, second = cluster.hsms
    hsm = client("cloudhsmv2")
    for gone in (first, second):
        hsm.delete_hsm(ClusterId=cluster.id, HsmId=gone.id)
    hsm.delete_cluster(ClusterId=cluster.id)
    world.clock.advance(days=1)
    assert hsm.describe_clusters()["Clusters"] == []
    assert opcodes(cluster.id, first.id)[-3:] == ["CN_LOGIN", "CN_BACKUP_BEGIN", "CN_BACKUP_END"]


def test_a_cluster_that_is_taken_back_leaves_no_log(world: Cks) -> None:
    with pytest.raises(HsmError):
        world.create_cluster(kmsuser_password="short")
    assert client("logs").describe_log_groups()["logGroups"] == []


def test_cloudhsm_needs_its_role(world: Cks, cluster: Cluster) -> None:
    iam, role = client("iam"), "AWSServiceRoleForCloudHSM"
    iam.delete_service_linked_role(RoleName=role)
    assert client("logs").describe_log_groups()["logGroups"] == []
    world.create_cluster()  # which makes it again
    found = client("logs").describe_log_groups(logGroupNamePrefix=group(cluster.id))["logGroups"]
    assert len(found) == 1
    assert read(cluster.id)[0].opcode == "CN_INIT_TOKEN"


def test_entries_wait_while_the_key_of_the_log_group_cannot_be_used(cluster: Cluster) -> None:
    kms, logs = client("kms"), client("logs")
    key = kms.create_key()["KeyMetadata"]
    logs.delete_log_group(logGroupName=group(cluster.id))
    logs.create_log_group(logGroupName=group(cluster.id), kmsKeyId=key["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    fail_login(cluster)
    assert streams(cluster.id) == [cluster.hsms[0].id]  # and nothing in it
    kms.enable_key(KeyId=key["KeyId"])
    assert [entry.opcode for entry in read(cluster.id)] == ["CN_LOGIN"]


def test_nothing_is_sent_of_a_world_that_is_over(world: Cks, cluster: Cluster) -> None:
    session = cluster.login("CU", "kmsuser", "kmsPswd1")
    mock_cks().reset()
    session.logout()
    assert client("logs").describe_log_groups()["logGroups"] == []


def test_accounts_and_regions_have_their_own(world: Cks, cluster: Cluster) -> None:
    there = world.create_cluster(region=OTHER_REGION)
    theirs = world.create_cluster(account_id=OTHER_ACCOUNT)
    assert read(there.id, region=OTHER_REGION)[0].opcode == "CN_INIT_TOKEN"
    assert read(theirs.id, account_id=OTHER_ACCOUNT)[0].opcode == "CN_INIT_TOKEN"
    (found,) = client("logs", OTHER_REGION).describe_log_groups()["logGroups"]
    assert found["logGroupName"] == group(there.id)
    (found,) = client("logs", account_id=OTHER_ACCOUNT).describe_log_groups()["logGroups"]
    assert found["logGroupName"] == group(theirs.id)


# What they say -----------------------------------------------------------------------------------


def test_the_form_is_that_of_the_guide(noon: Any, world: Cks) -> None:
    cluster = world.create_cluster()
    world.clock.advance(seconds=1.140812)
    fail_login(cluster)
    events = client("logs").filter_log_events(
        logGroupName=group(cluster.id), filterPattern='"RET_USER_LOGIN_FAILURE"'
    )["events"]
    (message,) = [event["message"] for event in events]
    time, number, *others = message.split("\n")
    assert time == "Time: 01/01/30 12:00:01.140812, usecs:1893499201140812"
    assert number.startswith("Sequence No : 0x")
    assert others == [
        "Reboot counter : 0xe8",
        "Command Type(hex) : CN_MGMT_CMD (0x0)",
        "Opcode : CN_LOGIN (0xd)",
        others[3],
        "Response : 163:HSM Error: RET_USER_LOGIN_FAILURE",
        "Log type : MGMT_USER_DETAILS_LOG (2)",
        "User Name : kmsuser",
        "User Type : CN_CRYPTO_USER (1)",
    ]
    assert others[3].startswith("Session Handle : 0x")


def test_the_first_hsm_tells_of_its_start_and_the_others_of_logins_first(cluster: Cluster) -> None:
    first, second = (hsm.id for hsm in cluster.hsms)
    assert opcodes(cluster.id, first)[:7] == [*STARTUP, "CN_CERT_AUTH_STORE_CERT", "CN_LOGIN"]
    assert opcodes(cluster.id, second) == []
    cluster.login("CU", "kmsuser", "kmsPswd1")
    assert opcodes(cluster.id, second) == ["CN_LOGIN"]


def test_activation_is_a_change_of_the_password_of_the_precrypto_officer(cluster: Cluster) -> None:
    changes = read(cluster.id, '"CN_CHANGE_PSWD"')
    fields = changes[0].fields
    assert fields["Opcode"] == "CN_CHANGE_PSWD (0x9)"
    assert (fields["User Name"], fields["User Type"]) == ("admin", "CN_CRYPTO_PRE_OFFICER (6)")
    written = opcodes(cluster.id, cluster.hsms[0].id)
    place = written.index("CN_CHANGE_PSWD")
    assert written[place + 1 : place + 4] == ["CN_BACKUP_BEGIN", "CN_BACKUP_END", "CN_LOGOUT"]


def test_p4_a_lockout_shows(cluster: Cluster) -> None:
    fail_login(cluster, times=6)
    cluster.change_password("CU", "kmsuser", "tempPassword")
    last = [entry for entry in read(cluster.id) if entry.stream == cluster.hsms[0].id][-8:]
    assert [entry.opcode for entry in last] == [*["CN_LOGIN"] * 7, "CN_CHANGE_PSWD"]
    responses = [entry.fields["Response"] for entry in last]
    assert responses[:5] == ["163:HSM Error: RET_USER_LOGIN_FAILURE"] * 5
    assert "The user is locked" in responses[5]
    assert responses[6:] == [SUCCESS] * 2
    assert [entry.fields["User Name"] for entry in last] == [*["kmsuser"] * 6, "admin", "kmsuser"]


def test_a_login_of_nobody_shows(cluster: Cluster) -> None:
    fail_login(cluster, name="ExampleUser")
    fail_login(cluster, name="Example\nOpcode : CN_LOGOUT (0xe)")
    (first, second) = read(cluster.id, '"157:HSM Error"')
    assert first.fields["Response"] == (
        "157:HSM Error: user isn't initialized or user with this name doesn't exist"
    )
    assert first.fields["User Name"] == "ExampleUser"
    assert second.fields["User Name"] == r"Example\nOpcode : CN_LOGOUT (0xe)"


def test_creating_and_deleting_users_shows(cluster: Cluster) -> None:
    cluster.create_user("CU", "bob", "userPswd1")
    cluster.create_user("CO", "alice", "userPswd1")
    with pytest.raises(HsmError):
        cluster.create_user("CU", "bob", "userPswd1")
    cluster.delete_user("CO", "alice")
    entries = [entry for entry in read(cluster.id) if entry.stream == cluster.hsms[1].id]
    told = [
        (entry.fields["Opcode"], entry.fields["User Name"], entry.fields["User Type"])
        for entry in entries
        if entry.opcode != "CN_LOGIN"
    ]
    assert told == [
        ("CN_CREATE_USER (0x3)", "bob", "CN_CRYPTO_USER (1)"),
        ("CN_CREATE_CO (0x4)", "alice", "CN_CRYPTO_OFFICER (2)"),
        ("CN_DELETE_USER (0xa1)", "alice", "CN_CRYPTO_OFFICER (2)"),
    ]
    (refused,) = [
        entry
        for entry in read(cluster.id, '"CN_CREATE_USER"')
        if entry.fields["Response"] != SUCCESS
    ]
    assert (refused.stream, refused.fields["User Name"]) == (cluster.hsms[0].id, "bob")


def test_c4_a_connect_of_kms_shows_with_the_password_that_it_changes(store: KeyStore) -> None:
    cluster = store.cluster
    for hsm in cluster.hsms:
        assert opcodes(cluster.id, hsm.id)[-2:] == ["CN_LOGIN", "CN_CHANGE_PSWD"]
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    first, second = (opcodes(cluster.id, hsm.id)[-1] for hsm in cluster.hsms)
    assert (first, second) == ("CN_LOGOUT", "CN_CHANGE_PSWD")  # only where it has logged out


def test_k6_o2_the_material_of_a_kms_key_shows(world: Cks, store: KeyStore) -> None:
    kms, cluster = client("kms"), store.cluster
    key_id = store.create_key()
    handle = str(cluster.key_of(key_id))
    first, second = (hsm.id for hsm in cluster.hsms)
    made = [entry for entry in read(cluster.id) if entry.fields.get(KEY) == handle]
    assert [(entry.stream, entry.fields["Opcode"]) for entry in made] == [
        (first, "CN_GENERATE_KEY (0x17)"),
        (first, "CN_EXTRACT_MASKED_OBJECT_USER (0xf0)"),
        (second, "CN_INSERT_MASKED_OBJECT_USER (0xf1)"),
    ]
    assert made[0].fields["Log type"] == "MGMT_KEY_DETAILS_LOG (1)"
    assert made[0].fields["Public Key Handle"] == "0"
    ciphertext = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=ciphertext)
    assert len(read(cluster.id, f'"{handle}"')) == 3  # nothing of the use of a key
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=7)
    deleted = read(cluster.id, '"CN_TOMBSTONE_OBJECT"')
    assert [(entry.stream, entry.fields[KEY]) for entry in deleted] == [
        (first, handle),
        (second, handle),
    ]


KEY = "Priv/Secret Key Handle"


def test_material_that_somebody_takes_out_shows(store: KeyStore) -> None:
    handle = store.cluster.key_of(store.create_key())
    store.cluster.delete_key(handle)
    deleted = read(store.cluster.id, '"CN_TOMBSTONE_OBJECT"')
    assert [entry.fields[KEY] for entry in deleted] == [str(handle)] * 2


def test_what_the_tools_do_with_keys_shows(world: Cks, cluster: Cluster) -> None:
    cluster.create_user("CU", "alice", "userPswd1")
    hsm = cluster.hsms[0]
    before = len(opcodes(cluster.id, hsm.id))
    with world.key_mgmt_util(cluster.id) as tool:
        tool.run("loginHSM -u CU -s kmsuser -p kmsPswd1")
        tool.run("genSymKey -t 31 -s 32 -l lasting")
        tool.run("genSymKey -t 31 -s 32 -l passing -sess")
        lasting = hsm.keys[0].handle
        passing = lasting + 1
        tool.run(f"deleteKey -k {passing}")
        tool.run("logoutHSM")
    with world.cloudhsm_mgmt_util(cluster.id) as tool:
        tool.run("loginHSM CU kmsuser kmsPswd1")
        number = next(user.id for user in hsm.users if user.name == "alice")
        tool.run(f"shareKey {lasting} {number} 1", "y")
        tool.run(f"setAttribute {lasting} 3 other", "y")
    told = [
        (entry.opcode, entry.fields.get(KEY))
        for entry in read(cluster.id)
        if entry.stream == hsm.id
    ][before:]
    assert told == [
        ("CN_LOGIN", None),
        ("CN_GENERATE_KEY", str(lasting)),
        ("CN_EXTRACT_MASKED_OBJECT_USER", str(lasting)),
        ("CN_GENERATE_KEY", str(passing)),
        ("CN_DESTROY_OBJECT", str(passing)),
        ("CN_LOGOUT", None),
        ("CN_LOGIN", None),
        ("CN_SHARE_OBJECT", None),
        ("CN_MODIFY_OBJECT", str(lasting)),
        ("CN_APP_FINALIZE", None),
    ]


@pytest.mark.parametrize(
    ("farewell", "told"), [("logoutHSM", "CN_LOGOUT"), ("quit", "CN_APP_FINALIZE")]
)
def test_who_leaves_without_a_logout_shows(
    world: Cks, cluster: Cluster, farewell: str, told: str
) -> None:
    with world.cloudhsm_mgmt_util(cluster.id) as tool:
        tool.run(f"loginHSM CO admin {cluster.admin_password}")
        tool.run(farewell)
    for hsm in cluster.hsms:
        assert opcodes(cluster.id, hsm.id)[-1] == told


def test_h6_backups_show(world: Cks, cluster: Cluster) -> None:
    read(cluster.id)
    world.clock.advance(days=1)
    last = read(cluster.id)[-2:]
    assert [entry.opcode for entry in last] == ["CN_BACKUP_BEGIN", "CN_BACKUP_END"]


def test_no_secret_shows(store: KeyStore) -> None:
    cluster = store.cluster
    fail_login(cluster)
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    cluster.change_password("CU", "kmsuser", "tempPassword")
    events = client("logs").filter_log_events(logGroupName=group(cluster.id))["events"]
    text = json.dumps(events)
    for secret in ("kmsPswd1", "wrongPswd", "tempPassword", cluster.admin_password or ""):
        assert secret not in text


# When --------------------------------------------------------------------------------------------


def test_entries_have_the_time_at_which_they_were_written(noon: Any, world: Cks) -> None:
    cluster = world.create_cluster()
    fail_login(cluster)
    world.clock.advance(days=40)
    fail_login(cluster)
    first, second = read(cluster.id, '"RET_USER_LOGIN_FAILURE"')
    assert second.timestamp - first.timestamp == 40 * 24 * 60 * 60 * 1000
    (found,) = client("logs").describe_log_groups()["logGroups"]
    assert found["creationTime"] == read(cluster.id)[0].timestamp


def test_what_waits_is_in_a_snapshot(world: Cks, cluster: Cluster) -> None:
    fail_login(cluster)
    snapshot = world.snapshot()
    fail_login(cluster)
    assert len(read(cluster.id, '"RET_USER_LOGIN_FAILURE"')) == 2
    world.restore(snapshot)
    assert len(read(cluster.id, '"RET_USER_LOGIN_FAILURE"')) == 1
    fail_login(world.cluster(cluster.id))
    assert len(read(cluster.id, '"RET_USER_LOGIN_FAILURE"')) == 2


def test_whoever_subscribes_is_sent_what_is_written(world: Cks, cluster: Cluster) -> None:
    kinesis, logs = client("kinesis"), client("logs")
    kinesis.create_stream(StreamName="audit", ShardCount=1)
    arn = kinesis.describe_stream(StreamName="audit")["StreamDescription"]["StreamARN"]
    logs.put_subscription_filter(
        logGroupName=group(cluster.id), filterName="all", filterPattern="", destinationArn=arn
    )
    fail_login(cluster, times=2)
    world.clock.advance(seconds=1)
    iterator = kinesis.get_shard_iterator(
        StreamName="audit", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    sent = [json.loads(gzip.decompress(record["Data"])) for record in records]
    messages = [parsed(event["message"]) for one in sent for event in one["logEvents"]]
    assert [message["Opcode"] for message in messages] == ["CN_LOGIN (0xd)"] * 2
