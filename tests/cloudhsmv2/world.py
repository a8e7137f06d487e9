"""A small world for tests of CloudHSM, built and looked at by boto3 alone."""

from __future__ import annotations

import contextlib
import datetime
import functools
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from moto_cks.cloudhsmv2.settings import RetiredHsmTypeWarning
from tests.aws import REGION, client, client_as

ADMIN_PASSWORD = "adminPswd1"


class World:
    """CloudHSM and EC2 of an account in a Region, with a VPC that has subnets in three zones."""

    def __init__(
        self, cks: Any, region: str = REGION, credentials: dict[str, Any] | None = None
    ) -> None:
        self.cks = cks
        self.region = region
        make = functools.partial(client_as, credentials) if credentials else client
        self.hsm: Any = make("cloudhsmv2", region)
        self.ec2: Any = make("ec2", region)
        self.vpc_id = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.zones = [f"{region}{letter}" for letter in "abc"]
        self.subnet_ids = [self.subnet(zone, f"10.0.{i}.0/24") for i, zone in enumerate(self.zones)]

    def subnet(self, zone: str, cidr: str, vpc_id: str | None = None) -> str:
        subnet = self.ec2.create_subnet(
            VpcId=vpc_id or self.vpc_id, CidrBlock=cidr, AvailabilityZone=zone
        )["Subnet"]
        return str(subnet["SubnetId"])

    # Building --------------------------------------------------------------------------------

    def create_cluster(self, **parameters: Any) -> str:
        """A new cluster, UNINITIALIZED where transitions are immediate; returns its ID.

        What AWS says of hsm1.medium is the business of its own test.
        """
        parameters = {
            "HsmType": "hsm2m.medium",
            "Mode": "FIPS",
            "SubnetIds": self.subnet_ids,
            **parameters,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetiredHsmTypeWarning)
            return str(self.hsm.create_cluster(**parameters)["Cluster"]["ClusterId"])

    def create_hsm(self, cluster_id: str, zone: int = 0, **parameters: Any) -> str:
        """A new HSM in one of the zones; returns its ID."""
        hsm = self.hsm.create_hsm(
            ClusterId=cluster_id, AvailabilityZone=self.zones[zone], **parameters
        )["Hsm"]
        return str(hsm["HsmId"])

    def initialize(self, cluster_id: str) -> dict[str, Any]:
        signed, anchor = customer_ca().sign(self.csr(cluster_id))
        return dict(
            self.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=signed, TrustAnchor=anchor)
        )

    def activate(self, cluster_id: str) -> None:
        self.cks.cluster(cluster_id).activate(ADMIN_PASSWORD)

    def older_cluster(self, hsms: int = 1, **parameters: Any) -> str:
        """An hsm1.medium cluster that is ACTIVE."""
        return self.active_cluster(hsms, HsmType="hsm1.medium", **parameters)

    def active_cluster(self, hsms: int = 1, **parameters: Any) -> str:
        """A cluster that is ACTIVE."""
        cluster_id = self.create_cluster(**parameters)
        self.create_hsm(cluster_id)
        self.initialize(cluster_id)
        self.activate(cluster_id)
        for number in range(1, hsms):
            self.create_hsm(cluster_id, number % 3)
        return cluster_id

    def remove_hsms(self, cluster_id: str) -> None:
        for hsm in self.describe(cluster_id)["Hsms"]:
            self.hsm.delete_hsm(ClusterId=cluster_id, HsmId=hsm["HsmId"])

    # Looking ---------------------------------------------------------------------------------

    def describe(self, cluster_id: str) -> dict[str, Any]:
        clusters = self.hsm.describe_clusters(Filters={"clusterIds": [cluster_id]})["Clusters"]
        assert len(clusters) == 1
        return dict(clusters[0])

    def state(self, cluster_id: str) -> str:
        return str(self.describe(cluster_id)["State"])

    def csr(self, cluster_id: str) -> str:
        return str(self.describe(cluster_id)["Certificates"]["ClusterCsr"])

    def backups(self, cluster_id: str | None = None, **parameters: Any) -> list[dict[str, Any]]:
        """Backups, newest first."""
        if cluster_id is not None:
            parameters["Filters"] = {"clusterIds": [cluster_id]}
        return list(self.hsm.describe_backups(**parameters)["Backups"])

    def backup(self, backup_id: str) -> dict[str, Any]:
        (backup,) = self.backups(Filters={"backupIds": [backup_id]})
        return backup

    def everything(self) -> Any:
        """All that a refused call could have changed."""
        groups = self.ec2.describe_security_groups()["SecurityGroups"]
        enis = self.ec2.describe_network_interfaces()["NetworkInterfaces"]
        return (
            self.hsm.describe_clusters()["Clusters"],
            self.backups(),
            [group["GroupId"] for group in groups],
            [eni["NetworkInterfaceId"] for eni in enis],
        )

    @contextlib.contextmanager
    def refused(self, code: str, message: str = "") -> Iterator[None]:
        """The call inside is refused with an error, and changes nothing."""
        before = self.everything()
        with pytest.raises(ClientError) as caught:
            yield
        assert caught.value.response["Error"]["Code"] == code
        assert message in caught.value.response["Error"]["Message"]
        assert self.everything() == before

    def invalid(self, message: str = "") -> contextlib.AbstractContextManager[None]:
        return self.refused("CloudHsmInvalidRequestException", message)

    def not_found(self, message: str = "") -> contextlib.AbstractContextManager[None]:
        return self.refused("CloudHsmResourceNotFoundException", message)


class CustomerCA:
    """The customer's certificate authority."""

    def __init__(self, *, elliptic: bool = False, signed_by: CustomerCA | None = None) -> None:
        self.key: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if elliptic
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        common_name = "intermediate" if signed_by else "customerCA"
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        issuer = signed_by or self
        self.certificate = issuer.issue(self.name, self.key.public_key())

    def issue(self, subject: x509.Name, public_key: Any) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.datetime(2020, 1, 1))
            .not_valid_after(datetime.datetime(2040, 1, 1))
            .sign(self.key, hashes.SHA256())
        )

    @property
    def anchor(self) -> str:
        return pem(self.certificate)

    def sign(self, csr: str) -> tuple[str, str]:
        """The signed certificate and the trust anchor, PEM."""
        request = x509.load_pem_x509_csr(csr.encode())
        return pem(self.issue(request.subject, request.public_key())), self.anchor


@functools.cache
def customer_ca() -> CustomerCA:
    """The CA of tests that do not care which."""
    return CustomerCA()


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
