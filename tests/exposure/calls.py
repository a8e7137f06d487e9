"""What happens in the world: each operation, with secrets wherever it takes any."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from moto.core.utils import get_service_model

from moto_cks import KeyStore
from tests.aws import REGION
from tests.kms import POLICY

from .watch import SERVICES, Watch, empty_queues

NOON = datetime(2026, 3, 4, 12, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)

KMSUSER = "kmsuserPassw0rd1"
ADMIN = "adminPassw0rd2"
OTHER = "userPassw0rd3"
WRONG = "wrongPassw0rd4"
REFUSED = ("not alphanumeric Passw0rd5!", "tooLongAPasswordPassw0rd6" * 2)
PLAINTEXT = b"a plaintext that nobody sees: \xfe\xff"
MESSAGE = b"a message that nobody sees"
MATERIAL = bytes(range(100, 132))
CREDENTIAL = "RawSecretAccessKeyOfAProxy00000000000000000="


def use_passwords(watch: Watch) -> KeyStore:
    """Give passwords, right ones and wrong ones, to all that takes one."""
    kms, world = watch.client("kms"), watch.world
    store = world.create_key_store(connect=False, kmsuser_password=KMSUSER)
    cluster, it = store.cluster, {"CustomKeyStoreId": store.id}
    cluster.change_password("CO", "admin", ADMIN)
    cluster.create_user("CU", "user", OTHER)
    watch.handles += [cluster.login("CU", "user", OTHER), cluster.login("CO", "admin", ADMIN)]
    watch.ends_badly(cluster.login, "CU", "kmsuser", WRONG)
    watch.ends_badly(cluster.create_user, "CU", "kmsuser", WRONG)
    watch.ends_badly(cluster.create_user, "CU", "another", REFUSED[1])
    watch.ends_badly(cluster.activate, WRONG)
    kms.update_custom_key_store(**it, KeyStorePassword=WRONG)
    kms.connect_custom_key_store(**it)
    assert kms.describe_custom_key_stores(**it)["CustomKeyStores"][0]["ConnectionErrorCode"]
    watch.note("explanations", str(world.explain(store)), repr(world.explain(store).to_dict()))
    kms.disconnect_custom_key_store(**it)
    kms.update_custom_key_store(**it, KeyStorePassword=KMSUSER)
    for refused in REFUSED:
        watch.ends_badly(kms.update_custom_key_store, **it, KeyStorePassword=refused)
        watch.ends_badly(
            kms.create_custom_key_store,
            CustomKeyStoreName="another",
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=cluster.trust_anchor,
            KeyStorePassword=refused,
        )
    kms.connect_custom_key_store(**it)
    watch.ends_badly(kms.update_custom_key_store, **it, KeyStorePassword=OTHER)
    watch.ends_badly(cluster.change_password, "CU", "kmsuser", OTHER)
    return store


def use_keys(watch: Watch, store: KeyStore) -> dict[str, Any]:
    """Use keys of each kind; returns parameters that name them and what they have made."""
    kms = watch.client("kms")
    key_id = store.create_key()
    sealed = kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == PLAINTEXT
    watch.ends_badly(kms.decrypt, CiphertextBlob=sealed, EncryptionContext={"a": "b"})
    watch.ends_badly(kms.encrypt, KeyId=key_id, Plaintext=PLAINTEXT * 1000)
    kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    kms.generate_random(NumberOfBytes=32, CustomKeyStoreId=store.id)
    kms.generate_random(NumberOfBytes=32)
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.generate_data_key(KeyId=ordinary, NumberOfBytes=64)
    for spec in ("RSA_2048", "ECC_NIST_P256"):
        made = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
        what = {"KeyId": made["KeyId"], "Message": MESSAGE}
        what["SigningAlgorithm"] = made["SigningAlgorithms"][0]
        kms.verify(Signature=kms.sign(**what)["Signature"], **what)
    hmac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    what = {"KeyId": hmac["KeyId"], "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    kms.verify_mac(Mac=kms.generate_mac(**what)["Mac"], **what)
    return {"KeyId": key_id, "CiphertextBlob": sealed, "CustomKeyStoreId": store.id}


def import_material(watch: Watch) -> None:
    """Import key material: once, once wrongly, and until it expires."""
    kms = watch.client("kms")
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    it = {"KeyId": key_id, "ValidTo": watch.world.clock.now() + DAY}
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public: Any = serialization.load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    it["ImportToken"] = parameters["ImportToken"]
    for number, material in enumerate((MATERIAL, MATERIAL[::-1])):
        wrapped = public.encrypt(material, oaep)
        watch.secrets.add(f"imported material {number}", material)
        watch.secrets.add(f"wrapped material {number}", wrapped)
        call = kms.import_key_material
        if number == 0:
            call(EncryptedKeyMaterial=wrapped, **it)
        else:
            watch.ends_badly(call, EncryptedKeyMaterial=wrapped, **it)
            watch.ends_badly(call, EncryptedKeyMaterial=wrapped, **{**it, "ImportToken": wrapped})
    sealed = kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=sealed)


def use_faults(watch: Watch, key_id: str) -> None:
    """Let calls fail without a cause."""
    kms, faults = watch.client("kms"), watch.world.faults
    with faults.throttle(0.001):
        kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)
        watch.ends_badly(kms.encrypt, KeyId=key_id, Plaintext=PLAINTEXT)
    faults.fail("Encrypt", "KMSInternalException")
    watch.ends_badly(kms.encrypt, KeyId=key_id, Plaintext=PLAINTEXT)


def inputs(shape: Any, known: dict[str, Any], name: str = "") -> Any:
    """Parameters of an operation: what is known by name, and secrets wherever one belongs."""
    if name in known:
        return known[name]
    if shape.type_name == "structure":
        return {member: inputs(inner, known, member) for member, inner in shape.members.items()}
    if shape.type_name == "list":
        return [inputs(shape.member, known, name.removesuffix("s"))]
    if shape.type_name == "map":
        return {"name": "value"}
    if shape.type_name == "string":
        if shape.metadata.get("sensitive"):
            return KMSUSER if "Password" in name else CREDENTIAL
        return shape.metadata.get("enum", ["something"])[0]
    defaults = {"blob": PLAINTEXT, "boolean": False, "timestamp": NOON + 2 * DAY}
    return defaults.get(shape.type_name, 1)


# After these little can be called any more, so that they come last.
ENDINGS = (
    "DeleteBackup",
    "DeleteCluster",
    "DeleteCustomKeyStore",
    "DeleteHsm",
    "DisconnectCustomKeyStore",
    "ScheduleKeyDeletion",
)


def names_of_resources(watch: Watch, store: KeyStore, key_id: str) -> dict[str, Any]:
    """Parameters with which many operations can do what they do."""
    cluster = store.cluster
    backups = watch.client("cloudhsmv2").describe_backups()["Backups"]
    keys = dict.fromkeys(("SourceKeyId", "DestinationKeyId", "TargetKeyId"), key_id)
    clusters = dict.fromkeys(("ClusterId", "CloudHsmClusterId", "ResourceId"), cluster.id)
    backup_ids = dict.fromkeys(("BackupId", "SourceBackupId"), backups[0]["BackupId"])
    return {
        **keys,
        **clusters,
        **backup_ids,
        "AliasName": "alias/something",
        "AvailabilityZone": "us-east-1c",
        "CustomKeyStoreType": "AWS_CLOUDHSM",
        "DestinationRegion": "eu-west-1",
        "HsmId": cluster.hsms[0].id,
        "HsmType": "hsm2m.medium",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "Limit": 10,
        "Mode": "FIPS",
        "Origin": "AWS_CLOUDHSM",
        "Policy": POLICY,
        "SubnetIds": cluster.subnet_ids,
    }


def call_everything(watch: Watch, known: dict[str, Any]) -> None:
    """Call each operation, with all parameters and with the required ones."""
    for service in SERVICES:
        model = get_service_model(service)
        client = watch.client(service)
        for name in sorted(model.operation_names, key=lambda name: (name in ENDINGS, name)):
            shape = model.operation_model(name).input_shape
            parameters = inputs(shape, known)
            for chosen in ({n: parameters[n] for n in shape.required_members}, parameters):
                try:
                    client._make_api_call(name, chosen)
                except Exception as error:  # what moto cannot answer it raises
                    watch.note_error(error)
        empty_queues(watch)


RAW = (
    json.dumps({"KeyStorePassword": OTHER})[:-1],
    json.dumps({"KeyStorePassword": [OTHER], "CustomKeyStoreId": "cks-0123456789abcdef0"}),
    json.dumps({"KeyStorePassword": {"a": OTHER}, "CustomKeyStoreId": "cks-0123456789abcdef0"}),
    json.dumps({"keyStorePassword": OTHER, "Password": OTHER}),
    json.dumps({"CustomKeyStoreId": {"KeyStorePassword": OTHER}}),
    json.dumps([OTHER]),
    json.dumps(OTHER),
)
"""Bodies that no SDK sends."""


def call_rawly(watch: Watch) -> None:
    """Make calls that are none."""
    for operation in ("CreateCustomKeyStore", "UpdateCustomKeyStore", "Encrypt", "Unknown"):
        for body in RAW:
            try:
                answer = requests.post(
                    f"https://kms.{REGION}.amazonaws.com/",
                    data=body,
                    headers={"X-Amz-Target": f"TrentService.{operation}"},
                )
            except Exception as error:  # what moto cannot answer it raises
                watch.note_error(error)
            else:
                watch.note("raw answers", answer.text)
