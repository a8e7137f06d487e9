"""The examples of cryptographic operations, of key stores and of AWS CloudHSM."""

from __future__ import annotations

from .guide import MATERIAL_ID, SYMMETRIC, Like, Scene, example

MATERIAL = {"keyMaterialId": MATERIAL_ID}
RE_MATERIALS = {"sourceKeyMaterialId": MATERIAL_ID, "destinationKeyMaterialId": MATERIAL_ID}
CONTEXT = {"Department": "Engineering", "Project": "Alpha"}
# The guide says that all records have the backingKeyId, and its older examples lack it.
IN_STORE = {"customKeyStoreId": "<store>", "backingKeyId": Like("[0-9a-f]{64}")}
# Cryptographic operations -------------------------------------------------------------------------


@example(
    "ct-encrypt",
    "Encrypt",
    {
        "encryptionContext": {"Department": "Engineering"},
        "keyId": "<arn>",
        "encryptionAlgorithm": SYMMETRIC,
    },
    read_only=True,
    additional=MATERIAL,
)
def encrypt(scene: Scene) -> None:
    scene.kms.encrypt(
        KeyId=scene.key(), Plaintext=b"x", EncryptionContext={"Department": "Engineering"}
    )


DECRYPT = {"encryptionAlgorithm": SYMMETRIC, "keyId": "<arn>", "encryptionContext": CONTEXT}


def decrypt_with(scene: Scene, arn: str) -> None:
    sealed = scene.kms.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext=CONTEXT)
    scene.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], KeyId=arn, EncryptionContext=CONTEXT)


@example("ct-decrypt", "Decrypt", DECRYPT, read_only=True, additional=MATERIAL)
def decrypt(scene: Scene) -> None:
    decrypt_with(scene, scene.key())


@example(
    "ct-decrypt, AWS CloudHSM key store",
    "Decrypt",
    DECRYPT,
    additional=IN_STORE,
    read_only=True,
)
def decrypt_in_store(scene: Scene) -> None:
    decrypt_with(scene, scene.key_in_store())


@example("ct-decrypt, failure", "Decrypt", DECRYPT, error="IncorrectKeyException", read_only=True)
def decrypt_with_another_key(scene: Scene) -> None:
    sealed = scene.kms.encrypt(
        KeyId=scene.key_in_store(), Plaintext=b"x", EncryptionContext=CONTEXT
    )
    scene.fails(
        scene.kms.decrypt,
        CiphertextBlob=sealed["CiphertextBlob"],
        KeyId=scene.key(),
        EncryptionContext=CONTEXT,
    )
    assert scene.error is not None
    assert scene.error[1].startswith("The key ID in the request does not identify a CMK")


@example(
    "ct-ec2two, no key ID",
    "Decrypt",
    {"encryptionContext": {"aws:ebs:id": "vol-1"}, "encryptionAlgorithm": SYMMETRIC},
    read_only=True,
    additional=MATERIAL,
)
def decrypt_without_key_id(scene: Scene) -> None:
    context = {"aws:ebs:id": "vol-1"}
    sealed = scene.kms.encrypt(KeyId=scene.key(), Plaintext=b"x", EncryptionContext=context)
    scene.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)


@example(
    "ct-reencrypt",
    "ReEncrypt",
    {
        "sourceEncryptionAlgorithm": SYMMETRIC,
        "sourceEncryptionContext": CONTEXT,
        "destinationKeyId": "<new_key>",
        "destinationEncryptionAlgorithm": SYMMETRIC,
        "destinationEncryptionContext": {"Level": "3A"},
    },
    resources=("<arn>", "<new_arn>"),
    read_only=True,
    additional=RE_MATERIALS,
)
def re_encrypt(scene: Scene) -> None:
    sealed = scene.kms.encrypt(KeyId=scene.key(), Plaintext=b"x", EncryptionContext=CONTEXT)
    scene.key("new_")
    scene.kms.re_encrypt(
        CiphertextBlob=sealed["CiphertextBlob"],
        SourceEncryptionContext=CONTEXT,
        DestinationKeyId=scene.names["new_key"],
        DestinationEncryptionContext={"Level": "3A"},
    )


