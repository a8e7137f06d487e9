"""What makes an attempt to connect to a CloudHSM cluster fail: one table, in order.

See "How to fix a connection failure" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from moto_cks import faults
from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import ClusterSession, HsmError, LoginRefused, ReturnCode
from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keystores.cloudhsm import kmsuser
from moto_cks.kms.keystores.cloudhsm.checks import (
    mtls_enforced,
    ports_closed_before_connecting,
    told_of_acls,
)
from moto_cks.kms.keystores.cloudhsm.login_findings import TELLING, Login
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

    Attributes:
        interfaces: IDs of ENIs that will be gone by then.
    """

    interfaces: Collection[str] = ()

    def __init__(
        self, found: CloudHsmCluster | None, network: Network, password: kmsuser.KnownPassword
    ) -> None:
        self.found = found
        self.network = network
        self._password = password

    @property
    def cluster(self) -> CloudHsmCluster:
        """The cluster; it is there, or the table has not come past its first row."""
        assert self.found is not None
        return self.found

    @cached_property
    def _login(self) -> ClusterSession | HsmError:
        """KMS's login, tried when the first row asks for it; a wrong password counts."""
        try:
            return kmsuser.log_in(self.cluster.hardware, self._password)
        except HsmError as refusal:
            return refusal

    @property
    def session(self) -> ClusterSession:
        """KMS's session, after the table has found nothing wrong.

        Raises:
            HsmError: the HSMs refuse the login for a reason that the table does not have.
        """
        if isinstance(self._login, HsmError):
            raise self._login
        return self._login

    @property
    def refusals(self) -> Mapping[str, Collection[ReturnCode]]:
        """What the HSMs have against KMS's login, by their IDs; it is tried, and the first that
        refuses ends it.
        """
        if not isinstance(self._login, LoginRefused):
            return {}
        answers = self._login.answers.items()
        return {hsm_id: {code} for hsm_id, code in answers if code is not None}

    def refused(self, code: ReturnCode) -> Finding | None:
        """What there is to say where HSMs refuse the login for that reason."""
        hsms = [hsm_id for hsm_id, codes in self.refusals.items() if code in codes]
        if not hsms:
            return None
        return TELLING[code](Login(self.cluster, self._password, hsms))


class Outlook(Attempt):
    """An attempt that nobody makes: nothing is counted, and all HSMs are asked.

    Args:
        found: the cluster, if it is there.
        network: the network of its account and Region.
        password: the password of kmsuser, as KMS has it.
        session: KMS's session, which will have ended by then.
        interfaces: IDs of its ENIs, which will be gone.
    """

    def __init__(
        self,
        found: CloudHsmCluster | None,
        network: Network,
        password: kmsuser.KnownPassword,
        session: ClusterSession | None,
        interfaces: Collection[str],
    ) -> None:
        super().__init__(found, network, password)
        self.interfaces = interfaces
        self._ended = () if session is None else session.sessions()

    @cached_property
    def refusals(self) -> Mapping[str, Collection[ReturnCode]]:
        """All that the HSMs would have against KMS's login, by their IDs."""
        return {
            hsm_id: tuple(kmsuser.refusals(hsm, self._password, self._ended))
            for hsm_id, hsm in self.cluster.hardware.hsms.items()
        }


# The checks: each is one small function that looks at the world. --------------------------------


def _cluster_missing(attempt: Attempt) -> Finding | None:
    if attempt.found is not None:
        return None
    return Finding("cluster-not-found", otherwise="cluster-deleted")


def _subnets_missing(attempt: Attempt) -> Finding | None:
    subnets = attempt.cluster.subnet_mapping.values()
    missing = [subnet for subnet in subnets if attempt.network.subnet(subnet) is None]
    return Finding("subnet-not-found", {"subnets_gone": missing}) if missing else None


def _no_active_hsm(attempt: Attempt) -> Finding | None:
    if attempt.cluster.active_hsms():
        return None
    hsms = {hsm.hsm_id: hsm.state.value for hsm in attempt.cluster.hsms}
    facts = {"hsms": hsms}
    return Finding("insufficient-cloudhsm-hsms", facts, otherwise="all-hsms-deleted")


def _subnet_full(attempt: Attempt) -> Finding | None:
    network, without = attempt.network, attempt.interfaces
    subnets = (network.subnet(each, without) for each in attempt.cluster.subnet_mapping.values())
    full = [subnet.id for subnet in subnets if subnet is not None and subnet.free_addresses < 1]
    return (
        Finding("insufficient-free-addresses-in-subnet", {"subnets_full": full}) if full else None
    )


