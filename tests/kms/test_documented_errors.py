"""Every error of KMS is one that the service model lists for the operation, whatever is wrong.

And what is refused leaves the world as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import KeyStore, cks
from tests.aws import client
from tests.exposure.calls import ENDINGS, inputs
from tests.whole import refused_without_a_trace

from . import POLICY, delete_cluster, delete_hsms

COMMON = {"AccessDeniedException", "ThrottlingException", "ValidationException"}
"""The errors that every operation can have: "Common errors" of the AWS KMS API Reference."""

UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab"

MORE = {
    "CreateCustomKeyStore": {"CloudHsmClusterId", "TrustAnchorCertificate", "KeyStorePassword"},
    "CreateKey": {"Origin", "CustomKeyStoreId"},
    "Decrypt": {"CiphertextBlob"},
    "GenerateDataKey": {"NumberOfBytes"},
    "GenerateDataKeyWithoutPlaintext": {"NumberOfBytes"},
    "GenerateRandom": {"NumberOfBytes", "CustomKeyStoreId"},
    "ReEncrypt": {"CiphertextBlob"},
    "RetireGrant": {"KeyId", "GrantId"},
    "UpdateCustomKeyStore": {"CloudHsmClusterId"},
}
"""Parameters that operations take besides those that they require."""


class Situation:
    """A key store and a key in it, before something happens to them."""

    def __init__(self, store: KeyStore, stack: ExitStack) -> None:
        self.store, self.stack = store, stack
        self.it = {"CustomKeyStoreId": store.id}
        self.kms, self.ec2 = client("kms"), client("ec2")
        self.key_id = store.create_key()
        sealed = self.kms.encrypt(KeyId=self.key_id, Plaintext=b"text")["CiphertextBlob"]
        self.kms.create_alias(AliasName="alias/mine", TargetKeyId=self.key_id)
        grant = self.kms.create_grant(
            KeyId=self.key_id,
            GranteePrincipal="arn:aws:iam::123456789012:role/grantee",
            Operations=["Encrypt"],
        )
        keys = ("KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId")
        self.parameters = {
            **dict.fromkeys(keys, self.key_id),
            **self.it,
            "AliasName": "alias/mine",
            "CiphertextBlob": sealed,
            "CloudHsmClusterId": store.cluster.id,
            "CustomKeyStoreType": "AWS_CLOUDHSM",
            "GrantId": grant["GrantId"],
            "Origin": "AWS_CLOUDHSM",
            "KeyStorePassword": "kmsPswd1",
            "Policy": POLICY,
            "TrustAnchorCertificate": store.cluster.trust_anchor,
        }

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(**self.it)

    def reconnect(self) -> None:
        self.disconnect()
        self.kms.connect_custom_key_store(**self.it)

    def fail(self) -> None:
        cks.faults.connection_error("INTERNAL_ERROR")
        self.reconnect()

    def name(self, key_id: str) -> None:
        for parameter in ("KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId"):
            self.parameters[parameter] = key_id

    def close_ports(self) -> None:
        filters = [{"Name": "group-name", "Values": [f"cloudhsm-{self.store.cluster.id}-sg"]}]
        (group,) = self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        self.ec2.revoke_security_group_ingress(
            GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
        )

    def deny(self) -> None:
        filters = [{"Name": "vpc-id", "Values": [self.store.cluster.vpc_id]}]
        (acl,) = self.ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        self.ec2.create_network_acl_entry(
            NetworkAclId=acl["NetworkAclId"],
            RuleNumber=1,
            RuleAction="deny",
            Protocol="-1",
            Egress=True,
            CidrBlock="0.0.0.0/0",
        )

    def delete_key(self) -> None:
        self.kms.schedule_key_deletion(KeyId=self.key_id, PendingWindowInDays=7)
        cks.clock.advance(days=7)

    def delete_material(self) -> None:
        (key,) = self.store.cluster.hsms[0].keys
        self.store.cluster.delete_key(key.handle)

    def ordinary(self) -> None:
        self.name(self.kms.create_key()["KeyMetadata"]["KeyId"])

    def call(self, operation: str) -> str | None:
        """Call an operation, with what it needs and what makes it one of a key store; the error."""
        shape = self.kms.meta.service_model.operation_model(operation).input_shape
        members = {*shape.required_members, *MORE.get(operation, ())}
        parameters = inputs(shape, self.parameters)
        try:
            self.kms._make_api_call(operation, {name: parameters[name] for name in members})
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        except NotImplementedError:
            return None
        return None


SITUATIONS: dict[str, tuple[Callable[[Situation], object], str, str | None]] = {
    "nothing": (lambda s: None, "Sign", "InvalidKeyUsageException"),
    "disconnected": (Situation.disconnect, "Encrypt", "KMSInvalidStateException"),
    "failed": (Situation.fail, "ConnectCustomKeyStore", "CustomKeyStoreInvalidStateException"),
    "unknown key": (lambda s: s.name(UNKNOWN), "Encrypt", "NotFoundException"),
    "disabled": (lambda s: s.kms.disable_key(KeyId=s.key_id), "Encrypt", "DisabledException"),
    "pending deletion": (
        lambda s: s.kms.schedule_key_deletion(KeyId=s.key_id),
        "Encrypt",
        "KMSInvalidStateException",
    ),
    "deleted": (Situation.delete_key, "Decrypt", "AccessDeniedException"),
    "material deleted": (Situation.delete_material, "Encrypt", "KMSInvalidStateException"),
    "an ordinary key": (Situation.ordinary, "CancelKeyDeletion", "KMSInvalidStateException"),
    "HSMs deleted": (
        lambda s: delete_hsms(s.store.cluster),
        "CreateKey",
        "CloudHsmClusterInvalidConfigurationException",
    ),
    "HSMs deleted before connecting": (
        lambda s: (delete_hsms(s.store.cluster), s.reconnect()),
        "CreateKey",
        "CustomKeyStoreInvalidStateException",
    ),
    "cluster deleted": (
        lambda s: delete_cluster(s.store.cluster),
        "GenerateRandom",
        "DependencyTimeoutException",
    ),
    "cluster deleted while disconnected": (
        lambda s: (s.disconnect(), delete_cluster(s.store.cluster)),
        "UpdateCustomKeyStore",
        "CloudHsmClusterNotFoundException",
    ),
    "ports closed": (
        Situation.close_ports,
        "CreateKey",
        "CloudHsmClusterInvalidConfigurationException",
    ),
    "ports closed while disconnected": (
        lambda s: (s.disconnect(), s.close_ports()),
        "ConnectCustomKeyStore",
        "CloudHsmClusterInvalidConfigurationException",
    ),
    "ACL": (Situation.deny, "CreateKey", "DependencyTimeoutException"),
    "out of reach": (
        lambda s: s.stack.enter_context(cks.faults.unreachable(s.store.cluster.id)),
        "CreateKey",
        "DependencyTimeoutException",
    ),
    "no session": (
        lambda s: cks.faults.pkcs11_sessions_exhausted(s.store.cluster.id, times=1000),
        "Encrypt",
        "KMSInternalException",
    ),
    "throttled": (
        lambda s: (
            s.stack.enter_context(cks.faults.throttle(0.0001)),
            s.call("Encrypt"),
        ),
        "Decrypt",
        "ThrottlingException",
    ),
    "another cluster": (
        lambda s: (
            s.disconnect(),
            s.parameters.update(CloudHsmClusterId=cks.create_cluster().id),
        ),
        "UpdateCustomKeyStore",
        "CloudHsmClusterNotRelatedException",
    ),
}
"""What happens, and an error that shows that it has happened."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_operation_answers_with_errors_that_are_its_own(
    store: KeyStore, stack: ExitStack, situation: str
) -> None:
    happen, operation, code = SITUATIONS[situation]
    subject = Situation(store, stack)
    happen(subject)
    assert subject.call(operation) == code
    model = subject.kms.meta.service_model
    foreign = {}
    for name in sorted(model.operation_names, key=lambda name: (name in ENDINGS, name)):
        documented = {shape.name for shape in model.operation_model(name).error_shapes}
        answer = subject.call(name)
        if answer is not None and answer not in documented | COMMON:
            foreign[name] = answer
    assert foreign == {}


LAST = (
    *("CancelKeyDeletion", "ConnectCustomKeyStore", "DisconnectCustomKeyStore", "EnableKey"),
    *("UpdateCustomKeyStore", *ENDINGS),
)
"""Operations after which the situation is another one."""

SEEN_AFTERWARDS: dict[str, tuple[str, ...]] = {
    "material deleted": ("_lost_in_connection",),
    "no session": ("FaultsBackend", "Journal"),
    "throttled": ("FaultsBackend", "Journal"),
}
"""What an error leaves where it has to, by the situation: a key store notices that key material is
lost when somebody wants to use it; a fault counts how often it has taken effect."""


@pytest.mark.parametrize("situation", SITUATIONS)
def test_k9_an_error_leaves_the_world_as_it_was(
    noon: Any, store: KeyStore, stack: ExitStack, situation: str
) -> None:
    subject = Situation(store, stack)
    SITUATIONS[situation][0](subject)
    names = subject.kms.meta.service_model.operation_names
    refused = refused_without_a_trace(
        lambda name: subject.call(name) is not None,
        sorted(names, key=lambda name: (name in LAST, name)),
        but=SEEN_AFTERWARDS.get(situation, ()),
    )
    assert SITUATIONS[situation][1] in refused
