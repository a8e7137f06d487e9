"""The failures that officers bring about who set a policy of the HSMs: mutual TLS, and quorum.

"Assemble the prerequisites" in the AWS KMS Developer Guide, and "Manage quorum authentication (M of
N access control) using CloudHSM CLI" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from moto_cks.failures.appearances import NO_ANSWER, failed, mute
from moto_cks.failures.connection_failures import before_connecting
from moto_cks.failures.kmsuser import CREDENTIALS, SOMEBODY_ELSES
from moto_cks.failures.proofs import (
    all_of,
    good,
    new_keys_can_be_created,
    nobody_is_locked_out,
)
from moto_cks.failures.scene import PASSWORD, Scene
from moto_cks.failures.shapes import Failure, Need, Part, Since, Variant
from moto_cks.failures.steps import (
    CONNECT,
    DISCONNECT,
    LIFT_MTLS,
    LOOK,
    QUORUM_SIGNATURES,
    QUORUM_TOKEN,
    SET_PASSWORD_WITH_QUORUM,
    TELL_PASSWORD,
)
from moto_cks.hsm import UserType
from moto_cks.hsm.policies import Service
from moto_cks.kms.keystores.cloudhsm.connection_errors import CloudHsmErrorCode
from moto_cks.kms.keystores.connection import CommonErrorCode

TWO = 2
SECOND_OFFICER = "admin2"


def _enforce_mtls(scene: Scene) -> None:
    cluster = scene.cluster
    anchor = cluster.trust_anchor
    if anchor is not None and not any(hsm.policies.trust_anchors for hsm in cluster.hsms):
        cluster.register_trust_anchor(anchor)
    cluster.set_mtls_enforcement("cluster")


def _need_quorum(scene: Scene) -> None:
    cluster, (first, *_) = scene.cluster, scene.hsms
    officers = [user for user in first.users if user.type is UserType.CO]
    if len(officers) < TWO:
        cluster.create_user("CO", SECOND_OFFICER, PASSWORD)
    value = first.policies.quorum_value(Service.USER)
    cluster.set_quorum_value("user", max(value, TWO))
    scene.set_password(SOMEBODY_ELSES)


MTLS_ENFORCED = Failure(
    name="mtls-enforced",
    title="Mutual TLS is enforced in the cluster, and KMS has no client certificate",
    anchor="before-keystore",
    document="create-keystore",
    rows=("Y22", "W8"),
    variants=(
        Variant(
            "while-connected",
            "An officer enforces mutual TLS, which drops the connections of KMS. A cluster of "
            "hsm1.medium is migrated before, since its HSMs do not know it.",
            _enforce_mtls,
        ),
        Variant(
            "before-connecting",
            "An officer enforces mutual TLS, and then the key store is connected anew.",
            before_connecting(_enforce_mtls),
            seen=failed(CommonErrorCode.NETWORK_ERRORS),
            repair=(LOOK, DISCONNECT, LIFT_MTLS, CONNECT),
        ),
    ),
    since=Since.AT_ONCE,
    seen=mute(NO_ANSWER),
    repair=(LIFT_MTLS,),
    proof=all_of(good, new_keys_can_be_created),
    needs=frozenset({Need.CONNECTED, Need.MTLS}),
    touches=frozenset({Part.NETWORK, Part.HSMS, Part.USERS}),  # nobody else logs in, either
    decided_by="mtls_enforced",
)

QUORUM_NEEDED = Failure(
    name="quorum-needed",
    title="The password of kmsuser has to be reset, and nobody can do that alone",
    anchor=CREDENTIALS,
    rows=("W7", "W5", "C5.5"),
    variants=(
        Variant(
            "password-changed",
            "The service user of the HSMs is given a quorum of two, and the password of kmsuser is "
            "changed in the cluster.",
            before_connecting(_need_quorum),
        ),
    ),
    since=Since.NEXT_CONNECT,
    seen=failed(CloudHsmErrorCode.INVALID_CREDENTIALS),
    repair=(
        LOOK,
        DISCONNECT,
        QUORUM_TOKEN,
        QUORUM_SIGNATURES,
        SET_PASSWORD_WITH_QUORUM,
        TELL_PASSWORD,
        CONNECT,
    ),
    proof=all_of(good, nobody_is_locked_out),
    needs=frozenset({Need.HSM}),
    touches=frozenset({Part.USERS, Part.PASSWORD}),
    decided_by=CloudHsmErrorCode.INVALID_CREDENTIALS,
)
