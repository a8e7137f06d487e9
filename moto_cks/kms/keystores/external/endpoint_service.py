"""What KMS requires of the VPC endpoint service of an external key store: one table.

AWS KMS Developer Guide: "Configuring VPC endpoint service connectivity"; AWS KMS API Reference:
errors of CreateCustomKeyStore. The messages are not documented: these say what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from moto_cks.account.endpoint_services import EndpointService, endpoint_service
from moto_cks.kms.exceptions import KmsException
from moto_cks.kms.keystores.external.addresses import Address
from moto_cks.kms.keystores.external.exceptions import (
    XksProxyVpcEndpointServiceInvalidConfigurationException,
    XksProxyVpcEndpointServiceNotFoundException,
)
from moto_cks.kms.keystores.external.outcomes import ExternalErrorCode

FEWEST_ZONES = 2
ALL = "*"


@dataclass(frozen=True)
class Seen:
    """What is looked at.

    Attributes:
        service: the service.
        address: where the key store finds its proxy.
        account_id: the account of the key store.
        region: its Region.
    """

    service: EndpointService
    address: Address
    account_id: str
    region: str


@dataclass(frozen=True)
class Refusal:
    """Why a VPC endpoint service is of no use.

    Attributes:
        error: the exception of CreateCustomKeyStore and UpdateCustomKeyStore.
        code: the ConnectionErrorCode of an attempt to connect.
        message: what is wrong.
    """

    error: type[KmsException]
    code: ExternalErrorCode
    message: str


def _not_found(message: str) -> Refusal:
    return Refusal(
        XksProxyVpcEndpointServiceNotFoundException,
        ExternalErrorCode.XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND,
        message,
    )


def _invalid(message: str) -> Refusal:
    return Refusal(
        XksProxyVpcEndpointServiceInvalidConfigurationException,
        ExternalErrorCode.XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION,
        message,
    )


NONE = _not_found("There is no VPC endpoint service of that name in the Region.")


def _of_the_owner(seen: Seen) -> bool:
    return seen.service.owner == (seen.address.owner or seen.account_id)


def _lets_kms_in(seen: Seen) -> bool:
    return bool({ALL, f"cks.kms.{seen.region}.amazonaws.com"} & seen.service.principals)


def _lets_account_in(seen: Seen) -> bool:
    """Only where somebody else owns the service; then a principal of the account is needed, too."""
    if seen.service.owner == seen.account_id:
        return True
    principals = seen.service.principals
    return ALL in principals or any(f"::{seen.account_id}:" in each for each in principals)


REQUIREMENTS: tuple[tuple[Callable[[Seen], bool], Refusal], ...] = (
    (_of_the_owner, _not_found("The VPC endpoint service is of another account.")),
    # AWS's list of connection error codes has this under both codes; the text of the exception
    # has it here.
    (
        _lets_kms_in,
        _not_found(
            "The allowed principals of the VPC endpoint service lack the principal of KMS, "
            "cks.kms.<region>.amazonaws.com."
        ),
    ),
    (
        _lets_account_in,
        _not_found(
            "The allowed principals of the VPC endpoint service lack a principal of the account."
        ),
    ),
    (
        lambda seen: bool(seen.service.network_load_balancers) and not seen.service.others,
        _invalid("The VPC endpoint service must be an interface of network load balancers."),
    ),
    (
        lambda seen: len(seen.service.zones) >= FEWEST_ZONES,
        _invalid(
            "The network load balancer must have subnets in two different Availability Zones."
        ),
    ),
    # The page on connectivity has XksProxyInvalidConfigurationException.
    (
        lambda seen: not seen.service.acceptance_required,
        _invalid("The VPC endpoint service must not require acceptance."),
    ),
    (
        lambda seen: bool(seen.service.private_dns_name),
        _invalid("The VPC endpoint service must have a private DNS name."),
    ),
    (
        lambda seen: seen.service.verified,
        _invalid("The private DNS name of the VPC endpoint service must be verified."),
    ),
    (
        lambda seen: seen.address.host == f"https://{seen.service.private_dns_name}".lower(),
        _invalid(
            "XksProxyUriEndpoint must be https:// and the private DNS name of the VPC endpoint "
            "service."
        ),
    ),
)
"""What is required, in the order in which it is looked at."""


def refusal_of(address: Address, account_id: str, region: str) -> Refusal | None:
    """Why KMS does not reach a proxy through its VPC endpoint service; ``None`` where it does.

    Args:
        address: where the key store finds its proxy; with a public endpoint nothing is looked at.
        account_id: the account of the key store.
        region: its Region.
    """
    if address.service is None:
        return None
    service = endpoint_service(region, address.service)
    if service is None:
        return NONE
    seen = Seen(service, address, account_id, region)
    return next((refusal for holds, refusal in REQUIREMENTS if not holds(seen)), None)
