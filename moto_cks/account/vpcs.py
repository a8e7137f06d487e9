"""A customer's network for a cluster, made without a boto3 client.

On AWS a customer makes it with EC2's API. In the process of the mock that would take longer than
the cluster: botocore and moto each read EC2's service model, of 10 MB, and go through a thousand
operations for three. Nothing but the time differs: nobody records calls of EC2.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException

from moto_cks.account.ec2 import ec2_backend
from moto_cks.world.lock import WORLD


class DirectEc2:
    """What a cluster's network takes of EC2: operations with the names, parameters and errors of
    boto3's client, whose answers have what :mod:`moto_cks.handle.builder` reads.
    """

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region

    def __repr__(self) -> str:
        return f"<DirectEc2 of {self._account_id} in {self._region}>"

    def describe_availability_zones(self) -> dict[str, Any]:
        zones = self._call("DescribeAvailabilityZones", "describe_availability_zones")
        return {"AvailabilityZones": [{"ZoneName": zone.name} for zone in zones]}

    def create_vpc(self, *, CidrBlock: str) -> dict[str, Any]:
        """A VPC with this block.

        Raises:
            botocore.exceptions.ClientError: InvalidParameterValue, InvalidVpc.Range.
        """
        vpc = self._call("CreateVpc", "create_vpc", CidrBlock)
        return {"Vpc": {"VpcId": vpc.id}}

    def create_subnet(self, *, VpcId: str, CidrBlock: str, AvailabilityZone: str) -> dict[str, Any]:
        """A subnet of a VPC with this block, in a zone of the Region.

        Raises:
            botocore.exceptions.ClientError: InvalidVpcID.NotFound, InvalidSubnet.Range,
                InvalidSubnet.Conflict, InvalidParameterValue for the zone.
        """
        subnet = self._call(
            "CreateSubnet", "create_subnet", VpcId, CidrBlock, availability_zone=AvailabilityZone
        )
        return {"Subnet": {"SubnetId": subnet.id}}

    def delete_subnet(self, *, SubnetId: str) -> None:
        """``DeleteSubnet``; moto leaves the association with a network ACL behind, AWS nothing.

        Raises:
            botocore.exceptions.ClientError: InvalidSubnetID.NotFound.
        """
        self._call("DeleteSubnet", "delete_subnet", SubnetId)
        with WORLD:
            for acl in ec2_backend(self._account_id, self._region).network_acls.values():
                for association in acl.associations:
                    if association.subnet_id == SubnetId:
                        del acl._associations[association.id]

    def delete_vpc(self, *, VpcId: str) -> None:
        """``DeleteVpc``; moto leaves the default network ACL behind, AWS nothing.

        Raises:
            botocore.exceptions.ClientError: InvalidVpcID.NotFound, DependencyViolation.
        """
        self._call("DeleteVpc", "delete_vpc", VpcId)
        with WORLD:
            acls = ec2_backend(self._account_id, self._region).network_acls
            for acl in [acl for acl in acls.values() if acl.vpc_id == VpcId]:
                del acls[acl.id]

    def _call(self, operation: str, method: str, *args: Any, **kwargs: Any) -> Any:
        with WORLD:
            try:
                return getattr(ec2_backend(self._account_id, self._region), method)(*args, **kwargs)
            except ServiceException as error:
                answer = {
                    "Error": {"Code": error.code, "Message": error.message},
                    "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0},
                }
                raise ClientError(answer, operation) from None
