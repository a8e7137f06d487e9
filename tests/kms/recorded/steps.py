"""Steps towards a situation. What they make gets a name, by which requests and answers mean it."""

from __future__ import annotations

import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from tests.aws import REGION

from .rows import Scene, Step

CURVES: dict[str, ec.EllipticCurve] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}


def call(
    operation: str,
    *,
    service: str = "kms",
    at: str = REGION,
    keep: dict[str, str] | None = None,
    **request: Any,
) -> Step:
    """A call that succeeds.

    Args:
        operation: by its name in the API.
        service: of which service.
        at: in which Region.
        keep: names, and the members of the answer that they are given to: ``a.b`` is b in a.
        request: the parameters.
    """

    def step(scene: Scene) -> None:
        answer = scene.call(operation, service, at, request)
        for name, path in (keep or {}).items():
            value = answer
            for member in path.split("."):
                value = value[int(member) if member.isdigit() else member]
            scene.names[name] = value

    return step


def key(name: str = "key", *, at: str = REGION, **request: Any) -> Step:
    """A KMS key; its ID has the name, its ARN the name with ``_arn``."""
    keep = {name: "KeyMetadata.KeyId", f"{name}_arn": "KeyMetadata.Arn"}
    return call("CreateKey", at=at, keep=keep, **request)


def named(**values: Any) -> Step:
    """Names for values that the test chooses."""

    def step(scene: Scene) -> None:
        scene.names.update({name: scene.filled(value) for name, value in values.items()})

    return step


def advance(**how_long: float) -> Step:
    """Time passes."""
    return lambda scene: scene.world.clock.advance(**how_long)


def key_store(scene: Scene) -> None:
    """A custom key store, connected, and its cluster."""
    store = scene.world.create_key_store()
    scene.names.update(store=store.id, store_name=store.name, cluster=store.cluster.id)
    scene.names["anchor"] = store.cluster.trust_anchor


def stored_key(scene: Scene) -> None:
    """A key in a custom key store."""
    key_store(scene)
    key(Origin="AWS_CLOUDHSM", CustomKeyStoreId="{store}")(scene)


def bus(detail_type: str) -> Step:
    """A rule for events of a type, with a trail that is logging, and a queue: ``queue``."""

    def step(scene: Scene) -> None:
        queue = call("CreateQueue", service="sqs", keep={"queue": "QueueUrl"}, QueueName="queue")
        bucket = call("CreateBucket", service="s3", Bucket="audit")
        trail = {"Name": "audit", "S3BucketName": "audit"}
        made = call("CreateTrail", service="cloudtrail", **trail)
        logging = call("StartLogging", service="cloudtrail", Name="audit")
        pattern = json.dumps({"source": ["aws.kms"], "detail-type": [detail_type]})
        rule = call("PutRule", service="events", Name="rule", EventPattern=pattern)
        arn = "arn:aws:sqs:{region}:{account}:queue"
        target = {"Rule": "rule", "Targets": [{"Id": "queue", "Arn": arn}]}
        for each in (
            queue,
            bucket,
            made,
            logging,
            rule,
            call("PutTargets", service="events", **target),
        ):
            each(scene)

    return step


def changed(name: str, source: str, change: Any) -> Step:
    """What is made of something that has a name already."""

    def step(scene: Scene) -> None:
        scene.names[name] = change(scene.names[source])

    return step


# Imported key material ----------------------------------------------------------------------------


def material(spec: str) -> bytes:
    """Key material for a key spec, as ImportKeyMaterial takes it."""
    if spec == "SYMMETRIC_DEFAULT":
        return os.urandom(32)
    if spec.startswith("HMAC"):
        return os.urandom(int(spec.removeprefix("HMAC_")) // 8)
    private: Any
    if spec.startswith("RSA"):
        size = int(spec.removeprefix("RSA_"))
        private = rsa.generate_private_key(public_exponent=65537, key_size=size)
    else:
        private = ec.generate_private_key(CURVES[spec])
    return bytes(
        private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def wrapped(
    spec: str = "SYMMETRIC_DEFAULT",
    *,
    algorithm: str = "RSAES_OAEP_SHA_256",
    wrapping_spec: str = "RSA_2048",
    prefix: str = "",
    key_id: str = "{key}",
) -> Step:
    """New key material, wrapped for a key: ``token`` and ``wrapped``, behind the prefix."""

    def step(scene: Scene) -> None:
        keep = {"wrapping_key": "PublicKey", f"{prefix}token": "ImportToken"}
        call(
            "GetParametersForImport",
            keep=keep,
            KeyId=key_id,
            WrappingAlgorithm=algorithm,
            WrappingKeySpec=wrapping_spec,
        )(scene)
        public: Any = serialization.load_der_public_key(scene.names["wrapping_key"])
        digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
        oaep = padding.OAEP(padding.MGF1(digest), digest, label=None)
        plain = material(spec)
        if algorithm.startswith("RSA_AES"):
            wrapping = os.urandom(32)
            sealed = public.encrypt(wrapping, oaep) + aes_key_wrap_with_padding(wrapping, plain)
        else:
            sealed = public.encrypt(plain, oaep)
        scene.names[f"{prefix}wrapped"] = sealed

    return step


def imported(
    spec: str = "SYMMETRIC_DEFAULT", *, keep: dict[str, str] | None = None, **more: Any
) -> Step:
    """Key material is imported; ``more`` are parameters of ImportKeyMaterial, or of wrapped."""
    wrapping = {name: more.pop(name) for name in ("algorithm", "wrapping_spec") if name in more}
    request = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", **more}

    def step(scene: Scene) -> None:
        wrapped(spec, **wrapping)(scene)
        call(
            "ImportKeyMaterial",
            keep=keep,
            KeyId="{key}",
            ImportToken="{token}",
            EncryptedKeyMaterial="{wrapped}",
            **request,
        )(scene)

    return step


def encrypted_offline(plaintext: bytes, digest: hashes.HashAlgorithm) -> Step:
    """Somebody encrypts with the public key that KMS gives: ``blob``."""

    def step(scene: Scene) -> None:
        call("GetPublicKey", keep={"public_key": "PublicKey"}, KeyId="{key}")(scene)
        public: Any = serialization.load_der_public_key(scene.names["public_key"])
        oaep = padding.OAEP(padding.MGF1(digest), digest, label=None)
        scene.names["blob"] = public.encrypt(plaintext, oaep)

    return step


def public_key_of_somebody(name: str = "public_key", curve: str = "ECC_NIST_P256") -> Step:
    """The public key of a pair that somebody has made elsewhere."""

    def step(scene: Scene) -> None:
        pair = ec.generate_private_key(CURVES[curve])
        scene.names[name] = pair.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    return step
