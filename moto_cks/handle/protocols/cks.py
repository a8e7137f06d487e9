"""``cks``: the handle on the simulated world, for what no AWS API can do or would do slowly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from moto.core.models import DEFAULT_ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moto_cks.handle.protocols.clock import Clock
    from moto_cks.handle.protocols.cluster import Cluster
    from moto_cks.handle.protocols.explanation import Explanation
    from moto_cks.handle.protocols.failures import Failures
    from moto_cks.handle.protocols.faults import Faults
    from moto_cks.handle.protocols.handles import AnyCluster
    from moto_cks.handle.protocols.key_store import KeyStore
    from moto_cks.handle.protocols.timeline import Timeline
    from moto_cks.handle.protocols.trail import Trail
    from moto_cks.tools.turns import RunningTool

DEFAULT_REGION = "us-east-1"
HSMS = 2
KMSUSER_PASSWORD = "kmsPswd1"
CIDR = "10.0.0.0/16"
SUBNET_PREFIX = 24


class Cks(ABC):
    """The handle: ``moto_cks.cks``, and what ``with mock_cks() as cks`` gives.

    It works on the world in this process or, where moto's server or proxy holds it, on that one.

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
        hsms: int = HSMS,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
        kmsuser_password: str = KMSUSER_PASSWORD,
        vpc_id: str | None = None,
        subnet_ids: Sequence[str] = (),
        cidr: str = CIDR,
        subnet_prefix: int = SUBNET_PREFIX,
        zones: Sequence[str] = (),
    ) -> Cluster:
        """Build an active cluster that is ready for a key store.

        VPC and private subnets, cluster, HSMs in different Availability Zones, a CA, initialize,
        activate, kmsuser: all of it through the mocked AWS APIs and the HSMs' own interface. In the
        process of the mock, VPC and subnets are made in moto's EC2 itself, to save time.

        Args:
            hsms: how many HSMs; by default 2.
            region: where; by default ``us-east-1``.
            account_id: whose; by default moto's account.
            kmsuser_password: the password of the crypto user kmsuser; by default ``kmsPswd1``.
            vpc_id: an existing VPC; by default a new one.
            subnet_ids: existing subnets; the rest is then of no use.
            cidr: the block of a new VPC, and what its subnets are cut from; by default
                ``10.0.0.0/16``.
            subnet_prefix: prefix length of a new subnet; by default 24.
            zones: Availability Zones of new subnets; by default the first three of the Region.

        Raises:
            botocore.exceptions.ClientError: what AWS answers to parameters that cannot be.
            HsmError: INVALID_PASSWORD.
            ValueError: there is no such Region, or another parameter that cannot be.
            TypeError: a parameter is of another type.
            RuntimeError: the mock is not on.

        Whatever is raised, nothing is left of what was built until then, but for the records of
        the calls.
        """

    @abstractmethod
    def create_key_store(
        self,
        name: str = "ExampleKeyStore",
        *,
        cluster: AnyCluster | None = None,
        connect: bool = True,
        kmsuser_password: str = KMSUSER_PASSWORD,
        hsms: int | None = None,
        region: str | None = None,
        account_id: str | None = None,
        vpc_id: str | None = None,
        subnet_ids: Sequence[str] | None = None,
        cidr: str | None = None,
        subnet_prefix: int | None = None,
        zones: Sequence[str] | None = None,
    ) -> KeyStore:
        """Build a custom key store and connect it.

        Args:
            name: CustomKeyStoreName.
            cluster: its cluster, ID or handle; by default a new one.
            connect: whether to connect it.
            kmsuser_password: KeyStorePassword, and the password of kmsuser in a new cluster.
            hsms: of a new cluster, as all that follow: see ``create_cluster``, whose defaults
                they have.
            region: where.
            account_id: whose.
            vpc_id: an existing VPC.
            subnet_ids: existing subnets.
            cidr: the block of a new VPC.
            subnet_prefix: prefix length of a new subnet.
            zones: Availability Zones of new subnets.

        Raises:
            botocore.exceptions.ClientError: what KMS or CloudHSM answers.
            HsmError, ValueError, RuntimeError: as for ``create_cluster``.
            KeyError: there is no such cluster in any account and Region.
            TypeError: a parameter is of another type, or is that of a new cluster where one is
                given.

        Whatever is raised, nothing is left of what was built until then, but for the records of
        the calls. An attempt to connect that ends FAILED is no error.
        """

    @abstractmethod
    def cluster(self, cluster_id: AnyCluster) -> Cluster:
        """The handle on a cluster, however it was made.

        Args:
            cluster_id: its ID, a handle on it, or the handle on the key store that it backs now.

        Raises:
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on, or the handle is of a world that is over.
        """

    @abstractmethod
    def cloudhsm_mgmt_util(self, cluster_id: AnyCluster) -> RunningTool:
        """Start cloudhsm_mgmt_util on the HSMs that a cluster has now.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """

    @abstractmethod
    def key_mgmt_util(self, cluster_id: AnyCluster) -> RunningTool:
        """Start key_mgmt_util on a cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """

    @abstractmethod
    def cloudhsm_cli(self, cluster_id: AnyCluster) -> RunningTool:
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

    @abstractmethod
    def reset(self) -> None:
        """Begin a fresh world, as moto's reset does: whatever there is, in all services, is gone.

        The simulated clock is back at moto's time, faults are over, tools are closed. Handles that
        were made before are of a world that is over, and raise RuntimeError.

        Raises:
            RuntimeError: the mock is not on.
        """
