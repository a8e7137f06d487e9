"""``cks.faults``: what tests say."""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, ContextDecorator
from typing import Any, Literal, TypeAlias

from moto_cks.handle.protocols.handles import AnyCluster, AnyKeyStore
from moto_cks.world.complaints import users_place

REQUEST_QUOTA = 1800
"""Requests per second of an AWS CloudHSM key store."""

CLUSTERS_QUOTA, HSMS_QUOTA = 4, 6
"""What an account can have in a Region, until it has more from AWS."""

InjectedError: TypeAlias = Literal["INTERNAL_ERROR", "NETWORK_ERRORS"]
"""The connection errors that can come from nowhere; the others have causes."""


class Fault(AbstractContextManager["Fault"]):
    """A fault that is injected: until it is used up, or until its end.

    It need not be kept. As a context manager it ends on leaving, if it is not used up before.
    """

    @abstractmethod
    def end(self) -> None:
        """Take it back. One that is used up or was taken back before stays so."""

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.end()


class FaultDuring(AbstractContextManager[None], ContextDecorator, ABC):
    """A fault that lasts from entering to leaving; it can be entered again, also meanwhile.

    Whoever makes it and never enters it is warned: that is no fault at all.

    Args:
        call: the call that makes it, as the warning names it.
    """

    def __init__(self, call: str) -> None:
        self._call = call
        self._made_at = users_place()
        self._begun: list[Fault] = []
        self._used = False

    @abstractmethod
    def _begin(self) -> Fault:
        """Inject it."""

    def __call__(self, func: Any) -> Any:
        self._used = True  # or will be, by who calls the function
        return super().__call__(func)

    def __enter__(self) -> None:
        self._used = True
        self._begun.append(self._begin())

    def __exit__(self, *exc_info: object) -> None:
        self._begun.pop().end()

    def __del__(self) -> None:
        if not getattr(self, "_used", True) and not sys.is_finalizing():
            self._made_at.warn(
                f"cks.faults.{self._call} was never entered: it is in force within a `with` "
                "statement only.",
                UserWarning,
            )


