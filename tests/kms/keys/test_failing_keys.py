"""Rows F1 to F9 (F6 apart): keys that fail while they read Enabled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import client, error_of
from tests.kms import NO_COMMUNICATION, connect, disconnect

UNREACHABLE = ("KMSInvalidStateException", NO_COMMUNICATION)
UNSUPPORTED = "UnsupportedOperationException"
INVALID_CONFIGURATION = "CloudHsmClusterInvalidConfigurationException"


class Key:
    """A KMS key in a key store, and a ciphertext of it."""

    def __init__(self, store: KeyStore) -> None:
        self.kms = client("kms")
        self.store = store
        self.id = store.create_key()
        self.arn = self.kms.describe_key(KeyId=self.id)["KeyMetadata"]["Arn"]
        self.ciphertext = self.kms.encrypt(KeyId=self.id, Plaintext=b"text")["CiphertextBlob"]

    @property
    def handle(self) -> int:
        (handle,) = [key.handle for key in self.store.cluster.hsms[0].keys if key.label == self.arn]
        return handle

    def states(self) -> tuple[str, str]:
        """KeyState, and ConnectionState of its key store."""
        (store,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store.id)[
            "CustomKeyStores"
        ]
        metadata = self.kms.describe_key(KeyId=self.id)["KeyMetadata"]
        assert metadata["Enabled"] == (metadata["KeyState"] == "Enabled")
        return metadata["KeyState"], store["ConnectionState"]

    def calls(self) -> list[tuple[Callable[..., Any], dict[str, Any]]]:
        """Each cryptographic operation with its parameters."""
        ordinary = self.kms.create_key()["KeyMetadata"]["KeyId"]
        blob = self.kms.encrypt(KeyId=ordinary, Plaintext=b"text")["CiphertextBlob"]
        return [
            (self.kms.encrypt, {"KeyId": self.id, "Plaintext": b"text"}),
            (self.kms.decrypt, {"CiphertextBlob": self.ciphertext}),
            (self.kms.generate_data_key, {"KeyId": self.id, "KeySpec": "AES_128"}),
            (
                self.kms.generate_data_key_without_plaintext,
                {"KeyId": self.id, "KeySpec": "AES_256"},
            ),
            (
                self.kms.re_encrypt,
                {"CiphertextBlob": self.ciphertext, "DestinationKeyId": ordinary},
            ),
            (self.kms.re_encrypt, {"CiphertextBlob": blob, "DestinationKeyId": self.id}),
        ]

    def fails(self, error: tuple[str, str]) -> None:
        for call, parameters in self.calls():
            assert error_of(call, **parameters) == error

    def works(self) -> None:
        for call, parameters in self.calls():
            call(**parameters)
        assert self.kms.decrypt(CiphertextBlob=self.ciphertext)["Plaintext"] == b"text"


@pytest.fixture
def key(store: KeyStore) -> Key:
    return Key(store)


def create_key_error(store: KeyStore, **parameters: Any) -> tuple[str, str]:
    """The error of CreateKey in a key store, which then has made nothing."""
    kms = client("kms")
    keys = [hsm.keys for hsm in store.cluster.hsms]
    listed = kms.list_keys()["Keys"]
    parameters = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store.id, **parameters}
    error = error_of(kms.create_key, **parameters)
    assert kms.list_keys()["Keys"] == listed
    assert [hsm.keys for hsm in store.cluster.hsms] == keys
    return error


# F1 and F2 ---------------------------------------------------------------------------------------


def test_f1_no_keys_in_a_disconnected_store(kms: Any, store: KeyStore) -> None:
    disconnect(store)
    code, _ = create_key_error(store)
    assert code == "CustomKeyStoreInvalidStateException"
    connect(store)
    store.create_key()


def test_f1_nor_in_one_that_never_was_connected(world: Any) -> None:
    store = world.create_key_store(connect=False)
    assert create_key_error(store)[0] == "CustomKeyStoreInvalidStateException"


def test_f1_nor_while_connecting_or_failed(
    kms: Any, store: KeyStore, transition: Callable[..., None]
) -> None:
    disconnect(store)
    store.cluster.change_password("CU", "kmsuser", "otherPswd1")
    transition("cks::connection", progression="manual", times=1)
    connect(store)
    assert create_key_error(store)[0] == "CustomKeyStoreInvalidStateException"
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    assert entry["ConnectionState"] == "FAILED"
    assert create_key_error(store)[0] == "CustomKeyStoreInvalidStateException"


def test_f1_an_unknown_store(store: KeyStore) -> None:
    code, _ = create_key_error(store, CustomKeyStoreId="cks-1234567890abcdef0")
    assert code == "CustomKeyStoreNotFoundException"


def test_f2_no_cryptography_in_a_disconnected_store(store: KeyStore, key: Key) -> None:
    disconnect(store)
    key.fails(("KMSInvalidStateException", f"{key.arn} is unavailable."))
    assert key.states() == ("Unavailable", "DISCONNECTED")
    connect(store)
    key.works()


# F3: the key material is gone --------------------------------------------------------------------


@pytest.mark.parametrize("operation", range(6))
def test_f3_key_material_deleted(store: KeyStore, key: Key, operation: int) -> None:
    store.cluster.delete_key(key.handle)
    assert key.states() == ("Enabled", "CONNECTED")
    call, parameters = key.calls()[operation]
    assert error_of(call, **parameters)[0] == "KMSInvalidStateException"
    assert key.states() == ("Unavailable", "CONNECTED")
    key.fails(("KMSInvalidStateException", f"{key.arn} is unavailable."))


def test_f3_is_found_out_again_after_reconnecting(store: KeyStore, key: Key) -> None:
    store.cluster.delete_key(key.handle)
    error_of(key.kms.decrypt, CiphertextBlob=key.ciphertext)
    disconnect(store)
    connect(store)
    assert key.states() == ("Enabled", "CONNECTED")
    assert error_of(key.kms.decrypt, CiphertextBlob=key.ciphertext)[0] == "KMSInvalidStateException"
    assert key.states() == ("Unavailable", "CONNECTED")


def test_f3_one_hsm_that_has_it_is_enough(store: KeyStore, key: Key) -> None:
    first, second = store.cluster.hsms
    handle = key.handle
    store.cluster.delete_key(handle, hsms=[first])
    key.works()
    store.cluster.delete_key(handle, hsms=[second])
    assert error_of(key.kms.decrypt, CiphertextBlob=key.ciphertext)[0] == "KMSInvalidStateException"


def test_f3_other_keys_of_the_store_work(store: KeyStore, key: Key) -> None:
    other = Key(store)
    store.cluster.delete_key(key.handle)
    error_of(key.kms.encrypt, KeyId=key.id, Plaintext=b"text")
    other.works()
    assert other.states() == ("Enabled", "CONNECTED")


def test_f3_a_disabled_key_does_not_look(kms: Any, store: KeyStore, key: Key) -> None:
    store.cluster.delete_key(key.handle)
    kms.disable_key(KeyId=key.id)
    assert error_of(kms.decrypt, CiphertextBlob=key.ciphertext)[0] == "DisabledException"
    assert key.states() == ("Disabled", "CONNECTED")


def test_f3_a_key_that_lost_its_material_can_be_deleted(
    kms: Any, store: KeyStore, key: Key
) -> None:
    store.cluster.delete_key(key.handle)
    error_of(kms.decrypt, CiphertextBlob=key.ciphertext)
    kms.schedule_key_deletion(KeyId=key.id)
    assert key.states() == ("PendingDeletion", "CONNECTED")


# F4 and F5: the HSMs or the cluster are gone -----------------------------------------------------


def delete_hsms(store: KeyStore) -> list[str]:
    """Delete all HSMs; returns their Availability Zones."""
    hsms = store.cluster.hsms
    for hsm in hsms:
        client("cloudhsmv2").delete_hsm(ClusterId=store.cluster.id, HsmId=hsm.id)
    return [hsm.availability_zone for hsm in hsms]


def test_f4_without_hsms(cloudhsm: Any, store: KeyStore, key: Key) -> None:
    zones = delete_hsms(store)
    key.fails(UNREACHABLE)
    assert key.states() == ("Enabled", "CONNECTED")
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zones[0])
    key.works()
    assert key.states() == ("Enabled", "CONNECTED")


def test_f4_one_hsm_is_enough(cloudhsm: Any, store: KeyStore, key: Key) -> None:
    first, _ = store.cluster.hsms
    cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=first.id)
    key.works()


def test_f4_an_hsm_that_is_being_created_does_not_help(
    cloudhsm: Any, store: KeyStore, key: Key, transition: Callable[..., None]
) -> None:
    zones = delete_hsms(store)
    transition("cloudhsmv2::hsm", progression="manual", times=1)
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zones[0])
    key.fails(UNREACHABLE)
    cloudhsm.describe_clusters(Filters={"clusterIds": [store.cluster.id]})
    key.works()


def test_f4_and_no_key_can_be_created(store: KeyStore) -> None:
    delete_hsms(store)
    assert create_key_error(store)[0] == INVALID_CONFIGURATION


def test_f5_cluster_deleted(kms: Any, cloudhsm: Any, store: KeyStore, key: Key) -> None:
    cluster = store.cluster
    zones, subnets = delete_hsms(store), cluster.subnet_ids
    cloudhsm.delete_cluster(ClusterId=cluster.id)
    key.fails(UNREACHABLE)
    assert key.states() == ("Enabled", "CONNECTED")
    keys = kms.list_keys()["Keys"]
    code, _ = error_of(kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=store.id)
    assert code == INVALID_CONFIGURATION
    assert kms.list_keys()["Keys"] == keys

    backup = cloudhsm.describe_backups(Filters={"clusterIds": [cluster.id]}, SortAscending=False)[
        "Backups"
    ][0]
    second = cloudhsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=subnets, SourceBackupId=backup["BackupId"]
    )["Cluster"]
    for zone in zones:
        cloudhsm.create_hsm(ClusterId=second["ClusterId"], AvailabilityZone=zone)
    key.fails(UNREACHABLE)  # a related cluster alone is of no use
    disconnect(store)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, CloudHsmClusterId=second["ClusterId"])
    connect(store)
    assert key.states() == ("Enabled", "CONNECTED")
    key.works()
    metadata = kms.describe_key(KeyId=key.id)["KeyMetadata"]
    assert metadata["CloudHsmClusterId"] == second["ClusterId"]


def test_f5_reconnecting_without_the_cluster_fails(
    cloudhsm: Any, store: KeyStore, key: Key
) -> None:
    delete_hsms(store)
    cloudhsm.delete_cluster(ClusterId=store.cluster.id)
    disconnect(store)
    connect(store)
    assert key.states() == ("Unavailable", "FAILED")


# F7 and F8: which keys can be created, and when --------------------------------------------------


UNSUPPORTED_KEYS: list[dict[str, Any]] = [
    {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    {"CustomerMasterKeySpec": "RSA_2048"},
    {"KeyUsage": "SIGN_VERIFY"},
    {"MultiRegion": True},
    {"Origin": "EXTERNAL"},
    {"Origin": "AWS_KMS"},
]


def test_f7_only_symmetric_single_region_keys(store: KeyStore) -> None:
    for parameters in UNSUPPORTED_KEYS:
        assert create_key_error(store, **parameters)[0] == UNSUPPORTED, parameters


def test_f7_what_is_supported_may_be_said(kms: Any, store: KeyStore) -> None:
    store.create_key(KeySpec="SYMMETRIC_DEFAULT", KeyUsage="ENCRYPT_DECRYPT", MultiRegion=False)
    store.create_key(CustomerMasterKeySpec="SYMMETRIC_DEFAULT")
    assert len(kms.list_keys()["Keys"]) == 2


def test_f7_no_external_key(store: KeyStore) -> None:
    assert create_key_error(store, XksKeyId="external")[0] == "ValidationException"
    assert create_key_error(store, Origin="EXTERNAL_KEY_STORE")[0] == "ValidationException"


@pytest.mark.parametrize("origin", ["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"])
def test_f7_no_key_of_a_key_store_without_one(kms: Any, store: KeyStore, origin: str) -> None:
    assert error_of(kms.create_key, Origin=origin)[0] == "ValidationException"
    assert kms.list_keys()["Keys"] == []


UNSUPPORTED_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("enable_key_rotation", {}),
    ("disable_key_rotation", {}),
    ("get_key_rotation_status", {}),
    ("rotate_key_on_demand", {}),
    ("list_key_rotations", {}),
    ("get_public_key", {}),
    ("replicate_key", {"ReplicaRegion": "eu-west-1"}),
    ("update_primary_region", {"PrimaryRegion": "eu-west-1"}),
    ("generate_data_key_pair", {"KeyPairSpec": "RSA_2048"}),
    ("generate_data_key_pair_without_plaintext", {"KeyPairSpec": "RSA_2048"}),
    (
        "get_parameters_for_import",
        {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    ),
    ("import_key_material", {"ImportToken": b"t", "EncryptedKeyMaterial": b"m"}),
    ("delete_imported_key_material", {}),
]


def test_f7_what_keys_in_a_store_cannot_do(kms: Any, key: Key) -> None:
    before = kms.describe_key(KeyId=key.id)["KeyMetadata"]
    for method, parameters in UNSUPPORTED_CALLS:
        assert error_of(getattr(kms, method), KeyId=key.id, **parameters) == (
            UNSUPPORTED,
            f"{key.arn} origin is AWS_CLOUDHSM which is not valid for this operation.",
        ), method
    assert kms.describe_key(KeyId=key.id)["KeyMetadata"] == before
    key.works()


SIGN = {"Message": b"text", "SigningAlgorithm": "ECDSA_SHA_256"}
MAC = {"Message": b"text", "MacAlgorithm": "HMAC_SHA_256"}


OTHER_USAGES: list[tuple[str, str, dict[str, Any]]] = [
    ("sign", "Sign", SIGN),
    ("verify", "Verify", {**SIGN, "Signature": b"s"}),
    ("generate_mac", "GenerateMac", MAC),
    ("verify_mac", "VerifyMac", {**MAC, "Mac": b"m"}),
    (
        "derive_shared_secret",
        "DeriveSharedSecret",
        {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"k"},
    ),
]


def test_f7_they_encrypt_and_decrypt_only(kms: Any, key: Key) -> None:
    for method, operation, parameters in OTHER_USAGES:
        assert error_of(getattr(kms, method), KeyId=key.id, **parameters) == (
            "InvalidKeyUsageException",
            f"{key.arn} key usage is ENCRYPT_DECRYPT which is not valid for {operation}.",
        )


def test_f7_with_the_symmetric_algorithm_only(kms: Any, key: Key) -> None:
    wrong = "RSAES_OAEP_SHA_256"
    blob = {"CiphertextBlob": key.ciphertext}
    for call, parameters in (
        (kms.encrypt, {"KeyId": key.id, "Plaintext": b"text", "EncryptionAlgorithm": wrong}),
        (kms.decrypt, {**blob, "EncryptionAlgorithm": wrong}),
        (kms.re_encrypt, {**blob, "DestinationKeyId": key.id, "SourceEncryptionAlgorithm": wrong}),
        (
            kms.re_encrypt,
            {**blob, "DestinationKeyId": key.id, "DestinationEncryptionAlgorithm": wrong},
        ),
    ):
        assert error_of(call, **parameters)[0] == "InvalidKeyUsageException"


def test_f8_a_key_needs_two_hsms(cloudhsm: Any, store: KeyStore, key: Key) -> None:
    _, second = store.cluster.hsms
    cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=second.id)
    assert create_key_error(store)[0] == INVALID_CONFIGURATION
    key.works()
    key.kms.generate_random(NumberOfBytes=8, CustomKeyStoreId=store.id)
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=second.availability_zone)
    store.create_key()


def test_f8_in_different_availability_zones(cloudhsm: Any, store: KeyStore) -> None:
    first, second = store.cluster.hsms
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=first.availability_zone)
    cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=second.id)
    assert len(store.cluster.hsms) == 2
    assert create_key_error(store)[0] == INVALID_CONFIGURATION


def test_f8_that_are_active(
    cloudhsm: Any, store: KeyStore, transition: Callable[..., None]
) -> None:
    _, second = store.cluster.hsms
    cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=second.id)
    transition("cloudhsmv2::hsm", progression="manual", times=1)
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=second.availability_zone)
    assert create_key_error(store)[0] == INVALID_CONFIGURATION
    cloudhsm.describe_clusters(Filters={"clusterIds": [store.cluster.id]})
    store.create_key()


# F9: the network ---------------------------------------------------------------------------------


@pytest.fixture
def group(ec2: Any, store: KeyStore) -> dict[str, Any]:
    """The security group of the cluster."""
    (found,) = ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"cloudhsm-{store.cluster.id}-sg"]}]
    )["SecurityGroups"]
    return dict(found)


@pytest.mark.parametrize(
    ("direction", "permissions"), [("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")]
)
def test_f9_security_group_rules(
    ec2: Any, key: Key, group: dict[str, Any], direction: str, permissions: str
) -> None:
    rules = {"GroupId": group["GroupId"], "IpPermissions": group[permissions]}
    getattr(ec2, f"revoke_security_group_{direction}")(**rules)
    key.fails(UNREACHABLE)
    assert key.states() == ("Enabled", "CONNECTED")
    assert create_key_error(key.store)[0] == INVALID_CONFIGURATION
    getattr(ec2, f"authorize_security_group_{direction}")(**rules)
    key.works()
    store_again = key.store.create_key()
    assert store_again != key.id


def test_f9_one_port_is_enough_to_fail(ec2: Any, key: Key, group: dict[str, Any]) -> None:
    ec2.revoke_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
    )
    (rule,) = group["IpPermissions"]
    for port in (2223, 2225):
        key.fails(UNREACHABLE)
        ec2.authorize_security_group_ingress(
            GroupId=group["GroupId"], IpPermissions=[{**rule, "FromPort": port, "ToPort": port}]
        )
    key.fails(UNREACHABLE)
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=[{**rule, "FromPort": 2224, "ToPort": 2224}]
    )
    key.works()
