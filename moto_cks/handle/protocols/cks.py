"""``cks``: the handle on the simulated world, for what no AWS API can do or would do slowly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID

if TYPE_CHECKING:
    from moto_cks.handle.protocols.clock import Clock
    from moto_cks.handle.protocols.cluster import Cluster
    from moto_cks.handle.protocols.explanation import Explanation
    from moto_cks.handle.protocols.failures import Failures
    from moto_cks.handle.protocols.faults import Faults
    from moto_cks.handle.protocols.key_store import KeyStore
    from moto_cks.handle.protocols.timeline import Timeline
    from moto_cks.handle.protocols.trail import Trail
    from moto_cks.tools.turns import RunningTool

DEFAULT_REGION = "us-east-1"


class Cks(ABC):
    """The handle: ``moto_cks.cks``, and what ``with mock_cks() as cks`` gives.

    It works on the world in this process (:class:`moto_cks.handle.cks.LocalCks`) or, where moto's
    server or proxy holds it, on that one (:class:`moto_cks.handle.remote.cks.RemoteCks`).

    Attributes:
        clock: the simulated clock.
        faults: what fails without a cause.
        failures: the documented failures, by name.
        trail: what CloudTrail has recorded.
        timeline: what has happened, in order.
    """

    def __init__(
        self, clock: Clock, faults: Faults, failures: Failures, trail: Trail, timeline: Timeline
    ) -> None:
        self.clock = clock
        self.faults = faults
        self.failures = failures
        self.trail = trail
        self.timeline = timeline

    @abstractmethod
    def create_cluster(
        self,
        *,
        hsms: int = 2,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
        kmsuser_password: str = "kmsPswd1",
        **network: Any,
    ) -> Cluster:
        """Build an active cluster that is ready for a key store.

        VPC and private subnets, cluster, HSMs in different Availability Zones, a CA, initialize,
        activate, kmsuser: all of it through the mocked AWS APIs and the HSMs' own interface. In the
        process of the mock, VPC and subnets are made in moto's EC2 itself, to save time.

        Args:
            hsms: how many HSMs.
            region: where.
            account_id: whose.
            kmsuser_password: the password of the crypto user kmsuser.
            network: what to build on; see :class:`moto_cks.handle.builder.NetworkPlan`.

        Raises:
            botocore.exceptions.ClientError: what AWS answers to parameters that cannot be.
            HsmError: INVALID_PASSWORD.
        """

    @abstractmethod
    def create_key_store(
        self,
        name: str = "ExampleKeyStore",
        *,
        cluster: Cluster | None = None,
        connect: bool = True,
        kmsuser_password: str = "kmsPswd1",
        **cluster_parameters: Any,
    ) -> KeyStore:
        """Build a custom key store and connect it.

        Args:
            name: CustomKeyStoreName.
            cluster: its cluster; by default a new one.
            connect: whether to connect it.
            kmsuser_password: KeyStorePassword, and the password of kmsuser in a new cluster.
            cluster_parameters: parameters of :meth:`create_cluster` for a new cluster.

        Raises:
            botocore.exceptions.ClientError: what KMS or CloudHSM answers.
        """

    @abstractmethod
    def cluster(self, cluster_id: str) -> Cluster:
        """The handle on a cluster, however it was made.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """

    @abstractmethod
    def cloudhsm_mgmt_util(self, cluster_id: str) -> RunningTool:
        """Start cloudhsm_mgmt_util on the HSMs that a cluster has now.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """

    @abstractmethod
    def key_mgmt_util(self, cluster_id: str) -> RunningTool:
        """Start key_mgmt_util on a cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """

    @abstractmethod
    def cloudhsm_cli(self, cluster_id: str) -> RunningTool:
        """Start ``cloudhsm-cli interactive`` on a client of a cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """

    @abstractmethod
    def explain(self, subject: KeyStore | Cluster | str) -> Explanation:
        """Explain why a key store, a KMS key or a cluster cannot be used, and how that is mended.

        What decides comes first, what lies behind it after that; each with the steps of "How to
        troubleshoot a custom key store" in the AWS KMS Developer Guide, the commands filled in.
        Looking changes nothing: no login is counted, and no key is marked.

        Args:
            subject: a key store or cluster, or the ID of one; or the ID, ARN, alias name or alias
                ARN of a key, of any account and Region.

        Returns:
            The explanation: printed, it is a text; as a truth value, whether it can be used.

        Raises:
            KeyError: there is no such thing in any account and Region.
            ValueError: there is more than one key of that name.
            RuntimeError: the mock is not on.
        """
