"""The commands of "Troubleshooting a custom key store" (AWS KMS Developer Guide) in processes.

Each is typed as it stands there, and what it prints is held against what the page shows, whole.
IDs, addresses, times, certificates, passwords and the number of nodes may differ, and nothing else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.kms import NO_COMMUNICATION as MESSAGE
from tests.processes.world import ADMIN, CMU, KMU, PASSWORD, KeyStore, Typist, World

PLAINTEXT = "secret"

# What may differ ---------------------------------------------------------------------------------

VARIABLE = (
    (r"cks-[0-9a-f]{17}", "<key store>"),
    (r"cluster-[0-9a-z]{11,16}", "<cluster>"),
    (r"backup-[0-9a-z]{11,16}", "<backup>"),
    (r"-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n", "<certificate>"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
    (r"\b\d{12}\b", "<account>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"\b\d{10}\.\d+|\b1\.\d+E9", "<time>"),
    (r"(keyHandle\W+)\d+", r"\1<handle>"),
    (r"(deleteKey -k )\d+", r"\1<handle>"),
    (rf"(CO admin ){ADMIN}", r"\1<password>"),
    (r"server \d+\(\d+\.\d+\.\d+\.\d+\)", "server <node>"),
    (r"Node id \d+ ", "Node id <node> "),
    (r"on \d+ nodes", "on <n> nodes"),
    (r"(?m)^Command: +", "Command: "),  # of two blanks, the page leaves one out here and there
)


def constant(text: str) -> str:
    """A text without what may differ; nodes that answer the same are one line."""
    for pattern, name in VARIABLE:
        text = re.sub(pattern, name, text)
    return re.sub(r"^(.*<node>.*\n)(\1)+", r"\1", text, flags=re.MULTILINE).rstrip()


def members(of: dict[str, Any]) -> dict[str, str]:
    """The members of an object without what may differ; a time is a number, or a string of one."""
    return {name: constant(str(value)) for name, value in of.items()}


def members_on_the_page(text: str) -> dict[str, str]:
    """The members in the JSON of the page, some of which lacks commas and braces."""
    found = re.findall(r'"(\w+)": "?([^"\n]+?)"?,?\n', text)
    return {
        name: constant(value).replace("<certificate string appears here>", "<certificate>")
        for name, value in found
    }


# What the page shows -----------------------------------------------------------------------------

LOGIN_AS_OFFICER = """\
aws-cloudhsm>loginHSM CO admin <password>
loginHSM success on server 0(10.0.2.9)
loginHSM success on server 1(10.0.3.11)
loginHSM success on server 2(10.0.1.12)
"""

CHANGE_PASSWORD = """\
aws-cloudhsm>changePswd CU kmsuser tempPassword

*************************CAUTION********************************
This is a CRITICAL operation, should be done on all nodes in the
cluster. Cav server does NOT synchronize these changes with the
nodes on which this operation is not executed or failed, please
ensure this operation is executed on all nodes in the cluster.
****************************************************************

Do you want to continue(y/n)?y
Changing password for kmsuser(CU) on 3 nodes
"""

CHANGED = "changePswd success on server 0(10.0.2.9)\n"
"""What the tool adds for each HSM, which transcripts of others have and the page leaves out."""

LOGIN_AS_KMSUSER = """\
Command: loginHSM -u CU -s kmsuser -p tempPassword
Cfm3LoginHSM returned: 0x00 : HSM Return: SUCCESS

Cluster Error Status
Node id 0 and err state 0x00000000 : HSM Return: SUCCESS
Node id 1 and err state 0x00000000 : HSM Return: SUCCESS
Node id 2 and err state 0x00000000 : HSM Return: SUCCESS
"""

LOGOUT = """\
Command:  logoutHSM
Cfm3LogoutHSM returned: 0x00 : HSM Return: SUCCESS

