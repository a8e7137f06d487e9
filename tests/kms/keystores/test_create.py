"""CreateCustomKeyStore: K1, K2, N2."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client, error_of
from tests.kms import delete_cluster, delete_hsms, restore

PASSWORD = "kmsPswd1"
ROLE = "AWSServiceRoleForKeyManagementServiceCustomKeyStores"
INVALID_CONFIGURATION = "CloudHsmClusterInvalidConfigurationException"


def request(cluster: Any, name: str = "ExampleKeyStore", **changes: str) -> dict[str, str]:
    """The parameters of CreateCustomKeyStore."""
    return {
        "CustomKeyStoreName": name,
        "CloudHsmClusterId": cluster.id,
        "TrustAnchorCertificate": cluster.trust_anchor,
        "KeyStorePassword": PASSWORD,
        **changes,
    }


def created(cluster: Any, name: str = "ExampleKeyStore", **changes: str) -> str:
    """Create a key store with a client of the cluster's account and Region; its ID."""
    kms = client("kms", cluster.region, cluster.account_id)
    return str(kms.create_custom_key_store(**request(cluster, name, **changes))["CustomKeyStoreId"])


def refused(cluster: Any, name: str = "ExampleKeyStore", **changes: str) -> str:
    """The code of the error, after which everything must be as before."""
    kms = client("kms", cluster.region, cluster.account_id)
    before = kms.describe_custom_key_stores()["CustomKeyStores"]
    code, _ = error_of(kms.create_custom_key_store, **request(cluster, name, **changes))
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == before
    return code


@pytest.fixture
def cluster(world: Any) -> Any:
    """A cluster that is ready for a key store."""
    return world.create_cluster()


# The answer --------------------------------------------------------------------------------------


def test_k1_create_answers_with_the_id_alone(cluster: Any, kms: Any) -> None:
    answer = kms.create_custom_key_store(**request(cluster), CustomKeyStoreType="AWS_CLOUDHSM")
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    (store_id,) = answer.values()
    assert list(answer) == ["CustomKeyStoreId"]
    assert store_id.startswith("cks-")
    assert len(store_id) == len("cks-1234567890abcdef0")
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert (entry["CustomKeyStoreId"], entry["ConnectionState"]) == (store_id, "DISCONNECTED")


# The name ----------------------------------------------------------------------------------------


def test_k1_the_name_is_unique(world: Any, cluster: Any) -> None:
    created(cluster, "first")
    other = world.create_cluster()
    assert refused(other, "first") == "CustomKeyStoreNameInUseException"
    created(other, "First")  # case matters


def test_k1_the_name_is_unique_in_one_account_and_region_only(world: Any) -> None:
    for region, account_id in (
        (REGION, "123456789012"),
        (OTHER_REGION, "123456789012"),
        (REGION, OTHER_ACCOUNT),
    ):
        created(world.create_cluster(region=region, account_id=account_id), "same")


def test_k1_the_name_of_a_deleted_key_store_is_free(cluster: Any, kms: Any) -> None:
    first = created(cluster)
    kms.delete_custom_key_store(CustomKeyStoreId=first)
    assert created(cluster) != first


# The cluster -------------------------------------------------------------------------------------


def test_k1_an_unknown_cluster(cluster: Any) -> None:
    for cluster_id in ("cluster-aaaaaaaaaaa", cluster.id.swapcase().replace("CLUSTER", "cluster")):
        assert refused(cluster, CloudHsmClusterId=cluster_id) == "CloudHsmClusterNotFoundException"


def test_k1_a_deleted_cluster(cluster: Any, kms: Any) -> None:
    parameters = request(cluster)
    delete_cluster(cluster)
    code, message = error_of(kms.create_custom_key_store, **parameters)
    assert code == "CloudHsmClusterNotFoundException"
    assert cluster.id in message


def test_k1_a_cluster_of_another_account_or_region(cluster: Any) -> None:
    for other in (client("kms", OTHER_REGION), client("kms", REGION, OTHER_ACCOUNT)):
        code, _ = error_of(other.create_custom_key_store, **request(cluster))
        assert code == "CloudHsmClusterNotFoundException"
        assert other.describe_custom_key_stores()["CustomKeyStores"] == []
    created(cluster)


def test_k1_a_cluster_that_is_not_active(world: Any, ec2: Any, cloudhsm: Any) -> None:
    anchor = world.create_cluster().trust_anchor
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.8.{number}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    made = cloudhsm.create_cluster(HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=subnets)[
        "Cluster"
    ]
    cluster = world.cluster(made["ClusterId"])

    def code() -> str:
        return refused(cluster, TrustAnchorCertificate=cluster.trust_anchor or anchor)

    assert code() == "CloudHsmClusterNotActiveException"  # UNINITIALIZED
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=f"{REGION}a")
    signed, own_anchor = cluster.sign_csr()
    assert code() == "CloudHsmClusterNotActiveException"
    cloudhsm.initialize_cluster(ClusterId=cluster.id, SignedCert=signed, TrustAnchor=own_anchor)
    assert code() == "CloudHsmClusterNotActiveException"  # INITIALIZED
    cluster.activate("adminPswd1")
    assert code() == INVALID_CONFIGURATION  # one HSM
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=f"{REGION}b")
    created(cluster)


