"""Why a KMS key cannot be used, in a key store or not: all of it, in order.

Nothing is changed or counted by asking, and no key is marked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timezone

from moto.kms.models import Key

from moto_cks.kms.exceptions import KMSInvalidStateException
from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keys.imported_material import ImportedKey
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keys.states import KeyState, refusal
from moto_cks.kms.keystores.reasons import (
    call_faults,
    distinct,
    quota_of,
    reasons_ahead,
    reasons_of_connection,
)
from moto_cks.kms.specs import ENCRYPT_DECRYPT

USES = {
    ENCRYPT_DECRYPT: (
        *("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyPair"),
        *("GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPairWithoutPlaintext"),
    ),
    "SIGN_VERIFY": ("Sign", "Verify"),
    "GENERATE_VERIFY_MAC": ("GenerateMac", "VerifyMac"),
    "KEY_AGREEMENT": ("DeriveSharedSecret",),
    "ENCAPSULATE_DECAPSULATE": ("Encapsulate", "Decapsulate"),
}
"""What a key is for, by its KeyUsage; whether it can do the first says whether it can be used."""


def reasons_of_key(key: Key) -> Iterator[Reason]:
    """Why a KMS key cannot be used, and what lies behind that."""
    found = _in_key_store(key) if isinstance(key, CustomKeyStoreKey) else _of_state(key)
    faults = call_faults(USES.get(key.key_usage, ()), key.account_id, key.region)
    return distinct([*found, *faults])


def _of_state(key: Key) -> Iterator[Reason]:
    """What the key state table says of its use."""
    # The state that was set: that an unavailable key is disabled, too, shows when it is available.
    state = key.kept_state if isinstance(key, CustomKeyStoreKey) else key.key_state
    operation = USES.get(key.key_usage, USES[ENCRYPT_DECRYPT])[0]
    note = refusal(operation, state, key)
    if note is None:
        return
    deletion = key.deletion_date  # moto's are naive
    facts = {
        "key": key.id,
        "state": state,
        "deletion": None if deletion is None else deletion.replace(tzinfo=timezone.utc),
        "imported_before": isinstance(key, ImportedKey) and key.imported_before,
    }
    yield Reason(Finding(_cause_of(key, state), facts), note.error.__name__, When.NOW)


def _cause_of(key: Key, state: str) -> str:
    connected = not isinstance(key, CustomKeyStoreKey) or key.key_store.connected
    if state == KeyState.PENDING_DELETION.value and not connected:
        return "deletion-pending-while-disconnected"
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in state)
    return f"key{words}"


def _in_key_store(key: CustomKeyStoreKey) -> Iterator[Reason]:
    """The quota, its own state and its key store's in the order of the table, and its material."""
    store = key.key_store
    yield from quota_of(store)
    own = list(_of_state(key))
    deleting = key.kept_state == KeyState.PENDING_DELETION.value
    if deleting or store.connected:  # otherwise it reads Unavailable, whatever was set
        yield from own
    yield from reasons_of_connection(store)
    yield from own
    yield from _material(key)
    yield from reasons_ahead(store)


def _material(key: CustomKeyStoreKey) -> Iterator[Reason]:
    """Whether its material is gone, and whether KMS has come upon that."""
    store = key.key_store
    noticed = store.connected and key.key_state == KeyState.UNAVAILABLE.value
    finding = store.missing_material(key.backing_key)
    if finding is None and noticed:
        finding = Finding("key-unavailable", {"key": key.id})
    if finding is not None:
        when = When.NOW if noticed else When.NEXT_USE
        yield Reason(finding, KMSInvalidStateException.__name__, when)