Cluster Error Status
Node id 0 and err state 0x00000000 : HSM Return: SUCCESS
Node id 1 and err state 0x00000000 : HSM Return: SUCCESS
"""

DELETE_KEY = """\
Command: deleteKey -k 262162

        Cfm3DeleteKey returned: 0x00 : HSM Return: SUCCESS

        Cluster Error Status
        Node id 0 and err state 0x00000000 : HSM Return: SUCCESS
        Node id 1 and err state 0x00000000 : HSM Return: SUCCESS
        Node id 2 and err state 0x00000000 : HSM Return: SUCCESS
"""

CONNECTED = """\
         "CustomKeyStoreId": "cks-1234567890abcdef0",
         "CustomKeyStoreName": "ExampleKeyStore",
         "CloudHsmClusterId": "cluster-1a23b4cdefg",
         "TrustAnchorCertificate": "<certificate string appears here>",
         "CreationDate": "1.499288695918E9",
         "ConnectionState": "CONNECTED"
"""

FAILED = """\
      "CloudHsmClusterId": "cluster-1a23b4cdefg",
      "ConnectionErrorCode": "{error}"
      "CustomKeyStoreId": "cks-1234567890abcdef0",
      "CustomKeyStoreName": "ExampleKeyStore",
      "TrustAnchorCertificate": "<certificate string appears here>",
      "CreationDate": "1.499288695918E9",
      "ConnectionState": "FAILED"
"""

SINCE_KEY_STORES_HAVE_TYPES = {"CustomKeyStoreType": "AWS_CLOUDHSM"}
"""A member that today's API adds to those on the page."""

BACKUP = """\
            "ClusterId": "cluster-1a23b4cdefg",
            "BackupId": "backup-9g87f6edcba",
            "CreateTimestamp": 1536667238.328,
            "BackupState": "READY"
"""

ADDED_TO_BACKUPS = {"BackupArn", "HsmType", "Mode", "NeverExpires", "TagList"}
"""Members that today's API adds to those on the page."""

DELETED = r"""{
    "eventVersion": "1.08",
    "userIdentity": {
        "accountId": "111122223333",
        "invokedBy": "AWS Internal"
    },
    "eventTime": "2021-12-10T14:23:51Z",
    "eventSource": "kms.amazonaws.com",
    "eventName": "DeleteKey",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "AWS Internal",
    "userAgent": "AWS Internal",
    "requestParameters": null,
    "responseElements": null,
    "additionalEventData": {
        "customKeyStoreId": "cks-1234567890abcdef0",
        "clusterId": "cluster-1a23b4cdefg",
        "backingKeys": "[{\"keyHandle\":\"01\",\"backingKeyId\":\"backing-key-id\"}]",
        "backingKeysDeletionStatus": "[{\"keyHandle\":\"16\",\"backingKeyId\":\"backing-key-id\",\"deletionStatus\":\"FAILURE\"}]"
    },
    "eventID": "c21f1f47-f52b-4ffe-bff0-6d994403cf40",
    "readOnly": false,
    "resources": [
        {
            "accountId": "111122223333",
            "type": "AWS::KMS::Key",
            "ARN": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        }
    ],
    "eventType": "AwsServiceEvent",
    "recipientAccountId": "111122223333",
    "managementEvent": true,
    "eventCategory": "Management"
}"""  # noqa: E501

NO_COMMUNICATION = f"KMSInvalidStateException: {MESSAGE}"

# What the page says to do ------------------------------------------------------------------------


def state(world: World, *chosen: str) -> dict[str, str]:
    (entry,) = world.aws_json("kms", "describe-custom-key-stores", *chosen)["CustomKeyStores"]
    return members(entry)


def connection(world: World, store: KeyStore, do: str) -> None:
    """Connect or disconnect with the command of the page, which shows no output."""
    done = world.aws("kms", f"{do}-custom-key-store", "--custom-key-store-id", store.id)
    assert done == ""


