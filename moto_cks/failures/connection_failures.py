"""The failures at which connecting ends FAILED, with an error code.

"How to fix a connection failure". Every repair disconnects: in the state FAILED, connecting is
refused.
"""

from __future__ import annotations

from functools import partial

from moto_cks.failures.appearances import cloudhsm_event, failed
from moto_cks.failures.failing import delete_cluster
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.proofs import all_of, good, new_keys_can_be_created
from moto_cks.failures.records import AclEntry
from moto_cks.failures.scene import Scene, suppress_missing
from moto_cks.failures.shapes import Act, Failure, Need, Part, Since, Step, Variant
from moto_cks.failures.steps import (
    ADD_HSMS,
    CONNECT,
    DISCONNECT,
    LOOK,
    RESTORE,
    wait,
)
from moto_cks.faults.pending import ConnectionFault, Outage
from moto_cks.kms.keystores.cloudhsm.connection_errors import CloudHsmErrorCode
from moto_cks.kms.keystores.connection import CommonErrorCode, ConnectionErrorCode

ANCHOR = "fix-keystore-failed"

_DELETED_HSMS = cloudhsm_event("DeleteHsm")


def before_connecting(act: Act) -> Act:
    """Disconnect, do something, and try to connect."""

    def bring_about(scene: Scene) -> None:
        scene.disconnect()
        act(scene)
        scene.try_to_connect()

    return bring_about


# Faults -------------------------------------------------------------------------------------------


def _inject(code: ConnectionErrorCode, scene: Scene) -> None:
    scene.inject(ConnectionFault(1, code.value, scene.store_id))


def _take_out_of_reach(scene: Scene) -> None:
    scene.inject(Outage(scene.cluster_id))


_A_FEW_MINUTES = wait("Wait a few minutes.")

# Subnets ------------------------------------------------------------------------------------------


def _spare_subnet(scene: Scene) -> str:
    """The subnet of the cluster that has no HSM, or else the last one."""
    taken = {hsm.availability_zone for hsm in scene.hsms}
    zone = max(scene.record.subnets, key=lambda zone: (zone not in taken, zone))
    return scene.record.subnets[zone]


def _fill_subnet(scene: Scene) -> None:
    subnet_id = _spare_subnet(scene)
    scene.record.values["subnet"] = subnet_id
    (subnet,) = scene.ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
    for _ in range(subnet["AvailableIpAddressCount"]):
        made = scene.ec2.create_network_interface(SubnetId=subnet_id)["NetworkInterface"]
        scene.record.changes.interfaces.append(made["NetworkInterfaceId"])
    scene.record.values["interface"] = scene.record.changes.interfaces[-1]


def _count_addresses(scene: Scene) -> None:
    scene.ec2.describe_subnets(SubnetIds=[scene.record.values["subnet"]])


def _free_address(scene: Scene) -> None:
    interfaces = scene.record.changes.interfaces
    if interfaces and interfaces[-1] == scene.record.values["interface"]:
        delete_interface(scene, interfaces.pop())


def delete_interface(scene: Scene, interface_id: str) -> None:
    """Delete a network interface; somebody may have done so already."""
    with suppress_missing("InvalidNetworkInterfaceID.NotFound"):
        scene.ec2.delete_network_interface(NetworkInterfaceId=interface_id)


def _delete_subnet(scene: Scene) -> None:
    scene.ec2.delete_subnet(SubnetId=_spare_subnet(scene))


COUNT_ADDRESSES = Step(
    "count-addresses",
    "Look which subnet has no free address.",
    "ec2.describe_subnets(SubnetIds=[…])",
    _count_addresses,
    (
        Command(
            Tool.AWS,
            "aws ec2 describe-subnets --subnet-ids <subnet> "
            "--query 'Subnets[].AvailableIpAddressCount'",
        ),
    ),
)
FREE_ADDRESS = Step(
    "free-address",
    "Delete something that uses an address: a connection needs a free one in each subnet.",
    "ec2.delete_network_interface(NetworkInterfaceId=…)",
    _free_address,
    (Command(Tool.AWS, "aws ec2 delete-network-interface --network-interface-id <interface>"),),
)

