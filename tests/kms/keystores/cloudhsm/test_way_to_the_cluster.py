"""Row F9: what would make a connection fail for the network's sake cuts one that stands, too."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import NO_COMMUNICATION, state_of

UNREACHABLE = NO_COMMUNICATION
EVERYWHERE = "0.0.0.0/0"


class Network:
    """The network ACL of all subnets of a key store's cluster."""

    def __init__(self, store: KeyStore) -> None:
        self.ec2 = client("ec2", store.region, store.cluster.account_id)
        vpc = [{"Name": "vpc-id", "Values": [store.cluster.vpc_id]}]
        (acl,) = self.ec2.describe_network_acls(Filters=vpc)["NetworkAcls"]
        self.vpc_id, self.acl = store.cluster.vpc_id, acl
        interfaces = self.ec2.describe_network_interfaces(Filters=vpc)["NetworkInterfaces"]
        self.address_of_kms = {
            interface["SubnetId"]: interface["PrivateIpAddress"]
            for interface in interfaces
            if interface["Description"].startswith("KMS")
        }

    def deny(self, cidr: str = EVERYWHERE, *, egress: bool = False, port: int = 2223) -> None:
        self.ec2.create_network_acl_entry(
            NetworkAclId=self.acl["NetworkAclId"],
            RuleNumber=50,
            RuleAction="deny",
            Protocol="6",
            Egress=egress,
            CidrBlock=cidr,
            PortRange={"From": port, "To": port},
        )

    def allow(self, *, egress: bool = False) -> None:
        self.ec2.delete_network_acl_entry(
            NetworkAclId=self.acl["NetworkAclId"], RuleNumber=50, Egress=egress
        )


class Use:
    """Somebody with a key in a key store."""

    def __init__(self, store: KeyStore) -> None:
        self.store = store
        self.kms = client("kms", store.region, store.cluster.account_id)
        self.key_id = store.create_key()
        self.blob = self.kms.encrypt(KeyId=self.key_id, Plaintext=b"text")["CiphertextBlob"]

    def works(self) -> bool:
        self.kms.generate_random(NumberOfBytes=8, CustomKeyStoreId=self.store.id)
        self.store.create_key()
        return bool(self.kms.decrypt(CiphertextBlob=self.blob)["Plaintext"] == b"text")

    def refused(self) -> bool:
        """Whether everything is refused that needs the HSMs."""
        key = {"KeyId": self.key_id}
        in_use = ("KMSInvalidStateException", UNREACHABLE)
        assert error_of(self.kms.decrypt, CiphertextBlob=self.blob) == in_use
        assert error_of(self.kms.encrypt, **key, Plaintext=b"text") == in_use
        assert error_of(self.kms.generate_data_key, **key, KeySpec="AES_256") == in_use
        late = ("DependencyTimeoutException", UNREACHABLE)
        store = {"CustomKeyStoreId": self.store.id}
        assert error_of(self.kms.generate_random, NumberOfBytes=8, **store) == late
        return error_of(self.kms.create_key, Origin="AWS_CLOUDHSM", **store) == late


@pytest.fixture
def use(store: KeyStore) -> Use:
    return Use(store)


@pytest.fixture
def network(use: Use) -> Network:
    return Network(use.store)


@pytest.mark.parametrize("port", [2223, 2225])
@pytest.mark.parametrize("egress", [False, True], ids=["inbound", "outbound"])
def test_f9_an_acl_keeps_no_connections(
    use: Use, network: Network, egress: bool, port: int
) -> None:
    network.deny(egress=egress, port=port)
    assert use.refused()
    assert state_of(use.store) == ("CONNECTED", None)
    metadata = use.kms.describe_key(KeyId=use.key_id)["KeyMetadata"]
    assert metadata["KeyState"] == "Enabled"
    network.allow(egress=egress)
    assert use.works()  # without a reconnect
    network.deny(egress=egress, port=port)
    assert use.refused()  # a second time


def test_f9_other_ports_and_addresses_do_not_matter(use: Use, network: Network) -> None:
    network.deny(port=2222)
    assert use.works()
    network.allow()
    network.deny("192.0.2.0/24")
    assert use.works()


def test_f9_the_address_that_kms_has_decides(use: Use, network: Network) -> None:
    """And not the one that it would be given now."""
    subnet_id = use.store.cluster.subnet_ids[2]  # there is no HSM in it
    network.ec2.create_network_interface(SubnetId=subnet_id)
    network.deny(f"{network.address_of_kms[subnet_id]}/32")
    assert use.refused()


def test_f9_a_subnet_that_is_given_another_acl(use: Use, network: Network) -> None:
    made = network.ec2.create_network_acl(VpcId=network.vpc_id)["NetworkAcl"]["NetworkAclId"]
    assert use.works()  # no subnet has it yet
    association = network.acl["Associations"][0]["NetworkAclAssociationId"]
    replace = network.ec2.replace_network_acl_association
    new = replace(AssociationId=association, NetworkAclId=made)["NewAssociationId"]
    assert use.refused()  # it has no rules
    replace(AssociationId=new, NetworkAclId=network.acl["NetworkAclId"])
    assert use.works()


def test_f9_an_hsm_that_joins_and_one_that_leaves(
    use: Use, network: Network, cloudhsm: Any
) -> None:
    cluster = use.store.cluster
    zone = next(
        zone
        for zone in ("us-east-1a", "us-east-1b", "us-east-1c")
        if zone not in {hsm.availability_zone for hsm in cluster.hsms}
    )
    hsm_id = cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)["Hsm"]["HsmId"]
    third = next(hsm for hsm in cluster.hsms if hsm.id == hsm_id)
    assert use.works()
    network.deny(f"{third.eni_ip}/32")
    assert use.refused()
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm_id)
    assert use.works()


def test_f9_key_material_behind_an_acl_is_orphaned(use: Use, network: Network, world: Any) -> None:
    use.kms.schedule_key_deletion(KeyId=use.key_id, PendingWindowInDays=7)
    network.deny()
    world.clock.advance(days=7)
    assert [len(hsm.keys) for hsm in use.store.cluster.hsms] == [1, 1]


@pytest.mark.parametrize(
    "elsewhere", [{"region": OTHER_REGION}, {"account_id": OTHER_ACCOUNT}, {}], ids=str
)
def test_f9_other_networks_are_not_concerned(
    use: Use, network: Network, world: Any, elsewhere: dict[str, str]
) -> None:
    bystander = Use(world.create_key_store("Second", **elsewhere))
    network.deny()
    assert use.refused()
    assert bystander.works()