def log_in_as_officer(world: World) -> Typist:
    officer = world.sit_down(CMU)
    shown = officer.enter(f"loginHSM CO admin {ADMIN}")
    assert constant(shown) == constant(LOGIN_AS_OFFICER)
    assert shown.count("loginHSM success on server") == len(set(shown.splitlines())) - 1
    return officer


def change_password(officer: Typist) -> None:
    shown = officer.enter(
        "changePswd CU kmsuser tempPassword", ("Do you want to continue(y/n)?", "y")
    )
    assert constant(shown) == constant(CHANGE_PASSWORD + CHANGED)


def log_in_as_kmsuser(world: World) -> Typist:
    kmsuser = world.sit_down(KMU)
    shown = kmsuser.enter("loginHSM -u CU -s kmsuser -p tempPassword")
    assert constant(shown) == constant(LOGIN_AS_KMSUSER)
    return kmsuser


def log_out(kmsuser: Typist) -> None:
    shown = kmsuser.enter("logoutHSM")
    assert constant(shown) == constant(LOGOUT)


def reconnect(world: World, store: KeyStore) -> None:
    chosen = ("--custom-key-store-id", store.id)
    told = world.aws(
        *("kms", "update-custom-key-store", *chosen, "--key-store-password", "tempPassword")
    )
    assert told == ""
    connection(world, store, "connect")
    assert state(world, *chosen) == {
        **members_on_the_page(CONNECTED),
        **SINCE_KEY_STORES_HAVE_TYPES,
    }


def repair(world: World, store: KeyStore) -> None:
    """The same as :func:`reconnect`, in less time."""
    world.tell(store, "tempPassword")
    assert world.connect(store) == "CONNECTED"


def encrypt(world: World, key_id: str, folder: Path) -> Path:
    """Encrypt; gives the file with the ciphertext."""
    answer = world.kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT.encode())
    file = folder / "ciphertext"
    file.write_bytes(answer["CiphertextBlob"])
    return file


# The sections ------------------------------------------------------------------------------------


def test_the_page_can_be_told_from_something_else() -> None:
    assert constant(LOGIN_AS_KMSUSER) != constant(LOGIN_AS_KMSUSER.replace("0x00 ", "0xa3 "))
    assert constant(DELETE_KEY) != constant(DELETE_KEY.replace("        ", ""))
    assert len(members_on_the_page(CONNECTED)) == CONNECTED.count("\n") == 6
    assert len(members_on_the_page(FAILED)) == FAILED.count("\n") == 7
    assert len(members_on_the_page(BACKUP)) == BACKUP.count("\n") == 4


def test_l1_l2_l5_how_to_log_in_as_kmsuser(world: World, tmp_path: Path) -> None:
    store = world.key_store(hsms=3)
    key_id = world.create_key(store)
    ciphertext = encrypt(world, key_id, tmp_path)
    connection(world, store, "disconnect")
    described = world.kms.describe_key(KeyId=key_id)
    assert described["KeyMetadata"]["KeyState"] == "Unavailable"
    officer = log_in_as_officer(world)
    change_password(officer)
    kmsuser = log_in_as_kmsuser(world)
    log_out(kmsuser)
    reconnect(world, store)
    decrypted = world.aws(
        *("kms", "decrypt", "--ciphertext-blob", f"fileb://{ciphertext}"),
        *("--query", "Plaintext", "--output", "text"),
    )
    assert decrypted == "c2VjcmV0\n"
    assert (officer.leave("quit"), kmsuser.leave("exit")) == (0, 0)


@pytest.mark.parametrize(
    ("error", "logins"), [("INVALID_CREDENTIALS", 0), ("USER_LOCKED_OUT", 5)]
)  # fmt: skip
def test_c5_8_p4_how_to_fix_invalid_credentials(world: World, error: str, logins: int) -> None:
    store = world.key_store(hsms=3)
    world.disconnect(store)
    officer = log_in_as_officer(world)
    change_password(officer)
    for attempt in range(logins):
        assert "loginHSM success" not in officer.enter(f"loginHSM CU kmsuser wrongPswd{attempt}")
    world.connect(store)
    assert state(world, "--custom-key-store-name", "ExampleKeyStore") == {
        **members_on_the_page(FAILED.format(error=error)),
        **SINCE_KEY_STORES_HAVE_TYPES,
    }
    world.disconnect(store)
    change_password(officer)
    repair(world, store)