def test_k1_two_hsms_in_different_zones(world: Any, cloudhsm: Any) -> None:
    cluster = world.create_cluster(hsms=1)
    zone = cluster.hsms[0].availability_zone
    assert refused(cluster) == INVALID_CONFIGURATION
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)
    assert refused(cluster) == INVALID_CONFIGURATION
    other = next(name for name in (f"{REGION}a", f"{REGION}b") if name != zone)
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=other)
    created(cluster)


def test_k1_two_active_hsms(world: Any, cloudhsm: Any, transition: Any) -> None:
    cluster = world.create_cluster(hsms=1, zones=[f"{REGION}a", f"{REGION}b"])
    transition("cloudhsmv2::hsm", progression="time", seconds=300)
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=f"{REGION}b")
    assert refused(cluster) == INVALID_CONFIGURATION
    world.clock.advance(minutes=5)
    created(cluster)


def test_k1_no_hsm_any_more(cluster: Any) -> None:
    delete_hsms(cluster)
    assert refused(cluster) == INVALID_CONFIGURATION


def test_k1_subnets_in_two_zones(world: Any) -> None:
    assert refused(world.create_cluster(zones=[f"{REGION}a"])) == INVALID_CONFIGURATION


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_k1_w15_the_rules_of_the_security_group(direction: str, cluster: Any, ec2: Any) -> None:
    (group,) = ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"cloudhsm-{cluster.id}-sg"]}]
    )["SecurityGroups"]
    permissions = group["IpPermissions" if direction == "ingress" else "IpPermissionsEgress"]
    rules = {"GroupId": group["GroupId"], "IpPermissions": permissions}
    getattr(ec2, f"revoke_security_group_{direction}")(**rules)
    assert refused(cluster) == INVALID_CONFIGURATION
    getattr(ec2, f"authorize_security_group_{direction}")(**rules)
    created(cluster)


# In use ------------------------------------------------------------------------------------------


def test_k1_a_cluster_backs_one_key_store(cluster: Any, kms: Any) -> None:
    first = created(cluster, "first")
    assert refused(cluster, "second") == "CloudHsmClusterInUseException"
    kms.connect_custom_key_store(CustomKeyStoreId=first)
    assert refused(cluster, "second") == "CloudHsmClusterInUseException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=first)
    kms.delete_custom_key_store(CustomKeyStoreId=first)
    created(cluster, "second")


def test_k1_a_related_cluster_is_in_use_too(world: Any, cluster: Any, kms: Any) -> None:
    first = created(cluster, "first")
    related = restore(world, cluster)
    assert refused(related, "second") == "CloudHsmClusterInUseException"
    kms.update_custom_key_store(CustomKeyStoreId=first, CloudHsmClusterId=related.id)
    assert refused(cluster, "second") == "CloudHsmClusterInUseException"
    delete_cluster(related)
    assert refused(cluster, "second") == "CloudHsmClusterInUseException"


def test_k1_a_copy_in_another_region_is_a_cluster_of_its_own(
    world: Any, cluster: Any, cloudhsm: Any
) -> None:
    created(cluster)
    backup = cloudhsm.describe_backups(Filters={"clusterIds": [cluster.id]})["Backups"][0]
    cloudhsm.copy_backup_to_region(DestinationRegion=OTHER_REGION, BackupId=backup["BackupId"])
    elsewhere = client("cloudhsmv2", OTHER_REGION)
    (copy,) = elsewhere.describe_backups()["Backups"]
    subnets = world.create_cluster(region=OTHER_REGION, hsms=1).subnet_ids
    made = elsewhere.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=subnets, SourceBackupId=copy["BackupId"]
    )["Cluster"]
    for zone in sorted(made["SubnetMapping"])[:2]:
        elsewhere.create_hsm(ClusterId=made["ClusterId"], AvailabilityZone=zone)
    created(world.cluster(made["ClusterId"]))


# The trust anchor --------------------------------------------------------------------------------