class Faults(ABC):
    """The faults as the tests see them (``cks.faults``).

    They last until they are used up or ended, until their context ends, or until moto's reset or
    the end of the mock. Where ``times`` is ``None`` they are not used up.
    """

    @abstractmethod
    def connection_error(
        self, code: InjectedError, *, times: int | None = 1, key_store: AnyKeyStore | None = None
    ) -> Fault:
        """Let the next connection attempts end FAILED, whatever they would have come upon.

        The repair is the documented one: disconnect, connect. See "How to fix a connection
        failure" in the AWS KMS Developer Guide.

        Args:
            code: INTERNAL_ERROR or NETWORK_ERRORS.
            times: how many attempts; ``None`` for all until the end.
            key_store: the custom key store, ID or handle; by default those of any key store.

        Returns:
            The fault, which is injected by now; its ``end()`` takes back what is left of it.

        Raises:
            ValueError: another code, which has a cause to bring about; or ``times`` below 1.
            KeyError: there is no such key store in any account and Region.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def unreachable(self, cluster_id: AnyCluster) -> FaultDuring:
        """A context in which KMS cannot reach a cluster; such contexts nest.

        Cryptographic operations end with KMSInvalidStateException, GenerateRandom and CreateKey
        with DependencyTimeoutException, connection attempts with NETWORK_ERRORS; key material is
        not deleted.

        Args:
            cluster_id: the cluster: its ID, its handle, or the handle on its key store.

        Raises:
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def pkcs11_sessions_exhausted(self, cluster_id: AnyCluster, *, times: int | None = 1) -> Fault:
        """Let the next cryptographic operations find no free PKCS #11 session in a cluster.

        They end with KMSInternalException, HTTP status 500, after which AWS recommends to retry.
        See "Throttling AWS KMS requests" in the AWS KMS Developer Guide.

        Args:
            cluster_id: the cluster: its ID, its handle, or the handle on its key store.
            times: how many operations; ``None`` for all until the end.

        Returns:
            The fault, which is injected by now; its ``end()`` takes back what is left of it.

        Raises:
            ValueError: ``times`` below 1.
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def hsms_busy(self, cluster_id: AnyCluster, *, times: int | None = 1) -> Fault:
        """Let the HSMs of a cluster be too busy for the next commands: they answer 187 (0xBB).

        These are commands that work with keys or random numbers; logins and users are not affected.
        KMS ends with ThrottlingException, below the quota of the key store; CloudWatch counts that,
        too. The HSMs' tools print what they are answered. See "HSM throttling" in the AWS CloudHSM
        User Guide and "Throttling AWS KMS requests" in the AWS KMS Developer Guide.

        Args:
            cluster_id: the cluster: its ID, its handle, or the handle on its key store.
            times: how many commands, each on one HSM; ``None`` for all until the end.

        Returns:
            The fault, which is injected by now; its ``end()`` takes back what is left of it.

        Raises:
            ValueError: ``times`` below 1.
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> FaultDuring:
        """A context in which the request quota of every key store is in force.

        Cryptographic operations on keys of a key store, and GenerateRandom in it, past the quota
        end with ThrottlingException. Of nested contexts the innermost counts. See "Request quotas"
        in the AWS KMS Developer Guide.

        Args:
            requests_per_second: the quota of each key store, by the simulated clock; that many can
                come at once.

        Raises:
            ValueError: the quota is not a number above 0.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def request_quotas(self) -> FaultDuring:
        """A context in which the request quotas of KMS are in force, for each account and Region.

        They are those that AWS documents as the default: five CreateKey a second, 10,000 to 100,000
        cryptographic operations with symmetric keys, by the Region. Requests past a quota end with
        ThrottlingException. That of key stores is no part of it: see :meth:`throttle`. See "Request
        quotas" in the AWS KMS Developer Guide.

        Raises:
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def resource_quotas(
        self, *, clusters: int = CLUSTERS_QUOTA, hsms: int = HSMS_QUOTA
    ) -> FaultDuring:
        """A context in which each account can have so many clusters and HSMs in a Region.

        CreateCluster and CreateHsm past them end with CloudHsmInvalidRequestException; what there
        is stays. Of nested contexts the innermost counts. See "AWS CloudHSM quotas" in the AWS
        CloudHSM User Guide: the defaults can be raised.

        Args:
            clusters: how many clusters.
            hsms: how many HSMs, in all clusters together.

        Raises:
            ValueError: one of them is no number of at least 1.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str | None = None,
        times: int | None = 1,
        account_id: str | None = None,
        region: str | None = None,
    ) -> Fault:
        """Let the next calls of an operation end with an exception, and do nothing else.

        Args:
            operation: an operation of KMS or CloudHSM, as ``Encrypt`` or ``cloudhsmv2:CreateHsm``.
            code: an exception that its page lists, or one of
                ``moto_cks.faults.documented.COMMON_ERRORS``.
            message: what it says; by default what AWS's documentation says of it.
            times: how many calls; ``None`` for all until the end.
            account_id: of which account; by default of any.
            region: in which Region; by default in any.

        Returns:
            The fault, which is injected by now; its ``end()`` takes back what is left of it.

        Raises:
            ValueError: there is no such operation, or both services have it and none is named; the
                operation does not document the exception; or ``times`` below 1.
            RuntimeError: the mock is not on.
        """


def check_times(times: int | None) -> None:
    """Check how often a fault is to come.

    Raises:
        ValueError: it is neither a number of at least 1 nor ``None``.
    """
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise ValueError(f"times must be a number of at least 1, or None, not {times!r}.")


def check_resource_quotas(clusters: int, hsms: int) -> None:
    """Check how many clusters and HSMs there can be.

    Raises:
        ValueError: one of them is no number of at least 1.
    """
    for name, number in {"clusters": clusters, "hsms": hsms}.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ValueError(f"{name} must be a number of at least 1, not {number!r}.")


def check_quota(requests_per_second: float) -> None:
    """Check a request quota.

    Raises:
        ValueError: it is not a number above 0.
    """
    is_number = isinstance(requests_per_second, (int, float))
    if not is_number or not 0 < requests_per_second < math.inf:
        raise ValueError(f"requests_per_second must be above 0, not {requests_per_second}.")
