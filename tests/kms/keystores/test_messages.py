"""What the errors of key stores say, whole."""

from __future__ import annotations

from typing import Any

from moto_cks import KeyStore
from tests.aws import client, error_of

FORBIDDEN = "ValidationException"
UNSUPPORTED = "UnsupportedOperationException"
NULL = "1 validation error detected: Value null at '{}' failed to satisfy constraint: {}"
MISSING = "Member must not be null"


def test_k6_keys_that_a_key_store_cannot_have(kms: Any, store: KeyStore) -> None:
    into = {"CustomKeyStoreId": store.id, "Origin": "AWS_CLOUDHSM"}
    required = "{} must be {} for a KMS key in an AWS CloudHSM key store."
    for request, refused in (
        (
            {"XksKeyId": "key"},
            (FORBIDDEN, "XksKeyId is not valid for a key in an AWS CloudHSM key store."),
        ),
        ({"Origin": "AWS_KMS"}, (UNSUPPORTED, required.format("Origin", "AWS_CLOUDHSM"))),
        ({"KeySpec": "RSA_2048"}, (UNSUPPORTED, required.format("KeySpec", "SYMMETRIC_DEFAULT"))),
        (
            {"CustomerMasterKeySpec": "RSA_2048"},
            (UNSUPPORTED, required.format("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT")),
        ),
        (
            {"KeyUsage": "SIGN_VERIFY"},
            (UNSUPPORTED, required.format("KeyUsage", "ENCRYPT_DECRYPT")),
        ),
        ({"MultiRegion": True}, (UNSUPPORTED, required.format("MultiRegion", False))),
    ):
        assert error_of(kms.create_key, **{**into, **request}) == refused


def test_k6_x19_a_key_store_that_there_is_not(kms: Any) -> None:
    """What is seen of the request comes first, by the kind that its origin says."""
    into, own = {"CustomKeyStoreId": "cks-1"}, "EXTERNAL_KEY_STORE"
    unknown = ("CustomKeyStoreNotFoundException", "The custom key store cks-1 was not found.")
    cloudhsm = "for a KMS key in an AWS CloudHSM key store."
    for request, refused in (
        ({"Origin": "AWS_CLOUDHSM"}, unknown),
        ({"Origin": own, "XksKeyId": "key"}, unknown),
        ({"Origin": "AWS_KMS"}, (UNSUPPORTED, f"Origin must be AWS_CLOUDHSM {cloudhsm}")),
        ({}, (UNSUPPORTED, f"Origin must be AWS_CLOUDHSM {cloudhsm}")),
    ):
        assert error_of(kms.create_key, **into, **request) == refused
    assert error_of(kms.create_key, Origin=own, XksKeyId="key") == (
        FORBIDDEN,
        f"CustomKeyStoreId is required for the origin {own}.",
    )


