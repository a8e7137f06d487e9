"""The documented repairs: for each failure the section of AWS's page, and its steps.

The commands have placeholders: ``<store>``, ``<cluster>``, ``<new>`` and others. See
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

GUIDE = "https://docs.aws.amazon.com/kms/latest/developerguide"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a repair; it says one thing, in the words of AWS's page.

    Attributes:
        name: what it is called.
        text: what to do, in a sentence.
        commands: what a person types, one line a tool; all but those of the AWS CLI begin with
            the name of the tool.
        python: the same in Python.
    """

    name: str
    text: str
    commands: tuple[str, ...] = ()
    python: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """How a failure is repaired.

    Attributes:
        anchor: the section of AWS's page.
        steps: what to do, in order; none where there is no way.
        document: the page of the AWS KMS Developer Guide.
    """

    anchor: str
    steps: tuple[Step, ...]
    document: str = "fix-keystore"

    @property
    def page(self) -> str:
        """The section of AWS's page, as a URL."""
        return f"{GUIDE}/{self.document}.html" + (f"#{self.anchor}" if self.anchor else "")


_OFFICER = "cloudhsm_mgmt_util: loginHSM CO admin <admin-password>"
_ADMIN = "cloudhsm-cli: login --username admin --role admin"
_S = 'CustomKeyStoreId="<store>"'

