"""``cks``: the handle on the simulated world, for what no AWS API can do or would do slowly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from moto.core.models import DEFAULT_ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from moto_cks.handle.protocols.clock import Clock
    from moto_cks.handle.protocols.cluster import Cluster
    from moto_cks.handle.protocols.explanation import Explanation
    from moto_cks.handle.protocols.external import XksRoute
    from moto_cks.handle.protocols.failures import Failures
    from moto_cks.handle.protocols.faults import Faults
    from moto_cks.handle.protocols.handles import AnyCluster, AnyKeyStore
    from moto_cks.handle.protocols.key_store import CustomKeyStore, ExternalKeyStore, KeyStore
    from moto_cks.handle.protocols.network import Network
    from moto_cks.handle.protocols.snapshots import AnyPath, Snapshot
    from moto_cks.handle.protocols.timeline import Timeline
    from moto_cks.handle.protocols.trail import Trail
    from moto_cks.tools.turns import RunningTool
    from moto_cks.xks_proxy.proxy import XksProxy

DEFAULT_REGION = "us-east-1"
HSMS = 2
KMSUSER_PASSWORD = "kmsPswd1"
XKS_HOST = "xks.example.com"
XKS_PATH_PREFIX = "/example"
XKS_KEYS = ("external-key-1",)

XksConnectivity: TypeAlias = Literal["PUBLIC_ENDPOINT", "VPC_ENDPOINT_SERVICE"]
"""XksProxyConnectivity of an external key store."""
CIDR = "10.0.0.0/16"
SUBNET_PREFIX = 24

HsmTypeName: TypeAlias = Literal["hsm1.medium", "hsm2m.medium"]
HSM_TYPE: HsmTypeName = "hsm2m.medium"


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
        hsm_type: HsmTypeName = HSM_TYPE,
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
            hsm_type: the type of the HSMs; by default ``hsm2m.medium``. An ``hsm1.medium`` cluster
                is one from before April 2025, when AWS ceased to make them. Either is in FIPS mode.

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
        hsm_type: HsmTypeName | None = None,
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
            hsm_type: the type of the HSMs.

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
    def xks_proxy(
        self,
        host: str = XKS_HOST,
        *,
        path_prefix: str = XKS_PATH_PREFIX,
        region: str | None = None,
        keys: Iterable[str] = XKS_KEYS,
        instances: Sequence[str] = ("ekm-1",),
    ) -> XksProxy:
        """Make an external key store proxy, with an external key manager behind it.

        KMS of this world reaches it at ``https://host``. It is part of the world: the simulated
        clock dates its certificate, and the time that it takes is simulated, too.

        Args:
            host: its name, which its certificate has; by default ``xks.example.com``.
            path_prefix: what comes before ``/kms/xks/v1`` in its path; by default ``/example``.
            region: the Region of KMS for which it takes signatures; by default any.
            keys: the IDs of its first external keys; by default ``external-key-1``.
            instances: the IDs of its external key manager's instances; by default one, ``ekm-1``.

        Raises:
            ValueError: there is a proxy of that host, or a parameter cannot be.
            RuntimeError: the mock is not on.
        """

    @property
    @abstractmethod
    def xks_proxies(self) -> Mapping[str, XksProxy]:
        """The external key store proxies of this world, by their hosts.

        Whatever is asked of it raises RuntimeError where the mock is not on.
        """

    @abstractmethod
    def route_xks(
        self,
        endpoint: str,
        *,
        to: str,
        ca: AnyPath | None = None,
        tls: bool = True,
        allow_remote: bool = False,
    ) -> XksRoute:
        """Have KMS send what it says to a proxy's endpoint to a proxy of one's own.

        KMS waits for it as AWS does: 250 ms of real time. Signatures have the machine's date, and
        OpenSSL judges its certificate by that, whatever the simulated clock says.

        Args:
            endpoint: the XksProxyUriEndpoint, as ``https://xks.example.com``: the name that its
                certificate must have.
            to: where it listens, an IPv4 address and a port, as ``127.0.0.1:8443``.
            ca: the certificates of the CAs to be trusted: PEM, or the path of a file with it.
            tls: whether it speaks TLS; one without has to be on a loopback address.
            allow_remote: whether the address may be another one than a loopback address. What goes
                there leaves this machine.

        Raises:
            ValueError: one of them cannot be, or there is a proxy of that endpoint already.
            OSError: the file cannot be read.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def xks_client_ca(self) -> str:
        """The CA of the certificate that KMS shows to proxies that ask who it is, PEM.

        It stands in for Amazon Trust Services, and is the same in all worlds of a process but those
        that were saved in another one. The certificate is for ``cks.kms.<region>.amazonaws.com``.

        Raises:
            RuntimeError: the mock is not on.
        """

    @property
    @abstractmethod
    def network(self) -> Network:
        """What there is of the network that moto's EC2 does not have."""

    @abstractmethod
    def create_external_key_store(
        self,
        name: str = "ExampleExternalKeyStore",
        *,
        proxy: XksProxy | None = None,
        connectivity: XksConnectivity = "PUBLIC_ENDPOINT",
        connect: bool = True,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
    ) -> ExternalKeyStore:
        """Build an external key store, and connect it.

        With VPC_ENDPOINT_SERVICE, VPC, subnets in two Availability Zones, a network load balancer
        and a VPC endpoint service are built for it, whose private DNS name is the proxy's host.

        Args:
            name: CustomKeyStoreName.
            proxy: its proxy, which ``xks_proxy`` has made; by default a new one.
            connectivity: XksProxyConnectivity; by default ``PUBLIC_ENDPOINT``.
            connect: whether to connect it.
            region: where; by default ``us-east-1``.
            account_id: whose; by default moto's account.

        Raises:
            botocore.exceptions.ClientError: what KMS answers.
            ValueError: the proxy is none of this world, or has no credential; there is no such
                connectivity or Region.
            RuntimeError: the mock is not on.

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
    def explain(self, subject: CustomKeyStore | Cluster | str) -> Explanation:
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
    def key_store(self, key_store_id: AnyKeyStore) -> KeyStore:
        """The handle on a custom key store on a CloudHSM cluster, however it was made.

        Args:
            key_store_id: its ID, or a handle on it.

        Raises:
            KeyError: there is no such key store in any account and Region.
            RuntimeError: the mock is not on, or the handle is of a world that is over.
        """

    @abstractmethod
    def external_key_store(self, key_store_id: AnyKeyStore) -> ExternalKeyStore:
        """The handle on an external key store, however it was made.

        Args:
            key_store_id: its ID, or a handle on it.

        Raises:
            KeyError: there is no such external key store in any account and Region.
            RuntimeError: the mock is not on, or the handle is of a world that is over.
        """

    @abstractmethod
    def create_key(
        self,
        *,
        key_id: str | None = None,
        material: bytes | None = None,
        key_store: AnyKeyStore | None = None,
        region: str | None = None,
        account_id: str | None = None,
        **parameters: Any,
    ) -> str:
        """Create a KMS key whose ID and key material are known, as no AWS API does.

        Ciphertexts in fixtures rest on such keys: what was encrypted under one in some world can be
        decrypted in every other that has the same one, in the same account and Region.

        Args:
            key_id: its ID: a UUID, or ``mrk-`` and 32 hexadecimal digits for a multi-Region key; by
                default a new one.
            material: its key material, the 32 bytes of an AES-256 key; by default random. In a key
                store it is in the HSMs as if they had generated it.
            key_store: the custom key store that it is in, ID or handle; by default none.
            region: where; by default that of the key store, or us-east-1.
            account_id: whose; by default that of the key store, or moto's.
            parameters: parameters of CreateKey, by their names in the API.

        Returns:
            The key ID.

        Raises:
            botocore.exceptions.ClientError: what CreateKey answers.
            KeyError: there is no such key store in any account and Region.
            ValueError: the ID is taken, or none of such a key; the material is not 32 bytes, or for
                a key that is not symmetric; there is no such Region.
            TypeError: one of them is of another type.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """Take a snapshot of the world: all services of moto, accounts and Regions, the hardware,
        the simulated clock, faults, what happens, CloudTrail's history and the timeline.

        Services whose state cannot be saved are left out; a warning names them.

        Raises:
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; it can be one that was taken in another mock of this process.

        Clients of boto3 go on. Handles that were made before the snapshot are of the restored
        world, too; those that were made after it raise RuntimeError. The simulated clock stands
        where it stood. Tools and logins that were open end, but for those of a failure that
        happens.

        Raises:
            SnapshotError: a ValueError: the snapshot cannot be read. Nothing has changed.
            TypeError: it is no snapshot, or one that belongs elsewhere.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def save(self, path: AnyPath) -> Snapshot:
        """Take a snapshot and write it to a file, which any process can :meth:`load`.

        What is in the world, key material and passwords too, is in the file and not encrypted.

        Args:
            path: of the file, which is replaced as a whole or not at all.

        Raises:
            OSError: it cannot be written.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def load(self, path: AnyPath) -> Snapshot:
        """Go to the world in a file, as :meth:`restore` does.

        A file can make objects of moto and of this package, and nothing else; it runs no code.

        Args:
            path: of the file.

        Raises:
            OSError: it cannot be read.
            SnapshotError: a ValueError: it is no saved world, damaged, or made with another version
                of moto or of this package. Nothing has changed.
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
