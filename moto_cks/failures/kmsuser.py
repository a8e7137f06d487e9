"""The failures of kmsuser: its password, its logins, and where it is missing.

"How to fix invalid kmsuser credentials" and "How to log in as kmsuser".
"""

from __future__ import annotations

from contextlib import suppress

from moto_cks.cloudhsmv2.settings import HSM_TYPE, OLDER_HSM_TYPE
from moto_cks.failures.appearances import (
    LOCKED,
    LOCKED_NO_ANSWER,
    UPDATE,
    cloudhsm_event,
    failed,
    kms_event,
    mute,
    not_in,
    well,
)
from moto_cks.failures.connection_failures import ANCHOR, before_connecting
from moto_cks.failures.instructions import Tool
from moto_cks.failures.proofs import (
    all_of,
    connected,
    connected_anew,
    good,
    kmsuser_is_everywhere,
    nobody_is_locked_out,
)
from moto_cks.failures.scene import CRYPTO_USER, PASSWORD, Scene
from moto_cks.failures.shapes import Failure, Need, Part, Since, Variant
from moto_cks.failures.steps import (
    CONNECT,
    CREATE_USER,
    CREATE_USER_WHERE_IT_LACKS,
    DELETE_USER,
    DISCONNECT,
    LOG_IN,
    LOG_OUT,
    LOOK,
    RESET,
    SET_PASSWORD,
    TELL_PASSWORD,
)
from moto_cks.hsm import HsmError
from moto_cks.hsm.users import LOCKOUT_THRESHOLD
from moto_cks.kms.keystores.cloudhsm.connection_errors import CloudHsmErrorCode
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.keystores.connection import ConnectionState

CREDENTIALS = "fix-keystore-password"
LOGGING_IN = "login-kmsuser-1"
LOGGING_OUT = "login-kmsuser-2"

SOMEBODY_ELSES = "somebodyElse1"
WRONG = "wrongPassword"

_WITH_HSM = frozenset({Need.HSM})

# The password -------------------------------------------------------------------------------------


def _change_password(scene: Scene) -> None:
    scene.set_password(SOMEBODY_ELSES)


def _tell_wrong_password(scene: Scene) -> None:
    scene.tell_password(WRONG)


def _forget_to_tell(scene: Scene) -> None:
    scene.set_password()
    scene.cluster.login(CRYPTO_USER, KMSUSER, PASSWORD).logout()


def _change_password_on_one_hsm(scene: Scene) -> None:
    scene.set_password(hsms=[scene.hsms[1].id])
    scene.tell_password()


def _restore_old_backup(scene: Scene) -> None:
    (backup_id, *_) = scene.backups(scene.cluster_id)
    scene.disconnect()
    scene.try_to_connect()  # which sets another password
    scene.disconnect()
    _go_to_backup(scene, backup_id)
    scene.try_to_connect()


def _go_to_backup(scene: Scene, backup_id: str) -> None:
    zones, subnets = zip(*list(scene.usable_subnets())[:2], strict=True)
    cluster_id = scene.restore(backup_id, *subnets)
    scene.add_hsms(cluster_id, *zones)
    scene.kms.update_custom_key_store(**scene.named, CloudHsmClusterId=cluster_id)
    scene.record.cluster_id = cluster_id


def _roll_back(scene: Scene) -> None:
    for hsm_type in (HSM_TYPE, OLDER_HSM_TYPE):
        scene.cloudhsm.modify_cluster(ClusterId=scene.cluster_id, HsmType=hsm_type)
        scene.disconnect()
        scene.try_to_connect()  # which sets another password, the first time


def _need_second_factor(scene: Scene) -> None:
    scene.cluster.delete_user(CRYPTO_USER, KMSUSER)
    scene.cluster.create_user(CRYPTO_USER, KMSUSER, PASSWORD, two_factor=True)
    scene.tell_password()


# Logins -------------------------------------------------------------------------------------------


def _lock_out_in_a_tool(scene: Scene) -> None:
    with scene.hands.tools[Tool.CLOUDHSM_MGMT_UTIL](scene.cluster_id) as tool:
        for number in range(LOCKOUT_THRESHOLD):
            tool.run(f"loginHSM CU {KMSUSER} {WRONG}{number}")


def _lock_out_in_python(scene: Scene) -> None:
    for _ in range(LOCKOUT_THRESHOLD):
        with suppress(HsmError):
            scene.cluster.login(CRYPTO_USER, KMSUSER, WRONG)


def _lock_out_while_connected(scene: Scene) -> None:
    """Lock kmsuser, and have all HSMs replaced, so that KMS has to log in anew."""
    former = scene.hsms
    _lock_out_in_a_tool(scene)
    for hsm in former:
        scene.cloudhsm.create_hsm(
            ClusterId=scene.cluster_id, AvailabilityZone=hsm.availability_zone
        )
    for hsm in former:
        scene.cloudhsm.delete_hsm(ClusterId=scene.cluster_id, HsmId=hsm.id)


