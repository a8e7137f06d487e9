"""Rows U8, Y11 and Y12: the table of "Key states of AWS KMS keys", cell by cell.

``key_states.json`` holds the table as the page has it. It is read here by a few rules of its own,
and held first against the package's table and then against every operation that can be called.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError

from moto_cks import KeyStore, mock_cks
from moto_cks.kms.keys import states as key_states
from tests.aws import OTHER_REGION, client, error_of
from tests.kms import POLICY, can_make

PAGE = json.loads(Path(__file__).with_name("key_states.json").read_text())
TABLE: dict[str, dict[str, str]] = PAGE["operations"]
NOTES: dict[str, dict[str, str]] = PAGE["notes"]

ORDINARY, IMPORTED, IN_STORE = "AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM"

APPLIES_TO = {"7": {IN_STORE}, "8": {IMPORTED}, "9": {ORDINARY, IN_STORE}}
"""The notes that are about some kinds of keys only."""

WRONG_ORIGIN = "{arn} origin is {origin} which is not valid for this operation."
UNTOLD = {"7": WRONG_ORIGIN, "8": "{arn} is pending deletion.", "9": WRONG_ORIGIN}
"""The messages that the page does not give."""

POSSIBLE = {
    ORDINARY: {"Enabled", "Disabled", "PendingDeletion", "Creating", "Updating"},
    IMPORTED: {"Enabled", "Disabled", "PendingDeletion", "PendingImport", "Creating", "Updating"},
    IN_STORE: {"Enabled", "Disabled", "PendingDeletion", "Unavailable", "Creating", "Updating"},
}
"""The states that keys of an origin can have."""


def expected(operation: str, state: str, arn: str, origin: str) -> tuple[str, str] | None:
    """The error of a cell for a key, code and message; ``None`` where the operation works."""
    outcome, *rest = TABLE[operation][state].split()
    numbers = rest[0].split(",") if rest else []
    of_the_kind = [n for n in numbers if origin in APPLIES_TO.get(n, ())]
    of_the_state = [n for n in numbers if n not in APPLIES_TO and "error" in NOTES[n]]
    assert outcome != "fails" or of_the_kind or of_the_state
    if not of_the_kind and not of_the_state:
        return None
    number = (of_the_kind or of_the_state)[-1]
    message = NOTES[number].get("message") or UNTOLD[number]
    return NOTES[number]["error"], message.format(arn=arn, origin=origin)


WITHOUT_A_KEY = {
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
}
"""The operations for which no state of a key matters."""

NEWER = {"Decapsulate", "Encapsulate", "GetKeyLastUsage"}
"""Those that the oldest botocore does not know."""


def test_y11_the_table_has_every_operation_on_a_key() -> None:
    operations = {*client("kms").meta.service_model.operation_names}
    assert {*key_states.TABLE} == operations - WITHOUT_A_KEY | NEWER
    assert {*TABLE} <= {*key_states.TABLE}


def cells() -> Iterator[Any]:
    for operation, row in TABLE.items():
        for origin, states in POSSIBLE.items():
            for state in row:
                if state in states and row[state] != "n/a":
                    yield pytest.param(operation, state, origin, id=f"{operation}-{state}-{origin}")


def checked(operation: str, state: str, origin: str) -> tuple[str, str] | None:
    key: Any = SimpleNamespace(arn="arn:aws:kms:us-east-1:123456789012:key/k", origin=origin)
    try:
        key_states.check(operation, state, key)
    except JsonRESTError as refusal:
        return refusal.error_type, refusal.message
    return None


@pytest.mark.parametrize(("operation", "state", "origin"), list(cells()))
def test_u8_y11_y12_each_cell(operation: str, state: str, origin: str) -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/k"
    assert checked(operation, state, origin) == expected(operation, state, arn, origin)


def test_u8_the_table_has_the_operations_of_the_page() -> None:
    assert set(key_states.TABLE) == set(TABLE)


@pytest.mark.parametrize("operation", TABLE)
def test_u8_a_replica_pending_deletion_reads_the_same_column(operation: str) -> None:
    assert checked(operation, "PendingReplicaDeletion", ORDINARY) == checked(
        operation, "PendingDeletion", ORDINARY
    )


@pytest.mark.parametrize("state", sorted(set().union(*POSSIBLE.values())))
def test_u8_other_operations_ask_for_no_state(state: str) -> None:
    assert checked("ListKeys", state, IN_STORE) is None


# The same cells through the API ------------------------------------------------------------------


@pytest.fixture(scope="module")
def stores() -> Iterator[tuple[KeyStore, KeyStore]]:
    """Two key stores of one world, one to stay connected and one to be disconnected."""
    with mock_cks() as cks:
        yield cks.create_key_store("Connected"), cks.create_key_store("Disconnected")


class Subject:
    """A key with all that the operations need, which comes into a state after that was made."""

    def __init__(self, key_id: str) -> None:
        self.kms = client("kms")
        metadata = self.kms.describe_key(KeyId=key_id)["KeyMetadata"]
        self.key_id, self.arn, self.origin = key_id, metadata["Arn"], metadata["Origin"]
        self.alias = f"alias/{key_id}"
        self.kms.create_alias(AliasName=self.alias, TargetKeyId=key_id)
        self.grant = self.kms.create_grant(
            KeyId=key_id,
            GranteePrincipal="arn:aws:iam::123456789012:role/grantee",
            Operations=["DescribeKey"],
        )
        self.other = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.ciphertext = b""
        if metadata["KeySpec"] == "SYMMETRIC_DEFAULT":
            self.ciphertext = self.kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
        self.signature, self.mac = b"signature", b"mac"
        self.secret = b"secret"
        if metadata["KeyUsage"] == "ENCAPSULATE_DECAPSULATE":
            made = self.kms.encapsulate(KeyId=key_id, EncapsulationAlgorithm="ML_KEM")
            self.secret = made["SharedSecretCiphertextBlob"]
        self.public_key = b"key"
        if metadata["KeyUsage"] == "KEY_AGREEMENT":
            self.public_key = self.kms.get_public_key(KeyId=key_id)["PublicKey"]
        if metadata["KeyUsage"] == "SIGN_VERIFY":
            self.signature = self.kms.sign(KeyId=key_id, **SIGNING)["Signature"]
        if metadata["KeySpec"] == "HMAC_256":
            self.mac = self.kms.generate_mac(KeyId=key_id, **MAC)["Mac"]

    def enter(self, state: str) -> None:
        if state == "Disabled":
            self.kms.disable_key(KeyId=self.key_id)
        if state == "PendingDeletion":
            self.kms.schedule_key_deletion(KeyId=self.key_id)
        if state == "Unavailable":
            store_id = self.kms.describe_key(KeyId=self.key_id)["KeyMetadata"]["CustomKeyStoreId"]
            self.kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
        assert self.kms.describe_key(KeyId=self.key_id)["KeyMetadata"]["KeyState"] == state

    def call(self, operation: str) -> tuple[str, str] | None:
        """Call an operation; its error, ``None`` where it works."""
        parameters = {"KeyId": self.arn}
        if operation in PARAMETERS:
            parameters = PARAMETERS[operation](self)
        try:
            getattr(self.kms, METHODS[operation])(**parameters)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        return None


SIGNING = {"Message": b"text", "SigningAlgorithm": "ECDSA_SHA_256"}
MAC = {"Message": b"text", "MacAlgorithm": "HMAC_SHA_256"}

PARAMETERS: dict[str, Callable[[Subject], dict[str, Any]]] = {
    "CreateAlias": lambda s: {"AliasName": f"{s.alias}/2", "TargetKeyId": s.arn},
    "CreateGrant": lambda s: {
        "KeyId": s.arn,
        "GranteePrincipal": "arn:aws:iam::123456789012:role/grantee",
        "Operations": ["Decrypt"],
    },
    "Decrypt": lambda s: {"CiphertextBlob": s.ciphertext},
    "Decapsulate": lambda s: {
        "KeyId": s.arn,
        "SharedSecretCiphertextBlob": s.secret,
        "EncapsulationAlgorithm": "ML_KEM",
    },
    "DeriveSharedSecret": lambda s: {
        "KeyId": s.arn,
        "KeyAgreementAlgorithm": "ECDH",
        "PublicKey": s.public_key,
    },
    "Encapsulate": lambda s: {"KeyId": s.arn, "EncapsulationAlgorithm": "ML_KEM"},
    "DeleteAlias": lambda s: {"AliasName": s.alias},
    "Encrypt": lambda s: {"KeyId": s.arn, "Plaintext": b"text"},
    "GenerateDataKey": lambda s: {"KeyId": s.arn, "KeySpec": "AES_256"},
    "GenerateDataKeyPair": lambda s: {"KeyId": s.arn, "KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": lambda s: {
        "KeyId": s.arn,
        "KeyPairSpec": "ECC_NIST_P256",
    },
    "GenerateDataKeyWithoutPlaintext": lambda s: {"KeyId": s.arn, "NumberOfBytes": 16},
    "GenerateMac": lambda s: {"KeyId": s.arn, **MAC},
    "GetKeyPolicy": lambda s: {"KeyId": s.arn, "PolicyName": "default"},
    "GetParametersForImport": lambda s: {
        "KeyId": s.arn,
        "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048",
    },
    "ImportKeyMaterial": lambda s: {
        "KeyId": s.arn,
        "ImportToken": b"token",
        "EncryptedKeyMaterial": b"material",
    },
    "PutKeyPolicy": lambda s: {"KeyId": s.arn, "PolicyName": "default", "Policy": POLICY},
    "ReEncrypt": lambda s: {"CiphertextBlob": s.ciphertext, "DestinationKeyId": s.arn},
    "ReplicateKey": lambda s: {"KeyId": s.arn, "ReplicaRegion": OTHER_REGION},
    "RetireGrant": lambda s: {"GrantToken": s.grant["GrantToken"]},
    "RevokeGrant": lambda s: {"KeyId": s.arn, "GrantId": s.grant["GrantId"]},
    "Sign": lambda s: {"KeyId": s.arn, **SIGNING},
    "TagResource": lambda s: {"KeyId": s.arn, "Tags": [{"TagKey": "k", "TagValue": "v"}]},
    "UntagResource": lambda s: {"KeyId": s.arn, "TagKeys": ["k"]},
    "UpdateAlias": lambda s: {"AliasName": s.alias, "TargetKeyId": s.arn},
    "UpdateKeyDescription": lambda s: {"KeyId": s.arn, "Description": "text"},
    "UpdatePrimaryRegion": lambda s: {"KeyId": s.arn, "PrimaryRegion": OTHER_REGION},
    "Verify": lambda s: {"KeyId": s.arn, "Signature": s.signature, **SIGNING},
    "VerifyMac": lambda s: {"KeyId": s.arn, "Mac": s.mac, **MAC},
}
"""The parameters of the operations that need more than KeyId."""

METHODS = {name: method for method, name in client("kms").meta.method_to_api_mapping.items()}

SIGNING_KEY = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
MAC_KEY = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
KINDS = {
    "Decapsulate": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
    "DeriveSharedSecret": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "Encapsulate": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
    "GenerateMac": MAC_KEY,
    "GetPublicKey": SIGNING_KEY,
    "ReplicateKey": {"MultiRegion": True},
    "Sign": SIGNING_KEY,
    "UpdatePrimaryRegion": {"MultiRegion": True},
    "Verify": SIGNING_KEY,
    "VerifyMac": MAC_KEY,
}
"""What kind of key an operation needs, where it is no symmetric encryption key."""

CALLED = [
    name
    for name in TABLE
    if name in METHODS and can_make(KINDS.get(name, {}).get("KeySpec", "SYMMETRIC_DEFAULT"))
]
"""The operations that can be called: botocore and cryptography may be too old for some."""


@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PendingDeletion"])
@pytest.mark.parametrize("operation", CALLED)
def test_u8_ordinary_keys(stores: Any, operation: str, state: str) -> None:
    key = client("kms").create_key(**KINDS.get(operation, {}))["KeyMetadata"]
    if (operation, state) == ("UpdatePrimaryRegion", "Enabled"):
        client("kms").replicate_key(KeyId=key["KeyId"], ReplicaRegion=OTHER_REGION)
    subject = Subject(key["KeyId"])
    subject.enter(state)
    error = expected(operation, state, subject.arn, ORDINARY)
    assert subject.call(operation) == error


WRONG_USAGE = {
    *("Sign", "Verify", "GenerateMac", "VerifyMac"),
    *("DeriveSharedSecret", "Encapsulate", "Decapsulate"),
}
"""A key in a key store is not for these, whatever its state."""

UNSUPPORTED = {
    "DeleteImportedKeyMaterial",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GetPublicKey",
    "ReplicateKey",
    "UpdatePrimaryRegion",
}
"""It cannot do these, even where its state would allow them."""


@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PendingDeletion", "Unavailable"])
@pytest.mark.parametrize("operation", CALLED)
def test_u8_keys_in_a_key_store(
    stores: tuple[KeyStore, KeyStore], operation: str, state: str
) -> None:
    store = stores[state == "Unavailable"]
    if state == "Unavailable":
        client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)
    subject = Subject(store.create_key())
    subject.enter(state)
    outcome = subject.call(operation)
    cell = TABLE[operation][state]
    error = None if cell == "n/a" else expected(operation, state, subject.arn, IN_STORE)
    if operation in WRONG_USAGE:
        message = f"{subject.arn} key usage is ENCRYPT_DECRYPT which is not valid for {operation}."
        error = "InvalidKeyUsageException", message
    elif operation in UNSUPPORTED and error is None:
        message = WRONG_ORIGIN.format(arn=subject.arn, origin=IN_STORE)
        error = "UnsupportedOperationException", message
    assert outcome == error


@pytest.mark.parametrize("named_by", ["key_id", "arn", "alias", "alias_arn"])
@pytest.mark.parametrize("in_store", [False, True], ids=["ordinary", "in a key store"])
def test_u8_however_the_key_is_named(stores: Any, in_store: bool, named_by: str) -> None:
    kms = client("kms")
    subject = Subject(
        stores[0].create_key() if in_store else kms.create_key()["KeyMetadata"]["KeyId"]
    )
    subject.enter("Disabled")
    name = {
        "key_id": subject.key_id,
        "arn": subject.arn,
        "alias": subject.alias,
        "alias_arn": subject.arn.rpartition(":")[0] + f":{subject.alias}",
    }[named_by]
    with pytest.raises(kms.exceptions.DisabledException, match=f"{subject.arn} is disabled."):
        kms.encrypt(KeyId=name, Plaintext=b"text")


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
@pytest.mark.parametrize("in_store", [False, True], ids=["ordinary", "in a key store"])
def test_u8_re_encrypt_needs_both_keys(stores: Any, in_store: bool, state: str) -> None:
    subject = Subject(
        stores[0].create_key() if in_store else client("kms").create_key()["KeyMetadata"]["KeyId"]
    )
    foreign = subject.kms.encrypt(KeyId=subject.other, Plaintext=b"text")["CiphertextBlob"]
    subject.enter(state)
    refused = expected("ReEncrypt", state, subject.arn, subject.origin)
    for parameters in (
        {"CiphertextBlob": subject.ciphertext, "DestinationKeyId": subject.other},
        {"CiphertextBlob": foreign, "DestinationKeyId": subject.arn},
    ):
        assert error_of(subject.kms.re_encrypt, **parameters) == refused


def test_u8_update_alias_takes_an_alias_away_from_a_key_pending_deletion(stores: Any) -> None:
    subject = Subject(client("kms").create_key()["KeyMetadata"]["KeyId"])
    subject.enter("PendingDeletion")
    subject.kms.update_alias(AliasName=subject.alias, TargetKeyId=subject.other)
    moved = subject.kms.list_aliases(KeyId=subject.other)["Aliases"]
    assert [alias["AliasName"] for alias in moved] == [subject.alias]