def test_k1_the_trust_anchor(world: Any, cluster: Any, cloudhsm: Any) -> None:
    (description,) = cloudhsm.describe_clusters(Filters={"clusterIds": [cluster.id]})["Clusters"]
    certificates = description["Certificates"]
    wrong = {
        "another cluster's": world.create_cluster().trust_anchor,
        "the cluster's own": certificates["ClusterCertificate"],
        "of the same name": cluster.sign_csr()[1],
        "no certificate": "certificate",
        "half of it": cluster.trust_anchor[: len(cluster.trust_anchor) // 2],
    }
    for name, anchor in wrong.items():
        code = refused(cluster, TrustAnchorCertificate=anchor)
        assert code == "IncorrectTrustAnchorException", name
    created(cluster)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_k1_the_trust_anchor_may_be_laid_out_otherwise(newline: str, cluster: Any) -> None:
    anchor = newline.join(cluster.trust_anchor.split("\n")) + newline
    created(cluster, TrustAnchorCertificate=anchor)


def test_k1_the_password_is_not_tried(cluster: Any, kms: Any) -> None:
    store_id = created(cluster, KeyStorePassword="wrongPassword")
    assert [
        user.login_failures for hsm in cluster.hsms for user in hsm.users if user.name == "kmsuser"
    ] == [0, 0]
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["ConnectionErrorCode"] == "INVALID_CREDENTIALS"


@pytest.mark.parametrize("region", ["ap-southeast-4", "eu-south-2", "cn-north-1", "cn-northwest-1"])
def test_w20_regions_without_cloudhsm_key_stores(world: Any, region: str) -> None:
    kms = client("kms", region)
    parameters = request(world.create_cluster())
    assert error_of(kms.create_custom_key_store, **parameters) == (
        "ValidationException",
        f"AWS CloudHSM key stores are not available in the Region {region}.",
    )
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []


def test_w20_there_are_some_in_regions_that_once_had_none(world: Any) -> None:
    for region in ("ap-south-2", "eu-central-2", "me-central-1"):
        created(world.create_cluster(region=region))


# The quota ---------------------------------------------------------------------------------------


def test_k1_y14_ten_key_stores(world: Any, kms: Any) -> None:
    clusters = [world.create_cluster() for _ in range(10)]
    stores = [created(cluster, f"store {number}") for number, cluster in enumerate(clusters)]
    eleventh = world.create_cluster()
    assert refused(eleventh, "one more") == "LimitExceededException"
    assert created(clusters[3], "store 3") == stores[3]  # a retry makes no eleventh
    created(world.create_cluster(region=OTHER_REGION), "elsewhere")
    created(world.create_cluster(account_id=OTHER_ACCOUNT), "somebody else's")
    kms.delete_custom_key_store(CustomKeyStoreId=stores[0])
    created(eleventh, "one more")


# K2 ----------------------------------------------------------------------------------------------


def test_k2_same_request_again(cluster: Any, kms: Any) -> None:
    first = created(cluster)
    assert [created(cluster) for _ in range(2)] == [first, first]
    assert len(kms.describe_custom_key_stores()["CustomKeyStores"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"KeyStorePassword": "anotherPswd"},
        {"KeyStorePassword": PASSWORD.upper()},
        {"CloudHsmClusterId": "cluster-aaaaaaaaaaa"},
        {"TrustAnchorCertificate": "certificate"},
    ],
)
def test_k2_another_request_of_that_name_is_no_retry(change: dict[str, str], cluster: Any) -> None:
    created(cluster)
    assert refused(cluster, **change) == "CustomKeyStoreNameInUseException"


def test_k2_another_name_is_no_retry(cluster: Any) -> None:
    created(cluster)
    assert refused(cluster, "another") == "CloudHsmClusterInUseException"


def test_k2_only_while_disconnected(cluster: Any, kms: Any, transition: Any) -> None:
    store_id = created(cluster)
    transition("cks::connection", progression="manual", times=1000)
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    assert refused(cluster) == "CustomKeyStoreNameInUseException"


def test_k2_a_retry_does_not_look_at_the_cluster(cluster: Any) -> None:
    store_id = created(cluster)
    delete_hsms(cluster)
    assert created(cluster) == store_id


def test_k2_a_retry_knows_the_name_that_was_changed(cluster: Any, kms: Any) -> None:
    store_id = created(cluster)
    kms.update_custom_key_store(CustomKeyStoreId=store_id, NewCustomKeyStoreName="renamed")
    assert created(cluster, "renamed") == store_id
    assert refused(cluster) == "CloudHsmClusterInUseException"


# N2 ----------------------------------------------------------------------------------------------


def test_n2_the_first_key_store_makes_the_service_linked_role(world: Any, cluster: Any) -> None:
    iam = client("iam")
    names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    assert ROLE not in names
    assert refused(cluster, TrustAnchorCertificate="certificate")
    assert ROLE not in [role["RoleName"] for role in iam.list_roles()["Roles"]]

    created(cluster)
    role = iam.get_role(RoleName=ROLE)["Role"]
    assert role["Path"] == "/aws-service-role/cks.kms.amazonaws.com/"
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cks.kms.amazonaws.com"}

    created(world.create_cluster(), "second")
    created(world.create_cluster(region=OTHER_REGION))
    assert [each["RoleName"] for each in iam.list_roles()["Roles"]].count(ROLE) == 1
    other = client("iam", REGION, OTHER_ACCOUNT)
    assert ROLE not in [each["RoleName"] for each in other.list_roles()["Roles"]]