LOOK = Step(
    "look",
    "Look at ConnectionState and ConnectionErrorCode.",
    ("aws kms describe-custom-key-stores --custom-key-store-id <store>",),
    f"kms.describe_custom_key_stores({_S})",
)
DISCONNECT = Step(
    "disconnect",
    "Disconnect the key store.",
    ("aws kms disconnect-custom-key-store --custom-key-store-id <store>",),
    f"kms.disconnect_custom_key_store({_S})",
)
CONNECT = Step(
    "connect",
    "Connect the key store.",
    ("aws kms connect-custom-key-store --custom-key-store-id <store>",),
    f"kms.connect_custom_key_store({_S})",
)
SET_PASSWORD = Step(
    "set-password",
    "Set a password of kmsuser that you know.",
    (
        f"{_OFFICER}; changePswd CU kmsuser tempPassword; y; logoutHSM; quit",
        f"{_ADMIN}; user change-password --username kmsuser --role crypto-user; logout",
    ),
    'cluster.change_password("CU", "kmsuser", "tempPassword")',
)
TELL_PASSWORD = Step(
    "tell-password",
    "Tell KMS the password.",
    (
        "aws kms update-custom-key-store --custom-key-store-id <store> "
        "--key-store-password tempPassword",
    ),
    f'kms.update_custom_key_store({_S}, KeyStorePassword="tempPassword")',
)
LOG_OUT = Step(
    "log-out",
    "Log out where somebody is logged in as kmsuser.",
    ("key_mgmt_util: logoutHSM; exit",),
    "session.logout()",
)
LOG_IN = Step(
    "log-in-as-kmsuser",
    "Log in as kmsuser.",
    ("key_mgmt_util: loginHSM -u CU -s kmsuser -p tempPassword",),
    'session = cluster.login("CU", "kmsuser", "tempPassword")',
)
DELETE_KEY = Step(
    "delete-key",
    "Delete the key material by its handle.",
    (
        "key_mgmt_util: deleteKey -k <handle>",
        "cloudhsm-cli: key delete --filter key-reference=<handle-hex>",
    ),
    "session.delete_key(<handle>)",
)
CREATE_USER = Step(
    "create-user",
    "Create kmsuser on the HSMs that lack it.",
    (
        f"{_OFFICER}; createUser CU kmsuser tempPassword; y; quit",
        f"{_ADMIN}; user create --username kmsuser --role crypto-user",
    ),
    'cluster.create_user("CU", "kmsuser", "tempPassword", hsms=…)',
)
DELETE_USER = Step(
    "delete-user",
    "Delete kmsuser, who owns no keys.",
    (f"{_OFFICER}; deleteUser CU kmsuser; quit",),
    'cluster.delete_user("CU", "kmsuser")',
)
FIND_BACKUP = Step(
    "find-backup",
    "Find the newest backup that has what is missing.",
    ("aws cloudhsmv2 describe-backups --filters clusterIds=<cluster>",),
    'cloudhsm.describe_backups(Filters={"clusterIds": ["<cluster>"]})',
)
RESTORE_BACKUP = Step(
    "restore-backup",
    "Restore <backup>.",
    ("aws cloudhsmv2 restore-backup --backup-id <backup>",),
    'cloudhsm.restore_backup(BackupId="<backup>")',
)
CLUSTER_FROM_BACKUP = Step(
    "cluster-from-backup",
    "Create a cluster from <backup>; its ID is <new>.",
    (
        "aws cloudhsmv2 create-cluster --hsm-type hsm1.medium --subnet-ids <subnet-a> <subnet-b> "
        "--source-backup-id <backup>",
    ),
    'cloudhsm.create_cluster(HsmType="hsm1.medium", SubnetIds=["<subnet-a>", "<subnet-b>"], '
    'SourceBackupId="<backup>")',
)
HSMS_IN_TWO_ZONES = Step(
    "hsms-in-two-zones",
    "Add HSMs in two zones.",
    (
        "aws cloudhsmv2 create-hsm --cluster-id <new> --availability-zone <zone-a>",
        "aws cloudhsmv2 create-hsm --cluster-id <new> --availability-zone <zone-b>",
    ),
    'cloudhsm.create_hsm(ClusterId="<new>", AvailabilityZone=…)',
)
POINT = Step(
    "point",
    "Set the cluster ID.",
    ("aws kms update-custom-key-store --custom-key-store-id <store> --cloud-hsm-cluster-id <new>",),
    f'kms.update_custom_key_store({_S}, CloudHsmClusterId="<new>")',
)
ADD_HSM = Step(
    "add-hsm",
    "Add an HSM in a zone that has none.",
    ("aws cloudhsmv2 create-hsm --cluster-id <cluster> --availability-zone <zone>",),
    'cloudhsm.create_hsm(ClusterId="<cluster>", AvailabilityZone="<zone>")',
)
OPEN_INBOUND = Step(
    "open-ports-inbound",
    "Allow inbound TCP 2223-2225 within <sg>.",
    (
        "aws ec2 authorize-security-group-ingress --group-id <sg> --protocol tcp "
        "--port 2223-2225 --source-group <sg>",
    ),
    'ec2.authorize_security_group_ingress(GroupId="<sg>", IpPermissions=[…])',
)
OPEN_OUTBOUND = Step(
    "open-ports-outbound",
    "Allow outbound TCP 2223-2225 within <sg>.",
    (
        "aws ec2 authorize-security-group-egress --group-id <sg> --ip-permissions "
        "IpProtocol=tcp,FromPort=2223,ToPort=2225,UserIdGroupPairs=[{GroupId=<sg>}]",
    ),
    'ec2.authorize_security_group_egress(GroupId="<sg>", IpPermissions=[…])',
)
COUNT_ADDRESSES = Step(
    "count-addresses",
    "See which subnet has no free address.",
    (
        "aws ec2 describe-subnets --subnet-ids <subnets> "
        "--query 'Subnets[].AvailableIpAddressCount'",
    ),
    "ec2.describe_subnets(SubnetIds=[…])",
)
FREE_ADDRESS = Step(
    "free-address",
    "Delete a network interface that is not needed.",
    ("aws ec2 delete-network-interface --network-interface-id <interface>",),
    'ec2.delete_network_interface(NetworkInterfaceId="<interface>")',
)
DELETE_ACL_ENTRY = Step(
    "delete-acl-entry",
    "Delete the rule that denies it.",
    ("aws ec2 delete-network-acl-entry --network-acl-id <acl> --rule-number <rule> --<direction>",),
    'ec2.delete_network_acl_entry(NetworkAclId="<acl>", RuleNumber=<rule>, Egress=…)',
)
WAIT = Step("wait", "Wait, and look again.", LOOK.commands, "cks.clock.advance(minutes=…)")
WAIT_FOR_CLUSTER = Step(
    "wait",
    "Wait until the cluster is ACTIVE.",
    ("aws cloudhsmv2 describe-clusters --filters clusterIds=<cluster>",),
    "cks.clock.advance(minutes=…)",
)
RETRY = Step("retry", "Retry after a pause.", (), "cks.clock.advance(seconds=…)")
CANCEL_DELETION = Step(
    "cancel-deletion",
    "Cancel the deletion of the key.",
    ("aws kms cancel-key-deletion --key-id <key>",),
    'kms.cancel_key_deletion(KeyId="<key>")',
)
ENABLE_KEY = Step(
    "enable-key",
    "Enable the key.",
    ("aws kms enable-key --key-id <key>",),
    'kms.enable_key(KeyId="<key>")',
)

RESET = (LOOK, DISCONNECT, SET_PASSWORD, TELL_PASSWORD, CONNECT)
"""How to fix invalid kmsuser credentials."""