# Network ACLs -------------------------------------------------------------------------------------

FIRST_RULE = 50
"""Where rules are looked at before the one that allows everything."""


def _deny_hsm_ports(scene: Scene) -> None:
    acls = scene.ec2.describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": list(scene.record.subnets.values())}]
    )["NetworkAcls"]
    acl = acls[0]
    taken = {entry["RuleNumber"] for entry in acl["Entries"]}
    number = next(number for number in range(FIRST_RULE, 0, -1) if number not in taken)
    scene.ec2.create_network_acl_entry(
        NetworkAclId=acl["NetworkAclId"],
        RuleNumber=number,
        Protocol="6",
        RuleAction="deny",
        Egress=False,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 2223, "To": 2225},
    )
    scene.record.changes.acl_entries.append(AclEntry(acl["NetworkAclId"], number))
    scene.record.values |= {"acl": acl["NetworkAclId"], "rule": str(number)}


def allow_hsm_ports(scene: Scene) -> None:
    """Delete the rules that deny the HSM ports; somebody may have done so already."""
    for entry in scene.record.changes.acl_entries:
        (acl,) = scene.ec2.describe_network_acls(NetworkAclIds=[entry.acl_id])["NetworkAcls"]
        if any(
            rule["RuleNumber"] == entry.number and not rule["Egress"] for rule in acl["Entries"]
        ):
            scene.ec2.delete_network_acl_entry(
                NetworkAclId=entry.acl_id, RuleNumber=entry.number, Egress=False
            )
    scene.record.changes.acl_entries.clear()


ALLOW_PORTS = Step(
    "delete-acl-entry",
    "Delete the rule of the network ACL that denies TCP 2223-2225.",
    "ec2.delete_network_acl_entry(NetworkAclId=…, RuleNumber=…, Egress=False)",
    allow_hsm_ports,
    (
        Command(
            Tool.AWS,
            "aws ec2 delete-network-acl-entry --network-acl-id <acl> --rule-number <rule> "
            "--ingress",
        ),
    ),
)

_NOTHING = frozenset[Need]()
_WITH_HSM = frozenset({Need.HSM})
_RECONNECT = (DISCONNECT, CONNECT)