def test_k1_k3_k4_k5_what_is_said_of_key_stores(world: Any, kms: Any, store: KeyStore) -> None:
    store.create_key()
    cluster = store.cluster
    other = world.create_cluster()
    good = {
        "CustomKeyStoreName": "second",
        "CloudHsmClusterId": other.id,
        "TrustAnchorCertificate": other.trust_anchor,
        "KeyStorePassword": "kmsPswd1",
    }
    (mine,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    nothing = "cluster-abcdefghijk"

    def refused(**change: Any) -> tuple[str, str]:
        request = {**good, **change}
        given = {name: value for name, value in request.items() if value is not None}
        return error_of(kms.create_custom_key_store, **given)

    assert refused(CloudHsmClusterId=None) == (
        FORBIDDEN,
        NULL.format("cloudHsmClusterId", MISSING),
    )
    assert refused(TrustAnchorCertificate=None) == (
        FORBIDDEN,
        NULL.format("trustAnchorCertificate", MISSING),
    )
    assert refused(KeyStorePassword=None) == (
        FORBIDDEN,
        NULL.replace("Value null", "Value").format("keyStorePassword", MISSING),
    )
    assert refused(CloudHsmClusterId=nothing) == (
        "CloudHsmClusterNotFoundException",
        f"The CloudHSM cluster {nothing} was not found.",
    )
    assert refused(CloudHsmClusterId=cluster.id) == (
        "CloudHsmClusterInUseException",
        f"The CloudHSM cluster {cluster.id}, or one that shares a backup history with it, is "
        "associated with a custom key store.",
    )
    assert refused(TrustAnchorCertificate=mine["TrustAnchorCertificate"]) == (
        "IncorrectTrustAnchorException",
        "The trust anchor certificate is not the one with which the CloudHSM cluster "
        f"{other.id} was initialized.",
    )
    assert refused(CustomKeyStoreName=store.name) == (
        "CustomKeyStoreNameInUseException",
        f"The custom key store name {store.name} is already in use.",
    )
    it = {"CustomKeyStoreId": store.id}
    assert error_of(kms.update_custom_key_store, **it, CloudHsmClusterId=other.id) == (
        "CloudHsmClusterNotRelatedException",
        f"The CloudHSM cluster {other.id} has a different cluster certificate than the cluster of "
        "the custom key store.",
    )
    assert error_of(kms.delete_custom_key_store, **it) == (
        "CustomKeyStoreHasCMKsException",
        f"The custom key store {store.id} contains KMS keys.",
    )
    assert error_of(kms.connect_custom_key_store, CustomKeyStoreId="cks-1") == (
        "CustomKeyStoreNotFoundException",
        "The custom key store cks-1 was not found.",
    )
    assert error_of(kms.describe_custom_key_stores, CustomKeyStoreName="none") == (
        "CustomKeyStoreNotFoundException",
        "The custom key store none was not found.",
    )
    assert error_of(kms.describe_custom_key_stores, **it, CustomKeyStoreName="none") == (
        FORBIDDEN,
        "Specify either CustomKeyStoreId or CustomKeyStoreName, but not both.",
    )


def test_k1_a_cluster_that_a_key_store_cannot_use(world: Any, kms: Any, ec2: Any) -> None:
    cluster = world.create_cluster()
    request = {
        "CustomKeyStoreName": "mine",
        "CloudHsmClusterId": cluster.id,
        "TrustAnchorCertificate": cluster.trust_anchor,
        "KeyStorePassword": "kmsPswd1",
    }
    name = f"cloudhsm-{cluster.id}-sg"
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])[
        "SecurityGroups"
    ]
    rules = {"GroupId": group["GroupId"], "IpPermissions": group["IpPermissions"]}
    ec2.revoke_security_group_ingress(**rules)
    invalid = "CloudHsmClusterInvalidConfigurationException"
    assert error_of(kms.create_custom_key_store, **request) == (
        invalid,
        f"The security group of the CloudHSM cluster ({group['GroupId']}) must include inbound "
        "rules and outbound rules that allow TCP traffic over IPv4 on ports 2223-2225 within the "
        "group.",
    )
    ec2.authorize_security_group_ingress(**rules)
    hsms = client("cloudhsmv2")
    for hsm in cluster.hsms[1:]:
        hsms.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    assert error_of(kms.create_custom_key_store, **request) == (
        invalid,
        "CloudHSM cluster must contain active HSMs in at least two Availability Zones",
    )
    made = hsms.create_cluster(HsmType="hsm1.medium", SubnetIds=cluster.subnet_ids)["Cluster"]
    request["CloudHsmClusterId"] = made["ClusterId"]
    assert error_of(kms.create_custom_key_store, **request) == (
        "CloudHsmClusterNotActiveException",
        f"The CloudHSM cluster {made['ClusterId']} is not active: its state is UNINITIALIZED.",
    )


def test_k1_an_account_has_ten_key_stores(world: Any, kms: Any) -> None:
    for number in range(10):
        world.create_key_store(f"store {number}", connect=False)
    cluster = world.create_cluster()
    refused = error_of(
        kms.create_custom_key_store,
        CustomKeyStoreName="one more",
        CloudHsmClusterId=cluster.id,
        TrustAnchorCertificate=cluster.trust_anchor,
        KeyStorePassword="kmsPswd1",
    )
    assert refused == (
        "LimitExceededException",
        "The account has 10 custom key stores in this Region.",
    )


def test_f6_no_session_is_free(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    with world.faults.pkcs11_sessions_exhausted(store.cluster.id, times=None):
        assert error_of(kms.encrypt, KeyId=key_id, Plaintext=b"x") == (
            "KMSInternalException",
            "KMS could not complete the request because all PKCS #11 sessions of the CloudHSM "
            "cluster are in use. Retry your request.",
        )
