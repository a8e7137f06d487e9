"""Custom key stores: what the API Reference's examples and the guides answer (G1, F7)."""

from __future__ import annotations

from .rows import A, Like, Row
from .shapes import BLOB, DATE, metadata
from .sources import example, guide, reference
from .steps import call, key_store, stored_key

STORE = {"CustomKeyStoreId": "{store}"}
DISCONNECTED = call("DisconnectCustomKeyStore", CustomKeyStoreId="{store}")
NOTHING: dict[str, object] = {}

ROWS = (
    Row(
        "create-key-in-a-store",
        example("CreateKey"),
        (key_store,),
        "CreateKey",
        {"Origin": "AWS_CLOUDHSM", **STORE},
        # CurrentKeyMaterialId is for keys of origin AWS_KMS and EXTERNAL only.
        answer={
            "KeyMetadata": metadata(
                name="",
                Origin="AWS_CLOUDHSM",
                CloudHsmClusterId="{cluster}",
                CustomKeyStoreId="{store}",
                CurrentKeyMaterialId=None,
            )
        },
    ),
    Row(
        "decrypt-with-a-key-in-a-store",
        reference("Decrypt") + ", KeyMaterialId",
        (
            stored_key,
            call("Encrypt", keep={"blob": "CiphertextBlob"}, KeyId="{key}", Plaintext=b"text"),
        ),
        "Decrypt",
        {"CiphertextBlob": "{blob}"},
        answer={
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "KeyId": "{key_arn}",
            "Plaintext": b"text",
        },
    ),
    Row(
        "data-key-of-a-key-in-a-store",
        reference("GenerateDataKey"),
        (stored_key,),
        "GenerateDataKey",
        {"KeyId": "{key}", "KeySpec": "AES_256"},
        answer={"CiphertextBlob": BLOB, "KeyId": "{key_arn}", "Plaintext": A(bytes, 32)},
    ),
    Row(
        "data-key-pair-of-a-key-in-a-store",
        guide("key-state") + ", note 7",
        (stored_key,),
        "GenerateDataKeyPair",
        {"KeyId": "{key}", "KeyPairSpec": "RSA_2048"},
        error=(
            "UnsupportedOperationException",
            "{key_arn} origin is AWS_CLOUDHSM which is not valid for this operation.",
        ),
    ),
    Row(
        "use-a-key-in-a-disconnected-store",
        guide("key-state") + ", note 11",
        (stored_key, DISCONNECTED),
        "Encrypt",
        {"KeyId": "{key}", "Plaintext": b"text"},
        error=("KMSInvalidStateException", "{key_arn} is unavailable."),
    ),
    Row(
        "random-of-a-store",
        reference("GenerateRandom") + ", CustomKeyStoreId",
        (key_store,),
        "GenerateRandom",
        {"NumberOfBytes": 32, **STORE},
        answer={"Plaintext": A(bytes, 32)},
    ),
    Row(
        "describe-stores-none",
        example("DescribeCustomKeyStores"),
        (),
        "DescribeCustomKeyStores",
        answer={"CustomKeyStores": [], "Truncated": False},
    ),
    Row(
        "describe-store",
        example("DescribeCustomKeyStores"),
        (key_store,),
        "DescribeCustomKeyStores",
        {"CustomKeyStoreName": "{store_name}"},
        answer={
            "CustomKeyStores": [
                {
                    "CloudHsmClusterId": "{cluster}",
                    "ConnectionState": "CONNECTED",
                    "CreationDate": DATE,
                    "CustomKeyStoreId": "{store}",
                    "CustomKeyStoreName": "{store_name}",
                    "CustomKeyStoreType": "AWS_CLOUDHSM",
                    "TrustAnchorCertificate": "{anchor}",
                }
            ],
            "Truncated": False,
        },
    ),
    Row(
        "disconnect",
        example("DisconnectCustomKeyStore"),
        (key_store,),
        "DisconnectCustomKeyStore",
        STORE,
        answer=NOTHING,
    ),
    Row(
        "connect",
        example("ConnectCustomKeyStore"),
        (key_store, DISCONNECTED),
        "ConnectCustomKeyStore",
        STORE,
        answer=NOTHING,
    ),
    Row(
        "rename",
        example("UpdateCustomKeyStore"),
        (key_store, DISCONNECTED),
        "UpdateCustomKeyStore",
        {**STORE, "NewCustomKeyStoreName": "DevelopmentKeys"},
        answer=NOTHING,
    ),
    Row(
        "delete-store",
        example("DeleteCustomKeyStore"),
        (key_store, DISCONNECTED),
        "DeleteCustomKeyStore",
        STORE,
        answer=NOTHING,
    ),
    Row(
        "create-store",
        example("CreateCustomKeyStore"),
        (
            key_store,
            DISCONNECTED,
            call("DeleteCustomKeyStore", CustomKeyStoreId="{store}"),
        ),
        "CreateCustomKeyStore",
        {
            "CloudHsmClusterId": "{cluster}",
            "CustomKeyStoreName": "ExampleKeyStore",
            "KeyStorePassword": "kmsPswd1",
            "TrustAnchorCertificate": "{anchor}",
        },
        answer={"CustomKeyStoreId": Like("cks-[0-9a-f]{17}")},
    ),
    Row(
        "delete-a-store-with-keys",
        reference("DeleteCustomKeyStore") + ", CustomKeyStoreHasCMKsException",
        (stored_key, DISCONNECTED),
        "DeleteCustomKeyStore",
        STORE,
        error=("CustomKeyStoreHasCMKsException", A(str)),
    ),
    Row(
        "delete-a-connected-store",
        reference("DeleteCustomKeyStore") + ", CustomKeyStoreInvalidStateException",
        (key_store,),
        "DeleteCustomKeyStore",
        STORE,
        error=("CustomKeyStoreInvalidStateException", A(str)),
    ),
)
