"""What makes an attempt to connect to a CloudHSM cluster fail: one table, in order.

See "How to fix a connection failure" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

from moto_cks import faults
from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import ClusterSession, HsmError, ReturnCode
from moto_cks.kms.keystores.cloudhsm.kmsuser import log_in
from moto_cks.kms.keystores.connection import CommonErrorCode, ConnectionErrorCode


class CloudHsmErrorCode(ConnectionErrorCode):
    """The codes that only an AWS CloudHSM key store has."""

    CLUSTER_NOT_FOUND = "CLUSTER_NOT_FOUND"
    INSUFFICIENT_CLOUDHSM_HSMS = "INSUFFICIENT_CLOUDHSM_HSMS"
    INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET = "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    SUBNET_NOT_FOUND = "SUBNET_NOT_FOUND"
    USER_LOCKED_OUT = "USER_LOCKED_OUT"
    USER_LOGGED_IN = "USER_LOGGED_IN"
    USER_NOT_FOUND = "USER_NOT_FOUND"


class Attempt:
    """One attempt to connect, as far as the table has come with it.

    Args:
        found: the cluster, if it is there.
        network: the network of its account and Region.
        password: the password of kmsuser, as KMS has it.
    """

    def __init__(self, found: CloudHsmCluster | None, network: Network, password: str) -> None:
        self.found = found
        self.network = network
        self._password = password

    @property
    def cluster(self) -> CloudHsmCluster:
        """The cluster; it is there, or the table has not come past its first row."""
        assert self.found is not None
        return self.found

    @cached_property
    def login(self) -> ClusterSession | ReturnCode:
        """KMS's login, tried when the first row asks for it, or why the HSMs refuse it.

        A wrong password counts, so there is one try.
        """
        try:
            return log_in(self.cluster.hardware, self._password)
        except HsmError as refusal:
            return refusal.code

    @property
    def session(self) -> ClusterSession:
        """KMS's session, after the table has found nothing wrong.

        Raises:
            HsmError: the HSMs refuse the login for a reason that the table does not have.
        """
        if isinstance(self.login, ReturnCode):
            raise HsmError(self.login)
        return self.login


# The checks: each is one small function that looks at the world. --------------------------------


def _cluster_missing(attempt: Attempt) -> bool:
    return attempt.found is None


def _subnets_missing(attempt: Attempt) -> bool:
    subnets = attempt.cluster.subnet_mapping.values()
    return any(attempt.network.subnet(subnet) is None for subnet in subnets)


def _no_active_hsm(attempt: Attempt) -> bool:
    return not attempt.cluster.active_hsms()


def _subnet_full(attempt: Attempt) -> bool:
    subnets = map(attempt.network.subnet, attempt.cluster.subnet_mapping.values())
    return any(subnet is not None and subnet.free_addresses < 1 for subnet in subnets)


def _ports_closed(attempt: Attempt) -> bool:
    # They were open when the attempt began: checks.require_network_configuration.
    cluster = attempt.cluster
    return not attempt.network.hsm_ports_open(cluster.security_group_id, cluster.vpc_id)


def _acls_deny(attempt: Attempt) -> bool:
    cluster, network = attempt.cluster, attempt.network
    addresses = [hsm.eni_ip for hsm in cluster.active_hsms()]
    ends = network.ends(cluster.subnet_mapping.values(), addresses)
    return not network.acls_allow_hsm_ports(cluster.vpc_id, ends)


def _out_of_reach(attempt: Attempt) -> bool:
    return faults.out_of_reach(attempt.cluster.cluster_id)


Check: TypeAlias = Callable[[Attempt], bool]


def _refused(code: ReturnCode) -> Check:
    def check(attempt: Attempt) -> bool:
        return attempt.login is code

    return check


CONNECTION_ERRORS: tuple[tuple[ConnectionErrorCode, Check], ...] = (
    (CloudHsmErrorCode.CLUSTER_NOT_FOUND, _cluster_missing),
    (CloudHsmErrorCode.SUBNET_NOT_FOUND, _subnets_missing),
    (CloudHsmErrorCode.INSUFFICIENT_CLOUDHSM_HSMS, _no_active_hsm),
    (CloudHsmErrorCode.INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET, _subnet_full),
    (CommonErrorCode.NETWORK_ERRORS, _ports_closed),
    (CommonErrorCode.NETWORK_ERRORS, _acls_deny),
    (CommonErrorCode.NETWORK_ERRORS, _out_of_reach),
    # From here on KMS has tried to log in; which of these it is, the HSMs say.
    (CloudHsmErrorCode.USER_NOT_FOUND, _refused(ReturnCode.USER_NOT_FOUND)),
    (CloudHsmErrorCode.USER_LOGGED_IN, _refused(ReturnCode.USER_LOGGED_IN)),
    (CloudHsmErrorCode.USER_LOCKED_OUT, _refused(ReturnCode.USER_LOCKED_OUT)),
    (CloudHsmErrorCode.INVALID_CREDENTIALS, _refused(ReturnCode.AUTHENTICATION_FAILED)),
    # KMS has no second factor to offer.
    (CloudHsmErrorCode.INVALID_CREDENTIALS, _refused(ReturnCode.SECOND_FACTOR_REQUIRED)),
)
"""The error codes in the order in which KMS comes upon their causes.

INTERNAL_ERROR has no cause; it comes where it is injected, as it does for every kind of key store.
"""


def first_connection_error(attempt: Attempt) -> ConnectionErrorCode | None:
    """The error code of the first row that applies; ``None`` where KMS is logged in."""
    return next((code for code, applies in CONNECTION_ERRORS if applies(attempt)), None)
