"""What ``cks.explain`` can be asked about, and by which names."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.kms.models import kms_backends

from moto_cks import HsmError, KeyStore, cks, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client
from tests.kms import delete_cluster, delete_hsms, restore
from tests.kms.user import User

ARN = "arn:aws:kms:us-east-1:123456789012:"


def told(subject: Any) -> list[tuple[str, str, bool]]:
    """The causes in order, when each is come upon, and whether it decides."""
    return [(r.cause, r.when, r.decides) for r in cks.explain(subject).reasons]


# Names --------------------------------------------------------------------------------------------


def test_every_name_of_a_key(world: Any, kms: Any, user: User) -> None:
    kms.create_alias(AliasName="alias/payments", TargetKeyId=user.key_id)
    kms.disable_key(KeyId=user.key_id)
    names = (user.key_id, f"{ARN}key/{user.key_id}", "alias/payments", f"{ARN}alias/payments")
    explanations = [world.explain(name) for name in names]
    assert {explanation.subject for explanation in explanations} == {user.key_id}
    assert len({str(explanation) for explanation in explanations}) == 1
    assert explanations[0].kind == "key"
    assert explanations[0].state == {
        "KeyState": "Disabled",
        "CustomKeyStoreId": user.store.id,
        "ConnectionState": "CONNECTED",
    }


def test_a_handle_or_the_id_of_one(world: Any, store: KeyStore) -> None:
    assert world.explain(store) == world.explain(store.id)
    assert world.explain(store.cluster) == world.explain(store.cluster.id)
    assert (world.explain(store).kind, world.explain(store).subject) == ("key-store", store.id)
    assert (world.explain(store.cluster).kind, world.explain(store.cluster).subject) == (
        "cluster",
        store.cluster.id,
    )


@pytest.mark.parametrize(
    "name",
    [
        "cks-1234567890abcdef0",
        "cluster-abcdefghijk",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        f"{ARN}key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "alias/unknown",
        f"{ARN}alias/unknown",
        "alias/aws/s3",
        "",
        "key/",
        "nonsense",
    ],
)
def test_unknown_names(world: Any, store: KeyStore, kms: Any, name: str) -> None:
    store.create_key()
    with pytest.raises(KeyError) as caught:
        world.explain(name)
    (sentence,) = caught.value.args
    assert sentence.startswith("There is no ")
    assert name in sentence
    assert len(kms.list_keys()["Keys"]) == 1  # nothing was made for the name


def test_an_arn_of_another_account_or_region_is_unknown(world: Any, user: User) -> None:
    for wrong in (
        f"arn:aws:kms:{OTHER_REGION}:123456789012:key/{user.key_id}",
        f"arn:aws:kms:us-east-1:{OTHER_ACCOUNT}:key/{user.key_id}",
        f"arn:aws-cn:kms:us-east-1:123456789012:key/{user.key_id}",
        f"{ARN}alias/{user.key_id}",
    ):
        with pytest.raises(KeyError):
            world.explain(wrong)


def test_an_alias_in_two_regions_is_ambiguous(world: Any, kms: Any) -> None:
    elsewhere = client("kms", OTHER_REGION)
    keys = []
    for each in (kms, elsewhere):
        key = each.create_key()["KeyMetadata"]
        each.create_alias(AliasName="alias/payments", TargetKeyId=key["KeyId"])
        keys.append(key)
    with pytest.raises(ValueError, match="Say which alias/payments: ") as caught:
        world.explain("alias/payments")
    assert all(key["Arn"] in str(caught.value) for key in keys)
    elsewhere.disable_key(KeyId=keys[1]["KeyId"])
    assert world.explain(f"{ARN}alias/payments")
    assert not world.explain(f"arn:aws:kms:{OTHER_REGION}:123456789012:alias/payments")


def test_a_multi_region_key_is_ambiguous_by_its_id(world: Any, kms: Any) -> None:
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion=OTHER_REGION)
    with pytest.raises(ValueError, match="Say which mrk-"):
        world.explain(key["KeyId"])
    assert world.explain(key["Arn"])


@pytest.mark.parametrize("subject", [None, 7, b"cks-1234567890abcdef0", ["cks-1"]])
def test_something_else(world: Any, subject: Any) -> None:
    with pytest.raises(TypeError, match="A key store, a cluster or the name"):
        world.explain(subject)


def test_outside_of_the_mock() -> None:
    with mock_cks():
        store = cks.create_key_store()
    for subject in (store, store.id, "alias/unknown"):
        with pytest.raises(RuntimeError, match="mock_cks is not on in this process"):
            cks.explain(subject)


def test_a_key_store_that_was_deleted(world: Any, kms: Any) -> None:
    store = world.create_key_store(connect=False)
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    with pytest.raises(KeyError, match=store.id):
        world.explain(store)
    assert world.explain(store.cluster)


# Keys ---------------------------------------------------------------------------------------------


def test_ordinary_keys(world: Any, kms: Any) -> None:
    for spec, usage in (
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ):
        key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        explanation = world.explain(key)
        assert explanation
        assert str(explanation) == f"Key {key} can be used."
        assert explanation.state == {"KeyState": "Enabled"}
        kms.disable_key(KeyId=key)
        explanation = world.explain(key)
        assert not explanation
        (reason,) = explanation.reasons
        assert (reason.cause, reason.error, reason.failure) == (
            "key-disabled",
            "DisabledException",
            None,
        )
        assert [step.commands for step in reason.steps] == [(f"aws kms enable-key --key-id {key}",)]
        kms.enable_key(KeyId=key)
        assert world.explain(key)


USES = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): (
        *("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyPair"),
        *("GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPairWithoutPlaintext"),
    ),
    ("RSA_2048", "SIGN_VERIFY"): ("Sign", "Verify"),
    ("HMAC_256", "GENERATE_VERIFY_MAC"): ("GenerateMac", "VerifyMac"),
    ("ECC_NIST_P256", "KEY_AGREEMENT"): ("DeriveSharedSecret",),
}


@pytest.mark.parametrize("kind", USES, ids=str)
def test_a_call_on_a_key_that_will_fail(world: Any, kms: Any, kind: tuple[str, str]) -> None:
    spec, usage = kind
    key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    for operation in {each for operations in USES.values() for each in operations}:
        with world.faults.fail(operation, "KMSInternalException"):
            told = [(r.cause, r.error, r.facts["operation"]) for r in world.explain(key).reasons]
        expected = ("injected-failure", "KMSInternalException", operation)
        assert told == ([expected] if operation in USES[kind] else [])
    assert world.explain(key)


def test_a_key_pending_deletion(noon: Any, world: Any, kms: Any, user: User) -> None:
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    for key in (ordinary, user.key_id):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
        (reason,) = world.explain(key).reasons
        assert (reason.cause, reason.error) == ("key-pending-deletion", "KMSInvalidStateException")
        assert reason.what == "It is pending deletion, and is deleted at 2030-01-11 12:00 UTC."
        assert [step.name for step in reason.steps] == ["cancel-deletion", "enable-key"]
    kms.cancel_key_deletion(KeyId=user.key_id)
    assert told(user.key_id) == [("key-disabled", "now", True)]


def test_o1_o2_a_key_that_was_deleted(noon: Any, world: Any, kms: Any, user: User) -> None:
    ordinary = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/old", TargetKeyId=ordinary)
    for key in (ordinary, user.key_id):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
    world.clock.advance(days=12)
    explanation = world.explain(ordinary)
    assert str(explanation) == (
        f"Key {ordinary.rpartition('/')[2]} cannot be used: it was deleted 2 days ago, at the end "
        "of its waiting period."
    )
    (reason,) = explanation.reasons
    assert (reason.failure, reason.error, reason.steps) == (None, "NotFoundException", ())
    assert reason.since == datetime.datetime(2030, 1, 11, 12, tzinfo=datetime.timezone.utc)
    assert told(user.key_id) == [("key-deleted", "now", True)]
    for gone in ("alias/old", f"{ARN}key/{ordinary.rpartition('/')[2]}x"):
        with pytest.raises(KeyError, match="There is no KMS key"):
            world.explain(gone)
    with pytest.raises(KeyError):
        world.explain(ordinary.replace("us-east-1", OTHER_REGION))


def test_o3_the_key_material_of_a_key_that_was_deleted(world: Any, kms: Any, user: User) -> None:
    other = user.store.create_key()
    for key in (user.key_id, other):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    user.disconnect()
    world.clock.advance(days=7)
    explanation = world.explain(user.key_id)
    deleted, left = explanation.reasons
    assert (deleted.failure, deleted.facts["material_deleted"]) == ("key-deleted", False)
    assert (left.failure, left.facts["keys"]) == ("orphaned-key-material", [user.key_id])
    assert left.facts["handles"] == [deleted.facts["handle"]]
    assert other not in str(explanation)
    assert [step.name for step in left.steps][-1] == "connect"


def test_a_key_that_was_deleted_and_its_key_store_after_it(world: Any, user: User) -> None:
    user.kms.schedule_key_deletion(KeyId=user.key_id, PendingWindowInDays=7)
    world.clock.advance(days=7)
    user.disconnect()
    user.kms.delete_custom_key_store(CustomKeyStoreId=user.store.id)
    assert told(user.key_id) == [("key-deleted", "now", True)]
    assert world.explain(user.key_id).state == {}


def test_a_key_pending_import(
    noon: Any, world: Any, kms: Any, import_material: Callable[..., None]
) -> None:
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    (reason,) = world.explain(key).reasons
    assert (reason.cause, reason.error) == ("key-pending-import", "KMSInvalidStateException")
    assert reason.what == "No key material has been imported."
    assert [step.name for step in reason.steps] == ["import-key-material"]
    import_material(key, datetime.timedelta(days=2))
    assert world.explain(key)
    world.clock.advance(days=3)
    (reason,) = world.explain(key).reasons
    assert reason.what == "Its imported key material has expired or was deleted."


@pytest.fixture
def import_material(kms: Any) -> Callable[..., None]:
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    def bring(key: str, lasts: datetime.timedelta) -> None:
        parameters = kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        public = serialization.load_der_public_key(parameters["PublicKey"])
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        kms.import_key_material(
            KeyId=key,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=public.encrypt(bytes(32), oaep),  # type: ignore[union-attr]
            ExpirationModel="KEY_MATERIAL_EXPIRES",
            ValidTo=cks.clock.now() + lasts,
        )

    return bring


def test_u8_states_that_no_call_leads_to(world: Any, kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms_backends["123456789012"]["us-east-1"].keys[key].key_state = "Creating"
    (reason,) = world.explain(key).reasons
    assert (reason.cause, reason.error) == ("key-creating", "KMSInvalidStateException")
    assert (reason.what, reason.steps, reason.page) == ("Its state is Creating.", (), "")
    assert str(world.explain(key)) == f"Key {key} cannot be used: its state is Creating."


def test_u5_a_key_that_is_disabled_in_a_key_store_that_is_not_connected(
    kms: Any, user: User
) -> None:
    kms.disable_key(KeyId=user.key_id)
    assert told(user.key_id) == [("key-disabled", "now", True)]
    user.disconnect()
    assert told(user.key_id) == [
        ("store-disconnected", "now", True),
        ("key-disabled", "now", False),
    ]
    assert told(user.store) == [("store-disconnected", "now", True)]


def test_r1_each_key_has_its_own_backup(noon: Any, world: Any, user: User) -> None:
    """The newest that has it; a key that is younger than all backups is lost."""
    world.clock.advance(days=1)
    younger = user.store.create_key()
    for key in user.store.cluster.hsms[0].keys:
        user.store.cluster.delete_key(key.handle)
    explanations = world.explain(user.key_id), world.explain(younger)
    assert [e.reasons[0].failure for e in explanations] == [
        "key-material-deleted",
        "key-material-lost",
    ]
    assert explanations[0].reasons[0].facts["backup_made"] == "2030-01-02T12:00:00Z"


def test_r1_the_password_in_the_backup(noon: Any, world: Any, user: User) -> None:
    world.clock.advance(days=1)
    user.reconnect()  # sets another password
    handle = user.store.cluster.hsms[0].keys[0].handle
    user.store.cluster.delete_key(handle)
    (reason,) = world.explain(user.key_id).reasons
    assert reason.facts["password_known"] is False
    assert "its kmsuser does not have the password that KMS holds" in reason.what
    assert [step.name for step in reason.steps] == [
        "cluster-from-backup",
        "hsms-in-two-zones",
        "disconnect",
        "point",
        "set-password",
        "tell-password",
        "connect",
    ]


def test_r1_a_backup_of_another_cluster_with_the_same_handle_is_none(
    noon: Any, world: Any, user: User
) -> None:
    other = User(world.create_key_store("Second"))
    handle = user.store.cluster.hsms[0].keys[0].handle
    assert handle == other.store.cluster.hsms[0].keys[0].handle
    delete_hsms(other.store.cluster)  # makes a backup
    user.store.cluster.delete_key(handle)
    assert told(user.key_id)[0][0] == "key-material-lost"


def test_c5_7_the_newest_backup_does_not_have_every_key(
    world: Any, ec2: Any, cloudhsm: Any, user: User
) -> None:
    cluster = user.store.cluster
    user.disconnect()
    ec2.delete_subnet(SubnetId=cluster.subnet_ids[2])
    user.connect()
    (reason,) = world.explain(user.store).reasons
    assert reason.what.endswith(". 1 key is not in it: a backup is made with a new HSM.")
    zone = cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)
    (reason,) = world.explain(user.store).reasons
    assert reason.what.endswith("; its password is the one that KMS holds.")


# Clusters -----------------------------------------------------------------------------------------


def test_a_cluster_without_a_key_store(world: Any, cloudhsm: Any) -> None:
    cluster = world.create_cluster()
    explanation = world.explain(cluster)
    assert explanation
    assert explanation.reasons == ()
    assert explanation.state == {
        "State": "ACTIVE",
        "Hsms": {hsm.id: "ACTIVE" for hsm in cluster.hsms},
    }
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=cluster.hsms[1].id)
    assert told(cluster) == [("one-hsm-left", "creation", False)]
    assert "But CreateCustomKeyStore is refused: " in str(world.explain(cluster))
    delete_hsms(cluster)
    assert told(cluster) == [("all-hsms-deleted", "now", True)]
    delete_cluster(cluster)
    with pytest.raises(KeyError, match=cluster.id):
        world.explain(cluster)


def test_c4_k1_a_cluster_in_one_zone(world: Any) -> None:
    cluster = world.create_cluster(zones=["us-east-1a"])
    assert told(cluster) == [
        ("subnets-in-one-zone", "creation", False),
        ("one-hsm-left", "creation", False),
    ]
    (reason, _) = world.explain(cluster).reasons
    assert reason.failure == "subnets-in-one-zone"
    assert reason.error == "CloudHsmClusterInvalidConfigurationException"
    assert reason.facts["subnet_zones"] == ["us-east-1a"]
    with pytest.raises(ClientError, match="private subnets in at least two"):
        world.create_key_store(cluster=cluster)


def test_h2_a_cluster_that_is_not_activated(world: Any, cloudhsm: Any, ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")
        for n, z in enumerate("ab")
    ]
    made = cloudhsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=[each["Subnet"]["SubnetId"] for each in subnets],
    )["Cluster"]["ClusterId"]
    reasons = cks.explain(made).reasons
    assert [reason.cause for reason in reasons] == ["cluster-not-activated", "all-hsms-deleted"]
    assert reasons[0].facts["state"] == "UNINITIALIZED"
    assert [step.name for step in reasons[0].steps] == ["initialize", "activate"]
    assert not cks.explain(made)


def test_c5_9_p4_users_of_a_cluster_without_a_key_store(world: Any) -> None:
    cluster = world.create_cluster()
    with cluster.login("CU", "kmsuser", "kmsPswd1"):
        assert told(cluster) == [("user-logged-in", "next-connect", False)]
    for _ in range(5):
        with pytest.raises(HsmError):
            cluster.login("CU", "kmsuser", "wrongPassword1", hsms=[cluster.hsms[1]])
    assert told(cluster) == [("user-locked-out", "next-connect", False)]
    cluster.change_password("CU", "kmsuser", "kmsPswd2")
    assert told(cluster) == []
    cluster.delete_user("CU", "kmsuser")
    assert told(cluster) == [("user-not-found", "next-connect", False)]


def test_other_users_who_are_locked(noon: Any, world: Any, store: KeyStore) -> None:
    cluster = store.cluster
    cluster.create_user("CO", "officer", "officerPswd1")
    for _ in range(5):
        with pytest.raises(HsmError):
            cluster.login("CO", "officer", "wrongPassword1", hsms=[cluster.hsms[0]])
    world.clock.advance(minutes=3)
    explanation = world.explain(cluster)
    assert explanation
    (reason,) = explanation.reasons
    assert (reason.cause, reason.failure, reason.when) == ("hsm-user-locked-out", None, "login")
    assert reason.what == "5 wrong logins as CO officer on 1 of 2 HSMs, the last 3 minutes ago."
    assert (
        "But for who logs in: USER_LOCKED_OUT, 5 wrong logins as CO officer on 1 of 2 HSMs"
    ) in str(explanation)
    assert world.explain(store).reasons == ()


def test_f9_a_cluster_out_of_reach(world: Any, store: KeyStore) -> None:
    alone = world.create_cluster()
    for cluster in (store.cluster, alone):
        with world.faults.unreachable(cluster.id):
            ((cause, when, decides),) = told(cluster)
            assert (cause, when, decides) == ("cluster-unreachable", "now", True)
            assert not world.explain(cluster)
        assert world.explain(cluster)


def test_h2_an_hsm_that_is_not_active_yet(
    noon: Any, world: Any, user: User, cloudhsm: Any, transition: Callable[..., None]
) -> None:
    cluster = user.store.cluster
    zone = cluster.hsms[0].availability_zone
    delete_hsms(cluster)
    transition("cloudhsmv2::hsm", progression="time", seconds=300)
    hsm = cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)["Hsm"]["HsmId"]
    explanation = world.explain(cluster)
    assert explanation.state["Hsms"] == {hsm: "CREATE_IN_PROGRESS"}
    assert explanation.reasons[0].what == (
        f"{cluster.id} has no active HSM: {hsm} is CREATE_IN_PROGRESS."
    )
    world.clock.advance(minutes=5)
    assert world.explain(cluster)
    assert world.explain(user.key_id)


def test_a_cluster_that_a_key_store_has_left(world: Any, kms: Any, user: User) -> None:
    old = user.store.cluster
    delete_hsms(old)
    made = restore(world, old)
    user.disconnect()
    kms.update_custom_key_store(CustomKeyStoreId=user.store.id, CloudHsmClusterId=made.id)
    assert user.connect() == ("CONNECTED", None)
    assert world.explain(made).state["CustomKeyStoreId"] == user.store.id
    assert "CustomKeyStoreId" not in world.explain(old).state
    assert not world.explain(old)
