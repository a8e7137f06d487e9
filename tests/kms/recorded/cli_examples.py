"""The examples of the AWS CLI's pages: in which situation each is played, and what is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .policies import MINE
from .rows import Step
from .steps import (
    call,
    imported,
    key,
    key_store,
    named,
    public_key_of_somebody,
    wrapped,
)

ROOT = "arn:aws:iam::{account}:root"
KEY = {"KeyId": "{key}"}
BOTH_KEYS = {"SourceKeyId": "{key}", "DestinationKeyId": "{other}"}
STORE = {"CustomKeyStoreId": "{store}"}
ALIAS = call("CreateAlias", AliasName="alias/example-alias", TargetKeyId="{key}")
RSA = {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}
RSA_SIGNING = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}
HMAC = {"KeySpec": "HMAC_384", "KeyUsage": "GENERATE_VERIFY_MAC"}
AGREEING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}
SEALED = call("Encrypt", keep={"blob": "CiphertextBlob"}, **KEY, Plaintext=b"text")
OAEP = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
SEALED_RSA = call("Encrypt", keep={"blob": "CiphertextBlob"}, **KEY, Plaintext=b"text", **OAEP)
SIGNATURE = {"SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256", "MessageType": "RAW"}
SIGNED = call("Sign", keep={"signature": "Signature"}, **KEY, Message=b"text", **SIGNATURE)
MAC = {**KEY, "Message": b"text", "MacAlgorithm": "HMAC_SHA_384"}
GRANT: dict[str, Any] = {
    **KEY,
    "GranteePrincipal": ROOT,
    "Operations": ["Decrypt"],
    "Constraints": {"EncryptionContextSubset": {"Department": "IT"}},
    "RetiringPrincipal": ROOT,
}
GRANTED = call("CreateGrant", keep={"grant": "GrantId"}, **GRANT)
DISCONNECTED = call("DisconnectCustomKeyStore", **STORE)
TAGS = [{"TagKey": "Purpose", "TagValue": "Test"}, {"TagKey": "Dept", "TagValue": "IT"}]
ROTATIONS = {**KEY, "RotationPeriodInDays": 180}

EXAMPLES: dict[str, tuple[tuple[Step, ...], Mapping[str, Any]]] = {
    "cancel-key-deletion-1": ((key(), call("ScheduleKeyDeletion", **KEY)), KEY),
    "connect-custom-key-store-1": ((key_store, DISCONNECTED), STORE),
    "create-alias-1": ((key(),), {"AliasName": "alias/example-alias", "TargetKeyId": "{key}"}),
    "create-custom-key-store-1": (
        (key_store, DISCONNECTED, call("DeleteCustomKeyStore", **STORE)),
        {
            "CustomKeyStoreName": "ExampleCloudHSMKeyStore",
            "CloudHsmClusterId": "{cluster}",
            "KeyStorePassword": "kmsPswd1",
            "TrustAnchorCertificate": "{anchor}",
        },
    ),
    "create-grant-1": ((key(),), GRANT),
    "create-key-1": ((), {}),
    "create-key-2": ((), {"KeySpec": "RSA_4096", "KeyUsage": "ENCRYPT_DECRYPT"}),
    "create-key-3": ((), {"KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY"}),
    "create-key-4": ((), {"KeySpec": "ML_DSA_65", "KeyUsage": "SIGN_VERIFY"}),
    "create-key-5": ((), HMAC),
    "create-key-6": ((), {"MultiRegion": True}),
    "create-key-7": ((), {"Origin": "EXTERNAL"}),
    "create-key-8": ((key_store,), {"Origin": "AWS_CLOUDHSM", **STORE}),
    "decrypt-1": ((key(), SEALED), {**KEY, "CiphertextBlob": "{blob}"}),
    "decrypt-2": ((key(), SEALED), {**KEY, "CiphertextBlob": "{blob}"}),
    "decrypt-3": ((key(**RSA), SEALED_RSA), {**KEY, "CiphertextBlob": "{blob}", **OAEP}),
    "delete-alias-1": ((key(), ALIAS), {"AliasName": "alias/example-alias"}),
    "delete-custom-key-store-1": ((key_store, DISCONNECTED), STORE),
    "delete-imported-key-material-1": ((key(Origin="EXTERNAL"), imported()), KEY),
    "derive-shared-secret-1": (
        (key(**AGREEING), public_key_of_somebody()),
        {**KEY, "KeyAgreementAlgorithm": "ECDH", "PublicKey": "{public_key}"},
    ),
    "describe-custom-key-stores-1": ((key_store,), {"CustomKeyStoreName": "{store_name}"}),
    "describe-key-1": ((), {"KeyId": "alias/aws/s3"}),
    "describe-key-2": ((key(**RSA_SIGNING), call("DisableKey", **KEY)), KEY),
    "describe-key-3": (
        (
            key(MultiRegion=True),
            call("ReplicateKey", **KEY, ReplicaRegion="{other_region}"),
            named(replica="arn:aws:kms:{other_region}:{account}:key/{key}"),
        ),
        {"KeyId": "{replica}"},
    ),
    "describe-key-4": ((key(**HMAC, Description="Test key"),), KEY),
    "disable-key-rotation-1": ((key(), call("EnableKeyRotation", **KEY)), {"KeyId": "{key_arn}"}),
    "disable-key-1": ((key(),), KEY),
    "disconnect-custom-key-store-1": ((key_store,), STORE),
    "enable-key-rotation-1": ((key(),), ROTATIONS),
    "enable-key-1": ((key(), call("DisableKey", **KEY)), KEY),
    "encrypt-1": ((key(),), {**KEY, "Plaintext": b"text"}),
    "encrypt-2": ((key(),), {**KEY, "Plaintext": b"text"}),
    "encrypt-3": ((key(**RSA),), {**KEY, "Plaintext": b"text", **OAEP}),
    "generate-data-key-pair-without-plaintext-1": (
        (key(),),
        {**KEY, "KeyPairSpec": "ECC_NIST_P384"},
    ),
    "generate-data-key-pair-1": ((key(),), {**KEY, "KeyPairSpec": "RSA_2048"}),
    "generate-data-key-without-plaintext-1": (
        (key(),),
        {"KeyId": "{key_arn}", "KeySpec": "AES_256"},
    ),
    "generate-data-key-1": (
        (key(), ALIAS),
        {"KeyId": "alias/example-alias", "KeySpec": "AES_256"},
    ),
    "generate-data-key-2": ((key(),), {**KEY, "NumberOfBytes": 64}),
    "generate-mac-1": ((key(**HMAC),), MAC),
    "generate-mac-2": ((key(**HMAC),), MAC),
    "generate-random-1": ((), {"NumberOfBytes": 32}),
    "generate-random-2": ((), {"NumberOfBytes": 32}),
    "get-key-policy-1": ((key(),), {**KEY, "PolicyName": "default"}),
    "get-key-rotation-status-1": ((key(), call("EnableKeyRotation", **KEY)), KEY),
    "get-parameters-for-import-1": (
        (key(Origin="EXTERNAL"),),
        {**KEY, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    ),
    "get-public-key-1": ((key(**RSA),), KEY),
    "get-public-key-2": ((key(**RSA),), KEY),
    "import-key-material-1": (
        (key(Origin="EXTERNAL"), wrapped()),
        {
            **KEY,
            "EncryptedKeyMaterial": "{wrapped}",
            "ImportToken": "{token}",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": "{tomorrow}",
        },
    ),
    "list-aliases-1": ((key(), ALIAS), {}),
    "list-aliases-2": ((key(), ALIAS), KEY),
    "list-grants-1": ((key(), call("CreateGrant", **GRANT, Name="mine")), KEY),
    "list-key-policies-1": ((key(),), KEY),
    "list-key-rotations-1": ((key(), call("RotateKeyOnDemand", **KEY)), KEY),
    "list-keys-1": ((key(),), {}),
    "list-resource-tags-1": ((key(Tags=TAGS),), KEY),
    "list-retirable-grants-1": ((key(), GRANTED), {"RetiringPrincipal": ROOT}),
    "put-key-policy-1": (
        (key(),),
        {**KEY, "PolicyName": "default", "Policy": json.dumps(MINE)},
    ),
    "re-encrypt-1": ((key(), SEALED, key("other")), {**BOTH_KEYS, "CiphertextBlob": "{blob}"}),
    "re-encrypt-2": ((key(), SEALED, key("other")), {**BOTH_KEYS, "CiphertextBlob": "{blob}"}),
    "retire-grant-1": ((key(), GRANTED), {"KeyId": "{key_arn}", "GrantId": "{grant}"}),
    "revoke-grant-1": ((key(), GRANTED), {**KEY, "GrantId": "{grant}"}),
    "rotate-key-on-demand-1": ((key(),), KEY),
    "schedule-key-deletion-1": ((key(),), {"KeyId": "{key_arn}", "PendingWindowInDays": 15}),
    "sign-1": ((key(**RSA_SIGNING),), {**KEY, "Message": b"text", **SIGNATURE}),
    "sign-2": ((key(**RSA_SIGNING),), {**KEY, "Message": b"text", **SIGNATURE}),
    "tag-resource-1": ((key(),), {**KEY, "Tags": TAGS}),
    "untag-resource-1": ((key(Tags=TAGS),), {**KEY, "TagKeys": ["Purpose"]}),
    "update-alias-1": (
        (key(), ALIAS, key("other")),
        {"AliasName": "alias/example-alias", "TargetKeyId": "{other}"},
    ),
    "update-custom-key-store-1": (
        (key_store, DISCONNECTED),
        {**STORE, "NewCustomKeyStoreName": "AnotherName"},
    ),
    "update-custom-key-store-2": (
        (key_store, DISCONNECTED),
        {**STORE, "KeyStorePassword": "ExamplePassword"},
    ),
    "update-custom-key-store-3": (
        (key_store, DISCONNECTED),
        {**STORE, "CloudHsmClusterId": "{cluster}"},
    ),
    "update-key-description-1": (
        (key(),),
        {"KeyId": "{key_arn}", "Description": "IT Department test key"},
    ),
    "update-key-description-2": ((key(Description="old"),), {**KEY, "Description": ""}),
    "verify-mac-1": (
        (key(**HMAC), call("GenerateMac", keep={"mac": "Mac"}, **MAC)),
        {**MAC, "Mac": "{mac}"},
    ),
    "verify-1": (
        (key(**RSA_SIGNING), SIGNED),
        {**KEY, "Message": b"text", **SIGNATURE, "Signature": "{signature}"},
    ),
}
"""By page and number of the example: what has happened before, and the parameters."""

REGIONS = {"describe-key-3": "eu-west-1"}
"""Where it is asked, if not in the default Region."""

EXTERNAL_KEY_STORES = (
    "its values are none by the service model; tests/kms/keystores/external has others"
)

LEFT_OUT = {
    "create-custom-key-store-2": EXTERNAL_KEY_STORES,
    "create-custom-key-store-3": EXTERNAL_KEY_STORES,
    "create-key-9": EXTERNAL_KEY_STORES,
    "describe-custom-key-stores-2": EXTERNAL_KEY_STORES,
    "describe-custom-key-stores-3": EXTERNAL_KEY_STORES,
    "update-custom-key-store-4": EXTERNAL_KEY_STORES,
    "update-custom-key-store-5": EXTERNAL_KEY_STORES,
}
"""Examples that are not played, each with its reason."""
