"""Which address of a proxy a key store can have beside those that there are.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html:
XksProxyUriEndpoint, XksProxyUriPath and XksProxyVpcEndpointServiceName.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from moto_cks.kms.keystores.base import Request
from moto_cks.kms.keystores.external.exceptions import (
    XksProxyUriEndpointInUseException,
    XksProxyUriInUseException,
    XksProxyVpcEndpointServiceInUseException,
)
from moto_cks.kms.keystores.external.requests import (
    CONNECTIVITY,
    ENDPOINT,
    OWNER,
    PATH,
    SERVICE,
    Connectivity,
)


@dataclass(frozen=True)
class Address:
    """Where a key store finds its proxy.

    Attributes:
        connectivity: XksProxyConnectivity.
        endpoint: XksProxyUriEndpoint.
        path: XksProxyUriPath.
        service: XksProxyVpcEndpointServiceName.
        owner: XksProxyVpcEndpointServiceOwner.
    """

    connectivity: str
    endpoint: str
    path: str
    service: str | None = None
    owner: str | None = None

    @classmethod
    def of(cls, request: Request, account_id: str) -> Address:
        """That of a CreateCustomKeyStore of an account."""
        address = cls(request[CONNECTIVITY], request[ENDPOINT], request[PATH])
        return address.changed(request, account_id)

    def changed(self, request: Request, account_id: str) -> Address:
        """What an UpdateCustomKeyStore of an account makes of it."""
        connectivity = request.get(CONNECTIVITY) or self.connectivity
        public = connectivity == Connectivity.PUBLIC_ENDPOINT
        return Address(
            connectivity,
            request.get(ENDPOINT) or self.endpoint,
            request.get(PATH) or self.path,
            None if public else request.get(SERVICE) or self.service,
            None if public else request.get(OWNER) or self.owner or account_id,
        )

    @property
    def host(self) -> str:
        """The endpoint as endpoints are compared."""
        return self.endpoint.lower()

    @property
    def public(self) -> bool:
        """Whether KMS reaches the proxy over the internet."""
        return self.connectivity == Connectivity.PUBLIC_ENDPOINT

    def described(self) -> dict[str, str]:
        """Its part of XksProxyConfiguration."""
        described = {
            "Connectivity": self.connectivity,
            "UriEndpoint": self.endpoint,
            "UriPath": self.path,
        }
        if self.service is not None:
            described["VpcEndpointServiceName"] = self.service
        if self.owner is not None:
            described["VpcEndpointServiceOwner"] = self.owner
        return described


def require_free(
    address: Address, in_account: Iterable[Address], in_region: Iterable[Address]
) -> None:
    """Refuse an address that another key store has.

    Args:
        address: the address.
        in_account: those of the other key stores of the account and Region.
        in_region: those of the other key stores of the Region, whatever their accounts.

    Raises:
        XksProxyUriInUseException, XksProxyUriEndpointInUseException,
        XksProxyVpcEndpointServiceInUseException
    """
    for other in in_account:
        if (other.host, other.path) == (address.host, address.path):
            raise XksProxyUriInUseException(
                f"The endpoint {address.endpoint} with the path {address.path} is in use by "
                "another external key store."
            )
    for other in in_region:
        both_public = address.public and other.public
        if other.host == address.host and not both_public:
            raise XksProxyUriEndpointInUseException(
                f"The endpoint {address.endpoint} is in use by another external key store with "
                f"the connectivity {other.connectivity}."
            )
        if address.service is not None and other.service == address.service:
            raise XksProxyVpcEndpointServiceInUseException(
                f"The VPC endpoint service {address.service} is in use by another external key "
                "store."
            )
