"""What proves that a failure is repaired; each says what is not as it should be."""

from __future__ import annotations

from botocore.exceptions import ClientError

from moto_cks.failures.appearances import UNAVAILABLE
from moto_cks.failures.scene import Scene, refusal_of
from moto_cks.failures.shapes import Proof
from moto_cks.kms.exceptions import KmsException
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.keystores.connection import ConnectionState

PLAINTEXT = b"from before the failure"
"""What is encrypted before the failure."""


def connected(scene: Scene) -> str | None:
    """The key store reads CONNECTED."""
    if scene.state is ConnectionState.CONNECTED:
        return None
    code = scene.store.connection.error_code
    return f"it is {scene.state.value}" + (f": {code.value}" if code is not None else "")


def good(scene: Scene) -> str | None:
    """It reads CONNECTED, and Decrypt gives back what was encrypted before the failure."""
    wrong = connected(scene)
    if wrong is not None:
        return wrong
    for key_id, sealed in scene.record.sealed.items():
        try:
            plaintext = scene.kms.decrypt(KeyId=key_id, CiphertextBlob=sealed)["Plaintext"]
        except ClientError as error:
            return f"{key_id} does not decrypt: {error}"
        if plaintext != PLAINTEXT:
            return f"{key_id} decrypts something else"
    return None


def connected_anew(scene: Scene) -> str | None:
    """It has been disconnected, and connected again."""
    if scene.store.connection_number == scene.record.connection_number:
        return "it has not been connected anew"
    return None


def new_keys_can_be_created(scene: Scene) -> str | None:
    """CreateKey would work; it is not tried, as it would leave a key."""
    try:
        scene.store.check_before_creating_key({})
    except KmsException as refusal:
        return f"no key can be created: {refusal.message}"
    return None


def nobody_is_locked_out(scene: Scene) -> str | None:
    """LoginFailureCnt of kmsuser is 0 on every HSM."""
    counts = [
        user.login_failures for hsm in scene.hsms for user in hsm.users if user.name == KMSUSER
    ]
    return f"LoginFailureCnt is {max(counts)}" if any(counts) else None


def kmsuser_is_everywhere(scene: Scene) -> str | None:
    """Every HSM has kmsuser."""
    lacking = scene.lacking_kmsuser()
    return f"{', '.join(lacking)} has no kmsuser" if lacking else None


def nothing_is_left(scene: Scene) -> str | None:
    """No HSM has the material of the keys any more."""
    handles = set(scene.record.handles.values())
    left = {key.handle for hsm in scene.hsms for key in hsm.keys} & handles
    return f"the HSMs still have {', '.join(map(str, sorted(left)))}" if left else None


def the_keys_are_lost(scene: Scene) -> str | None:
    """Decrypt fails, for good; other keys work."""
    for key_id, sealed in scene.record.sealed.items():
        try:
            scene.kms.decrypt(KeyId=key_id, CiphertextBlob=sealed)
        except ClientError as error:
            if refusal_of(error) == UNAVAILABLE.filled({"key ARN": scene.record.arns[key_id]}):
                continue
            return f"{key_id} is refused otherwise: {error}"
        return f"{key_id} decrypts"
    return None


def the_key_store_was_created(scene: Scene) -> str | None:
    """The second key store is there."""
    stores = scene.kms.describe_custom_key_stores()["CustomKeyStores"]
    wanted = scene.record.values["other-store"]
    names = [store["CustomKeyStoreName"] for store in stores]
    return None if wanted in names else f"there is no key store {wanted}"


def all_of(*proofs: Proof) -> Proof:
    """All of some proofs."""

    def proof(scene: Scene) -> str | None:
        return next((wrong for one in proofs if (wrong := one(scene)) is not None), None)

    return proof