@example(
    "ct-generatedatakey",
    "GenerateDataKey",
    {"keyId": "<key>", "keySpec": "AES_256", "encryptionContext": CONTEXT},
    read_only=True,
    additional=MATERIAL,
)
def generate_data_key(scene: Scene) -> None:
    scene.key()
    scene.kms.generate_data_key(
        KeyId=scene.names["key"], KeySpec="AES_256", EncryptionContext=CONTEXT
    )


@example(
    "ct-generatedatakeyplaintext",
    "GenerateDataKeyWithoutPlaintext",
    {"keyId": "<key>", "keySpec": "AES_256", "encryptionContext": {"Project": "Alpha"}},
    error="InvalidKeyUsageException",
    read_only=True,
)
def generate_data_key_without_plaintext(scene: Scene) -> None:
    scene.key()
    scene.world.faults.fail("GenerateDataKeyWithoutPlaintext", "InvalidKeyUsageException")
    scene.fails(
        scene.kms.generate_data_key_without_plaintext,
        KeyId=scene.names["key"],
        KeySpec="AES_256",
        EncryptionContext={"Project": "Alpha"},
    )


@example(
    "ct-ec2one",
    "GenerateDataKeyWithoutPlaintext",
    {"keyId": "alias/ebs", "numberOfBytes": 64, "encryptionContext": {"aws:ebs:id": "vol-1"}},
    read_only=True,
    additional=MATERIAL,
)
def generate_data_key_of_an_alias(scene: Scene) -> None:
    # Of a customer managed key: only the service can use its own.
    scene.key()
    scene.kms.create_alias(AliasName="alias/ebs", TargetKeyId=scene.names["key"])
    scene.kms.generate_data_key_without_plaintext(
        KeyId="alias/ebs", NumberOfBytes=64, EncryptionContext={"aws:ebs:id": "vol-1"}
    )


@example(
    "ct-generatedatakeypair",
    "GenerateDataKeyPair",
    {"keyPairSpec": "RSA_3072", "encryptionContext": {"Project": "Alpha"}, "keyId": "<key>"},
    additional=IN_STORE,
    error="UnsupportedOperationException",
    read_only=True,
)
def generate_data_key_pair(scene: Scene) -> None:
    scene.key_in_store()
    scene.fails(
        scene.kms.generate_data_key_pair,
        KeyId=scene.names["key"],
        KeyPairSpec="RSA_3072",
        EncryptionContext={"Project": "Alpha"},
    )


@example(
    "ct-generatedatakeypairwithoutplaintext",
    "GenerateDataKeyPairWithoutPlaintext",
    {"keyPairSpec": "RSA_4096", "encryptionContext": {"Index": "5"}, "keyId": "<key>"},
    additional=IN_STORE,
    error="UnsupportedOperationException",
    read_only=True,
)
def generate_data_key_pair_without_plaintext(scene: Scene) -> None:
    scene.key_in_store()
    scene.fails(
        scene.kms.generate_data_key_pair_without_plaintext,
        KeyId=scene.names["key"],
        KeyPairSpec="RSA_4096",
        EncryptionContext={"Index": "5"},
    )


@example("ct-generaterandom", "GenerateRandom", resources=(), read_only=True)
def generate_random(scene: Scene) -> None:
    scene.kms.generate_random(NumberOfBytes=32)


@example(
    "ct-generatemac",
    "GenerateMac",
    {"macAlgorithm": "HMAC_SHA_512", "keyId": "<key>"},
    read_only=True,
)
@example(
    "ct-verifymac", "VerifyMac", {"macAlgorithm": "HMAC_SHA_512", "keyId": "<arn>"}, read_only=True
)
def generate_and_verify_mac(scene: Scene) -> None:
    scene.key(KeySpec="HMAC_512", KeyUsage="GENERATE_VERIFY_MAC")
    what = {"Message": b"message", "MacAlgorithm": "HMAC_SHA_512"}
    mac = scene.kms.generate_mac(KeyId=scene.names["key"], **what)["Mac"]
    scene.kms.verify_mac(KeyId=scene.names["arn"], Mac=mac, **what)