def test_f9_how_to_respond_to_a_cryptographic_operation_failure(world: World) -> None:
    store = world.key_store()
    key_id = world.create_key(store)
    ec2 = world.client("ec2")
    (cluster,) = world.client("cloudhsmv2").describe_clusters()["Clusters"]
    (group,) = ec2.describe_security_groups(GroupIds=[cluster["SecurityGroup"]])["SecurityGroups"]
    rules = {"GroupId": group["GroupId"], "IpPermissions": group["IpPermissions"]}
    ec2.revoke_security_group_ingress(**rules)
    call = ("kms", "encrypt", "--key-id", key_id, "--plaintext", "c2VjcmV0")
    said = re.fullmatch(
        r"(?:aws: \[ERROR\]: )?An error occurred \((\w+)\)"
        r" when calling the Encrypt operation: (.*)",
        world.aws_error(*call),
    )
    assert said is not None
    assert f"{said[1]}: {said[2]}" == NO_COMMUNICATION
    ec2.authorize_security_group_ingress(**rules)
    assert world.aws_json(*call)["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"


def test_o4_how_to_delete_orphaned_key_material(ireland: World) -> None:
    world = ireland
    store = world.key_store(hsms=3)
    key_id, kept = world.create_key(store), world.create_key(store)
    world.disconnect(store)
    world.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.control.post("clock", "advance", body={"days": 7})

    attribute = "AttributeKey=EventName,AttributeValue=DeleteKey"
    looked_up = world.aws_json("cloudtrail", "lookup-events", "--lookup-attributes", attribute)
    (event,) = looked_up["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert_like_the_page(record)
    (status,) = json.loads(record["additionalEventData"]["backingKeysDeletionStatus"])
    handle = int(status["keyHandle"])
    before = [[key["handle"] for key in hsm["keys"]] for hsm in world.hsms(store)]
    assert [len(handles) for handles in before] == [2, 2, 2]
    assert all(handle in handles for handles in before)

    change_password(log_in_as_officer(world))
    kmsuser = log_in_as_kmsuser(world)
    shown = kmsuser.enter(f"deleteKey -k {handle}")
    assert constant(shown) == constant(DELETE_KEY)
    assert shown.count("Node id ") == 3
    log_out(kmsuser)
    repair(world, store)
    after = [[key["handle"] for key in hsm["keys"]] for hsm in world.hsms(store)]
    assert after == [[other for other in handles if other != handle] for handles in before]
    world.kms.encrypt(KeyId=kept, Plaintext=b"secret")


def assert_like_the_page(record: dict[str, Any]) -> None:
    """The page has an ID in the place of that of the key material, and indents its JSON by 4."""
    shown = constant(json.dumps(record, indent=4))
    backing_key_ids = re.findall(r'backingKeyId\\":\\"([^\\]+)\\"', shown)
    assert len(backing_key_ids) == 2
    assert len(set(backing_key_ids)) == 1
    expected = json.loads(constant(DELETED).replace("backing-key-id", backing_key_ids[0]))
    (key,) = expected["resources"]
    changed = {"eventVersion": "1.11", "responseElements": {"keyId": key["ARN"]}}
    assert json.loads(shown) == expected | changed  # as in today's guide; the page is older


def test_r1_r2_p5_how_to_recover_deleted_key_material(world: World, tmp_path: Path) -> None:
    store = world.key_store()
    ciphertext = encrypt(world, world.create_key(store), tmp_path)
    world.control.post("clock", "advance", body={"days": 1})  # the daily backup
    (handle,) = (key["handle"] for key in world.hsms(store)[0]["keys"])
    delete_as_kmsuser(world, store, handle)
    decrypt = ("kms", "decrypt", "--ciphertext-blob", f"fileb://{ciphertext}")
    assert "KMSInvalidStateException" in world.aws_error(*decrypt)

    filtered = ("describe-backups", "--filters", f"clusterIds={store.cluster_id}")
    backups = world.aws_json("cloudhsmv2", *filtered)["Backups"]
    for backup in backups:
        shown = members({name: backup[name] for name in backup.keys() - ADDED_TO_BACKUPS})
        assert shown == members_on_the_page(BACKUP)
        assert backup["ClusterId"] == store.cluster_id
    latest = max(backups, key=lambda backup: backup["CreateTimestamp"])
    copy = create_from(world, latest["BackupId"])
    assert [key["handle"] for hsm in world.hsms(copy) for key in hsm["keys"]] == [handle, handle]

    world.disconnect(store)
    chosen = ("--custom-key-store-id", store.id, "--cloud-hsm-cluster-id", copy.cluster_id)
    assert world.aws("kms", "update-custom-key-store", *chosen) == ""
    # Reconnecting after the deletion has changed the password that the backup holds.
    assert world.connect(store) == "INVALID_CREDENTIALS"
    world.disconnect(store)
    change = (f"loginHSM CO admin {ADMIN}", "changePswd CU kmsuser tempPassword", "y", "quit")
    shown = world.pipe(CMU, *change, MOTO_CKS_CLUSTER=copy.cluster_id)
    assert "Changing password for kmsuser(CU) on 2 nodes" in shown
    repair(world, store)
    assert world.aws(*decrypt, "--query", "Plaintext", "--output", "text") == "c2VjcmV0\n"


def delete_as_kmsuser(world: World, store: KeyStore, handle: int) -> None:
    world.disconnect(store)
    change = ("changePswd CU kmsuser tempPassword", "y")
    world.pipe(CMU, f"loginHSM CO admin {ADMIN}", *change, "quit")
    login = "loginHSM -u CU -s kmsuser -p tempPassword"
    assert "Cfm3DeleteKey returned: 0x00" in world.pipe(KMU, login, f"deleteKey -k {handle}")
    repair(world, store)


def create_from(world: World, backup_id: str) -> KeyStore:
    """A cluster with two HSMs from a backup, in the subnets of the original."""
    hsm = world.client("cloudhsmv2")
    (original,) = hsm.describe_clusters()["Clusters"]
    subnets = original["SubnetMapping"]
    new = ("create-cluster", "--hsm-type", "hsm2m.medium", "--mode", "FIPS")
    created = world.aws_json(
        "cloudhsmv2", *new, "--source-backup-id", backup_id, "--subnet-ids", *subnets.values()
    )
    cluster_id = created["Cluster"]["ClusterId"]
    for zone in list(subnets)[:2]:
        hsm.create_hsm(ClusterId=cluster_id, AvailabilityZone=zone)
    return KeyStore("", cluster_id, world.region)


def test_p2_while_connected_kmsuser_is_kms_alone(world: World) -> None:
    store = world.key_store(hsms=3)
    key_id = world.create_key(store)
    kmsuser, officer = world.sit_down(CMU), log_in_as_officer(world)
    for user in (f"kmsuser {PASSWORD}", "kmsuser wrongPswd1"):
        assert "loginHSM success" not in kmsuser.enter(f"loginHSM CU {user}")
    shown = officer.enter(
        "changePswd CU kmsuser tempPassword",
        ("Do you want to continue(y/n)?", "y"),
        *[("Retry/Ignore/Abort?(R/I/A):", "I")] * 3,
    )
    assert shown.count("changePswd failed: ") == 3
    world.kms.encrypt(KeyId=key_id, Plaintext=b"secret")
    world.disconnect(store)
    assert world.connect(store) == "CONNECTED"  # the password is still that of KMS
