"""moto's EC2, which says when AWS would not have deleted something that HSMs or KMS use.

EC2 answers with DependencyViolation, or says that a network interface is in use. moto deletes; and
so it stays here, for tests rest on it, but not in silence.

Imported late: it takes moto's EC2 with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.subnets import Subnet

from moto_cks.account.late_images import LateImages
from moto_cks.world.complaints import warn


class DependencyWarning(UserWarning):
    """Something was deleted in EC2 that AWS would have refused to delete."""


class DependingEc2(LateImages):
    """moto's EC2; what is deleted though HSMs or KMS use it is warned of."""

    def delete_subnet(self, subnet_id: str) -> Subnet:
        """DeleteSubnet.

        Warns:
            DependencyWarning: HSMs or KMS have network interfaces in it.
        """
        deleted = super().delete_subnet(subnet_id)
        self._complain(
            lambda eni: eni.subnet.id == subnet_id,
            f"DependencyViolation: The subnet '{subnet_id}' has dependencies and "
            "cannot be deleted.",
        )
        return deleted

    def delete_network_interface(self, eni_id: str) -> None:
        """DeleteNetworkInterface.

        Warns:
            DependencyWarning: it is of an HSM or of KMS.
        """
        found = self.enis.get(eni_id)
        super().delete_network_interface(eni_id)
        message = f"InvalidParameterValue: Network interface '{eni_id}' is currently in use."
        self._complain(lambda eni: True, message, [] if found is None else [found])

    def delete_security_group(self, name: str | None = None, group_id: str | None = None) -> None:
        """DeleteSecurityGroup.

        Warns:
            DependencyWarning: network interfaces of HSMs or KMS are in it.
        """
        group = self.get_security_group_by_name_or_id(group_id or name or "")
        super().delete_security_group(name, group_id)
        if group is not None:
            self._complain(
                lambda eni: any(each.id == group.id for each in eni.group_set),
                f"DependencyViolation: resource {group.id} has a dependent object",
            )

    def _complain(
        self,
        depends: Callable[[NetworkInterface], bool],
        message: str,
        interfaces: list[NetworkInterface] | None = None,
    ) -> None:
        enis = self.enis.values() if interfaces is None else interfaces
        if any(_of_aws(eni) and depends(eni) for eni in enis):
            warn(f"AWS would have refused to delete that: {message}", DependencyWarning)


def _of_aws(eni: Any) -> bool:
    return bool(eni.requester_managed) and eni.status == "in-use"
