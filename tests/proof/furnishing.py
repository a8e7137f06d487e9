"""A world with something of everything in it, for requests to be about."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from moto_cks import Cks
from tests.aws import REGION

KINDS: dict[str, dict[str, Any]] = {
    "symmetric": {},
    "ecc": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "mac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "agreeing": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "external": {"Origin": "EXTERNAL"},
    "primary": {"MultiRegion": True},
    "disabled": {},
    "pending": {},
}
"""The keys of a world that are in no key store."""

STORED = ("stored", "closed", "external key", "closed external key")
"""Those that are in one."""


def furnish(world: Cks, client: Any) -> dict[str, str]:
    """Make something of everything; what it is called, as it stands within a JSON string."""
    kms, cloudhsm = client("kms"), client("cloudhsmv2")
    store = world.create_key_store()
    closed = world.create_key_store("Closed", connect=True)
    names = {
        "store": store.id,
        "closed store": closed.id,
        "stored": store.create_key(),
        "closed": closed.create_key(),
        "cluster": store.cluster.id,
        "other cluster": closed.cluster.id,
        "hsm": store.cluster.hsms[0].id,
        "certificate": json.dumps(store.cluster.trust_anchor)[1:-1],
    }
    names["subnet"], names["other subnet"] = store.cluster.subnet_ids[:2]
    backups = cloudhsm.describe_backups()["Backups"]
    for name, owner in (("backup", store.cluster.id), ("other backup", closed.cluster.id)):
        names[name] = next(b["BackupId"] for b in backups if b["ClusterId"] == owner)
    names |= furnish_external(world)
    for name, kind in KINDS.items():
        names[name] = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=names["symmetric"])
    names["arn of symmetric"] = f"arn:aws:kms:{REGION}:123456789012:key/{names['symmetric']}"
    names["arn of alias"] = f"arn:aws:kms:{REGION}:123456789012:alias/mine"
    for name, key in (
        ("sealed", "symmetric"),
        ("sealed in the store", "stored"),
        ("sealed in the closed store", "closed"),
        ("sealed in the external store", "external key"),
        ("sealed in the closed external store", "closed external key"),
    ):
        blob = kms.encrypt(KeyId=names[key], Plaintext=b"text")["CiphertextBlob"]
        names[name] = b64encode(blob).decode()
    grant = kms.create_grant(
        KeyId=names["symmetric"],
        GranteePrincipal="arn:aws:iam::123456789012:role/grantee",
        Operations=["Encrypt"],
    )
    names["grant"], names["token"] = grant["GrantId"], grant["GrantToken"]
    given = kms.get_parameters_for_import(
        KeyId=names["external"],
        WrappingAlgorithm="RSAES_OAEP_SHA_256",
        WrappingKeySpec="RSA_2048",
    )
    names["import token"] = b64encode(given["ImportToken"]).decode()
    kms.disable_key(KeyId=names["disabled"])
    kms.schedule_key_deletion(KeyId=names["pending"])
    for name in ("closed store", "closed external store"):
        kms.disconnect_custom_key_store(CustomKeyStoreId=names[name])
    return names


def furnish_external(world: Cks) -> dict[str, str]:
    """External key stores with a key each, and a proxy that is free."""
    keys = ("external-key-1", "external-key-2", "disabled")
    proxy = world.xks_proxy("xks.example.com", keys=keys)
    proxy.key("disabled").disable()
    free = world.xks_proxy("free.example.com", keys=keys)
    store = world.create_external_key_store("External", proxy=proxy)
    closed = world.create_external_key_store("Closed external")
    return {
        "external store": store.id,
        "closed external store": closed.id,
        "external key": store.create_key("external-key-1"),
        "closed external key": closed.create_key(),
        "access key": free.credential.access_key_id,
        "secret": free.credential.secret_access_key,
    }
