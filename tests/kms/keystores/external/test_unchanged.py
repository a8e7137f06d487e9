"""After every error, of AWS or of the handle, the world is as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.kms.keystores.external import SECRET, Owner, creation, credential
from tests.whole import differences, whole_world

NOBODY = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": SECRET}

ERRORS: Mapping[str, Callable[[Owner], Any]] = {
    "create, a name that is taken": lambda o: o.kms.create_custom_key_store(
        **creation(o.proxy, "ExampleExternalKeyStore")
    ),
    "create, an address that is taken": lambda o: o.kms.create_custom_key_store(
        **creation(o.proxy, "another")
    ),
    "create, a wrong credential": lambda o: o.kms.create_custom_key_store(
        **creation(
            o.proxy,
            "another",
            XksProxyUriPath=o.proxy.prefixes["/other"].path,
            XksProxyAuthenticationCredential=NOBODY,
        )
    ),
    "create, nobody there": lambda o: o.kms.create_custom_key_store(
        **creation(o.proxy, "another", XksProxyUriEndpoint="https://nobody.example.com")
    ),
    "create, no VPC endpoint service": lambda o: o.kms.create_custom_key_store(
        **creation(
            o.proxy,
            "another",
            XksProxyUriEndpoint="https://private.example.com",
            XksProxyConnectivity="VPC_ENDPOINT_SERVICE",
            XksProxyVpcEndpointServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
        )
    ),
    "update, a wrong credential": lambda o: o.update(XksProxyAuthenticationCredential=NOBODY),
    "update, another path": lambda o: o.update(XksProxyUriPath="/nowhere/kms/xks/v1"),
    "update, an endpoint while connected": lambda o: o.update(
        XksProxyUriEndpoint="https://nobody.example.com"
    ),
    "update, of the other kind": lambda o: o.update(KeyStorePassword="password"),
    "update, a name and a wrong path": lambda o: o.update(
        NewCustomKeyStoreName="renamed", XksProxyUriPath="/nowhere/kms/xks/v1"
    ),
    "delete, connected": lambda o: o.kms.delete_custom_key_store(CustomKeyStoreId=o.store.id),
    "key, taken": lambda o: o.store.create_key("external-key-1"),
    "key, none": lambda o: o.store.create_key("nowhere"),
    "key, of another spec": lambda o: o.store.create_key("signs"),
    "key, no form": lambda o: o.store.create_key("a b"),
    "key, tags that cannot be": lambda o: o.store.create_key(
        "spare", Tags=[{"TagKey": "aws:x", "TagValue": "y"}]
    ),
    "encrypt, disabled there": lambda o: o.kms.encrypt(KeyId=o.disabled, Plaintext=b"x"),  # type: ignore[attr-defined]
    "decrypt, another context": lambda o: o.decrypt(EncryptionContext={"a": "b"}),
    "decrypt, nonsense": lambda o: o.decrypt(b"nonsense"),
    "rotate": lambda o: o.kms.enable_key_rotation(KeyId=o.key_id),
    "data key pair": lambda o: o.kms.generate_data_key_pair(KeyId=o.key_id, KeyPairSpec="RSA_2048"),
}

ALREADY = "already"
VALUE_ERRORS: Mapping[str, tuple[Callable[[Owner, Any], Any], str]] = {
    "a key of a wrong size": (
        lambda o, _: o.proxy.create_key("k", material=bytes(31)),
        "32 bytes, not 31",
    ),
    "an unknown usage": (
        lambda o, _: o.proxy.create_key("k", usage=("ENCRYPT", "READ")),
        "there are ENCRYPT, DECRYPT",
    ),
    "an unknown spec": (lambda o, _: o.proxy.create_key("k", spec="AES_512"), "AES_256"),
    "a key that is there": (lambda o, _: o.proxy.create_key("external-key-1"), "already"),
    "a key that is not there": (lambda o, _: o.proxy.key("nowhere"), "there are"),
    "metadata of 21 bytes": (
        lambda o, _: setattr(o.proxy.manager, "metadata", b"m" * 21),
        "at most 20 bytes",
    ),
    "a vector of 8 bytes": (
        lambda o, _: setattr(o.proxy.manager, "vector_size", 8),
        "12 or 16 bytes, not 8",
    ),
    "two credentials with one ID": (
        lambda o, _: o.proxy.credentials.add(o.proxy.credential.access_key_id, SECRET),
        ALREADY,
    ),
    "a credential of another form": (
        lambda o, _: o.proxy.credentials.add("lower" * 4, SECRET),
        "A to Z",
    ),
    "a prefix outside of the pattern": (lambda o, _: o.proxy.move("/a b"), "A path prefix"),
    "a prefix that is there": (lambda o, _: o.proxy.add_prefix("/other"), ALREADY),
    "a host that is taken": (lambda o, world: world.xks_proxy(o.proxy.host.upper()), ALREADY),
    "a host that is none": (lambda o, world: world.xks_proxy("no_host"), "is a name"),
    "a proxy of nobody": (
        lambda o, world: world.create_external_key_store(proxy="xks.example.com"),
        "no proxy that cks.xks_proxy has made",
    ),
    "a connectivity that is none": (
        lambda o, world: world.create_external_key_store(connectivity="TUNNEL"),
        "PUBLIC_ENDPOINT or VPC_ENDPOINT_SERVICE",
    ),
    "a route beyond this machine": (
        lambda o, world: world.route_xks("https://far.example.com", to="192.0.2.1:443"),
        "allow_remote",
    ),
    "a route to a name": (
        lambda o, world: world.route_xks("https://far.example.com", to="localhost:443"),
        "IPv4",
    ),
    "a route to the name of no host": (
        lambda o, world: world.route_xks("https://.example.com", to="127.0.0.1:8443"),
        "An endpoint is as",
    ),
    "a Region that is none": (
        lambda o, world: world.xks_proxy("far.example.com", region="Ireland"),
        "as 'us-east-1'",
    ),
    "an instance without a name": (
        lambda o, world: world.xks_proxy("far.example.com", instances=[""]),
        "as 'ekm-1'",
    ),
    "half a quota": (lambda o, _: o.proxy.quota(0.5), "whole number from 1 on"),
    "a header that is none": (lambda o, _: o.proxy.reverse_proxy(host="é"), "printable ASCII"),
    "a client of no name": (
        lambda o, _: o.proxy.require_client_certificate(
            ca=o.proxy.certificate.authority.certificate, subject=""
        ),
        "A host is a name",
    ),
    "a port that is none": (lambda o, _: o.proxy.serve(2**16), "from 0 to 65535"),
    "a prefix with a key that cannot be": (
        lambda o, _: o.proxy.add_prefix("/third", keys=("a", "a")),
        ALREADY,
    ),
    "an unknown defect": (lambda o, _: o.proxy.defect("none"), "there are tag-left"),
    "health that is none": (
        lambda o, _: setattr(o.proxy.instances[0], "health", "FINE"),
        "ACTIVE, DEGRADED, UNAVAILABLE",
    ),
}


@pytest.fixture
def settled(owner: Owner) -> Owner:
    """A world in which all of them end in an error of their own."""
    owner.proxy.add_prefix("/other")
    owner.proxy.create_key("signs", usage=("SIGN",))
    owner.proxy.create_key("spare")
    owner.proxy.create_key("disabled")
    owner.disabled = owner.store.create_key("disabled")  # type: ignore[attr-defined]
    owner.kms.encrypt(KeyId=owner.disabled, Plaintext=b"x")  # type: ignore[attr-defined]
    owner.proxy.key("disabled").disable()
    return owner


def changed(before: Mapping[str, str]) -> list[str]:
    """What is not as it was, but for the proxy's memory of what it was asked, and the timeline."""
    remembered = ("._log", ".log", "._requests", "Journal", "._entries", "Connections[")
    return [
        each
        for each in differences(dict(before), whole_world())
        if not any(part in each.partition(": ")[0] for part in remembered)
    ]


def test_every_error_of_aws_changes_nothing(settled: Owner) -> None:
    for name, call in ERRORS.items():
        before, refused = whole_world(), False
        try:
            call(settled)
        except ClientError:
            refused = True
        assert refused, name
        assert changed(before) == [], name
    assert settled.works()


def test_every_error_of_a_handle_changes_nothing(settled: Owner, world: Any) -> None:
    for name, (call, reason) in VALUE_ERRORS.items():
        before, found = whole_world(), ""
        try:
            call(settled, world)
        except ValueError as error:
            found = str(error)
        assert reason in found, name
        assert changed(before) == [], name
    assert settled.works()


def test_update_with_the_right_credential_is_no_error(settled: Owner) -> None:
    """Else the above would prove little."""
    before = whole_world()
    settled.proxy.credentials.add()
    settled.update(XksProxyAuthenticationCredential=credential(settled.proxy))
    assert changed(before) != []
