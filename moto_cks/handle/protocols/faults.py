"""``cks.faults``: what tests say."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

REQUEST_QUOTA = 1800
"""Requests per second of an AWS CloudHSM key store."""


class Faults(ABC):
    """The faults as the tests see them (``cks.faults``).

    They last until they are used up, until their context ends, or until moto's reset or the end of
    the mock.
    """

    @abstractmethod
    def connection_error(self, code: str, *, times: int = 1, key_store: str | None = None) -> None:
        """Let the next connection attempts end FAILED, whatever they would have come upon.

        The repair is the documented one: disconnect, connect. See "How to fix a connection
        failure" in the AWS KMS Developer Guide.

        Args:
            code: INTERNAL_ERROR or NETWORK_ERRORS.
            times: how many attempts.
            key_store: the custom key store ID; by default those of any key store.

        Raises:
            ValueError: another code, which has a cause to bring about; or ``times`` below 1.
            KeyError: there is no such key store in any account and Region.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def unreachable(self, cluster_id: str) -> AbstractContextManager[None]:
        """A context in which KMS cannot reach a cluster; such contexts nest.

        Cryptographic operations end with KMSInvalidStateException, GenerateRandom and CreateKey
        with DependencyTimeoutException, connection attempts with NETWORK_ERRORS; key material is
        not deleted.

        Args:
            cluster_id: the ID of the cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def pkcs11_sessions_exhausted(self, cluster_id: str, *, times: int = 1) -> None:
        """Let the next cryptographic operations find no free PKCS #11 session in a cluster.

        They end with KMSInternalException, HTTP status 500, after which AWS recommends to retry.
        See "Throttling AWS KMS requests" in the AWS KMS Developer Guide.

        Args:
            cluster_id: the ID of the cluster.
            times: how many operations.

        Raises:
            ValueError: ``times`` below 1.
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> AbstractContextManager[None]:
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
    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str | None = None,
        times: int = 1,
        account_id: str | None = None,
        region: str | None = None,
    ) -> None:
        """Let the next calls of an operation end with an exception, and do nothing else.

        Args:
            operation: an operation of KMS or CloudHSM, as ``Encrypt`` or ``cloudhsmv2:CreateHsm``.
            code: an exception that its page lists, or one of
                :data:`moto_cks.faults.documented.COMMON_ERRORS`.
            message: what it says; by default what AWS's documentation says of it.
            times: how many calls.
            account_id: of which account; by default of any.
            region: in which Region; by default in any.

        Raises:
            ValueError: there is no such operation, or both services have it and none is named; the
                operation does not document the exception; or ``times`` below 1.
            RuntimeError: the mock is not on.
        """


def check_quota(requests_per_second: float) -> None:
    """Check a request quota.

    Raises:
        ValueError: it is not a number above 0.
    """
    if not 0 < requests_per_second < math.inf:
        raise ValueError(f"requests_per_second must be above 0, not {requests_per_second}.")