FAILURES = (
    Failure(
        name="cluster-not-found",
        title="The cluster was deleted, and the key store is connected anew",
        anchor=ANCHOR,
        rows=("C5.1", "P5"),
        variants=(
            Variant(
                "deleted",
                "The HSMs are deleted, and then the cluster.",
                before_connecting(delete_cluster),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(
            CloudHsmErrorCode.CLUSTER_NOT_FOUND, _DELETED_HSMS, cloudhsm_event("DeleteCluster")
        ),
        repair=(LOOK, *RESTORE),
        proof=good,
        needs=_WITH_HSM,
        touches=frozenset({Part.HSMS, Part.CLUSTER}),
        decided_by=CloudHsmErrorCode.CLUSTER_NOT_FOUND,
    ),
    Failure(
        name="insufficient-cloudhsm-hsms",
        title="The cluster has no HSM, and the key store is connected anew",
        anchor=ANCHOR,
        rows=("C5.2",),
        variants=(
            Variant("deleted", "All HSMs are deleted.", before_connecting(Scene.delete_hsms)),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.INSUFFICIENT_CLOUDHSM_HSMS, _DELETED_HSMS),
        repair=(LOOK, ADD_HSMS, *_RECONNECT),
        proof=all_of(good, new_keys_can_be_created),
        needs=_WITH_HSM,
        touches=frozenset({Part.HSMS}),
        decided_by=CloudHsmErrorCode.INSUFFICIENT_CLOUDHSM_HSMS,
    ),
    Failure(
        name="insufficient-free-addresses-in-subnet",
        title="A subnet of the cluster has no free address",
        anchor=ANCHOR,
        rows=("C5.3", "P5"),
        variants=(
            Variant(
                "freed",
                "Network interfaces use all addresses of a subnet; one is deleted.",
                before_connecting(_fill_subnet),
            ),
            Variant(
                "moved",
                "Network interfaces use all addresses of a subnet; the key store goes to a "
                "cluster in subnets with room.",
                before_connecting(_fill_subnet),
                needs=frozenset({Need.CONNECTED, Need.BACKUP, Need.THIRD_SUBNET}),
                repair=(LOOK, COUNT_ADDRESSES, *RESTORE),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET),
        repair=(LOOK, COUNT_ADDRESSES, FREE_ADDRESS, *_RECONNECT),
        proof=good,
        needs=_WITH_HSM,
        touches=frozenset({Part.SUBNETS, Part.CLUSTER}),
        decided_by=CloudHsmErrorCode.INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET,
    ),
    Failure(
        name="internal-error",
        title="KMS could not connect because of an internal error",
        anchor=ANCHOR,
        rows=("C5.4",),
        variants=(
            Variant(
                "injected",
                "It has no cause that a person could bring about; injected.",
                before_connecting(partial(_inject, CommonErrorCode.INTERNAL_ERROR)),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CommonErrorCode.INTERNAL_ERROR),
        repair=(LOOK, *_RECONNECT),
        proof=good,
        needs=_NOTHING,
        touches=frozenset({Part.FAULT}),
        decided_by=CommonErrorCode.INTERNAL_ERROR,
    ),
    Failure(
        name="network-errors",
        title="KMS could not connect because of transient network trouble",
        anchor=ANCHOR,
        rows=("C5.6",),
        variants=(
            Variant(
                "injected",
                "The connection attempt meets a transient error; injected.",
                before_connecting(partial(_inject, CommonErrorCode.NETWORK_ERRORS)),
            ),
            Variant(
                "unreachable",
                "KMS cannot reach the cluster; injected, until one has waited.",
                before_connecting(_take_out_of_reach),
                needs=_WITH_HSM,
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CommonErrorCode.NETWORK_ERRORS),
        repair=(LOOK, DISCONNECT, _A_FEW_MINUTES, CONNECT),
        proof=good,
        needs=_NOTHING,
        touches=frozenset({Part.FAULT}),
        decided_by=CommonErrorCode.NETWORK_ERRORS,
    ),
    Failure(
        name="network-acl-denies",
        title="A network ACL denies the HSM ports",
        anchor=ANCHOR,
        rows=("C5.6",),
        variants=(
            Variant(
                "denied",
                "A rule of the network ACL of the cluster's subnets denies inbound TCP 2223-2225.",
                before_connecting(_deny_hsm_ports),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CommonErrorCode.NETWORK_ERRORS),
        repair=(LOOK, ALLOW_PORTS, *_RECONNECT),
        proof=good,
        needs=_WITH_HSM,
        touches=frozenset({Part.NETWORK}),
        decided_by=CommonErrorCode.NETWORK_ERRORS,
    ),
    Failure(
        name="subnet-not-found",
        title="A subnet of the cluster was deleted",
        anchor=ANCHOR,
        rows=("C5.7", "P5"),
        variants=(
            Variant(
                "deleted",
                "The subnet of the cluster that has no HSM is deleted.",
                before_connecting(_delete_subnet),
            ),
        ),
        since=Since.NEXT_CONNECT,
        seen=failed(CloudHsmErrorCode.SUBNET_NOT_FOUND),
        repair=(LOOK, *RESTORE),
        proof=good,
        needs=frozenset({Need.CONNECTED, Need.BACKUP, Need.THIRD_SUBNET}),
        touches=frozenset({Part.SUBNETS, Part.CLUSTER}),
        decided_by=CloudHsmErrorCode.SUBNET_NOT_FOUND,
    ),
)
"""The failures of this section but those of kmsuser, in order."""
