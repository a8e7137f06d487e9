"""The small AWS CLI of these tests, against the AWS CLI where that is installed.

It pins a version of botocore, so it is no requirement of the tests: ``pip install awscli`` in an
environment of its own, and this runs there.
"""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from botocore import xform_name

from moto_cks.failures.instructions import Tool
from moto_cks.failures.mending import OTHERS
from moto_cks.failures.placeholders import fill, placeholders
from moto_cks.failures.repairs import REPAIRS
from moto_cks.failures.table import FAILURES
from tests.aws import REGION, client
from tests.failures.aws_cli import AwsCli
from tests.kms.keystores.external import SECRET

VALUES = {
    "access key id": "BETWEEN2TENAND3TENCHARACTERS",
    "acl": "acl-1",
    "backup": "backup-22222222222",
    "cluster": "cluster-22222222222",
    "direction": "ingress",
    "hsm-type": "hsm2m.medium",
    "interface": "eni-1",
    "key": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "kmsuser-password": "kmsPswd1",
    "mode": "FIPS",
    "new": "cluster-33333333333",
    "other": "cluster-44444444444",
    "other-store": "Other",
    "path": "/moved/kms/xks/v1",
    "rule": "50",
    "secret": SECRET,
    "service": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
    "sg": "sg-1",
    "store": "cks-1234567890abcdef0",
    "subnet-a": "subnet-11111111",
    "subnet-b": "subnet-22222222",
    "subnets": "subnet-1",
    "zone": "us-east-1c",
    "zone-a": "us-east-1a",
    "zone-b": "us-east-1b",
}

OF_FAILURES = {
    command.line
    for failure in FAILURES.values()
    for case in failure.cases.values()
    for step in case.repair
    for command in step.commands
    if command.tool is Tool.AWS
}
OF_EXPLANATIONS = {
    command
    for repair in (*REPAIRS.values(), *OTHERS.values())
    for step in repair.steps
    for command in step.commands
    if command.startswith("aws ")
}
LINES = sorted(OF_FAILURES | OF_EXPLANATIONS)
FILES = {
    "customerCA.crt": "CERTIFICATE",
    "cluster-22222222222_CustomerHsmCertificate.crt": "SIGNED",
    "material": "MATERIAL",
    "token": "TOKEN",
}


@pytest.mark.parametrize("line", LINES)
def test_a_command_means_one_call(line: str) -> None:
    assert placeholders(line) <= VALUES.keys()
    cli = AwsCli(client, FILES)
    service, operation, parameters, _ = cli.parse(fill(line, VALUES))
    method = getattr(client(service), operation)
    assert callable(method)
    shape = (
        client(service)
        .meta.service_model.operation_model(client(service).meta.method_to_api_mapping[operation])
        .input_shape
    )
    assert set(shape.required_members) <= parameters.keys() <= set(shape.members)


@pytest.mark.parametrize("line", LINES)
def test_it_means_what_the_aws_cli_takes_it_for(line: str, tmp_path: Any, monkeypatch: Any) -> None:
    clidriver = pytest.importorskip("awscli.clidriver")
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    for name, value in (
        ("DEFAULT_REGION", REGION),
        ("ACCESS_KEY_ID", "x"),
        ("SECRET_ACCESS_KEY", "x"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    made: list[tuple[str, str, dict[str, Any]]] = []

    class Stop(Exception):
        """The call is not made."""

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
        sent = {
            # Version 1 of the AWS CLI leaves it to botocore to make bytes of text.
            name: value.encode()
            if members[name].type_name == "blob" and isinstance(value, str)
            else value
            for members in [model.input_shape.members]
            for name, value in params.items()
        }
        made.append((model.service_model.service_name, xform_name(model.name), sent))
        raise Stop

    driver = clidriver.create_clidriver()
    driver.session.register("provide-client-params.*", keep)
    filled = fill(line, VALUES)
    driver.main(shlex.split(filled)[1:])
    service, operation, parameters, _ = AwsCli(client, FILES).parse(filled)
    assert made == [(service, operation, parameters)]
