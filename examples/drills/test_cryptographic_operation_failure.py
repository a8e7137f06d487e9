"""Drill: KMS cannot communicate with your CloudHSM cluster.

AWS's page: How to respond to a cryptographic operation failure
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-communication

To make it yours: replace Cards by your service, and open_ports by your runbook.
"""

from __future__ import annotations

import boto3
import pytest

from moto_cks import Cks, KeyStore

pytestmark = pytest.mark.cks(region="us-east-1")  # yours

CARD = b"4111 1111 1111 1111"
HSM_PORTS = {"IpProtocol": "tcp", "FromPort": 2223, "ToPort": 2225}


class Unavailable(Exception):
    """What the service tells its callers while it cannot use its key."""


class Cards:
    """Your service: keeps card numbers encrypted under a KMS key."""

    def __init__(self, key_id: str) -> None:
        self.kms = boto3.client("kms")
        self.key_id = key_id

    def seal(self, card: bytes) -> bytes:
        sealed: bytes = self.kms.encrypt(KeyId=self.key_id, Plaintext=card)["CiphertextBlob"]
        return sealed

    def open(self, sealed: bytes) -> bytes:
        try:
            card: bytes = self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"]
        except self.kms.exceptions.KMSInvalidStateException as error:
            raise Unavailable(error.response["Error"]["Message"]) from error
        return card


def security_group(cluster_id: str) -> str:
    found = boto3.client("cloudhsmv2").describe_clusters(Filters={"clusterIds": [cluster_id]})
    group_id: str = found["Clusters"][0]["SecurityGroup"]
    return group_id


def open_ports(group_id: str) -> None:
    """Your runbook: the HSMs and KMS speak to each other within the cluster's security group."""
    boto3.client("ec2").authorize_security_group_ingress(
        GroupId=group_id,
        IpPermissions=[{**HSM_PORTS, "UserIdGroupPairs": [{"GroupId": group_id}]}],
    )


def test_the_network_is_down_for_a_moment(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    outage = cks.faults.unreachable(cks_key_store.cluster)
    # What the service sees. It is a 400, so no SDK retries it.
    with outage, pytest.raises(Unavailable, match="KMS cannot communicate with your CloudHSM"):
        cards.open(sealed)

    # The service retries the request, and it is mended.
    assert cards.open(sealed) == CARD


def test_a_rule_of_the_security_group_was_revoked(cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    ec2 = boto3.client("ec2")
    group_id = security_group(cks_key_store.cluster.id)
    (group,) = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=group["IpPermissions"])

    # What the service sees, retry as it may.
    for _ in range(3):
        with pytest.raises(Unavailable, match="KMS cannot communicate with your CloudHSM cluster"):
            cards.open(sealed)
    # What the person on call sees: CONNECTED, and no rule for the HSM ports.
    found = boto3.client("kms").describe_custom_key_stores(CustomKeyStoreId=cks_key_store.id)
    assert found["CustomKeyStores"][0]["ConnectionState"] == "CONNECTED"
    (group,) = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    assert group["IpPermissions"] == []

    # Repair it.
    open_ports(group_id)

    # It is mended, without connecting anew.
    assert cards.open(sealed) == CARD
