"""The steps of the repairs. Each says one thing, in the words of AWS's page.

What is so already stays as it is, so a repair can be begun by hand and finished by the table, and
a step done twice does no harm.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from moto_cks.failures.errors import unmet
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.permissions import open_ports
from moto_cks.failures.records import Direction
from moto_cks.failures.scene import CRYPTO_USER, PASSWORD, Scene
from moto_cks.failures.shapes import Step
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.keystores.connection import ConnectionState

_ADMIN = "<admin-password>"
_STORE = 'CustomKeyStoreId="<store>"'


def _aws(line: str, gives: tuple[str, str] | None = None) -> tuple[Command, ...]:
    return (Command(Tool.AWS, f"aws {line}", gives=gives),)


def _mgmt_util(*lines: str | Command) -> tuple[Command, ...]:
    """A session of an officer with cloudhsm_mgmt_util."""
    login = f"loginHSM CO admin {_ADMIN}"
    return tuple(
        Command(Tool.CLOUDHSM_MGMT_UTIL, line) if isinstance(line, str) else line
        for line in (login, *lines, "logoutHSM", "quit")
    )


def _confirmed(line: str) -> Command:
    """A change that cloudhsm_mgmt_util asks about."""
    return Command(Tool.CLOUDHSM_MGMT_UTIL, line, ("y",))


def key_mgmt_util(*lines: str) -> tuple[Command, ...]:
    """A session with key_mgmt_util."""
    return tuple(Command(Tool.KEY_MGMT_UTIL, line) for line in lines)


def cloudhsm_cli(*lines: str | Command) -> tuple[Command, ...]:
    """A session with cloudhsm-cli."""
    return tuple(
        Command(Tool.CLOUDHSM_CLI, line) if isinstance(line, str) else line for line in lines
    )


def _admin_of_cli(*lines: str | Command) -> tuple[Command, ...]:
    """A session of an admin with cloudhsm-cli."""
    login = typed_with("login --username admin --role admin", _ADMIN)
    return cloudhsm_cli(login, *lines, "logout")


def typed_with(line: str, *passwords: str) -> Command:
    """A command of cloudhsm-cli that asks for passwords, each of them hidden."""
    return Command(Tool.CLOUDHSM_CLI, line, passwords)


def _with_new_password(line: str) -> Command:
    return typed_with(line, PASSWORD, PASSWORD)


# The key store ----------------------------------------------------------------------------------


def _look(scene: Scene) -> None:
    scene.kms.describe_custom_key_stores(**scene.named)


def _connect(scene: Scene) -> None:
    if scene.alone:
        scene.kms.connect_custom_key_store(**scene.named)
        return
    # What comes of it is the other failure.
    if scene.state is ConnectionState.FAILED:
        scene.disconnect()
    scene.try_to_connect()


LOOK = Step(
    "look",
    "Look at ConnectionState and ConnectionErrorCode: after a disconnect the code is gone.",
    f"kms.describe_custom_key_stores({_STORE})",
    _look,
    _aws("kms describe-custom-key-stores --custom-key-store-id <store>"),
)
DISCONNECT = Step(
    "disconnect",
    "Disconnect the key store.",
    f"kms.disconnect_custom_key_store({_STORE})",
    Scene.disconnect,
    _aws("kms disconnect-custom-key-store --custom-key-store-id <store>"),
)
CONNECT = Step(
    "connect",
    "Connect the key store.",
    f"kms.connect_custom_key_store({_STORE})",
    _connect,
    _aws("kms connect-custom-key-store --custom-key-store-id <store>"),
)
TELL_PASSWORD = Step(
    "tell-password",
    "Tell KMS the password.",
    f'kms.update_custom_key_store({_STORE}, KeyStorePassword="{PASSWORD}")',
    Scene.tell_password,
    _aws(
        f"kms update-custom-key-store --custom-key-store-id <store> --key-store-password {PASSWORD}"
    ),
)

# kmsuser in the HSMs ----------------------------------------------------------------------------


def _create_user(scene: Scene) -> None:
    lacking = scene.lacking_kmsuser()
    if lacking:
        scene.cluster.create_user(CRYPTO_USER, KMSUSER, PASSWORD, hsms=lacking)


def _delete_user(scene: Scene) -> None:
    lacking = scene.lacking_kmsuser()
    having = [hsm.id for hsm in scene.hsms if hsm.id not in lacking]
    if having:
        scene.cluster.delete_user(CRYPTO_USER, KMSUSER, hsms=having)


def _log_in(scene: Scene) -> None:
    session = scene.cluster.login(CRYPTO_USER, KMSUSER, PASSWORD)
    scene.record.changes.sessions.append(session)


def _log_out(scene: Scene) -> None:
    scene.record.log_out()


def _delete_keys(scene: Scene) -> None:
    sessions = scene.record.changes.sessions
    if not sessions:
        raise unmet("The step delete-key", "the step log-in-as-kmsuser before it")
    for handle in scene.record.handles.values():
        if handle in sessions[-1].find_keys():
            sessions[-1].delete_key(handle)


SET_PASSWORD = Step(
    "set-password",
    "Set a password of kmsuser that you know.",
    f'cluster.change_password("CU", "kmsuser", "{PASSWORD}")',
    Scene.set_password,
    _admin_of_cli(_with_new_password("user change-password --username kmsuser --role crypto-user")),
    _mgmt_util(_confirmed(f"changePswd CU kmsuser {PASSWORD}")),
)
CREATE_USER = Step(
    "create-user",
    "Create kmsuser on the HSMs.",
    f'cluster.create_user("CU", "kmsuser", "{PASSWORD}")',
    _create_user,
    _admin_of_cli(_with_new_password("user create --username kmsuser --role crypto-user")),
    _mgmt_util(_confirmed(f"createUser CU kmsuser {PASSWORD}")),
)
CREATE_USER_WHERE_IT_LACKS = Step(
    "create-user",
    "Create kmsuser on the HSM that lacks it.",
    f'cluster.create_user("CU", "kmsuser", "{PASSWORD}", hsms=[…])',
    _create_user,
    _admin_of_cli(_with_new_password("user create --username kmsuser --role crypto-user")),
    _mgmt_util("server <server>", _confirmed(f"createUser CU kmsuser {PASSWORD}"), "exit"),
)
DELETE_USER = Step(
    "delete-user",
    "Delete kmsuser, who owns no keys.",
    'cluster.delete_user("CU", "kmsuser")',
    _delete_user,
    _admin_of_cli("user delete --username kmsuser --role crypto-user"),
    _mgmt_util("deleteUser CU kmsuser"),
)
LOG_IN = Step(
    "log-in-as-kmsuser",
    "Log in as kmsuser.",
    f'session = cluster.login("CU", "kmsuser", "{PASSWORD}")',
    _log_in,
    cloudhsm_cli(typed_with("login --username kmsuser --role crypto-user", PASSWORD)),
    key_mgmt_util(f"loginHSM -u CU -s kmsuser -p {PASSWORD}"),
)
LOG_OUT = Step(
    "log-out",
    "Log out where somebody is logged in as kmsuser.",
    "session.logout()",
    _log_out,
    cloudhsm_cli("logout"),
    key_mgmt_util("logoutHSM", "exit"),
)
DELETE_KEY = Step(
    "delete-key",
    "Delete the key material: by its id, which is the backingKeyId in hexadecimal form, or by its "
    "handle.",
    "session.delete_key(<handle>)",
    _delete_keys,
    cloudhsm_cli("key delete --filter attr.id=<id-hex>"),
    key_mgmt_util("deleteKey -k <handle>"),
)

# Policies of the HSMs ---------------------------------------------------------------------------

TOKEN_FILE = "quorum.token"
APPROVED = f" --approval {TOKEN_FILE}"


def _lift_mtls(scene: Scene) -> None:
    scene.cluster.set_mtls_enforcement("none")


def _need_nobody(scene: Scene) -> None:
    """Who has the HSMs at hand stands for all officers: there is nothing to be signed."""


LIFT_MTLS = Step(
    "lift-mtls",
    "Enforce mutual TLS no more, as the user admin and from a client that has a certificate; KMS "
    "connects by itself then.",
    'cluster.set_mtls_enforcement("none")',
    _lift_mtls,
    _admin_of_cli("cluster mtls set-enforcement --level none"),
)
QUORUM_TOKEN = Step(
    "quorum-token",
    "Log in as an officer, and get a quorum token for the service user; it lives ten minutes, and "
    "no longer than the login.",
    "cluster  # the handle has the rights of all officers together",
    _need_nobody,
    cloudhsm_cli(
        typed_with("login --username admin --role admin", _ADMIN),
        f"quorum token-sign generate --service user --token {TOKEN_FILE}",
    ),
)
QUORUM_SIGNATURES = Step(
    "quorum-signatures",
    "Have as many officers sign the token as the quorum value says, and put their signatures into "
    "the file.",
    "cluster  # the handle has the rights of all officers together",
    _need_nobody,
)
SET_PASSWORD_WITH_QUORUM = replace(
    SET_PASSWORD,
    text="Set a password of kmsuser that you know, with the approval.",
    commands=cloudhsm_cli(
        _with_new_password(f"user change-password --username kmsuser --role crypto-user{APPROVED}"),
        "logout",
    ),
    with_older_tools=(),
)
CREATE_USER_WITH_QUORUM = replace(
    CREATE_USER,
    text="Create kmsuser on the HSMs, with the approval.",
    commands=cloudhsm_cli(
        _with_new_password(f"user create --username kmsuser --role crypto-user{APPROVED}"),
        "logout",
    ),
    with_older_tools=(),
)
DELETE_USER_WITH_QUORUM = replace(
    DELETE_USER,
    text="Delete kmsuser, who owns no keys, with the approval.",
    commands=cloudhsm_cli(f"user delete --username kmsuser --role crypto-user{APPROVED}", "logout"),
    with_older_tools=(),
)

# Clusters, HSMs and backups ---------------------------------------------------------------------


def _find_backup(of: str, scene: Scene) -> None:
    if _restored(scene):
        return
    cluster_id = scene.values()[of]
    found = scene.backups(cluster_id)
    if not found:
        raise unmet("The step find-backup", f"a backup of {cluster_id}")
    scene.record.values["backup"] = found[0]


def _restored(scene: Scene) -> bool:
    """Whether there is a cluster from a backup; somebody may have given it to the key store."""
    values = scene.record.values
    if scene.cluster_id != scene.record.cluster_id:
        values.setdefault("new", scene.cluster_id)
    return "new" in values and scene.find(values["new"]) is not None


def _cluster_from_backup(scene: Scene) -> None:
    if _restored(scene):
        return
    filled = scene.values()
    subnets = [filled[name] for name in ("subnet-a", "subnet-b") if name in filled]
    if len(subnets) < TWO_ZONES:
        raise unmet("The step cluster-from-backup", "subnets with room in two Availability Zones")
    scene.record.values["new"] = scene.restore(filled["backup"], *subnets)


def _add_hsms(to: str, scene: Scene) -> None:
    filled = scene.values()
    scene.add_hsms(filled[to], filled["zone-a"], filled["zone-b"])


def _add_hsm(scene: Scene) -> None:
    if len({hsm.availability_zone for hsm in scene.hsms}) < TWO_ZONES:
        scene.add_hsms(scene.cluster_id, scene.values()["zone"])


TWO_ZONES = 2


def _point(scene: Scene) -> None:
    new = scene.record.values["new"]
    if scene.cluster_id != new:
        scene.kms.update_custom_key_store(**scene.named, CloudHsmClusterId=new)


def find_backup_of(cluster: str) -> Step:
    """The step find-backup, of a cluster that a placeholder names."""
    return Step(
        "find-backup",
        "Find the newest backup that has what is missing.",
        f'cloudhsm.describe_backups(Filters={{"clusterIds": ["<{cluster}>"]}})',
        partial(_find_backup, cluster),
        _aws(
            f"cloudhsmv2 describe-backups --filters clusterIds=<{cluster}>",
            ("backup", "sort_by(Backups[?BackupState=='READY'], &CreateTimestamp)[-1].BackupId"),
        ),
    )


FIND_BACKUP = find_backup_of("cluster")
CLUSTER_FROM_BACKUP = Step(
    "cluster-from-backup",
    "Create a cluster from <backup>; its ID is <new>.",
    'cloudhsm.create_cluster(HsmType="<hsm-type>", Mode="<mode>", '
    'SubnetIds=["<subnet-a>", "<subnet-b>"], SourceBackupId="<backup>")',
    _cluster_from_backup,
    _aws(
        "cloudhsmv2 create-cluster --hsm-type <hsm-type> --mode <mode> "
        "--subnet-ids <subnet-a> <subnet-b> --source-backup-id <backup>",
        ("new", "Cluster.ClusterId"),
    ),
)
HSMS_IN_TWO_ZONES = Step(
    "hsms-in-two-zones",
    "Add HSMs in two zones.",
    'cloudhsm.create_hsm(ClusterId="<new>", AvailabilityZone=…)',
    partial(_add_hsms, "new"),
    (
        *_aws("cloudhsmv2 create-hsm --cluster-id <new> --availability-zone <zone-a>"),
        *_aws("cloudhsmv2 create-hsm --cluster-id <new> --availability-zone <zone-b>"),
    ),
)
POINT = Step(
    "point",
    "Set the cluster ID.",
    f'kms.update_custom_key_store({_STORE}, CloudHsmClusterId="<new>")',
    _point,
    _aws("kms update-custom-key-store --custom-key-store-id <store> --cloud-hsm-cluster-id <new>"),
)
ADD_HSM = Step(
    "add-hsm",
    "Add an HSM in a zone that has none.",
    'cloudhsm.create_hsm(ClusterId="<cluster>", AvailabilityZone="<zone>")',
    _add_hsm,
    _aws("cloudhsmv2 create-hsm --cluster-id <cluster> --availability-zone <zone>"),
)
ADD_HSMS = Step(
    "add-hsm",
    "Add HSMs in two zones: one is enough to decrypt, CreateKey needs two.",
    'cloudhsm.create_hsm(ClusterId="<cluster>", AvailabilityZone=…)',
    partial(_add_hsms, "cluster"),
    (
        *_aws("cloudhsmv2 create-hsm --cluster-id <cluster> --availability-zone <zone-a>"),
        *_aws("cloudhsmv2 create-hsm --cluster-id <cluster> --availability-zone <zone-b>"),
    ),
)

# The network ------------------------------------------------------------------------------------

OPEN_INBOUND = Step(
    "open-ports-inbound",
    "Allow inbound TCP 2223-2225 within <sg>.",
    'ec2.authorize_security_group_ingress(GroupId="<sg>", IpPermissions=[…])',
    partial(open_ports, Direction.INGRESS),
    _aws(
        "ec2 authorize-security-group-ingress --group-id <sg> --protocol tcp --port 2223-2225 "
        "--source-group <sg>"
    ),
)
OPEN_OUTBOUND = Step(
    "open-ports-outbound",
    "Allow outbound TCP 2223-2225 within <sg>.",
    'ec2.authorize_security_group_egress(GroupId="<sg>", IpPermissions=[…])',
    partial(open_ports, Direction.EGRESS),
    _aws(
        "ec2 authorize-security-group-egress --group-id <sg> --ip-permissions "
        "IpProtocol=tcp,FromPort=2223,ToPort=2225,UserIdGroupPairs=[{GroupId=<sg>}]"
    ),
)

# Time -------------------------------------------------------------------------------------------


def _pass(time: dict[str, Any], scene: Scene) -> None:
    if time:
        scene.hands.advance(**time)
    scene.record.end_faults()
    scene.record.speed_up()


def wait(text: str, *looks: Command, **time: int) -> Step:
    """The step wait: what is transient is over after it.

    Args:
        text: for what.
        looks: what shows that it is over.
        time: how long, where the clock decides.
    """
    return Step("wait", text, _python(time), partial(_pass, time), looks)


def retry(text: str, **time: int) -> Step:
    """The step retry: the same call again, after a pause."""
    return Step("retry", text, f"{_python(time)}, and the same call again", partial(_pass, time))


def _python(time: dict[str, int]) -> str:
    passing = ", ".join(f"{unit}={count}" for unit, count in time.items())
    return f"cks.clock.advance({passing})" if time else "time.sleep(60)"


LOOK_AT_CLUSTER = _aws("cloudhsmv2 describe-clusters --filters clusterIds=<cluster>")
"""What shows the state of the cluster."""

# Sequences ----------------------------------------------------------------------------------------

RESET = (LOOK, DISCONNECT, SET_PASSWORD, TELL_PASSWORD, CONNECT)
"""How to fix invalid kmsuser credentials."""

RESTORE = (FIND_BACKUP, CLUSTER_FROM_BACKUP, HSMS_IN_TWO_ZONES, DISCONNECT, POINT, CONNECT)
"""How to recover deleted key material for a KMS key."""