def _lock_out_by_kms(scene: Scene) -> None:
    scene.tell_password(WRONG)
    for _ in range(LOCKOUT_THRESHOLD):
        scene.try_to_connect()
        scene.disconnect()


def _stay_in_a_tool(scene: Scene) -> None:
    scene.set_password()
    tool = scene.hands.tools[Tool.KEY_MGMT_UTIL](scene.cluster_id)
    scene.record.changes.tools.append(tool)
    tool.run(f"loginHSM -u CU -s {KMSUSER} -p {PASSWORD}")


def _stay_in_python(scene: Scene) -> None:
    scene.set_password()
    session = scene.cluster.login(CRYPTO_USER, KMSUSER, PASSWORD)
    scene.record.changes.sessions.append(session)


# kmsuser is missing -------------------------------------------------------------------------------


def _delete_on_one_hsm(scene: Scene) -> None:
    second = scene.hsms[1]
    for key in second.keys:  # who owns keys cannot be deleted
        if key.owner == KMSUSER:
            scene.cluster.delete_key(key.handle, hsms=[second.id])
    scene.cluster.delete_user(CRYPTO_USER, KMSUSER, hsms=[second.id])


def _delete_everywhere(scene: Scene) -> None:
    scene.cluster.delete_user(CRYPTO_USER, KMSUSER)


def _go_to_first_backup(scene: Scene) -> None:
    _go_to_backup(scene, scene.backups(scene.cluster_id)[-1])


# A runbook ----------------------------------------------------------------------------------------


def _try_without_disconnecting(scene: Scene) -> None:
    with suppress(HsmError):
        scene.set_password()
    scene.attempt(scene.kms.update_custom_key_store, **scene.named, KeyStorePassword=PASSWORD)


_UNLOCKED = all_of(good, nobody_is_locked_out)
_WITHOUT_KEYS = frozenset({Need.HSM, Need.NO_KEY})

