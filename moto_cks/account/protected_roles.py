"""moto's IAM, in which the service-linked roles of CloudHSM and KMS are what they are in AWS's.

They have AWS's names and policies, whoever makes them, and only DeleteServiceLinkedRole takes them
away. See "Create a service-linked role" in the IAM User Guide.

Imported late: it takes moto's IAM with it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.iam.exceptions import IAMException, InvalidInput
from moto.iam.models import IAMBackend, Role
from moto.moto_api._internal import mock_random

from moto_cks.account import service_roles

_BY_NAME = {role.name: role for role in service_roles.ROLES}
_BY_PRINCIPAL = {role.principal: role for role in service_roles.ROLES}


class UnmodifiableEntityError(IAMException):
    """Only the service that a role is linked to can modify it."""

    code = "UnmodifiableEntity"


class ProtectedRoles(IAMBackend):
    """IAM, which knows the service-linked roles of CloudHSM and KMS."""

    def create_service_linked_role(self, service_name: str, description: str, suffix: str) -> Role:
        """CreateServiceLinkedRole.

        Raises:
            InvalidInput: there is such a role, or a suffix is asked for.
        """
        role = _BY_PRINCIPAL.get(service_name)
        if role is None:
            return super().create_service_linked_role(service_name, description, suffix)
        if suffix:
            raise InvalidInput(f"Custom suffix is not allowed for {service_name}")
        if any(known.name == role.name for known in self.get_roles()):
            raise InvalidInput(
                f"Service role name {role.name} has been taken in this account, "
                "please try a different suffix."
            )
        return service_roles.create(self, role, description or "")

    def delete_service_linked_role(self, role_name: str) -> str:
        """DeleteServiceLinkedRole.

        Returns:
            The ID of the task, which is done.
        """
        role = _BY_NAME.get(role_name)
        if role is None:
            return super().delete_service_linked_role(role_name)
        service_roles.detach_policies(self.get_role(role_name))
        super().delete_role(role_name)
        return f"task/aws-service-role/{role.principal}/{role_name}/{mock_random.uuid4()}"


REFUSED = (
    "attach_role_policy",
    "delete_role",
    "delete_role_permissions_boundary",
    "delete_role_policy",
    "detach_role_policy",
    "put_role_permissions_boundary",
    "put_role_policy",
    "update_assume_role_policy",
)
"""The operations that a service-linked role refuses whoever is not the service."""


def _refusing(method: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @wraps(method)
    def refusing(self: IAMBackend, *args: Any, **kwargs: Any) -> Any:
        name = signature.bind(self, *args, **kwargs).arguments["role_name"]
        if name in _BY_NAME and any(known.name == name for known in self.get_roles()):
            raise UnmodifiableEntityError(
                f"Cannot perform the operation on the protected role '{name}' - "
                "this role is only modifiable by AWS"
            )
        return method(self, *args, **kwargs)

    return refusing


for _operation in REFUSED:
    setattr(ProtectedRoles, _operation, _refusing(getattr(IAMBackend, _operation)))
