"""Builds clusters through the mocked AWS APIs, so that a test need not.

Every call of CloudHSM and KMS is one of a boto3 client, and recorded as such. The network below
them is made by EC2's API where a server answers; in this process, :mod:`moto_cks.account.vpcs`
makes it.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import botocore_stubber

from moto_cks.account.vpcs import DirectEc2
from moto_cks.world.botocore_session import shared_session
from moto_cks.world.lock import WORLD

ADMIN_PASSWORD = "adminPswd1"


@dataclass(frozen=True)
class Endpoint:
    """How the clients reach the mocked AWS.

    Attributes:
        in_process: moto answers in this process, whether or not its mock is on here.
        endpoint_url: the server that answers, if one does.
        proxy_url: the proxy that answers, if one does.
    """

    in_process: bool = False
    endpoint_url: str | None = None
    proxy_url: str | None = None

    def client(self, service: str, region: str, **settings: Any) -> Any:
        """A client of a service.

        Args:
            service: its name.
            region: in which Region.
            settings: of botocore's Config.
        """
        # Where the environment names an endpoint, it is not the one that is meant here.
        config = Config(ignore_configured_endpoint_urls=True, **settings)
        if self.proxy_url is not None:
            config = config.merge(Config(proxies=dict.fromkeys(("http", "https"), self.proxy_url)))
        with WORLD:  # sessions are not for threads
            client = _session().client(
                service,
                region_name=region,
                endpoint_url=self.endpoint_url,
                # moto's proxy signs with a certificate authority of its own
                verify=None if self.proxy_url is None else False,
                config=config,
            )
        if self.in_process:
            client.meta.events.register("before-send", _answer)
        return client


IN_PROCESS = Endpoint(in_process=True)
"""The mocked AWS of this process. A server has it without having moto's mock on."""

_stubber = BotocoreStubber()
_stubber.enabled = True


def _answer(event_name: str, request: Any, **_: Any) -> Any:
    # With its mock on, moto has its own stubber at every client, and every one is asked.
    return None if botocore_stubber.enabled else _stubber(event_name, request)


class Clients:
    """boto3 clients that act in one account and Region."""

    def __init__(self, account_id: str, region: str, endpoint: Endpoint = IN_PROCESS) -> None:
        self.account_id = account_id
        self.region = region
        self._endpoint = endpoint

    def __repr__(self) -> str:
        return f"<Clients of {self.account_id} in {self.region}>"

    def _client(self, service: str, **settings: Any) -> Any:
        client = self._endpoint.client(service, self.region, **settings)
        client.meta.events.register("before-call", self._set_account)
        return client

    def _set_account(self, params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = self.account_id

    @functools.cached_property
    def ec2(self) -> Any:
        """EC2: a client of it, or in this process what takes its place."""
        if self._endpoint.in_process:
            return DirectEc2(self.account_id, self.region)
        return self._client("ec2")

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


@dataclass(frozen=True)
class NetworkPlan:
    """Where a cluster is built.

    Attributes:
        subnet_ids: existing subnets; the rest is then of no use.
        vpc_id: an existing VPC; by default a new one.
        cidr: the block of a new VPC, and what its subnets are cut from.
        subnet_prefix: prefix length of a new subnet.
        zones: Availability Zones of new subnets; by default the first three of the Region.
    """

    subnet_ids: Sequence[str] = ()
    vpc_id: str | None = None
    cidr: str = "10.0.0.0/16"
    subnet_prefix: int = 24
    zones: Sequence[str] = ()

    def subnets(self, ec2: Any) -> list[str]:
        """The IDs of the subnets; made where they are not given."""
        if self.subnet_ids:
            return list(self.subnet_ids)
        vpc_id = self.vpc_id or ec2.create_vpc(CidrBlock=self.cidr)["Vpc"]["VpcId"]
        zones = self.zones or _zones(ec2)[:3]
        blocks = ipaddress.ip_network(self.cidr).subnets(new_prefix=self.subnet_prefix)
        return [
            ec2.create_subnet(VpcId=vpc_id, CidrBlock=str(block), AvailabilityZone=zone)["Subnet"][
                "SubnetId"
            ]
            for zone, block in zip(zones, blocks, strict=False)
        ]


def _zones(ec2: Any) -> list[str]:
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    return sorted(zone["ZoneName"] for zone in zones)


def create_cluster(clients: Clients, plan: NetworkPlan) -> str:
    """Create a cluster without HSMs; returns its ID."""
    cluster = clients.cloudhsmv2.create_cluster(
        HsmType="hsm1.medium", SubnetIds=plan.subnets(clients.ec2)
    )
    return str(cluster["Cluster"]["ClusterId"])


def add_hsm(clients: Clients, cluster_id: str, number: int) -> None:
    """Add an HSM, in the Availability Zones of the cluster by turns."""
    (cluster,) = clients.cloudhsmv2.describe_clusters(Filters={"clusterIds": [cluster_id]})[
        "Clusters"
    ]
    zones = sorted(cluster["SubnetMapping"])
    clients.cloudhsmv2.create_hsm(ClusterId=cluster_id, AvailabilityZone=zones[number % len(zones)])