def _ports_closed(attempt: Attempt) -> Finding | None:
    # They were open when the attempt began: checks.BEFORE_CONNECTING.
    return ports_closed_before_connecting(attempt.cluster, attempt.network)


def _acls_deny(attempt: Attempt) -> Finding | None:
    cluster, network = attempt.cluster, attempt.network
    addresses = [hsm.eni_ip for hsm in cluster.active_hsms()]
    ends = network.ends(cluster.subnet_mapping.values(), addresses, attempt.interfaces)
    denials = network.denied_hsm_ports(cluster.vpc_id, ends)
    return told_of_acls(denials, reconnects=True) if denials else None


def _out_of_reach(attempt: Attempt) -> Finding | None:
    cluster_id = attempt.cluster.cluster_id
    if not faults.out_of_reach(cluster_id):
        return None
    facts = {"cluster": cluster_id}
    return Finding("network-errors", facts, otherwise="cluster-unreachable")


def _mtls_enforced(attempt: Attempt) -> Finding | None:
    return mtls_enforced(attempt.cluster, attempt.network)


Check: TypeAlias = Callable[[Attempt], "Finding | None"]


def _refused(code: ReturnCode) -> Check:
    def check(attempt: Attempt) -> Finding | None:
        return attempt.refused(code)

    return check


BEFORE_LOGIN: tuple[tuple[ConnectionErrorCode, Check], ...] = (
    (CloudHsmErrorCode.CLUSTER_NOT_FOUND, _cluster_missing),
    (CloudHsmErrorCode.SUBNET_NOT_FOUND, _subnets_missing),
    (CloudHsmErrorCode.INSUFFICIENT_CLOUDHSM_HSMS, _no_active_hsm),
    (CloudHsmErrorCode.INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET, _subnet_full),
    (CommonErrorCode.NETWORK_ERRORS, _ports_closed),
    (CommonErrorCode.NETWORK_ERRORS, _acls_deny),
    (CommonErrorCode.NETWORK_ERRORS, _out_of_reach),
    (CommonErrorCode.NETWORK_ERRORS, _mtls_enforced),
)
"""What KMS sees before it logs in, in the order in which it comes upon it."""

OF_LOGIN: Mapping[ReturnCode, ConnectionErrorCode] = MappingProxyType(
    {
        ReturnCode.USER_NOT_FOUND: CloudHsmErrorCode.USER_NOT_FOUND,
        ReturnCode.USER_LOGGED_IN: CloudHsmErrorCode.USER_LOGGED_IN,
        ReturnCode.USER_LOCKED_OUT: CloudHsmErrorCode.USER_LOCKED_OUT,
        ReturnCode.AUTHENTICATION_FAILED: CloudHsmErrorCode.INVALID_CREDENTIALS,
        # KMS has no second factor to offer.
        ReturnCode.SECOND_FACTOR_REQUIRED: CloudHsmErrorCode.INVALID_CREDENTIALS,
    }
)
"""What KMS makes of the answers of the HSMs to its login; which of them comes first, they say."""

CONNECTION_ERRORS: tuple[tuple[ConnectionErrorCode, Check], ...] = (
    *BEFORE_LOGIN,
    *((code, _refused(answer)) for answer, code in OF_LOGIN.items()),
)
"""The error codes in the order in which KMS comes upon their causes.

INTERNAL_ERROR has no cause; it comes where it is injected, as it does for every kind of key store.
"""


def first_connection_error(attempt: Attempt) -> ConnectionErrorCode | None:
    """The error code of the first row that applies; ``None`` where KMS is logged in."""
    return next((code for code, check in CONNECTION_ERRORS if check(attempt) is not None), None)


def connection_errors(outlook: Outlook) -> Iterator[Reason]:
    """All that an attempt would come upon, in the order in which it does, if each is mended."""
    for code, check in BEFORE_LOGIN:
        finding = check(outlook)
        if finding is not None:
            yield Reason(finding, code.value, When.NEXT_CONNECT)
        if outlook.found is None:
            return  # what is not there has nothing else to be looked at
    yield from login_errors(outlook)


def login_errors(outlook: Outlook) -> Iterator[Reason]:
    """All that the HSMs would answer to KMS's login: HSM by HSM, oldest first."""
    answers = (answer for codes in outlook.refusals.values() for answer in codes)
    for answer in dict.fromkeys(answers):
        finding = outlook.refused(answer)
        if finding is not None:
            yield Reason(finding, OF_LOGIN[answer].value, When.NEXT_CONNECT)
