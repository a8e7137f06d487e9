"""What is done to KMS keys: creating, using, managing, deleting."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.kms import POLICY
from tests.proof.machine import ACCOUNT, KEYS, STORES, Machine
from tests.proof.real import RealKey, RealStore
from tests.proof.scene import EXTERNAL_KEYS
from tests.proof.states import UNSURE, Refusal, either, refused
from tests.proof.stores import DAY, Ciphertext

ENCRYPTING: dict[str, dict[str, Any]] = {
    "Encrypt": {"Plaintext": b"text"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": {"NumberOfBytes": 16},
}
MANAGING: dict[str, dict[str, Any]] = {
    "CreateAlias": {},
    "CreateGrant": {
        "GranteePrincipal": "arn:aws:iam::123456789012:role/grantee",
        "Operations": ["Decrypt"],
    },
    "DeleteImportedKeyMaterial": {},
    "DescribeKey": {},
    "DisableKey": {},
    "DisableKeyRotation": {},
    "EnableKey": {},
    "EnableKeyRotation": {},
    "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": {"KeyPairSpec": "ECC_NIST_P256"},
    "GetKeyPolicy": {},
    "GetKeyRotationStatus": {},
    "GetParametersForImport": {
        "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048",
    },
    "ListAliases": {},
    "ListGrants": {},
    "ListKeyPolicies": {},
    "ListKeyRotations": {},
    "ListResourceTags": {},
    "PutKeyPolicy": {},
    "RotateKeyOnDemand": {},
    "TagResource": {"Tags": [{"TagKey": "k", "TagValue": "v"}]},
    "UntagResource": {"TagKeys": ["k"]},
    "UpdateKeyDescription": {"Description": "described"},
}
"""Operations on a key of which the key-state table decides, with their other parameters."""

NO_PAIRS = ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")


class KeyRules(Machine):
    """Rules for keys."""

    @rule(store=STORES, external=st.sampled_from([*EXTERNAL_KEYS, "none"]))
    def create_key(self, store: RealStore, external: str) -> None:
        if not store.model.deleted:
            self.make_key(store, external)

    def _of_key(self, key: RealKey, operation: str, expected: Any, **more: Any) -> Any:
        it = {"KeyId": key.model.id, **more}
        return self.scene.call(key.store.home, "kms", operation, expected, **it)

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS, operation=st.sampled_from(sorted(ENCRYPTING)))
    def encrypt(self, key: RealKey, operation: str) -> None:
        expected = key.store.model.use(operation, key.model)
        if expected is UNSURE:
            return
        answer = self._of_key(key, operation, expected, **ENCRYPTING[operation])
        if answer is not None:
            plaintext = answer.get("Plaintext", b"text" if operation == "Encrypt" else None)
            key.store.model.keep(key.model, plaintext, answer["CiphertextBlob"])

    @precondition(lambda self: any(key.model.ciphertexts for key in self.scene.keys))
    @rule(key=KEYS, by=KEYS, number=st.sampled_from([-1, 0]))
    def decrypt(self, key: RealKey, by: RealKey, number: int = -1) -> None:
        if not key.model.ciphertexts:
            return
        sealed = key.model.ciphertexts[number]
        if by.model.deleted or by is key:
            self._decrypt(key, sealed, by)
            return
        codes = {"IncorrectKeyException"}
        if key.model.deleted or by.store.home != key.store.home:
            codes |= {"AccessDeniedException", "InvalidCiphertextException"}
        self._of_key(by, "Decrypt", refused(*codes), CiphertextBlob=sealed.blob)

    def _decrypt(self, key: RealKey, sealed: Ciphertext, by: RealKey) -> None:
        """Decrypt; by a key that is deleted only the ciphertext says which key it is."""
        expected = key.store.model.use("Decrypt", key.model, sealed)
        if expected is UNSURE:
            return
        more = {} if by.model.deleted else {"KeyId": by.model.id}
        if key.model.deleted:
            expected = refused("AccessDeniedException")
        more["CiphertextBlob"] = sealed.blob
        answer = self.scene.call(key.store.home, "kms", "Decrypt", expected, **more)
        if answer is not None:
            assert answer["Plaintext"] == (sealed.plaintext or answer["Plaintext"])

    @precondition(lambda self: any(key.model.ciphertexts for key in self.scene.keys))
    @rule(source=KEYS, to=KEYS)
    def re_encrypt(self, source: RealKey, to: RealKey) -> None:
        gone = source.model.deleted or to.model.deleted
        if source.store.home != to.store.home or gone or not source.model.ciphertexts:
            return
        sealed = source.model.ciphertexts[-1]
        expected = self._of_both(source, sealed, to)
        if expected is UNSURE:
            return
        answer = self.scene.call(
            source.store.home,
            "kms",
            "ReEncrypt",
            expected,
            CiphertextBlob=sealed.blob,
            DestinationKeyId=to.model.id,
        )
        if answer is not None:
            to.store.model.keep(to.model, sealed.plaintext, answer["CiphertextBlob"])

    def _of_both(self, source: RealKey, sealed: Ciphertext, to: RealKey) -> Refusal | None:
        """What a ReEncrypt answers: which of its two keys is looked at first, nobody says."""
        first, second = source.store.model, to.store.model
        foreseen = (
            first.foresees("ReEncrypt", source.model, sealed),
            second.foresees("ReEncrypt", to.model),
        )
        wrong = [refusal for refusal in foreseen if refusal is not None]
        if UNSURE in wrong:
            return UNSURE
        if len(wrong) == 2:  # whether KMS comes so far as to miss material, nobody says either
            missed = first.misses(source.model) or second.misses(to.model)
            first.forget()
            second.forget()
            return UNSURE if missed else either(wrong)
        refusal = first.use("ReEncrypt", source.model, sealed)
        if second.allows("ReEncrypt", to.model):
            first.forget()
        return refusal or second.use("ReEncrypt", to.model)

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS)
    def dry_run(self, key: RealKey) -> None:
        store = key.store.model
        if (expected := store.allows("Encrypt", key.model)) is None:
            if store.foresees("Encrypt", key.model) is not None:
                return
            expected = refused("DryRunOperationException")
        store.forget()
        self._of_key(key, "Encrypt", expected, Plaintext=b"text", DryRun=True)

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS, operation=st.sampled_from(sorted(MANAGING)))
    def manage(self, key: RealKey, operation: str) -> None:
        more = dict(MANAGING[operation])
        expected = key.store.model.manage(operation, key.model)
        if operation == "PutKeyPolicy":
            more["Policy"] = POLICY.replace(ACCOUNT, key.store.home.account_id)
        if operation == "CreateAlias":
            more = {"AliasName": f"alias/{next(self.numbers)}", "TargetKeyId": key.model.id}
            self.scene.call(key.store.home, "kms", operation, expected, **more)
            return
        if operation in NO_PAIRS:
            expected = expected or refused("UnsupportedOperationException")
        self._of_key(key, operation, expected, **more)

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS, enable=st.booleans())
    def enable(self, key: RealKey, enable: bool) -> None:
        operation = "EnableKey" if enable else "DisableKey"
        self._of_key(key, operation, key.store.model.manage(operation, key.model))

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS, days=st.sampled_from([7, 8, 30]))
    def schedule_deletion(self, key: RealKey, days: int) -> None:
        expected = key.store.model.schedule(key.model, due := self.schedule.now + days * DAY)
        self._of_key(key, "ScheduleKeyDeletion", expected, PendingWindowInDays=days)
        if expected is None:
            key.model.begun = begun = next(self.numbers)
            self.schedule.at(
                due,
                lambda: (
                    key.model.until == due
                    and key.model.begun == begun
                    and key.store.model.end_key(key.model)
                ),
            )

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS)
    def cancel_deletion(self, key: RealKey) -> None:
        self._of_key(key, "CancelKeyDeletion", key.store.model.cancel(key.model))
