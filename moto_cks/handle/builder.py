"""Builds clusters through the mocked AWS APIs, so that a test need not.

Every call of CloudHSM and KMS is one of a boto3 client, and recorded as such. The network below
them is made by :mod:`moto_cks.account.vpcs`. What is built in vain is taken back.
"""

from __future__ import annotations

import functools
import ipaddress
from contextlib import ExitStack
from typing import Any

import boto3
from botocore.config import Config
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import botocore_stubber

from moto_cks.account.service_roles import CLOUDHSM_ROLE, ServiceRoles
from moto_cks.account.vpcs import DirectEc2
from moto_cks.cloudhsmv2.models import cloudhsmv2_backend
from moto_cks.cloudhsmv2.settings import DEFAULT_MODE, as_before_retirement
from moto_cks.handle.protocols.parameters import ClusterParameters
from moto_cks.world.botocore_session import shared_session
from moto_cks.world.lock import WORLD

ADMIN_PASSWORD = "adminPswd1"

_stubber = BotocoreStubber()
_stubber.enabled = True


def _answer(event_name: str, request: Any, **_: Any) -> Any:
    # With its mock on, moto has its own stubber at every client, and every one is asked. A server
    # answers without having it on.
    return None if botocore_stubber.enabled else _stubber(event_name, request)


class Clients:
    """boto3 clients that act in one account and Region of the mocked AWS of this process."""

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id = account_id
        self.region = region

    def __repr__(self) -> str:
        return f"<Clients of {self.account_id} in {self.region}>"

    def _client(self, service: str, **settings: Any) -> Any:
        """A client of a service.

        Args:
            service: its name.
            settings: of botocore's Config.
        """
        # Where the environment names an endpoint, it is not the one that is meant here.
        config = Config(ignore_configured_endpoint_urls=True, **settings)
        with WORLD:  # sessions are not for threads
            client = _session().client(service, region_name=self.region, config=config)
        client.meta.events.register("before-send", _answer)
        client.meta.events.register("before-call", self._set_account)
        return client

    def _set_account(self, params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = self.account_id

    @functools.cached_property
    def ec2(self) -> DirectEc2:
        """What takes the place of a client of EC2."""
        return DirectEc2(self.account_id, self.region)

    @functools.cached_property
    def whole_ec2(self) -> Any:
        """EC2, for what is not in :attr:`ec2`; its service model takes a while to load."""
        return self._client("ec2")

    @functools.cached_property
    def elbv2(self) -> Any:
        """Elastic Load Balancing."""
        return self._client("elbv2")

    @functools.cached_property
    def cloudhsmv2(self) -> Any:
        """CloudHSM."""
        return self._client("cloudhsmv2")

    @functools.cached_property
    def kms(self) -> Any:
        """KMS."""
        return self._client("kms")


@functools.cache
def _session() -> boto3.Session:
    return boto3.Session(botocore_session=shared_session())


def _create_subnets(ec2: DirectEc2, parameters: ClusterParameters, undo: ExitStack) -> list[str]:
    """The IDs of new subnets, in a new VPC unless there is one."""
    vpc_id = parameters.vpc_id
    if vpc_id is None:
        vpc_id = ec2.create_vpc(CidrBlock=parameters.cidr)["Vpc"]["VpcId"]
        undo.callback(ec2.delete_vpc, VpcId=vpc_id)
    zones = parameters.zones or _zones(ec2)[:3]
    blocks = ipaddress.ip_network(parameters.cidr).subnets(new_prefix=parameters.subnet_prefix)
    made: list[str] = []
    for zone, block in zip(zones, blocks, strict=False):
        subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock=str(block), AvailabilityZone=zone)
        made.append(subnet["Subnet"]["SubnetId"])
        undo.callback(ec2.delete_subnet, SubnetId=made[-1])
    return made


def _zones(ec2: DirectEc2) -> list[str]:
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    return sorted(zone["ZoneName"] for zone in zones)


def create_cluster(clients: Clients, parameters: ClusterParameters, undo: ExitStack) -> str:
    """Create a cluster without HSMs.

    Args:
        clients: of the account and Region.
        parameters: among others, where.
        undo: takes back what was made, should what is built on it come to nothing.

    Returns:
        Its ID.
    """
    subnet_ids = list(parameters.subnet_ids) or _create_subnets(clients.ec2, parameters, undo)
    roles = ServiceRoles(clients.account_id, clients.region)
    if not roles.has(CLOUDHSM_ROLE):
        undo.callback(roles.remove, CLOUDHSM_ROLE)
    with as_before_retirement():
        cluster = clients.cloudhsmv2.create_cluster(
            HsmType=parameters.hsm_type, Mode=DEFAULT_MODE, SubnetIds=subnet_ids
        )
    cluster_id = str(cluster["Cluster"]["ClusterId"])
    backend = cloudhsmv2_backend(clients.account_id, clients.region)
    undo.callback(backend.take_back, cluster_id)
    return cluster_id


def add_hsm(clients: Clients, cluster_id: str, number: int) -> None:
    """Add an HSM, in the Availability Zones of the cluster by turns."""
    (cluster,) = clients.cloudhsmv2.describe_clusters(Filters={"clusterIds": [cluster_id]})[
        "Clusters"
    ]
    zones = sorted(cluster["SubnetMapping"])
    clients.cloudhsmv2.create_hsm(ClusterId=cluster_id, AvailabilityZone=zones[number % len(zones)])
