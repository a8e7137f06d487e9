"""Every answer has the members of the service model, and nothing else (G1, G5).

Each operation is called with each kind of key that it is for. Looked at is what is sent, and not
what botocore makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from moto_cks import mock_cks
from moto_cks.kms.specs import SPECS
from tests.aws import session

from . import can_make

GRANTEE = "arn:aws:iam::123456789012:role/grantee"
CONTEXT = {"EncryptionContext": {"of": "what"}}

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (int, float),
}


def faults(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """What is wrong with a value of an answer."""
    if value is None:
        yield f"{path}: null"
    elif type(value) not in JSON_TYPES[shape.type_name]:
        yield f"{path}: {type(value).__name__} for {shape.type_name}"
    elif shape.type_name == "structure":
        yield from (
            f"{path}.{name}: missing" for name in shape.required_members if name not in value
        )
        for name, member in value.items():
            if name in shape.members:
                yield from faults(shape.members[name], member, f"{path}.{name}")
            else:
                yield f"{path}.{name}: unknown"
    elif shape.type_name == "list":
        for item in value:
            yield from faults(shape.member, item, f"{path}[]")
    elif value not in shape.metadata.get("enum", [value]):
        yield f"{path}: {value}"


class Calls:
    """Calls operations, and keeps what is wrong with their answers."""

    def __init__(self) -> None:
        self.kms = session().client("kms", "us-east-1")
        self.kms.meta.events.register("after-call.kms", self._look)
        self.found: dict[str, set[str]] = {}

    def _look(self, http_response: Any, model: Any, **_: Any) -> None:
        assert http_response.status_code == 200, http_response.content
        found = self.found.setdefault(model.name, set())
        content = http_response.content
        if model.output_shape is None:
            if content not in (b"", b"{}"):
                found.add(f": {content.decode()}")
            return
        found.update(faults(model.output_shape, json.loads(content)))

    def make_key(self, **kind: Any) -> dict[str, Any]:
        metadata: dict[str, Any] = self.kms.create_key(**kind)["KeyMetadata"]
        self.kms.describe_key(KeyId=metadata["KeyId"])
        return metadata


def use_symmetric_key(calls: Calls, key_id: str) -> None:
    kms, it = calls.kms, {"KeyId": key_id}
    blob = kms.encrypt(**it, Plaintext=b"text", **CONTEXT)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, **CONTEXT)
    moved = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext=CONTEXT["EncryptionContext"],
        DestinationKeyId=key_id,
    )
    assert kms.decrypt(**it, CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"text"
    kms.generate_data_key(**it, KeySpec="AES_256")
    kms.generate_data_key_without_plaintext(**it, NumberOfBytes=5)


def use_data_key_pairs(calls: Calls, key_id: str) -> None:
    for spec in calls.kms.meta.service_model.shape_for("DataKeyPairSpec").enum:
        if can_make(spec) and SPECS[spec].size < 3000:
            pair = {"KeyId": key_id, "KeyPairSpec": spec}
            calls.kms.generate_data_key_pair(**pair)
            calls.kms.generate_data_key_pair_without_plaintext(**pair)


def use_key_of(calls: Calls, metadata: dict[str, Any]) -> None:
    """Everything that is done with a key pair or an HMAC key."""
    kms, it = calls.kms, {"KeyId": metadata["KeyId"]}
    if metadata["KeyUsage"] != "GENERATE_VERIFY_MAC":
        public = kms.get_public_key(**it)["PublicKey"]
    for algorithm in metadata.get("SigningAlgorithms", ()):
        ph = algorithm == "ED25519_PH_SHA_512"
        call = {**it, "SigningAlgorithm": algorithm, "Message": bytes(64)}
        call["MessageType"] = "DIGEST" if ph else "RAW"
        kms.verify(**call, Signature=kms.sign(**call)["Signature"])
    for algorithm in metadata.get("MacAlgorithms", ()):
        call = {**it, "MacAlgorithm": algorithm, "Message": b"text"}
        kms.verify_mac(**call, Mac=kms.generate_mac(**call)["Mac"])
    for algorithm in metadata.get("EncryptionAlgorithms", ()):
        call = {**it, "EncryptionAlgorithm": algorithm}
        kms.decrypt(**call, CiphertextBlob=kms.encrypt(**call, Plaintext=b"text")["CiphertextBlob"])
    if "KeyAgreementAlgorithms" in metadata:
        kms.derive_shared_secret(**it, KeyAgreementAlgorithm="ECDH", PublicKey=public)
    if "EncapsulationAlgorithms" in metadata:
        algorithm = {"EncapsulationAlgorithm": "ML_KEM"}
        blob = kms.encapsulate(**it, **algorithm)["SharedSecretCiphertextBlob"]
        kms.decapsulate(**it, **algorithm, SharedSecretCiphertextBlob=blob)


def manage_key(calls: Calls, key_id: str) -> None:
    kms, it = calls.kms, {"KeyId": key_id}
    if hasattr(kms, "get_key_last_usage"):
        kms.get_key_last_usage(**it)
    name = {"AliasName": f"alias/{key_id}"}
    kms.create_alias(**name, TargetKeyId=key_id)
    kms.update_alias(**name, TargetKeyId=key_id)
    kms.list_aliases()
    kms.list_aliases(**it)
    kms.delete_alias(**name)
    operations = kms.describe_key(**it)["KeyMetadata"]["KeyUsage"] == "ENCRYPT_DECRYPT"
    granted = {**it, "GranteePrincipal": GRANTEE, "RetiringPrincipal": GRANTEE}
    granted["Operations"] = ["Encrypt" if operations else "DescribeKey"]
    first, second = (kms.create_grant(**granted, Name=name) for name in ("one", "other"))
    kms.list_grants(**it)
    kms.list_retirable_grants(RetiringPrincipal=GRANTEE)
    kms.retire_grant(GrantToken=first["GrantToken"])
    kms.revoke_grant(**it, GrantId=second["GrantId"])
    kms.tag_resource(**it, Tags=[{"TagKey": "k", "TagValue": "v"}])
    kms.list_resource_tags(**it)
    kms.untag_resource(**it, TagKeys=["k"])
    policy = kms.get_key_policy(**it, PolicyName="default")["Policy"]
    kms.put_key_policy(**it, PolicyName="default", Policy=policy)
    kms.list_key_policies(**it)
    kms.update_key_description(**it, Description="described")
    kms.list_keys()
    kms.disable_key(**it)
    kms.enable_key(**it)


def end_key(calls: Calls, key_id: str) -> None:
    it = {"KeyId": key_id}
    calls.kms.schedule_key_deletion(**it)
    calls.kms.describe_key(**it)
    calls.kms.cancel_key_deletion(**it)


def rotate_and_replicate(calls: Calls) -> None:
    kms = calls.kms
    it = {"KeyId": calls.make_key(MultiRegion=True)["KeyId"]}
    kms.enable_key_rotation(**it)
    kms.get_key_rotation_status(**it)
    kms.rotate_key_on_demand(**it)
    kms.list_key_rotations(**it)
    kms.disable_key_rotation(**it)
    kms.replicate_key(**it, ReplicaRegion="eu-west-1")
    kms.update_primary_region(**it, PrimaryRegion="eu-west-1")
    kms.describe_key(**it)
    use_symmetric_key(calls, it["KeyId"])


def import_material(calls: Calls) -> None:
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    kms, it = calls.kms, {"KeyId": calls.make_key(Origin="EXTERNAL")["KeyId"]}
    given = kms.get_parameters_for_import(
        **it, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public: Any = serialization.load_der_public_key(given["PublicKey"])
    sha = hashes.SHA256()
    kms.import_key_material(
        **it,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=public.encrypt(bytes(32), padding.OAEP(padding.MGF1(sha), sha, None)),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    kms.describe_key(**it)
    use_symmetric_key(calls, it["KeyId"])
    kms.delete_imported_key_material(**it)
    kms.describe_key(**it)


def use_key_stores(calls: Calls, world: Any) -> None:
    kms, cluster = calls.kms, world.create_cluster()
    it = {
        "CustomKeyStoreId": kms.create_custom_key_store(
            CustomKeyStoreName="Example",
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=cluster.trust_anchor,
            KeyStorePassword="kmsPswd1",
        )["CustomKeyStoreId"]
    }
    kms.connect_custom_key_store(**it)
    metadata = calls.make_key(Origin="AWS_CLOUDHSM", **it)
    use_symmetric_key(calls, metadata["KeyId"])
    manage_key(calls, metadata["KeyId"])
    kms.generate_random(NumberOfBytes=9, **it)
    kms.describe_custom_key_stores()
    kms.schedule_key_deletion(KeyId=metadata["KeyId"], PendingWindowInDays=7)
    kms.describe_key(KeyId=metadata["KeyId"])
    world.clock.advance(days=7)
    kms.disconnect_custom_key_store(**it)
    kms.describe_custom_key_stores()
    kms.update_custom_key_store(**it, NewCustomKeyStoreName="Other")
    kms.delete_custom_key_store(**it)


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    calls = Calls()
    with mock_cks() as world:
        ordinary = calls.make_key(Description="of its own", Tags=[{"TagKey": "k", "TagValue": "v"}])
        use_symmetric_key(calls, ordinary["KeyId"])
        use_data_key_pairs(calls, ordinary["KeyId"])
        for spec in SPECS.values():
            for usage in spec.algorithms:
                if can_make(spec.name) and spec.size < 3000 and not spec.encrypts_data_keys:
                    metadata = calls.make_key(KeySpec=spec.name, KeyUsage=usage)
                    use_key_of(calls, metadata)
                    manage_key(calls, metadata["KeyId"])
        manage_key(calls, ordinary["KeyId"])
        end_key(calls, ordinary["KeyId"])
        calls.kms.generate_random(NumberOfBytes=9)
        rotate_and_replicate(calls)
        import_material(calls)
        use_key_stores(calls, world)
        yield calls


OPERATIONS = session().client("kms", "us-east-1").meta.service_model.operation_names


@pytest.mark.parametrize("operation", OPERATIONS)
def test_g5_an_answer_has_the_members_of_the_model(calls: Calls, operation: str) -> None:
    if operation in ("Encapsulate", "Decapsulate") and not can_make("ML_KEM_768"):
        pytest.skip("this version of cryptography has no ML-KEM")
    assert calls.found.get(operation, {"not called"}) == set()
