"""What is done to KMS keys: creating, using, managing, deleting."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.kms import POLICY
from tests.proof.machine import ACCOUNT, KEYS, STORES, Machine
from tests.proof.scene import RealKey, RealStore
from tests.proof.states import refused
from tests.proof.stores import DAY

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

    @rule(store=STORES)
    def create_key(self, store: RealStore) -> None:
        if not store.model.deleted:
            self.make_key(store)

    def _of_key(self, key: RealKey, operation: str, expected: Any, **more: Any) -> Any:
        it = {"KeyId": key.model.id, **more}
        return self.scene.call(key.store.home, "kms", operation, expected, **it)

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS, operation=st.sampled_from(sorted(ENCRYPTING)))
    def encrypt(self, key: RealKey, operation: str) -> None:
        expected = key.store.model.use(operation, key.model)
        answer = self._of_key(key, operation, expected, **ENCRYPTING[operation])
        if answer is not None:
            plaintext = answer.get("Plaintext", b"text" if operation == "Encrypt" else None)
            key.model.ciphertexts.append((plaintext, answer["CiphertextBlob"]))

    @precondition(lambda self: any(key.model.ciphertexts for key in self.scene.keys))
    @rule(key=KEYS, by=KEYS)
    def decrypt(self, key: RealKey, by: RealKey) -> None:
        if not key.model.ciphertexts:
            return
        plaintext, sealed = key.model.ciphertexts[-1]
        if by.model.deleted:  # only the ciphertext says which key it is
            expected = key.store.model.use("Decrypt", key.model)
            if key.model.deleted:
                expected = refused("AccessDeniedException")
            answer = self.scene.call(
                key.store.home, "kms", "Decrypt", expected, CiphertextBlob=sealed
            )
        elif by is key:
            expected = key.store.model.use("Decrypt", key.model)
            answer = self._of_key(key, "Decrypt", expected, CiphertextBlob=sealed)
        else:
            codes = {"IncorrectKeyException"}
            if key.model.deleted or by.store.home != key.store.home:
                codes |= {"AccessDeniedException", "InvalidCiphertextException"}
            answer = self._of_key(by, "Decrypt", refused(*codes), CiphertextBlob=sealed)
        if answer is not None:
            assert answer["Plaintext"] == (plaintext or answer["Plaintext"])

    @precondition(lambda self: any(key.model.ciphertexts for key in self.scene.keys))
    @rule(source=KEYS, to=KEYS)
    def re_encrypt(self, source: RealKey, to: RealKey) -> None:
        first, second = source.store.model, to.store.model
        sessions = first.cluster.exhausted + second.cluster.exhausted
        gone = source.model.deleted or to.model.deleted
        if source.store.home != to.store.home or gone or sessions or not source.model.ciphertexts:
            return
        codes: set[str] = set()
        allowed = [
            refusal
            for store, key in ((first, source), (second, to))
            if (refusal := store.allows("ReEncrypt", key.model)) is not None
        ]
        if allowed:  # which of the two is looked at first, and whether KMS uses it, nobody says
            if not all(
                store.cluster.has_material(key.model.id) or key.model.lost
                for store, key in ((first, source), (second, to))
            ):
                return
            codes = set().union(*(refusal.codes for refusal in allowed))
            for store in (first, second):
                if not store.cluster.reachable:
                    codes.add("KMSInvalidStateException")
            expected = refused(*codes)
        else:
            if not second.cluster.reachable and not first.cluster.has_material(source.model.id):
                return
            expected = first.use("ReEncrypt", source.model)
            if expected is None:
                expected = second.use("ReEncrypt", to.model)
        answer = self.scene.call(
            source.store.home,
            "kms",
            "ReEncrypt",
            expected,
            CiphertextBlob=source.model.ciphertexts[-1][1],
            DestinationKeyId=to.model.id,
        )
        if answer is not None:
            plaintext = source.model.ciphertexts[-1][0]
            to.model.ciphertexts.append((plaintext, answer["CiphertextBlob"]))

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS)
    def dry_run(self, key: RealKey) -> None:
        store = key.store.model
        there = store.cluster.has_material(key.model.id)
        if there and store.cluster.reachable and not store.cluster.exhausted:
            expected = store.allows("Encrypt", key.model) or refused("DryRunOperationException")
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
