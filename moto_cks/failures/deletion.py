"""The failures of deletion: the waiting period of a key is over.

"How to delete orphaned key material".
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from moto_cks.failures.appearances import CRYPTO, SILENT_CONNECT, closed, deletion, mute, well
from moto_cks.failures.connection_failures import before_connecting
from moto_cks.failures.expectations import Refusal
from moto_cks.failures.failing import PORTS_NEEDED
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.permissions import close_ports
from moto_cks.failures.proofs import all_of, connected, new_keys_can_be_created, nothing_is_left
from moto_cks.failures.records import Direction
from moto_cks.failures.scene import Scene
from moto_cks.failures.shapes import Act, Failure, Need, Part, Since, Step, Variant
from moto_cks.failures.steps import (
    CONNECT,
    DELETE_KEY,
    DISCONNECT,
    LOG_IN,
    LOG_OUT,
    OPEN_INBOUND,
    SET_PASSWORD,
    TELL_PASSWORD,
)
from moto_cks.failures.unavailable import WAITING_PERIOD, schedule_deletion
from moto_cks.kms.keys import sealings
from moto_cks.kms.keystores.cloudhsm.connection_errors import CloudHsmErrorCode
from moto_cks.kms.keystores.connection import ConnectionState

ANCHOR = "fix-keystore-orphaned-key"

NO_SUCH_KEY = Refusal("NotFoundException", "Key '<key ARN>' does not exist")
NO_KEY_OF_CIPHERTEXT = Refusal("AccessDeniedException", sealings.NO_SUCH_KEY)

_OF_A_KEY_THAT_IS_GONE = {
    **dict.fromkeys(CRYPTO, NO_SUCH_KEY),
    "Decrypt": NO_KEY_OF_CIPHERTEXT,
    "ReEncrypt": NO_KEY_OF_CIPHERTEXT,
    "DescribeKey": NO_SUCH_KEY,
    "CancelKeyDeletion": NO_SUCH_KEY,
}


def _deleted_while(act: Act) -> Act:
    """Schedule the deletion of the keys, do something, and let the waiting period pass."""

    def bring_about(scene: Scene) -> None:
        schedule_deletion(scene)
        act(scene)
        scene.hands.advance(days=WAITING_PERIOD)

    return bring_about


def _nothing(scene: Scene) -> None:
    """Stay connected."""


def _fail_to_connect(scene: Scene) -> None:
    before_connecting(Scene.set_password)(scene)


def _find_handles(scene: Scene) -> None:
    scene.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DeleteKey"}]
    )


READ_EVENT = Step(
    "read-event",
    "Read backingKeyId, or the key handle, in backingKeysDeletionStatus of the DeleteKey event.",
    'cks.trail.events(event_name="DeleteKey")',
    _find_handles,
    (
        Command(
            Tool.AWS,
            "aws cloudtrail lookup-events "
            "--lookup-attributes AttributeKey=EventName,AttributeValue=DeleteKey",
        ),
    ),
)

_DELETE_ORPHAN = (
    READ_EVENT,
    DISCONNECT,
    SET_PASSWORD,
    LOG_IN,
    DELETE_KEY,
    LOG_OUT,
    TELL_PASSWORD,
    CONNECT,
)

FAILURES = (
    Failure(
        name="orphaned-key-material",
        title="KMS left key material behind",
        anchor=ANCHOR,
        rows=("O1", "O2", "O3", "O4"),
        variants=(
            Variant(
                "disconnected",
                "The waiting period of a key ends while the key store is disconnected.",
                _deleted_while(Scene.disconnect),
            ),
            Variant(
                "failed",
                "It ends while the key store cannot be connected.",
                _deleted_while(_fail_to_connect),
                seen=replace(
                    closed(
                        ConnectionState.FAILED,
                        CloudHsmErrorCode.INVALID_CREDENTIALS,
                        key_state=None,
                        calls=_OF_A_KEY_THAT_IS_GONE,
                    ),
                    events=(deletion("FAILURE"), SILENT_CONNECT),
                ),
            ),
            Variant(
                "ports-closed",
                "It ends while KMS is connected, and the security group does not let it in.",
                _deleted_while(partial(close_ports, Direction.INGRESS)),
                seen=replace(
                    mute(PORTS_NEEDED),
                    key_state=None,
                    key_state_after_use=None,
                    calls={**mute(PORTS_NEEDED).calls, **_OF_A_KEY_THAT_IS_GONE},
                    events=(deletion("FAILURE"),),
                ),
                repair=(OPEN_INBOUND, *_DELETE_ORPHAN),
            ),
        ),
        since=Since.AFTER_WAITING_PERIOD,
        seen=replace(
            closed(ConnectionState.DISCONNECTED, key_state=None, calls=_OF_A_KEY_THAT_IS_GONE),
            events=(deletion("FAILURE"),),
        ),
        repair=_DELETE_ORPHAN,
        proof=all_of(connected, nothing_is_left),
        needs=frozenset({Need.CONNECTED, Need.KEY, Need.CLOCK}),
        touches=frozenset({Part.KEY, Part.CLOCK}),
    ),
    Failure(
        name="key-deleted",
        title="The waiting period of a key is over",
        anchor=ANCHOR,
        rows=("O1", "O2"),
        variants=(
            Variant(
                "connected",
                "It ends while the key store is connected.",
                _deleted_while(_nothing),
            ),
        ),
        since=Since.AFTER_WAITING_PERIOD,
        seen=well(_OF_A_KEY_THAT_IS_GONE, deletion("SUCCESS"), key_state=None),
        repair=(),
        proof=all_of(connected, nothing_is_left, new_keys_can_be_created),
        needs=frozenset({Need.CONNECTED, Need.KEY, Need.CLOCK}),
        touches=frozenset({Part.KEY, Part.CLOCK}),
        recoverable=False,
    ),
)
"""The failures of this section, in order."""
