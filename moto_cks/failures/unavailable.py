"""The failures under "How to fix unavailable KMS keys": the key store is not connected."""

from __future__ import annotations

from moto_cks.failures.appearances import (
    PENDING_DELETION,
    closed,
    key_event,
    kms_event,
)
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.proofs import good
from moto_cks.failures.scene import Scene
from moto_cks.failures.shapes import Failure, Need, Part, Since, Step, Variant
from moto_cks.failures.steps import CONNECT as CONNECT_STEP
from moto_cks.failures.steps import LOOK, wait
from moto_cks.kms.keys.states import KeyState
from moto_cks.kms.keystores.connection import CONNECT, TABLE, ConnectionState

ANCHOR = "fix-unavailable-cmks"
WAITING_PERIOD = 7
"""The shortest waiting period of ScheduleKeyDeletion, in days."""

MINUTES = 15
"""How long connecting takes where it takes its time."""


def schedule_deletion(scene: Scene) -> None:
    """Schedule the deletion of the keys."""
    for key_id in scene.record.key_ids:
        scene.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=WAITING_PERIOD)


def _schedule_and_disconnect(scene: Scene) -> None:
    schedule_deletion(scene)
    scene.disconnect()


def _state_of(scene: Scene, key_id: str) -> str:
    state: str = scene.kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
    return state


def _cancel_deletion(scene: Scene) -> None:
    for key_id in scene.record.key_ids:
        if _state_of(scene, key_id) == KeyState.PENDING_DELETION.value:
            scene.kms.cancel_key_deletion(KeyId=key_id)


def _enable(scene: Scene) -> None:
    for key_id in scene.record.key_ids:
        if key_id in scene.record.enabled:
            scene.kms.enable_key(KeyId=key_id)


CANCEL_DELETION = Step(
    "cancel-deletion",
    "Cancel the deletion of the key; that works while the key store is disconnected.",
    "kms.cancel_key_deletion(KeyId=key_id)",
    _cancel_deletion,
    (Command(Tool.AWS, "aws kms cancel-key-deletion --key-id <key>"),),
)
ENABLE_KEY = Step(
    "enable-key",
    "Enable the key, which is Disabled after that.",
    "kms.enable_key(KeyId=key_id)",
    _enable,
    (Command(Tool.AWS, "aws kms enable-key --key-id <key>"),),
)


def _connect_slowly(scene: Scene) -> None:
    scene.disconnect()
    scene.slow_down(TABLE.model, MINUTES * 60)
    scene.try_to_connect()


def _disconnect_slowly(scene: Scene) -> None:
    scene.slow_down(TABLE.model, MINUTES * 60)
    scene.disconnect()


_CONNECTING_TAKES_TIME = wait(
    "Wait: connecting can take an extended period of time.", minutes=MINUTES
)

FAILURES = (
    Failure(
        name="store-disconnected",
        title="Somebody disconnected the key store",
        anchor=ANCHOR,
        rows=("U1", "U4", "U5", "U6", "U7", "F1", "F2"),
        variants=(Variant("disconnected", "An administrator disconnects it.", Scene.disconnect),),
        since=Since.AT_ONCE,
        seen=closed(ConnectionState.DISCONNECTED, events=(kms_event("DisconnectCustomKeyStore"),)),
        repair=(CONNECT_STEP,),
        proof=good,
        needs=frozenset({Need.CONNECTED}),
    ),
    Failure(
        name="deletion-pending-while-disconnected",
        title="A key was scheduled for deletion, and its key store is disconnected",
        anchor=ANCHOR,
        rows=("U2", "U3", "O5"),
        variants=(
            Variant(
                "scheduled",
                "ScheduleKeyDeletion on a key that is still needed; the key store is disconnected.",
                _schedule_and_disconnect,
            ),
        ),
        since=Since.AT_ONCE,
        seen=closed(
            ConnectionState.DISCONNECTED,
            key_state=KeyState.PENDING_DELETION,
            use_refused=PENDING_DELETION,
            events=(key_event("ScheduleKeyDeletion"),),
        ),
        repair=(CANCEL_DELETION, CONNECT_STEP, ENABLE_KEY),
        proof=good,
        needs=frozenset({Need.CONNECTED, Need.KEY}),
        touches=frozenset({Part.KEY}),
    ),
    Failure(
        name="slow-connection",
        title="Connecting takes its time",
        anchor="login-kmsuser-2",
        rows=("C1", "U1"),
        variants=(
            Variant(
                "connecting",
                "The connect call returns at once; connecting does not.",
                _connect_slowly,
            ),
            Variant(
                "disconnecting",
                "Disconnecting takes its time, too.",
                _disconnect_slowly,
                seen=closed(
                    ConnectionState.DISCONNECTING,
                    events=(kms_event("DisconnectCustomKeyStore"),),
                ),
                repair=(_CONNECTING_TAKES_TIME, LOOK, CONNECT_STEP),
            ),
        ),
        since=Since.AT_ONCE,
        seen=closed(ConnectionState.CONNECTING, events=(kms_event(CONNECT),)),
        repair=(_CONNECTING_TAKES_TIME, LOOK),
        proof=good,
        needs=frozenset({Need.CONNECTED, Need.CLOCK}),
        touches=frozenset({Part.CLOCK}),
    ),
)
"""The failures of this section, in order."""