LOGINS = (
    Failure(
        name="user-locked-out",
        title="Too many wrong passwords have locked kmsuser",
        anchor=CREDENTIALS,
        rows=("C5.8", "P4", "Y2"),
        variants=(
            Variant(
                "by-tool",
                "Somebody logs in with cloudhsm_mgmt_util, five times with a wrong password.",
                before_connecting(_lock_out_in_a_tool),
            ),
            Variant(
                "by-login",
                "Somebody logs in five times with a wrong password, on the first HSM only.",
                before_connecting(_lock_out_in_python),
            ),
            Variant(
                "by-kms",
                "KMS is told a wrong password, and tries to connect five times.",
                before_connecting(_lock_out_by_kms),
            ),
            Variant(
                "while-connected",
                "Somebody locks kmsuser while KMS is logged in, and then all HSMs are exchanged: "
                "KMS has to log in anew.",
                _lock_out_while_connected,
                needs=frozenset({Need.CONNECTED, Need.TWO_HSMS}),
                seen=mute(LOCKED_NO_ANSWER, cloudhsm_event("DeleteHsm"), use_refused=LOCKED),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.USER_LOCKED_OUT),
        repair=RESET,
        proof=_UNLOCKED,
        needs=_WITH_HSM,
        touches=frozenset({Part.USERS, Part.PASSWORD}),
        decided_by=CloudHsmErrorCode.USER_LOCKED_OUT,
    ),
    Failure(
        name="user-logged-in",
        title="kmsuser is logged in, and KMS is kept out",
        anchor=LOGGING_OUT,
        rows=("C5.9", "L4"),
        variants=(
            Variant(
                "in-tool",
                "Somebody logs in as kmsuser with key_mgmt_util, and stays.",
                before_connecting(_stay_in_a_tool),
            ),
            Variant(
                "in-python",
                "Somebody logs in as kmsuser, and stays.",
                before_connecting(_stay_in_python),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.USER_LOGGED_IN),
        repair=(LOOK, LOG_OUT, DISCONNECT, TELL_PASSWORD, CONNECT),
        proof=good,
        needs=_WITH_HSM,
        touches=frozenset({Part.USERS, Part.PASSWORD}),
        decided_by=CloudHsmErrorCode.USER_LOGGED_IN,
    ),
    Failure(
        name="user-not-found",
        title="kmsuser is missing",
        anchor=ANCHOR,
        rows=("C5.10", "H5"),
        variants=(
            Variant(
                "on-one-hsm",
                "On one HSM kmsuser is deleted, after its keys there.",
                before_connecting(_delete_on_one_hsm),
            ),
            Variant(
                "everywhere",
                "kmsuser, who owns no keys, is deleted on all HSMs.",
                before_connecting(_delete_everywhere),
                needs=_WITHOUT_KEYS,
                repair=(LOOK, DISCONNECT, CREATE_USER, TELL_PASSWORD, CONNECT),
            ),
            Variant(
                "from-first-backup",
                "The key store goes to a cluster from a backup that was made before kmsuser.",
                before_connecting(_go_to_first_backup),
                needs=frozenset({Need.NO_KEY, Need.FIRST_BACKUP, Need.SECOND_CLUSTER}),
                repair=(LOOK, DISCONNECT, CREATE_USER, TELL_PASSWORD, CONNECT),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.USER_NOT_FOUND),
        repair=(
            LOOK,
            DISCONNECT,
            CREATE_USER_WHERE_IT_LACKS,
            SET_PASSWORD,
            TELL_PASSWORD,
            CONNECT,
        ),
        proof=all_of(good, kmsuser_is_everywhere),
        needs=frozenset({Need.TWO_HSMS}),
        touches=frozenset({Part.USERS, Part.PASSWORD, Part.MATERIAL, Part.HSMS, Part.CLUSTER}),
        decided_by=CloudHsmErrorCode.USER_NOT_FOUND,
    ),
)

INVALID_CREDENTIALS = Failure(
    name="invalid-credentials",
    title="KMS does not have the password of kmsuser",
    anchor=CREDENTIALS,
    rows=("C5.5", "P3", "P4", "Y20"),
    variants=(
        Variant(
            "changed",
            "Somebody changes the password of kmsuser in the cluster.",
            before_connecting(_change_password),
        ),
        Variant(
            "told-wrong",
            "KMS is told a wrong password.",
            before_connecting(_tell_wrong_password),
        ),
        Variant(
            "not-told",
            "After a login as kmsuser nobody tells KMS the new password.",
            before_connecting(_forget_to_tell),
        ),
        Variant(
            "rolled-back",
            "The cluster is migrated to hsm2m.medium, the key store connected anew, and the "
            "migration rolled back, which brings the former password back.",
            _roll_back,
            needs=frozenset({Need.CONNECTED, Need.OLDER_HSM_TYPE}),
        ),
    ),
    since=Since.NEXT_CONNECT,
    seen=failed(CloudHsmErrorCode.INVALID_CREDENTIALS),
    repair=RESET,
    proof=_UNLOCKED,
    needs=_WITH_HSM,
    touches=frozenset({Part.PASSWORD}),
    decided_by=CloudHsmErrorCode.INVALID_CREDENTIALS,
)

PASSWORDS = (
    Failure(
        name="password-changed-on-one-hsm",
        title="A change of the password did not reach all HSMs",
        anchor=LOGGING_IN,
        rows=("H5", "C5.5"),
        variants=(
            Variant(
                "on-one-hsm",
                "The password of kmsuser is changed on one HSM, and KMS is told.",
                before_connecting(_change_password_on_one_hsm),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.INVALID_CREDENTIALS),
        repair=RESET,
        proof=_UNLOCKED,
        needs=frozenset({Need.TWO_HSMS}),
        touches=frozenset({Part.PASSWORD}),
        decided_by=CloudHsmErrorCode.INVALID_CREDENTIALS,
    ),
    Failure(
        name="restored-from-old-backup",
        title="The backup is older than the password of kmsuser that KMS has",
        anchor=ANCHOR,
        rows=("P5", "C5.5"),
        variants=(
            Variant(
                "restored",
                "After a backup the key store is connected anew, and then goes to a cluster from "
                "that backup.",
                _restore_old_backup,
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.INVALID_CREDENTIALS),
        repair=RESET,
        proof=_UNLOCKED,
        needs=frozenset({Need.CONNECTED, Need.BACKUP, Need.SECOND_CLUSTER}),
        touches=frozenset({Part.PASSWORD, Part.CLUSTER}),
        decided_by=CloudHsmErrorCode.INVALID_CREDENTIALS,
    ),
    Failure(
        name="kmsuser-second-factor",
        title="kmsuser logs in with a second factor",
        anchor=CREDENTIALS,
        rows=("P6", "C5.5"),
        variants=(
            Variant(
                "two-factor",
                "kmsuser, who owns no keys, is deleted and created anew with a second factor.",
                before_connecting(_need_second_factor),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.INVALID_CREDENTIALS),
        repair=(LOOK, DISCONNECT, DELETE_USER, CREATE_USER, TELL_PASSWORD, CONNECT),
        proof=connected,
        needs=_WITHOUT_KEYS,
        touches=frozenset({Part.USERS, Part.PASSWORD}),
        decided_by=CloudHsmErrorCode.INVALID_CREDENTIALS,
    ),
    Failure(
        name="kmsuser-kept-by-kms",
        title="Nobody else gets in as kmsuser while the key store is connected",
        anchor=LOGGING_IN,
        rows=("P1", "P2"),
        variants=(
            Variant(
                "connected",
                "Somebody tries to change the password without disconnecting.",
                _try_without_disconnecting,
            ),
        ),
        since=Since.AT_ONCE,
        seen=well(
            {UPDATE: not_in(ConnectionState.CONNECTED)},
            kms_event(UPDATE, not_in(ConnectionState.CONNECTED).code),
        ),
        repair=(DISCONNECT, SET_PASSWORD, LOG_IN, LOG_OUT, TELL_PASSWORD, CONNECT),
        proof=all_of(good, connected_anew),
        needs=frozenset({Need.CONNECTED}),
        touches=frozenset({Part.PASSWORD}),
    ),
)
