"""The AWS CLI's commands for external key stores, as AWS's pages and ``cks.explain`` have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.aws import client
from tests.failures.aws_cli import AwsCli
from tests.kms.keystores.external import Owner
from tests.kms.keystores.external.test_endpoint_service import Service

NAMED = "--custom-key-store-id {store}"


def credential_of(proxy: Any) -> str:
    """A credential in the shorthand of the AWS CLI."""
    known = proxy.credential
    return f"AccessKeyId={known.access_key_id},RawSecretAccessKey={known.secret_access_key}"


def test_x1_x20_from_the_key_store_to_the_key_and_back(world: Any, proxy: Any) -> None:
    cli = AwsCli(client)
    store = cli.run(
        "aws kms create-custom-key-store --custom-key-store-name ExampleExternalKeyStore "
        "--custom-key-store-type EXTERNAL_KEY_STORE --xks-proxy-connectivity PUBLIC_ENDPOINT "
        f"--xks-proxy-uri-endpoint {proxy.endpoint} --xks-proxy-uri-path {proxy.path} "
        f"--xks-proxy-authentication-credential {credential_of(proxy)} "
        "--query CustomKeyStoreId"
    )
    named = NAMED.format(store=store)
    cli.run(f"aws kms connect-custom-key-store {named}")
    described = f"aws kms describe-custom-key-stores {named} --query CustomKeyStores[0]"
    assert cli.run(f"{described}.ConnectionState") == "CONNECTED"
    assert cli.run(f"{described}.XksProxyConfiguration.Connectivity") == "PUBLIC_ENDPOINT"
    key = cli.run(
        f"aws kms create-key --origin EXTERNAL_KEY_STORE {named} --xks-key-id external-key-1 "
        "--query KeyMetadata.KeyId"
    )
    metadata = f"aws kms describe-key --key-id {key} --query KeyMetadata.XksKeyConfiguration.Id"
    assert cli.run(metadata) == "external-key-1"
    proxy.move("/moved")
    cli.run(f"aws kms update-custom-key-store {named} --xks-proxy-uri-path {proxy.path}")
    cli.run(f"aws kms disconnect-custom-key-store {named}")
    cli.run(f"aws kms schedule-key-deletion --key-id {key} --pending-window-in-days 7")
    world.clock.advance(days=8)
    cli.run(f"aws kms delete-custom-key-store {named}")
    assert cli.run("aws kms describe-custom-key-stores --query CustomKeyStores") == []


def test_x3_x8_x9_what_can_be_changed(world: Any, proxy: Any) -> None:
    """From a public endpoint to a VPC endpoint service at another host, and back."""
    cli, service = AwsCli(client), Service()
    store = cli.run(
        "aws kms create-custom-key-store --custom-key-store-name Public "
        "--custom-key-store-type EXTERNAL_KEY_STORE --xks-proxy-connectivity PUBLIC_ENDPOINT "
        f"--xks-proxy-uri-endpoint {proxy.endpoint} --xks-proxy-uri-path {proxy.path} "
        f"--xks-proxy-authentication-credential {credential_of(proxy)} "
        "--query CustomKeyStoreId"
    )
    named = NAMED.format(store=store)
    described = f"aws kms describe-custom-key-stores {named} --query CustomKeyStores[0]"
    before = cli.run(described)
    other = proxy.add_prefix("/another")
    cli.run(
        f"aws kms update-custom-key-store {named} --new-custom-key-store-name Private "
        "--xks-proxy-connectivity VPC_ENDPOINT_SERVICE "
        f"--xks-proxy-vpc-endpoint-service-name {service.name} "
        f"--xks-proxy-uri-endpoint {proxy.endpoint} --xks-proxy-uri-path {other.path} "
        f"--xks-proxy-authentication-credential {credential_of(other)}"
    )
    changed = cli.run(described)
    assert changed["CustomKeyStoreName"] == "Private"
    configuration = changed["XksProxyConfiguration"]
    assert configuration["Connectivity"] == "VPC_ENDPOINT_SERVICE"
    assert configuration["VpcEndpointServiceName"] == service.name
    assert configuration["UriPath"] == other.path
    assert configuration["AccessKeyId"] == other.credential.access_key_id
    cli.run(f"aws kms connect-custom-key-store {named}")
    assert cli.run(f"{described}.ConnectionState") == "CONNECTED"
    cli.run(f"aws kms disconnect-custom-key-store {named}")
    cli.run(
        f"aws kms update-custom-key-store {named} --new-custom-key-store-name Public "
        f"--xks-proxy-connectivity PUBLIC_ENDPOINT --xks-proxy-uri-endpoint {proxy.endpoint} "
        f"--xks-proxy-uri-path {proxy.path} "
        f"--xks-proxy-authentication-credential {credential_of(proxy)}"
    )
    assert cli.run(described) == before


def test_x16_x73_another_endpoint_service_by_the_command_of_explain(world: Any, proxy: Any) -> None:
    cli, service, other = AwsCli(client), Service(), Service()
    store = cli.run(
        "aws kms create-custom-key-store --custom-key-store-name Private "
        "--custom-key-store-type EXTERNAL_KEY_STORE --xks-proxy-connectivity VPC_ENDPOINT_SERVICE "
        f"--xks-proxy-vpc-endpoint-service-name {service.name} "
        f"--xks-proxy-uri-endpoint {proxy.endpoint} --xks-proxy-uri-path {proxy.path} "
        f"--xks-proxy-authentication-credential {credential_of(proxy)} "
        "--query CustomKeyStoreId"
    )
    named = NAMED.format(store=store)
    service.delete()
    cli.run(f"aws kms connect-custom-key-store {named}")
    (reason,) = world.explain(store).reasons
    assert reason.cause == "xks-vpc-endpoint-service-not-found"
    for step in reason.steps:
        for command in step.commands:
            cli.run(command.replace("<service>", other.name))
    described = f"aws kms describe-custom-key-stores {named} --query CustomKeyStores[0]"
    assert cli.run(f"{described}.ConnectionState") == "CONNECTED"
    assert cli.run(f"{described}.XksProxyConfiguration.VpcEndpointServiceName") == other.name


MENDED_BY_COMMANDS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], dict[str, str]]]] = {
    "xks-proxy-invalid-configuration": (
        lambda proxy: proxy.move("/moved"),
        lambda proxy: {"<path>": proxy.path},
    ),
    "xks-invalid-credentials": (
        lambda proxy: proxy.credentials.rotate(),
        lambda proxy: {
            "<access key id>": proxy.credential.access_key_id,
            "<secret>": proxy.credential.secret_access_key,
        },
    ),
}


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("cause", MENDED_BY_COMMANDS)
def test_x73_x17_what_explain_says_to_type_mends(
    owner: Owner, world: Any, cause: str, connected: bool
) -> None:
    break_it, values = MENDED_BY_COMMANDS[cause]
    if not connected:
        owner.disconnect()
    break_it(owner.proxy)
    if not connected:
        owner.connect()
    (reason,) = world.explain(owner.store).reasons
    assert reason.cause == cause
    commands = [command for step in reason.steps for command in step.commands]
    assert len(commands) == (1 if connected else 3)
    for command in commands:
        for placeholder, value in values(owner.proxy).items():
            command = command.replace(placeholder, value)  # noqa: PLW2901
        assert "<" not in command
        AwsCli(client).run(command)
    assert owner.state() == ("CONNECTED", None)
    assert owner.works()
    assert world.explain(owner.store)