RESTORE = (FIND_BACKUP, CLUSTER_FROM_BACKUP, HSMS_IN_TWO_ZONES, DISCONNECT, POINT, CONNECT)
"""How to recover deleted key material for a KMS key."""

_AGAIN = (LOOK, DISCONNECT, CONNECT)
_UNAVAILABLE = "fix-unavailable-cmks"
_FAILING = "fix-cmk-failed"
_MATERIAL = "fix-keystore-recover-backing-key"
_COMMUNICATION = "fix-keystore-communication"
_FAILED = "fix-keystore-failed"
_PASSWORD = "fix-keystore-password"
_LOGGING_OUT = "login-kmsuser-2"

REPAIRS: Mapping[str, Repair] = MappingProxyType(
    {
        # Unavailable keys
        "store-disconnected": Repair(_UNAVAILABLE, (CONNECT,)),
        "deletion-pending-while-disconnected": Repair(
            _UNAVAILABLE, (CANCEL_DELETION, CONNECT, ENABLE_KEY)
        ),
        "slow-connection": Repair(_LOGGING_OUT, (WAIT,)),
        # Failing keys
        "key-material-deleted": Repair(_MATERIAL, RESTORE),
        "key-material-lost": Repair(_MATERIAL, ()),
        "backup-deleted": Repair(_MATERIAL, (RESTORE_BACKUP, *RESTORE)),
        "all-hsms-deleted": Repair(_FAILING, (ADD_HSM,)),
        "cluster-deleted": Repair(_FAILING, RESTORE),
        "pkcs11-sessions-exhausted": Repair(_FAILING, (RETRY,)),
        "one-hsm-left": Repair(_FAILING, (ADD_HSM,)),
        "hsm-ports-closed": Repair(_COMMUNICATION, (OPEN_INBOUND, OPEN_OUTBOUND)),
        "cluster-unreachable": Repair(_COMMUNICATION, (RETRY,)),
        "request-quota-exceeded": Repair("", (RETRY,), "limits"),
        # Connecting is refused at once
        "cluster-not-active": Repair(_FAILED, (WAIT_FOR_CLUSTER, CONNECT)),
        "hsm-ports-closed-before-connecting": Repair(
            _FAILED, (OPEN_INBOUND, OPEN_OUTBOUND, CONNECT)
        ),
        "subnets-in-one-zone": Repair(_FAILED, RESTORE),
        "cluster-not-related": Repair(
            _MATERIAL, (FIND_BACKUP, CLUSTER_FROM_BACKUP, POINT, CONNECT)
        ),
        # Connecting fails
        "cluster-not-found": Repair(_FAILED, (LOOK, *RESTORE)),
        "insufficient-cloudhsm-hsms": Repair(_FAILED, (LOOK, ADD_HSM, DISCONNECT, CONNECT)),
        "insufficient-free-addresses-in-subnet": Repair(
            _FAILED, (LOOK, COUNT_ADDRESSES, FREE_ADDRESS, DISCONNECT, CONNECT)
        ),
        "internal-error": Repair(_FAILED, _AGAIN),
        "invalid-credentials": Repair(_PASSWORD, RESET),
        "network-errors": Repair(_FAILED, _AGAIN),
        "network-acl-denies": Repair(_FAILED, (LOOK, DELETE_ACL_ENTRY, DISCONNECT, CONNECT)),
        "subnet-not-found": Repair(_FAILED, (LOOK, *RESTORE)),
        "user-locked-out": Repair(_PASSWORD, RESET),
        "user-logged-in": Repair(_LOGGING_OUT, (LOOK, LOG_OUT, DISCONNECT, TELL_PASSWORD, CONNECT)),
        "user-not-found": Repair(
            _FAILED, (LOOK, DISCONNECT, CREATE_USER, SET_PASSWORD, TELL_PASSWORD, CONNECT)
        ),
        # The kmsuser password
        "password-changed-on-one-hsm": Repair("login-kmsuser-1", RESET),
        "restored-from-old-backup": Repair(_FAILED, RESET),
        "kmsuser-second-factor": Repair(
            _PASSWORD, (LOOK, DISCONNECT, DELETE_USER, CREATE_USER, TELL_PASSWORD, CONNECT)
        ),
        # Deletion
        "orphaned-key-material": Repair(
            "fix-keystore-orphaned-key",
            (DISCONNECT, SET_PASSWORD, LOG_IN, DELETE_KEY, LOG_OUT, TELL_PASSWORD, CONNECT),
        ),
    }
)
"""The repairs by the names of the failures."""