SIGNED = {"messageType": "RAW", "keyId": "<key>", "signingAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"}


@example("ct-sign", "Sign", SIGNED, read_only=True)
@example("ct-verify", "Verify", SIGNED, read_only=True)
def sign_and_verify(scene: Scene) -> None:
    scene.key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    what = {
        "KeyId": scene.names["key"],
        "Message": b"message",
        "MessageType": "RAW",
        "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256",
    }
    scene.kms.verify(Signature=scene.kms.sign(**what)["Signature"], **what)


# Key stores ---------------------------------------------------------------------------------------

ONE_STORE = {"customKeyStoreId": "<store>"}
STORE_DATA = {"customKeyStoreName": "ExampleKeyStore", "clusterId": "<cluster>"}


@example(
    "ct-create-keystore", "CreateCustomKeyStore", STORE_DATA, response=ONE_STORE, resources=None
)
def create_custom_key_store(scene: Scene) -> None:
    cluster = scene.world.create_cluster()
    scene.names["cluster"] = cluster.id
    scene.names["store"] = scene.kms.create_custom_key_store(
        CustomKeyStoreName="ExampleKeyStore",
        CloudHsmClusterId=cluster.id,
        TrustAnchorCertificate=cluster.trust_anchor,
        KeyStorePassword="kmsPswd1",
    )["CustomKeyStoreId"]


@example(
    "ct-describe-keystores", "DescribeCustomKeyStores", ONE_STORE, resources=None, read_only=True
)
def describe_custom_key_stores(scene: Scene) -> None:
    scene.kms.describe_custom_key_stores(CustomKeyStoreId=scene.store().id)


@example(
    "ct-connect-keystore", "ConnectCustomKeyStore", ONE_STORE, additional=STORE_DATA, resources=None
)
def connect_custom_key_store(scene: Scene) -> None:
    scene.kms.connect_custom_key_store(CustomKeyStoreId=scene.store(connect=False).id)


@example(
    "ct-disconnect-keystore",
    "DisconnectCustomKeyStore",
    ONE_STORE,
    additional=STORE_DATA,
    resources=None,
)
def disconnect_custom_key_store(scene: Scene) -> None:
    scene.kms.disconnect_custom_key_store(CustomKeyStoreId=scene.store().id)


@example(
    "ct-update-keystore",
    "UpdateCustomKeyStore",
    {**ONE_STORE, "clusterId": "<cluster>"},
    additional=STORE_DATA,
    resources=None,
)
def update_custom_key_store(scene: Scene) -> None:
    store = scene.store(connect=False)
    scene.kms.update_custom_key_store(CustomKeyStoreId=store.id, CloudHsmClusterId=store.cluster.id)


@example(
    "ct-delete-keystore", "DeleteCustomKeyStore", ONE_STORE, additional=STORE_DATA, resources=None
)
def delete_custom_key_store(scene: Scene) -> None:
    scene.kms.delete_custom_key_store(CustomKeyStoreId=scene.store(connect=False).id)


# AWS CloudHSM -------------------------------------------------------------------------------------


@example(
    "get-api-logs-using-cloudtrail",
    "CreateHsm",
    {"availabilityZone": "us-east-1a", "clusterId": "<cluster>"},
    response={
        "hsm": {
            "eniId": Like("eni-[0-9a-f]+"),
            "clusterId": "<cluster>",
            "state": "CREATE_IN_PROGRESS",
            "eniIp": Like(r"10\.\d+\.\d+\.\d+"),
            "hsmId": Like("hsm-[a-z2-7]+"),
            "hsmType": "hsm2m.medium",
            "subnetId": Like("subnet-[0-9a-f]+"),
            "availabilityZone": "us-east-1a",
        }
    },
    resources=None,
    source="cloudhsm.amazonaws.com",
)
def create_hsm(scene: Scene) -> None:
    cluster = scene.world.create_cluster(hsms=1)
    scene.names["cluster"] = cluster.id
    scene.client("cloudhsmv2").create_hsm(ClusterId=cluster.id, AvailabilityZone="us-east-1a")
